"""Rewrite the loads that mean a module as a whole: `export *`, types of the whole module, what is declared for it.

Takes the draft of a file and a load, adds edits to the draft; raises Blocked where it is not clear which part is meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from unmix.edit import Edit
from unmix.javascript.draft import Draft, write_copies
from unmix.javascript.index import declared_names
from unmix.javascript.loads import Load, Reach


def rewrite_star(draft: Draft, load: Load) -> None:
    """`export * from "./old"` → the same for every part, by name where a part exports more than the old module."""
    relocation = draft.context.relocation(load.old)
    separator = draft.line_separator(load.node)
    versions = []
    for part in relocation.parts:
        specifier = draft.specifier(part, load)
        names = [name for name, home in relocation.homes.items() if home.module == part and name != "default"]
        exported = draft.context.index.exports_of(part)
        more = exported is None or bool(exported.names - {*names, "default"}) or exported.stars
        edits = [Edit(*load.span, specifier)]
        if more and exported is not None and not exported.stars:
            edits += _name_in_star(draft, load, [name for name in names if name.isidentifier() or "$" in name], part)
        if names or exported is None or exported.stars:
            versions.append(edits)
    draft.copy(load.node, versions, separator)


def rewrite_whole_type(draft: Draft, load: Load, escape: Reach) -> None:
    """`typeof import("./old")` → `(typeof import("./part") & typeof import("./other"))`."""
    query = load.node.parent
    if load.node.type == "comment":
        draft.findings.append(draft.cannot(load.span, escape.why, load))
        return
    if query is None or query.type != "type_query":
        raise draft.blocked(escape.span, escape.why, load.old, "name the part that is meant")
    parts = draft.context.relocation(load.old).parts
    versions = [[Edit(*load.span, draft.specifier(part, load))] for part in parts]
    draft.copies.append(write_copies(draft.tree.span(query), versions, " & ", "(", ")"))


def rewrite_augmentation(draft: Draft, load: Load) -> None:
    """`declare module "./old" { interface A {} }` → the module that has A now."""
    body = load.node.child_by_field_name("body")
    names = set()
    for statement in body.named_children if body is not None else ():
        inner = statement.child_by_field_name("declaration") or statement
        names |= set(declared_names(draft.tree, inner))
    homes = {draft.context.home(load.old, name) for name in names}
    parts = {home.module for home in homes if home is not None}
    if len(parts) != 1:
        why = (
            f"what is declared here belongs to several parts ({', '.join(sorted(parts))})"
            if parts
            else "the part is not clear"
        )
        raise draft.blocked(load.span, why, load.old, "declare it for the part that has it")
    draft.small.append(Edit(*load.span, draft.specifier(parts.pop(), load)))


def _name_in_star(draft: Draft, load: Load, names: Sequence[str], part: str) -> list[Edit]:
    """`export * from` → `export { a, type T } from`."""
    star = next(child for child in load.node.children if child.type == "*")
    exported = draft.context.index.exports_of(part)
    types = exported.types if exported is not None else frozenset()
    all_types = any(child.type == "type" for child in load.node.children)
    listed = [f"type {name}" if name in types and not all_types else name for name in names]
    return [Edit(*draft.tree.span(star), "{ " + ", ".join(listed) + " }")]
