"""Read an edited file again by what is known of it: most of its statements are as they were.

Takes the text before and after edits. It parses the text before, whose tree is mostly at hand, and of the text after
only what differs: where each of several texts can be parsed alone, and none ends within a line, so can they in a row,
and all statements are the same.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from unmix.python.line_spans import first_line, lines_of
from unmix.python.own_parser import NOT_PARSED, parse_quickly


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first lines of a text, each with its end, and the statements on them: whole ones."""

    lines: list[str]
    statements: Sequence[ast.stmt]


@dataclass(frozen=True, slots=True)
class Reread:
    """A text before and after edits, each from its first line to the end of what differs, and what follows in both.

    Of what differs, the last statement is the same in both, and no import. `rest` are the lines that follow, `below`
    the statements on them, which stand `further` lines down from where they say.
    """

    old: Beginning
    new: Beginning
    rest: str
    below: Sequence[ast.stmt]
    further: int


def read_whole(text: str) -> Beginning:
    """Read all of a text. Raises what parse_quickly() does."""
    return Beginning(lines_of(text), parse_quickly(text).body)


def read_again(before: str, after: str) -> Reread:
    """Read two texts of one file. Raises what parse_quickly() does for either."""
    old, new = lines_of(before), lines_of(after)
    known = parse_quickly(before).body
    if "\r" not in before.replace("\r\n", ""):
        above, below = _same_lines(old, new)
        starts = [_start(known, number) for number in range(len(known))]
        # What follows a statement may go on with it: the last that begins above what differs is read again.
        first = max((n for n, start in enumerate(starts) if start is not None and start <= above), default=0)
        same = (n for n, start in enumerate(starts) if start is not None and start > len(old) - below)
        other = next((n for n in same if not isinstance(known[n], (ast.Import, ast.ImportFrom))), len(known))
        last = next((n for n in range(other + 1, len(known)) if starts[n] is not None), len(known))
        begin = (starts[first] or 1) - 1 if first else 0
        end = (starts[last] or 1) - 1 if last < len(known) else len(old)
        further = len(new) - len(old)
        try:
            # Empty lines above it, so that every statement says where it is.
            differing = parse_quickly("\n" * begin + "".join(new[begin : end + further])).body
        except NOT_PARSED:
            # A decorator that somebody put above a function is not read alone.
            pass
        else:
            head = Beginning(new[: end + further], [*known[:first], *differing])
            return Reread(Beginning(old[:end], known[:last]), head, "".join(old[end:]), known[last:], further)
    return Reread(read_whole(before), read_whole(after), "", (), 0)


def _start(body: Sequence[ast.stmt], number: int) -> int | None:
    """Give the line on which a statement begins; None when an earlier one stands there, too."""
    start = first_line(body[number])
    return start if not number or start > (body[number - 1].end_lineno or start) else None


def _same_lines(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Give how many lines are the same at the beginning and at the end; none of them is both."""
    shorter = min(len(old), len(new))
    above = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    below = next((n for n in range(shorter - above) if old[-1 - n] != new[-1 - n]), shorter - above)
    return above, below
