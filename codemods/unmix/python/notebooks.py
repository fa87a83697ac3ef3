"""Survey a Jupyter notebook.

Takes its text, gives a Survey whose edits lie inside the strings of its cells: outputs, metadata, key order,
indentation and escapes stay. All code cells together are one module, since a cell uses what earlier ones bind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.callsites import find_call_sites
from unmix.python.context import Context
from unmix.python.documents import survey_prose
from unmix.python.excerpt import Excerpt, Line, Places
from unmix.python.json_text import elements, is_string, members, root, string_places, value_end
from unmix.python.magics import read_magics
from unmix.python.mentions import find_mentions
from unmix.python.snippets import Snippet, read_snippet, survey_snippet
from unmix.reference import Kind, Survey
from unmix.workspace import SourceFile


def survey_notebook(file: SourceFile, context: Context) -> Survey:
    """Survey one notebook. Raises UnreadableSource when the file is none."""
    read = _read(file)
    places = Places(file.text)
    surveys: list[Survey] = []
    snippets: list[Snippet] = []
    unread: list[_Cell] = []
    runs_others = False
    for cell in read.cells:
        if not cell.is_code or not read.speaks_python:
            surveys.append(_survey_words(cell.excerpt, file.path, context, places))
            continue
        try:
            snippets.append(read_snippet(file.path, cell.excerpt.lines, cell.excerpt.escape))
            continue
        except UnreadableSource:
            magics = read_magics(cell.excerpt)
        runs_others = runs_others or magics.runs_others
        surveys += [_survey_words(words, file.path, context, places) for words in magics.words]
        try:
            snippets.append(read_snippet(file.path, magics.code, cell.excerpt.escape))
        except UnreadableSource:
            unread.append(cell)
    surveys.append(_survey_code(file.path, snippets, unread, context, places, runs_others=runs_others))
    return Survey(
        file.path,
        tuple(sorted({reference for survey in surveys for reference in survey.references})),
        tuple(sorted({edit for survey in surveys for edit in survey.edits})),
        tuple(sorted({finding for survey in surveys for finding in survey.findings})),
    )


def _survey_words(excerpt: Excerpt, path: str, context: Context, places: Places) -> Survey:
    """Survey a cell of words, or the lines of a code cell that are commands."""
    return excerpt.lift(survey_prose(path, excerpt.text, context, Kind.NOTEBOOK), places, Kind.NOTEBOOK)


def _survey_code(
    path: str, snippets: list[Snippet], unread: list[_Cell], context: Context, places: Places, *, runs_others: bool
) -> Survey:
    """Survey all code cells as one module; where a concerned one cannot be parsed, none is rewritten."""
    survey = Survey(path)
    aliases: set[str] = set()
    if snippets:
        lines = [line for snippet in snippets for line in snippet.excerpt.lines]
        whole = read_snippet(path, lines, snippets[0].excerpt.escape)
        survey, _ = survey_snippet(whole, context, places, Kind.NOTEBOOK)
        source = whole.source
        sites = find_call_sites(source.tree, source.scopes, source.here, context.olds, hidden=context.hidden)
        aliases = {module.bound for module in sites.modules if not module.dotted}
    findings = [finding for finding in survey.findings if not (runs_others and _is_undefined_name(finding))]
    concerned = False
    for cell in unread:
        text = cell.excerpt.text
        mention = next(iter(find_mentions(text, context)), None)
        if mention is not None or aliases & set(re.findall(r"\w+", text)):
            concerned = True
            line, column = places.place(cell.excerpt.start(mention.span[0] if mention is not None else 0))
            why = "this cell uses an old module but cannot be parsed; no cell is rewritten"
            hint = "mend the cell, or move its references by hand"
            findings.append(Finding(path, line, column, "UNM009", why, hint=hint))
    return replace(survey, edits=() if concerned else survey.edits, findings=tuple(findings))


def _is_undefined_name(finding: Finding) -> bool:
    return finding.code == "UNM004" and "." not in finding.old


# Reading.


@dataclass(frozen=True, slots=True)
class _Cell:
    excerpt: Excerpt
    is_code: bool


@dataclass(frozen=True, slots=True)
class _Notebook:
    cells: tuple[_Cell, ...]
    speaks_python: bool


def _read(file: SourceFile) -> _Notebook:
    """Read the cells of a notebook. Raises UnreadableSource."""
    text = file.text
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableSource(file.path, error.lineno, f"is no JSON: {error.msg.lower()}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(file.path, 0, f"is no JSON: {error}") from error
    known = dict(members(text, root(text)))
    if not isinstance(value, dict) or not ("cells" in known or "worksheets" in known):
        raise UnreadableSource(file.path, 0, "is no notebook: it has no cells")
    version = value.get("nbformat")
    if not isinstance(version, int) or version < 3:
        raise UnreadableSource(file.path, 0, f"has the notebook format {version}; open and save it with Jupyter first")
    lists = [known["cells"]] if "cells" in known else []
    for sheet in elements(text, known["worksheets"]) if "worksheets" in known else ():
        lists += [at for key, at in members(text, sheet) if key == "cells"]
    escape = partial(_escape, ascii_only=text.isascii())
    cells = []
    for cell in (cell for at in lists for cell in elements(text, at)):
        parts = dict(members(text, cell))
        kind = parts.get("cell_type")
        source = parts.get("source", parts.get("input"))
        if kind is not None and source is not None:
            lines = tuple(_lines(text, source))
            if lines:
                cells.append(_Cell(Excerpt(lines, escape), text.startswith('"code"', kind)))
    return _Notebook(tuple(cells), _speaks_python(value.get("metadata")))


def _speaks_python(metadata: object) -> bool:
    named: object = None
    match metadata:
        case {"language_info": {"name": named}} | {"kernelspec": {"language": named}} | {"language": named}:
            pass
    return not isinstance(named, str) or "python" in named.lower()


def _escape(text: str, *, ascii_only: bool) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


@dataclass(frozen=True, slots=True)
class _Element:
    """One string of a cell's source: where it begins and ends with its quotation marks, and its characters."""

    begin: int
    end: int
    value: str
    starts: list[int]
    ends: list[int]


