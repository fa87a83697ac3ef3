"""Keep some entries of a list that is written with commas: names in braces, declarators, members of an object.

Takes the text and the spans of the entries, gives edits. Every entry takes its comments and its line along; the
comma-style of the list (trailing, leading, none at the end) stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from unmix.edit import Edit
from unmix.javascript.syntax import Span

_LINE_END = r"(?:[ \t]*(?:/\*[^\r\n]*?\*/[ \t]*(?=[\r\n])|//[^\r\n]*))?"
# What follows an entry and is its own: its comma, and a comment at the end of the line.
_TAIL = re.compile(r"(?:\s|/\*.*?\*/|//[^\r\n]*)*?," + _LINE_END, re.DOTALL)
_TAIL_WITHOUT_COMMA = re.compile(_LINE_END)
_LEADING_COMMA = re.compile(r"[\r\n][ \t]*,")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\r\n]*", re.DOTALL)


def entry_slices(text: str, inner: Span, entries: Sequence[Span]) -> list[Span]:
    """Cut the inside of a list into one slice an entry, without a gap; what follows the last slice is nobody's."""
    leading = _has_leading_commas(text, entries)
    slices = []
    start = inner[0]
    for number, (_, end) in enumerate(entries):
        limit = entries[number + 1][0] if number + 1 < len(entries) else inner[1]
        found = None if leading else _TAIL.match(text, end, limit)
        found = found or _TAIL_WITHOUT_COMMA.match(text, end, limit)
        stop = found.end() if found else end
        slices.append((start, stop))
        start = stop
    return slices


def keep_entries(text: str, inner: Span, entries: Sequence[Span], kept: Collection[int]) -> list[Edit]:
    """Give the edits that leave only the entries numbered `kept`, at least one, in the list whose inside is `inner`."""
    slices = entry_slices(text, inner, entries)
    edits = [Edit(*slices[number], "") for number in range(len(entries)) if number not in kept]
    first, last = min(kept), max(kept)
    if first > 0 and _has_leading_commas(text, entries):
        # `{⏎  a⏎, b⏎}` → `{⏎  b⏎}`: what stays first leads as the first did.
        edits.append(Edit(slices[first][0], entries[first][0], text[inner[0] : entries[0][0]]))
    elif first > 0 and not text[inner[0] : inner[0] + 1].isspace():
        # {a, b}: the blank that led `b` would now stand behind the brace.
        led = text[slices[first][0] : slices[first][1]]
        edits.append(Edit(slices[first][0], slices[first][0] + len(led) - len(led.lstrip()), ""))
    if last < len(entries) - 1 and "," not in _code(text[entries[-1][1] : slices[-1][1]]):
        tail = _code(text[entries[last][1] : slices[last][1]])
        if "," in tail:
            comma = entries[last][1] + tail.index(",")
            edits.append(Edit(comma, comma + 1, ""))
    return edits


def _has_leading_commas(text: str, entries: Sequence[Span]) -> bool:
    gaps = [_code(text[left[1] : right[0]]) for left, right in pairwise(entries)]
    return any(_LEADING_COMMA.search(gap) for gap in gaps)


def _code(text: str) -> str:
    """Blank out comments; places stay the same."""
    return _COMMENT.sub(lambda found: " " * len(found.group()), text)
