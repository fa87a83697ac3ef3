"""Two contents → the rows of a side-by-side comparison, with the marks inside lines that changed a little.

Takes bytes or a hunk, gives plain rows; escapes nothing, which is the page's job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from unmix.review.hunks import Hunk
from unmix.review.visible import decode_line, make_visible

# Pairing the lines of a block costs their product, marking a line the product of its words.
_MOST_PAIRS = 1600
_MOST_WORDS = 300

# Lines that have less than this in common are two lines, not one that changed.
_ALIKE = 0.35

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line; `marked` when the other side has something else there."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line before and a line after, numbered from 1; a number of 0 says that there is none on that side."""

    before: int
    left: tuple[Piece, ...]
    after: int
    right: tuple[Piece, ...]
    changed: bool


def pair_sides(hunk: Hunk) -> Iterator[Row]:
    """Give the rows of a hunk: context on both sides, changed lines beside what they became."""
    before, after = hunk.before_start, hunk.after_start
    removed: list[str] = []
    added: list[str] = []
    # A carriage return is worth showing only where the ends of lines differ.
    end = b"\r\n" if all(line.endswith(b"\r\n") for line in hunk.lines) else b"\n"
    for line in [*hunk.lines, b""]:
        mark, text = line[:1], _shown(line[1:], end)
        if mark == b"-":
            removed.append(text)
        elif mark == b"+":
            added.append(text)
        else:
            for old, new in _pairs(removed, added):
                yield _row(removed, old, added, new, before, after)
            before, after = before + len(removed), after + len(added)
            removed, added = [], []
            if mark:
                before, after = before + 1, after + 1
                yield Row(before, (Piece(text, False),), after, (Piece(text, False),), False)


def _shown(line: bytes, end: bytes) -> str:
    text = make_visible(decode_line(line.removesuffix(end)))
    return text if line.endswith(b"\n") or not line else f"{text} (no line break at the end)"


def _pairs(removed: Sequence[str], added: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give which removed line stands beside which added one, in order; -1 where there is none."""
    old = new = 0
    for a, b in _matches(removed, added):
        yield from ((index, -1) for index in range(old, a))
        yield from ((-1, index) for index in range(new, b))
        yield a, b
        old, new = a + 1, b + 1
    yield from ((index, -1) for index in range(old, len(removed)))
    yield from ((-1, index) for index in range(new, len(added)))


def _matches(removed: Sequence[str], added: Sequence[str]) -> list[tuple[int, int]]:
    """Find the series of pairs, ascending on both sides, whose lines have most in common."""
    if not removed or not added or len(removed) * len(added) > _MOST_PAIRS:
        return []
    bags = [set(_WORD.findall(line)) for line in added]
    alike = [[_likeness(set(_WORD.findall(line)), bag) for bag in bags] for line in removed]
    best = [[0.0] * (len(added) + 1) for _ in range(len(removed) + 1)]
    for a in range(len(removed) - 1, -1, -1):
        for b in range(len(added) - 1, -1, -1):
            paired = alike[a][b] + best[a + 1][b + 1] if alike[a][b] >= _ALIKE else 0.0
            best[a][b] = max(paired, best[a + 1][b], best[a][b + 1])
    pairs = []
    a = b = 0
    while a < len(removed) and b < len(added):
        if alike[a][b] >= _ALIKE and best[a][b] == alike[a][b] + best[a + 1][b + 1]:
            pairs.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs


def _likeness(left: set[str], right: set[str]) -> float:
    return len(left & right) / max(len(left | right), 1)


def _row(removed: Sequence[str], old: int, added: Sequence[str], new: int, before: int, after: int) -> Row:
    if old < 0:
        return Row(0, (), after + new + 1, (Piece(added[new], False),), True)
    if new < 0:
        return Row(before + old + 1, (Piece(removed[old], False),), 0, (), True)
    left, right = _marked(removed[old], added[new])
    return Row(before + old + 1, left, after + new + 1, right, True)


def _marked(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Mark what differs between two lines, whole words at a time."""
    left, right = _WORD.findall(old), _WORD.findall(new)
    if len(left) + len(right) > _MOST_WORDS or not left or not right:
        return (Piece(old, True),), (Piece(new, True),)
    before: list[Piece] = []
    after: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for pieces, text in ((before, "".join(left[a:b])), (after, "".join(right[c:d]))):
            if text:
                pieces.append(Piece(text, kind != "equal"))
    if old != new and not any(piece.marked for piece in (*before, *after)):
        return (Piece(old, True),), (Piece(new, True),)
    return tuple(before), tuple(after)
