"""Survey one script: its references, the edits that move them, what a person must know.

Takes a SourceModule and a Context, gives a Survey; the work is done by the modules it calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from unmix.edit import Edit, apply_edits
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.javascript.calls import ReplacedCall, find_replaced_calls, rewrite_calls
from unmix.javascript.callsites import find_loads
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.copies import compose_edits
from unmix.javascript.documents import find_mentions
from unmix.javascript.embedded import COMPONENT_SUFFIXES
from unmix.javascript.loads import Load
from unmix.javascript.missing import find_missing_names
from unmix.javascript.references import list_references
from unmix.javascript.rewrite import rewrite_loads
from unmix.javascript.scopes import Scopes
from unmix.javascript.syntax import Span, parse
from unmix.reference import Survey


def survey_script(source: SourceModule, context: Context) -> Survey:
    """Survey one file."""
    loads = find_loads(source, context)
    survey = survey_loads(source, context, loads)
    others = {*find_missing_names(source, context), *comment_mentions(source, context, loads)}
    return replace(survey, findings=tuple(sorted({*survey.findings, *others})))


def survey_loads(source: SourceModule, context: Context, loads: Sequence[Load]) -> Survey:
    """Survey what a file loads of old modules, and the calls that are replaced."""
    edits, findings = rewrite_loads(source, context, loads)
    calls = find_replaced_calls(source, context) if context.replacements else []
    if calls and edits is not None:
        edits = _with_calls(source, context, edits, calls)
    references = list_references(source, context, loads, calls)
    return Survey(source.path, tuple(sorted(references)), tuple(sorted(edits or ())), tuple(sorted(set(findings))))


def comment_mentions(source: SourceModule, context: Context, loads: Sequence[Load]) -> list[Finding]:
    """Find what comments, and the markup of a component, say of an old module, where it is no type import.

    What only people read breaks nothing, and names no old module that would have to stay for it.
    """
    text = source.tree.text
    if not context.olds or not context.mentions.search(text):
        return []
    taken = {source.tree.place(load.span[0]) for load in loads}
    found = []
    for comment in source.scopes.comments:
        for finding, before in _mentions_in(source, source.tree.span(comment), context):
            if (finding.line, finding.column) not in taken:
                found.append(finding if _TAG.search(before) else replace(finding, old=""))
    if source.path.endswith(COMPONENT_SUFFIXES):
        for tag in _SCRIPT_TAG.finditer(text):
            found += [finding for finding, _ in _mentions_in(source, tag.span(), context)]
    return found


def _mentions_in(source: SourceModule, span: Span, context: Context) -> Iterator[tuple[Finding, str]]:
    """Find the mentions in a piece of a file, each with what stands before it on its line of that piece."""
    text = source.tree.text
    start, end = span
    if not context.mentions.search(text, start, end):
        return
    line = text.rfind("\n", 0, start) + 1
    above = text.count("\n", 0, start)
    piece = " " * (start - line) + text[start:end]
    lines = piece.split("\n")
    for finding in find_mentions(source.path, piece, context):
        yield replace(finding, line=finding.line + above), lines[finding.line - 1][: finding.column - 1]


_SCRIPT_TAG = re.compile(r"<(?:script|style)\b[^>]*>")
# Tools may be told by it: @jest-environment ./old.js
_TAG = re.compile(r"@\w")


def _with_calls(source: SourceModule, context: Context, edits: list[Edit], calls: Sequence[ReplacedCall]) -> list[Edit]:
    """Replace calls in what the file becomes, since the imports they need stand beside those that were rewritten."""
    if not edits:
        return rewrite_calls(source, context, calls)
    text = apply_edits(source.tree.text, edits)
    try:
        tree = parse(source.path, text)
    except UnreadableSource:
        return edits
    moved = SourceModule(tree, Scopes(tree))
    second = rewrite_calls(moved, context, find_replaced_calls(moved, context))
    return compose_edits(source.tree.text, edits, second)
