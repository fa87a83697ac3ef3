"""Decide what every reference of one file becomes, and write the edits.

Takes a parsed file and what became of the old modules, gives a Survey. All or nothing: where one use of a file cannot
be rewritten safely, the whole file is left on the shim (which works) and the finding says where and why.
"""

from __future__ import annotations

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.python.calls import find_replaced_calls
from unmix.python.callsites import find_call_sites
from unmix.python.class_modules import follow_class_modules
from unmix.python.constants import find_constants
from unmix.python.context import Context, SourceModule
from unmix.python.draft import Blocked, Draft
from unmix.python.loose_names import find_loose_names
from unmix.python.missing import find_missing_names
from unmix.python.name_tables import TableEntry, find_table_entries
from unmix.python.references import list_references
from unmix.python.rewrite_calls import rewrite_other_calls
from unmix.python.rewrite_constants import rewrite_constant
from unmix.python.rewrite_modules import rewrite_modules
from unmix.python.rewrite_names import rewrite_names
from unmix.python.rewrite_reached import rewrite_reached
from unmix.python.rewrite_stars import rewrite_stars
from unmix.python.rewrite_strings import rewrite_string
from unmix.python.rewrite_tables import rewrite_entry
from unmix.python.strings import StringUse, find_strings
from unmix.reference import Survey


def survey_module(source: SourceModule, context: Context) -> Survey:
    """Survey one file. Raises Hidden where all of it has to be seen."""
    tree = source.tree
    sites = find_call_sites(tree, source.scopes, source.here, context.olds, context.aliases, context.hidden)
    calls, findings = find_replaced_calls(source, context)
    constants = tuple(find_constants(source.scopes, {**{old: old for old in context.olds}, **context.aliases}))
    entries = {entry: rewrite_entry(source, context, entry) for entry in find_table_entries(source, context)}
    known = {id(constant.node) for constant in constants} | {id(entry.node) for entry in entries}
    found = find_strings(source.scopes, context.olds, context.aliases)
    strings = tuple(string for string in found if id(string.node) not in known)
    decided: list[Edit | Finding | None] = list(entries.values())
    for constant in constants:
        rewritten = rewrite_constant(source, context, constant)
        decided += [rewritten] if isinstance(rewritten, Finding) else rewritten
    decided += [rewrite_string(source, context, string) for string in strings]
    edits = [edit for edit in decided if isinstance(edit, Edit)]
    findings += [finding for finding in decided if isinstance(finding, Finding)]
    known |= {id(string.node) for string in strings}
    for node, old, why in find_loose_names(source, context.olds):
        if id(node) not in known:
            findings.append(
                source.cannot(node, why, old, f"name the parts: {', '.join(context.relocation(old).parts)}")
            )
    reason: Blocked | None = None
    if sites or calls:
        try:
            edits += _rewrite(Draft(source, context, sites, calls))
        except Blocked as blocked:
            edits.clear()
            reason = blocked
    for followed in follow_class_modules(source, context, sites.names):
        if isinstance(followed, Finding):
            findings.append(followed)
        elif reason is None:
            edits.append(followed)
    missing = find_missing_names(source, context)
    told = {finding.old.rpartition(".")[2] for finding in missing}
    if reason is not None and not (reason.is_unknown and reason.finding.old.rpartition(".")[2] in told):
        findings.append(reason.finding)
    findings += missing
    named: list[StringUse | TableEntry] = [
        *strings,
        *(entry for entry, becomes in entries.items() if isinstance(becomes, Edit)),
    ]
    return Survey(
        tree.path,
        tuple(sorted(list_references(source, context, sites, calls, named, constants))),
        tuple(sorted(set(edits))),
        tuple(sorted(set(findings))),
    )


def _rewrite(draft: Draft) -> list[Edit]:
    """Give every edit of imports, uses and calls. Raises Blocked at the first use that cannot be rewritten."""
    rewrite_names(draft)
    rewrite_modules(draft)
    rewrite_reached(draft)
    rewrite_other_calls(draft)
    rewrite_stars(draft)
    return [*draft.edits, *draft.imports.edits()]
