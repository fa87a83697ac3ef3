"""An edit: a span of a text and the text that takes its place.

Takes plain data, gives plain data; knows no language and no file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from unmix.errors import OverlappingEdits


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the characters `start` to `end` (half-open, 0-based, of the decoded text) with `text`."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Give `text` with every edit applied; no character outside the spans changes.

    Insertions (empty spans) at one place are applied in the order given.
    Raises OverlappingEdits when two spans share a character.
    """
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position:
            raise OverlappingEdits(f"characters {edit.start} to {edit.end}: edited twice")
        pieces += (text[position : edit.start], edit.text)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)
