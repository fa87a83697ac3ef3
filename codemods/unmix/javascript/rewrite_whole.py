"""Rewrite the loads that mean a module as a whole: `export *`, copies of its names, its type, what is declared for it.

Takes the draft of a file and a load, adds edits to the draft; raises Blocked where it is not clear which part is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tree_sitter import Node

from unmix.edit import Edit
from unmix.javascript.commonjs import WHOLE
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


def copy_names(draft: Draft, load: Load, place: Node, holder: Node, aims: Mapping[str, Sequence[Edit]]) -> None:
    """Write what copies all names once for each part, by name where a part exports more than the old module did.

        { ...require("./old") }                { ...require("./part"), a: require("./other").a }
        Object.assign(all, require("./old"))   Object.assign(all, require("./part"), { a: require("./other").a })

    `holder` is the module object in `place`, the `...` or the argument; `aims` the edits that make it mean each part.
    """
    relocation = draft.context.relocation(load.old)
    spread = place.type == "spread_element"
    operand = place.named_children[-1] if spread else place
    start, end = draft.tree.span(operand)
    group, close = ("", "") if operand.type in _READ_AT_ONCE else ("(", ")")
    before, after = ("", "") if spread else ("{ ", " }")
    written = draft.text[load.span[0] - 1]
    quote = written if written in "\"'" else '"'
    versions: list[Sequence[Edit]] = []
    for part, edits in aims.items():
        exported = draft.context.index.exports_of(part)
        own = {name: home.name for name, home in relocation.homes.items() if home.module == part}
        if exported is None or not exported.names - exported.types - {*own.values(), "__esModule"}:
            versions.append(edits)
            continue
        if exported.stars or WHOLE in own:
            why = f"{part} exports more than {load.old} did, and all of it would be copied here"
            raise draft.blocked(draft.tree.span(holder), why, load.old, "copy the names that are needed there")
        for name, now in own.items():
            if now not in exported.types:
                plain = _PLAIN.fullmatch(name + now)
                key, read = (f"{name}: ", f".{now}") if plain else (f"{quote}{name}{quote}: ", f"[{quote}{now}{quote}]")
                opened = Edit(draft.tree.span(place)[0], start, before + key + group)
                versions.append([opened, *edits, Edit(end, end, close + read + after)])
    draft.copy(place, versions, ", ")


_READ_AT_ONCE = ("identifier", "call_expression", "member_expression", "parenthesized_expression")
_PLAIN = re.compile(r"[\w$]+")


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
