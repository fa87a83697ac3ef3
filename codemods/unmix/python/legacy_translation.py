"""Two spellings of one file, and where what stands in the one is in the other.

Takes a text and the edits that make the other of it, answers in places of the first; knows no language.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from itertools import accumulate

from unmix.edit import Edit, apply_edits
from unmix.finding import Finding
from unmix.reference import Reference


@dataclass(frozen=True, slots=True)
class Translation:
    """A text, and the edits that make newer syntax of it; says where a place of the new text is in the old."""

    text: str
    edits: tuple[Edit, ...]
    translated: str = field(init=False, repr=False)
    _starts: list[int] = field(init=False, repr=False)
    _ends: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        grown = accumulate((len(edit.text) - (edit.end - edit.start) for edit in self.edits), initial=0)
        starts = [edit.start + more for edit, more in zip(self.edits, grown, strict=False)]
        ends = [start + len(edit.text) for edit, start in zip(self.edits, starts, strict=True)]
        object.__setattr__(self, "translated", apply_edits(self.text, self.edits))
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_ends", ends)

    def start(self, offset: int) -> int:
        """Give the place in the text of something that begins at `offset` of the translated text."""
        index = bisect_right(self._ends, offset)
        if index < len(self.edits) and self._starts[index] < offset:
            return self.edits[index].start
        return offset + (self.edits[index - 1].end - self._ends[index - 1] if index else 0)

    def end(self, offset: int) -> int:
        """Give the place in the text of something that ends at `offset` of the translated text."""
        index = bisect_left(self._starts, offset)
        if not index:
            return offset
        return self.edits[index - 1].end + max(offset - self._ends[index - 1], 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the span in the translated text of a span of the text that no edit cuts, but one at least is in."""
        first = bisect_left(self.edits, start, key=lambda edit: edit.start)
        last = bisect_right(self.edits, end, key=lambda edit: edit.end) - 1
        return self._starts[first] - (self.edits[first].start - start), self._ends[last] + end - self.edits[last].end

    def touches(self, edit: Edit) -> bool:
        """Say whether an edit of the translated text takes in, or cuts, something that was translated."""
        return any(
            max(start, edit.start) < min(end, edit.end) or start < edit.start < end or edit.start < start < edit.end
            for start, end in zip(self._starts, self._ends, strict=True)
        )

    def place(self, offset: int) -> tuple[int, int]:
        """Give the 1-based line and column of a character of the text."""
        line = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - line + 1

    def finding(self, finding: Finding) -> Finding:
        """Give a finding in the translated text its place in the text."""
        line, column = self.place(self.start(_offset(self.translated, finding.line, finding.column)))
        return replace(finding, line=line, column=column)

    def reference(self, reference: Reference) -> Reference:
        """Give a reference in the translated text its place in the text."""
        start, end = self.start(reference.start), self.end(reference.end)
        line, column = self.place(start)
        return replace(reference, line=line, column=column, start=start, end=end)


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1