def _lines(text: str, source: int) -> Iterator[Line]:
    """Give the lines of a cell: a list of strings, mostly one a line, or one string.

    What parts two strings of the list is what is to be written when a line is added.
    """
    listed = not is_string(text, source)
    read = [
        _Element(at, value_end(text, at), *string_places(text, at))
        for at in (elements(text, source) if listed else [source])
        if is_string(text, at)
    ]
    if not read:
        return
    if len(read) > 1:
        between = [text[one.end : other.begin] for one, other in pairwise(read)]
        between.append(between[-1])
    else:
        margin = text[source + 1 : read[0].begin] if listed else ""
        between = ["," + (margin if margin.strip() == "" and margin else " ")]
    joints = [f'"{comma}"' if listed else "" for comma in between]
    pending = ""
    starts: list[int] = []
    ends: list[int] = []
    first = 0
    for index, element in enumerate(read):
        for character, start, end in zip(element.value, element.starts, element.ends, strict=True):
            if not pending:
                first = index
            pending += character
            starts.append(start)
            ends.append(end)
            if character == "\n":
                whole = first == index and starts[0] == element.begin + 1 and end == element.end - 1
                gone = (starts[0], end)
                if listed and whole and index + 1 < len(read):
                    gone = element.begin, read[index + 1].begin
                at_end = end == element.end - 1
                joint = joints[index] if at_end or "\n" not in element.value[:-1] else ""
                yield Line(pending, starts, ends, gone, joint, joint)
                pending, starts, ends = "", [], []
    if pending:
        joint = joints[-1]
        yield Line(pending + "\n", [*starts, ends[-1]], [*ends, ends[-1]], (starts[0], ends[-1]), joint, joint)
