"""Tell the Python of a notebook's cell from what only IPython understands.

Takes the excerpt of a cell that is not plain Python, gives its Python lines, and the lines that are commands.

    %timeit f()     the Python is f()             x = !ls     the Python is x = None
    !pip install    the Python is pass            f?          the Python is f
    %%bash          none of the cell is Python    %%time      all below it is
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from unmix.python.excerpt import Excerpt, Line


@dataclass(frozen=True, slots=True)
class Magics:
    """One cell, taken apart: `code` is Python, `words` are commands.

    `runs_others` when names may come from elsewhere: another notebook, a file, an extension.
    """

    code: tuple[Line, ...]
    words: tuple[Excerpt, ...]
    runs_others: bool


_CELL = re.compile(r"\s*%%(\w*)")
_KEEPING_CELLS = frozenset(
    "time timeit capture prun memit mprun px debug profile scalene snakeviz pyinstrument".split()
)
_OPTIONS = r"(?:[ \t]+-\w+(?:[ \t]*\d+)?(?=[ \t]))*"
_TIMED = re.compile(
    rf"(?P<before>[ \t]*(?:[\w., \t]+=[ \t]*)?)%(?:timeit|time|prun|memit|mprun|lprun){_OPTIONS}[ \t]+(?=\S)"
)
_ASSIGNED = re.compile(r"(?P<before>[ \t]*[\w., \t]+=[ \t]*)[!%]")
_COMMAND = re.compile(r"(?P<before>[ \t]*)(?:[!%/,;]|\?)")
_HELP_BEHIND = re.compile(r"(?P<name>[ \t]*[\w.]+)\?{1,2}[ \t]*$")
_HELP_BEFORE = re.compile(r"\?{1,2}(?P<name>[ \t]*[\w.]+)[ \t]*$")
_RUNS_OTHERS = re.compile(r"%\s*(?:run|load|loadpy|pylab|macro|store|load_ext|autoreload|rerun|recall)\b|%%\w+")


def read_magics(excerpt: Excerpt) -> Magics:
    """Take a cell apart."""
    runs_others = bool(_RUNS_OTHERS.search(excerpt.text))
    code: list[Line] = []
    words: list[Excerpt] = []
    cell = _CELL.match(excerpt.text)
    if cell is not None and cell[1] not in _KEEPING_CELLS:
        return Magics((), (excerpt,), runs_others)
    goes_on = False
    for line in excerpt.lines:
        body = line.text.rstrip("\r\n")
        if goes_on or (cell is not None and body.lstrip().startswith("%%")):
            code.append(
                _replaced(line, len(body) - len(body.lstrip()) if not goes_on else 0, "" if goes_on else "pass")
            )
            words.append(Excerpt((line,), excerpt.escape))
            goes_on = body.endswith("\\")
        elif timed := _TIMED.match(body):
            code.append(_without(line, timed.end("before"), timed.end()))
        elif match := _HELP_BEHIND.match(body):
            code.append(_without(line, match.end("name"), len(body)))
        elif match := _HELP_BEFORE.match(body):
            code.append(_without(line, 0, match.start("name") + len(match["name"]) - len(match["name"].lstrip())))
        elif match := _ASSIGNED.match(body) or _COMMAND.match(body):
            kept = match.end("before")
            code.append(_replaced(line, kept, "None" if body[:kept].strip() else "pass"))
            words.append(Excerpt((line,), excerpt.escape))
            goes_on = body.endswith("\\")
        else:
            code.append(line)
    return Magics(tuple(code), tuple(words), runs_others)


def _replaced(line: Line, kept: int, text: str) -> Line:
    """Give a line with `text` in place of all behind its first `kept` characters."""
    end = len(line.text.rstrip("\r\n"))
    place = line.starts[end] if end < len(line.text) else line.ends[-1]
    starts = [*line.starts[:kept], *[place] * len(text), *line.starts[end:]]
    ends = [*line.ends[:kept], *[place] * len(text), *line.ends[end:]]
    return Line(line.text[:kept] + text + line.text[end:], starts, ends, line.gone, line.statement, line.continuation)


def _without(line: Line, start: int, end: int) -> Line:
    """Give a line without some of its characters."""
    starts = [*line.starts[:start], *line.starts[end:]]
    ends = [*line.ends[:start], *line.ends[end:]]
    return Line(line.text[:start] + line.text[end:], starts, ends, line.gone, line.statement, line.continuation)
