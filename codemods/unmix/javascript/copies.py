"""Write a piece of text several times, each time with other edits: one import becomes one for each part.

Takes plain edits and spans of one text, gives edits that do not overlap; knows no syntax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unmix.edit import Edit, apply_edits
from unmix.javascript.syntax import Span


@dataclass(frozen=True, slots=True)
class Copies:
    """What stands at `span`, once for each of `versions` with the edits of that version, `separator` between them."""

    span: Span
    versions: tuple[tuple[Edit, ...], ...]
    separator: str
    before: str = ""
    after: str = ""


def merge_edits(text: str, edits: Iterable[Edit], copies: Sequence[Copies]) -> list[Edit] | None:
    """Give all as edits of `text`; edits inside a copied span go into every copy. None where copies overlap."""
    ordered = sorted(copies, key=lambda each: each.span)
    if any(left.span[1] > right.span[0] for left, right in pairwise(ordered)):
        return None
    rest = sorted(set(edits))
    merged: list[Edit] = []
    for each in ordered:
        start, end = each.span
        inside = [edit for edit in rest if start <= edit.start and edit.end <= end]
        rest = [edit for edit in rest if edit not in inside]
        texts = [_apply(text, each.span, version, inside) for version in each.versions]
        merged.append(Edit(start, end, each.before + each.separator.join(texts) + each.after))
    return sorted([*rest, *merged])


def compose_edits(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """Give edits of `text` that do what `first` and then `second`, on what became of it, do."""
    # Pieces of the text in between: its span there, and the span of `text` that it came from.
    changed: list[tuple[int, int, int, int]] = []
    shift = 0
    for edit in sorted(first):
        start = edit.start + shift
        changed.append((start, start + len(edit.text), edit.start, edit.end))
        shift += len(edit.text) - (edit.end - edit.start)
    between = apply_edits(text, first)
    regions = sorted([(start, end) for start, end, _, _ in changed] + [(edit.start, edit.end) for edit in second])
    composed: list[Edit] = []
    position = 0
    while position < len(regions):
        start, end = regions[position]
        position += 1
        while position < len(regions) and regions[position][0] <= end:
            end = max(end, regions[position][1])
            position += 1
        inner = [edit for edit in second if start <= edit.start and edit.end <= end]
        new = apply_edits(between[start:end], [Edit(e.start - start, e.end - start, e.text) for e in inner])
        composed.append(Edit(_came_from(start, changed, at_end=False), _came_from(end, changed, at_end=True), new))
    return composed


def _apply(text: str, span: Span, version: Iterable[Edit], inside: Iterable[Edit]) -> str:
    start, end = span
    own = list(version)
    # What a version takes away need not be edited.
    kept = [edit for edit in inside if not any(mine.start <= edit.start and edit.end <= mine.end for mine in own)]
    return apply_edits(text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in [*own, *kept]])


def _came_from(place: int, changed: Sequence[tuple[int, int, int, int]], *, at_end: bool) -> int:
    shift = 0
    for start, end, old_start, old_end in changed:
        if end < place or (end == place and at_end):
            shift = old_end - end
        elif start <= place <= end and not (start == place and at_end and start != end):
            return old_end if at_end else old_start
        elif start > place:
            break
        elif end == place:
            shift = old_end - end
    return place + shift
