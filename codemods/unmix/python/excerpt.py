"""Code that stands inside another text: the lines of a code block, the strings of a notebook's cell.

Takes the lines with the place of each character in the outer text, gives one text to survey, and brings what was found
there back: edits, references, findings. It knows neither Markdown nor JSON.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.reference import Kind, Reference, Survey

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an excerpt, with its line end; `starts` and `ends` say where each character stands outside.

    `gone` is the outer span that goes when the whole line goes. A further line is parted from this one by
    `statement` (or `continuation`, when it goes on with a statement) behind the line end.

        >>> from old import (      statement is `>>> `, continuation is `... `
        ...     a,
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    gone: tuple[int, int]
    statement: str
    continuation: str


class Excerpt:
    """Lines of an outer text as one text; `escape` writes a piece of new text as the outer text has to."""

    def __init__(self, lines: Iterable[Line], escape: Callable[[str], str] = str) -> None:
        self.lines = tuple(lines)
        self.escape = escape
        self.text = "".join(line.text for line in self.lines)
        self._offsets = [0]
        for line in self.lines:
            self._offsets.append(self._offsets[-1] + len(line.text))
        self._places = Places(self.text)

    def start(self, offset: int) -> int:
        """Give where the character at `offset` begins outside."""
        line, index = self._find(offset)
        return line.starts[index] if index < len(line.text) else line.ends[-1]

    def end(self, offset: int) -> int:
        """Give where the character before `offset` ends outside."""
        if offset == 0:
            return self.start(0)
        line, index = self._find(offset - 1)
        return line.ends[index]

    def edit(self, edit: Edit) -> Edit:
        """Give the edit of the outer text that an edit of this one is."""
        start, end, text = edit.start, edit.end, edit.text
        if start < end and not text and self._begins_line(start) and self._begins_line(end):
            return Edit(self._find(start)[0].gone[0], self._find(end - 1)[0].gone[1], "")
        for line_end in ("\r\n", "\n"):
            if self.text[start:end].endswith(line_end) and text.endswith(line_end):
                end, text = end - len(line_end), text[: -len(line_end)]
                break
        line, _ = self._find(start)
        outer = self.start(start)
        return Edit(outer, max(outer, self.end(end)) if start < end else outer, self._write(text, line))

    def lift(self, survey: Survey, outer: Places, kind: Kind) -> Survey:
        """Give what a survey of this text found, in places of the outer text; its references are of `kind`."""
        return Survey(
            survey.path,
            tuple(self._lift_reference(reference, outer, kind) for reference in survey.references),
            tuple(sorted(self.edit(edit) for edit in survey.edits)),
            tuple(self._lift_finding(finding, outer) for finding in survey.findings),
        )

    def _lift_reference(self, reference: Reference, outer: Places, kind: Kind) -> Reference:
        start = self.start(reference.start)
        end = max(start, self.end(reference.end))
        line, column = outer.place(start)
        return replace(reference, line=line, column=column, start=start, end=end, kind=kind)

    def _lift_finding(self, finding: Finding, outer: Places) -> Finding:
        line, column = outer.place(self.start(self._places.offset(finding.line, finding.column)))
        return replace(finding, line=line, column=column)

    def _write(self, text: str, line: Line) -> str:
        """Write new text, each further line of it in front as the lines of the excerpt have it."""
        written = []
        position = 0
        for match in _LINE_END.finditer(text):
            written.append(self.escape(text[position : match.end()]))
            position = match.end()
            goes_on = text[position : position + 1] in (" ", "\t", ")", "]", "}")
            joint = line.continuation if goes_on else line.statement
            blank = text[position : position + 1] in ("\r", "\n")
            written.append(joint.rstrip(" \t") if blank else joint)
        return "".join([*written, self.escape(text[position:])])

    def _begins_line(self, offset: int) -> bool:
        return offset == len(self.text) or self._offsets[bisect_right(self._offsets, offset) - 1] == offset

    def _find(self, offset: int) -> tuple[Line, int]:
        index = min(bisect_right(self._offsets, offset), len(self.lines)) - 1
        return self.lines[index], offset - self._offsets[index]


class Places:
    """The lines of a text: 1-based line and column of an offset, and back."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Give the 1-based line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Give the offset of a 1-based line and column."""
        return self._starts[line - 1] + column - 1


def plain_lines(
    text: str, spans: Iterable[tuple[int, int, int]], prompts: tuple[str, str] | None = None
) -> tuple[Line, ...]:
    """Give lines of `text` from spans (where the line begins, where its code begins, where it ends).

    The last gets a line end if the text has none there. `prompts` stand before a statement and before what continues
    it; without them it is what stands before the first line's code.
    """
    lines = []
    before = prompts
    for begin, start, end in spans:
        if before is None and text[start:end].strip():
            before = (text[begin:start],) * 2
        code = text[start:end]
        starts: list[int] = list(range(start, end))
        ends = [place + 1 for place in starts]
        if not code.endswith("\n"):
            code, starts, ends = code + "\n", [*starts, end], [*ends, end]
        lines.append(Line(code, starts, ends, (begin, end), *(before or ("", ""))))
    return tuple(lines)
