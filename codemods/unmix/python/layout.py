"""Keep the layout of reStructuredText whole where a name grows or shrinks: underlined titles, tables.

Takes a document's text and the edits of its names, gives the edits that are needed besides, and those that would
break a table, which its columns are too narrow for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from unmix.edit import Edit

_RULE = re.compile(r"([^\w\s])\1*[ \t]*\r?\Z")
_BORDER = re.compile(r"[ \t]*=+(?:[ \t]+=+)+[ \t]*\r?\Z")


def keep_layout(text: str, edits: Sequence[Edit]) -> tuple[list[Edit], list[Edit]]:
    """Give the edits to make besides `edits`, and those of `edits` that cannot be made.

    A title's rule grows with the title. In a table each cell keeps its width: it gives blanks, or gets some.
    """
    lines = text.split("\n")
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    columns = _simple_tables(lines)
    by_line: dict[int, list[Edit]] = {}
    for edit in edits:
        number = bisect_right(offsets, edit.start) - 1
        if "\n" not in edit.text and "\n" not in text[edit.start : edit.end]:
            by_line.setdefault(number, []).append(edit)
    more: list[Edit] = []
    refused: list[Edit] = []
    for number, own in by_line.items():
        line, offset = lines[number], offsets[number]
        starts = columns.get(number)
        if starts is None and not _is_grid_row(lines, number):
            more += _longer_rules(lines, offsets, number, sum(_growth(edit) for edit in own))
            continue
        cells: dict[int, list[Edit]] = {}
        for edit in own:
            end = _cell_end(line, edit.end - offset, starts)
            if end is not None:
                cells.setdefault(end, []).append(edit)
        for end, held in cells.items():
            growth = sum(_growth(edit) for edit in held)
            blanks = end - len(line[:end].rstrip(" "))
            if growth < 0:
                more.append(Edit(offset + end, offset + end, " " * -growth))
            elif growth > 0 and blanks > growth:
                more.append(Edit(offset + end - growth, offset + end, ""))
            elif growth > 0:
                refused += held
    return more, refused


def _growth(edit: Edit) -> int:
    return len(edit.text) - (edit.end - edit.start)


def _longer_rules(lines: list[str], offsets: list[int], number: int, growth: int) -> Iterator[Edit]:
    """Lengthen the rule below a title, and the one above it, where they would be shorter than the title."""
    if number + 1 >= len(lines) or not _RULE.match(lines[number + 1]):
        return
    rule = lines[number + 1].rstrip()
    title = len(lines[number].rstrip())
    if len(rule) < title or not title:
        return
    above = number - 1 if number and lines[number - 1].rstrip() == rule else None
    missing = title + growth - len(rule) + (1 if above is not None and lines[number][0] == " " else 0)
    if missing > 0:
        for place in (above, number + 1):
            if place is not None:
                end = offsets[place] + len(rule)
                yield Edit(end, end, rule[0] * missing)


def _is_grid_row(lines: list[str], number: int) -> bool:
    """| cell | cell | between +------+------+."""
    row = lines[number].strip()
    if not (row.startswith("|") and row.endswith("|") and len(row) > 1):
        return False
    while number and lines[number].lstrip().startswith("|"):
        number -= 1
    return lines[number].lstrip().startswith("+")


def _simple_tables(lines: list[str]) -> dict[int, list[int]]:
    """Give where the columns begin, for each line of a table that is drawn with `=====  =====`."""
    found: dict[int, list[int]] = {}
    opened: tuple[int, list[int]] | None = None
    for number, line in enumerate(lines):
        if not _BORDER.match(line):
            continue
        starts = [match.start() for match in re.finditer("=+", line)]
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if opened is None:
            opened = number, starts
        elif not following.strip():
            found.update(dict.fromkeys(range(opened[0] + 1, number), opened[1]))
            opened = None
    return found


def _cell_end(line: str, column: int, starts: list[int] | None) -> int | None:
    """Give the column where the cell around `column` ends; None for the last one, which may grow."""
    if starts is not None:
        return next((start for start in starts if start > column and start <= len(line)), None)
    end = line.find("|", column)
    return None if end < 0 else end
