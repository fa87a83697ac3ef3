"""Read an edited file again by what is known of it: most of its statements are as they were.

Takes the text before and after edits. It parses the text before, whose tree is mostly at hand, and of the text after
only what differs: where each of several texts can be parsed alone, and none ends within a line, so can they in a row,
and all statements are the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from unmix.python.line_spans import first_line
from unmix.python.own_parser import NOT_PARSED, parse_quickly

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def lines_of(text: str) -> list[str]:
    """Split a text into lines as Python does, each with its end."""
    return _LINE.findall(text)


def read_again(before: str | None, after: str) -> list[tuple[int, Sequence[ast.stmt]]]:
    """Give the statements of `after` from top to bottom, in groups that are so many lines further down than they say.

    None as `before`: the file is new. Raises what parse_quickly() does for `after`.
    """
    if before is None or "\r" in before.replace("\r\n", ""):
        return [(0, parse_quickly(after).body)]
    old, new = lines_of(before), lines_of(after)
    above, below = _same_lines(old, new)
    try:
        known = parse_quickly(before).body
        starts = [_start(known, number) for number in range(len(known))]
        # What follows a statement may go on with it: the last that begins above what differs is read again.
        first = max((n for n, start in enumerate(starts) if start is not None and start <= above), default=0)
        last = next((n for n, start in enumerate(starts) if start is not None and start > len(old) - below), len(known))
        shift = len(new) - len(old)
        begin = (starts[first] or 1) - 1 if first else 0
        end = (starts[last] or 1) - 1 + shift if last < len(known) else len(new)
        differing = parse_quickly("".join(new[begin:end])).body
    except NOT_PARSED:
        # A decorator that somebody put above a function is not read alone.
        return [(0, parse_quickly(after).body)]
    return [(0, known[:first]), (begin, differing), (shift, known[last:])]


def unchanged_end(before: str, after: str) -> str:
    """Give what both texts end with and no block of imports that differs has to do with: whole statements.

    It is the same when read without the rest, and so is the rest. Raises what parse_quickly() does for `before`.
    """
    old, known = lines_of(before), parse_quickly(before).body
    _, below = _same_lines(old, lines_of(after))
    same = [number for number, node in enumerate(known) if first_line(node) > len(old) - below]
    # The statement behind a block says how many blank lines part them.
    other = next((n for n in same if not isinstance(known[n], (ast.Import, ast.ImportFrom))), len(known))
    start = _start(known, other + 1) if other + 1 < len(known) else None
    return "" if start is None else "".join(old[start - 1 :])


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
