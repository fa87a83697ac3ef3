"""Survey one script: its references, the edits that move them, what a person must know.

Takes a SourceModule and a Context, gives a Survey; the work is done by the modules it calls.
"""

from __future__ import annotations

from collections.abc import Sequence

from unmix.edit import Edit, apply_edits
from unmix.errors import UnreadableSource
from unmix.javascript.calls import ReplacedCall, find_replaced_calls, rewrite_calls
from unmix.javascript.callsites import find_loads
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.copies import compose_edits
from unmix.javascript.missing import find_missing_names
from unmix.javascript.references import list_references
from unmix.javascript.rewrite import rewrite_loads
from unmix.javascript.scopes import Scopes
from unmix.javascript.syntax import parse
from unmix.reference import Survey


def survey_script(source: SourceModule, context: Context) -> Survey:
    """Survey one file."""
    loads = find_loads(source, context)
    edits, findings = rewrite_loads(source, context, loads)
    calls = find_replaced_calls(source, context) if context.replacements else []
    if calls and edits is not None:
        edits = _with_calls(source, context, edits, calls)
    findings += find_missing_names(source, context)
    references = list_references(source, context, loads, calls)
    return Survey(source.path, tuple(sorted(references)), tuple(sorted(edits or ())), tuple(sorted(set(findings))))


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
