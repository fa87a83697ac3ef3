"""Decide what every load of an old module becomes, and give the edits.

Takes a parsed file and what became of the old modules, gives edits and findings. All or nothing: where one load of a
file cannot be rewritten safely, the whole file is left on the shim (which works) and the finding says where and why.
"""

from __future__ import annotations

from collections.abc import Sequence

from unmix.edit import Edit, apply_edits
from unmix.finding import Finding
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.copies import merge_edits
from unmix.javascript.draft import BY_HAND, Blocked, Draft
from unmix.javascript.loads import Form, Load
from unmix.javascript.rewrite_mocks import rewrite_mock, rewrite_stubs
from unmix.javascript.rewrite_names import rewrite_names
from unmix.javascript.rewrite_whole import rewrite_augmentation, rewrite_star, rewrite_whole_type
from unmix.javascript.syntax import parses


def rewrite_loads(
    source: SourceModule, context: Context, loads: Sequence[Load]
) -> tuple[list[Edit] | None, list[Finding]]:
    """Give the edits that take a file off its old modules, None if one of its loads cannot be; and the findings."""
    draft = Draft(source, context, loads)
    try:
        edits = _edits(draft)
    except Blocked as blocked:
        return None, [*draft.findings, blocked.finding]
    return edits, draft.findings


def _edits(draft: Draft) -> list[Edit]:
    """Give every edit. Raises Blocked at the first load that cannot be rewritten."""
    for load in draft.loads:
        if load.form is Form.MOCK:
            rewrite_mock(draft, load)
    # Types of the whole module come last: many belong to a load.
    for load in sorted(draft.loads, key=lambda each: each.form is Form.TYPE):
        if id(load) not in draft.done:
            _rewrite(draft, load)
    merged = merge_edits(draft.text, draft.small, draft.copies)
    if merged is None:
        first = min(draft.copies, key=lambda each: each.span)
        raise draft.blocked(first.span, "two loads of several parts stand inside each other", "", BY_HAND)
    if merged and not parses(draft.source.path, apply_edits(draft.text, merged)):
        raise draft.blocked(merged[0].start, "what it would become does not parse", "", BY_HAND)
    return merged


def _rewrite(draft: Draft, load: Load) -> None:
    if load.form is Form.COMPUTED:
        draft.findings.append(draft.cannot(load.span, f"what is loaded here is computed, and may be {load.old}", load))
    elif load.form in (Form.FILE, Form.TEXT):
        draft.findings.append(draft.cannot(load.span, f"the file {load.old} itself is named", load))
    elif load.form is Form.STUBS:
        rewrite_stubs(draft, load)
    elif load.form is Form.AUGMENT:
        rewrite_augmentation(draft, load)
    elif load.form is Form.STAR:
        rewrite_star(draft, load)
    elif load.form is Form.STAR_AS:
        raise draft.blocked(load.span, "the module object is exported", load.old, "export the parts, or their names")
    elif load.form is Form.TYPE and load.escape is not None:
        rewrite_whole_type(draft, load, load.escape)
    else:
        rewrite_names(draft, load)
