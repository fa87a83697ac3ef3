"""Read the code blocks of Markdown as scripts: what they import follows the module as in any script.

Takes a document and a Context, gives a Survey of its blocks. A block that is no whole piece of code is passed over, and
names that it leaves undefined are no findings: documents show pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from unmix.edit import Edit
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.javascript.callsites import find_loads
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.scopes import Scopes
from unmix.javascript.survey import comment_mentions, survey_loads
from unmix.javascript.syntax import Span, parse
from unmix.reference import Kind, Reference, Survey
from unmix.workspace import SourceFile

_GRAMMARS = {
    **dict.fromkeys(("js", "javascript", "mjs", "cjs", "jsx", "es6"), ".js"),
    **dict.fromkeys(("ts", "typescript", "mts", "cts"), ".ts"),
    "tsx": ".tsx",
}
# ```js title="x"    ~~~ {.ts}
_FENCE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*\{?\.?(?P<language>\w+)[^\r\n`]*\r?\n"
    r"(?P<code>.*?)^[ \t]*(?P=fence)[`~]*[ \t]*\r?$",
    re.DOTALL | re.MULTILINE,
)


def survey_blocks(file: SourceFile, context: Context) -> tuple[Survey, list[Span]]:
    """Survey every block of code in a document; also give the spans of those that could be read."""
    references: list[Reference] = []
    edits: list[Edit] = []
    findings: list[Finding] = []
    read = []
    for start, source in _blocks(file):
        loads = find_loads(source, context)
        survey = survey_loads(source, context, loads)
        above = file.text.count("\n", 0, start)
        for each in survey.references:
            moved = replace(each, line=each.line + above, start=each.start + start, end=each.end + start)
            references.append(replace(moved, path=file.path, kind=Kind.DOCUMENTATION))
        edits += [Edit(start + edit.start, start + edit.end, edit.text) for edit in survey.edits]
        said = (*survey.findings, *comment_mentions(source, context, loads))
        findings += [replace(each, path=file.path, line=each.line + above) for each in said]
        read.append((start, start + len(source.tree.text)))
    return Survey(file.path, tuple(references), tuple(edits), tuple(findings)), read


def _blocks(file: SourceFile) -> Iterator[tuple[int, SourceModule]]:
    for match in _FENCE.finditer(file.text):
        suffix = _GRAMMARS.get(match["language"].lower())
        if suffix is None:
            continue
        try:
            # It is read as a file beside the document.
            tree = parse(file.path + suffix, match["code"])
        except UnreadableSource:
            continue
        yield match.start("code"), SourceModule(tree, Scopes(tree))
