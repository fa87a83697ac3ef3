"""Rewrite the loads that reach names: imports, exports from, `require`, `import()`, in each way to take names.

Takes the draft of a file and a load, adds edits to the draft; raises Blocked where a place cannot be followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from tree_sitter import Node

from unmix.edit import Edit
from unmix.javascript.commonjs import WHOLE
from unmix.javascript.draft import BY_HAND, Draft, statement_of, write_copies
from unmix.javascript.loads import Form, Load, Reach, Take
from unmix.javascript.modules import stem_of
from unmix.javascript.rewrite_whole import copy_names
from unmix.javascript.scopes import Binding

Targets = Mapping[str, list[Reach]]


def rewrite_names(draft: Draft, load: Load) -> None:
    """`import { a, b } from "./old"` → one import for each part that has one of the names."""
    if load.escape is not None:
        why = load.escape.why
        raise draft.blocked(load.escape.span, why, load.old, "take the names that are needed there, or pass the part")
    targets = _targets_of(draft, load)
    typing = [other for other in draft.loads if other.owner is load and other.form is Form.TYPE]
    draft.done |= {id(other) for other in typing}
    if len(targets) == 1:
        draft.small += draft.aim(load, next(iter(targets)), typing)
        return
    if load.form in (Form.IMPORT, Form.EXPORT):
        _copy_statement(draft, load, targets)
    elif load.form is Form.IMPORT_EQUALS:
        _copy_bound(draft, load, targets, load.node, draft.line_separator(load.node))
    elif load.spreads and load.binding is None:
        for place, holder in load.spreads:
            copy_names(draft, load, place, holder, {part: draft.aim(load, part, typing) for part in targets})
    elif load.assignment is not None and load.binding is not None:
        _copy_assignment(draft, load, load.assignment, targets, typing)
    elif load.parameter is not None and (load.braces is not None) != (load.binding is not None):
        _copy_promise(draft, load, load.parameter, targets)
    elif load.declarator is not None and (load.braces is not None) != (load.binding is not None):
        _copy_declaration(draft, load, targets, typing)
    elif load.alone and not load.reaches and (statement := statement_of(load.node)) is not None:
        versions = [draft.aim(load, part, typing) for part in targets]
        draft.copy(statement, versions, draft.line_separator(statement))
    else:
        why = f"names of several parts are taken here ({', '.join(targets)})"
        raise draft.blocked(load.span, why, load.old, "load each part that is needed")


def _targets_of(draft: Draft, load: Load) -> dict[str, list[Reach]]:
    """Give the parts that a load goes to, in the order in which the old module loaded them, with their names."""
    found: dict[str, list[Reach]] = {}
    for reach in load.reaches:
        found.setdefault(_part_of(draft, load, reach), []).append(reach)
    parts = draft.context.relocation(load.old).parts
    if load.spreads or not found:
        # All names, or only the effects of loading: they get every part.
        for part in parts:
            found.setdefault(part, [])
    order = {part: index for index, part in enumerate(parts)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _part_of(draft: Draft, load: Load, reach: Reach) -> str:
    home = draft.context.home(load.old, reach.name) or draft.context.relocation(load.old).homes.get(WHOLE)
    if home is None:
        why = f"{load.old} has no `{reach.name}` that can be followed"
        raise draft.blocked(reach.span, why, load.old, "take the name from where it is defined")
    return home.module


def _copy_statement(draft: Draft, load: Load, targets: Targets) -> None:
    """`import d, { a, b } from "./old"` → `import d, { a } from "./part"`, `import { b } from "./other"`."""
    if not load.reaches and not load.spreads:
        _import_for_effects(draft, load, targets)
        return
    aliases = _aliases(draft, targets) if load.binding is not None else {}
    versions = []
    for part, reaches in targets.items():
        edits = [Edit(*load.span, draft.specifier(part, load))]
        kept = {reach.entry.id for reach in reaches if reach.entry is not None}
        bound = any(reach.entry is None or reach.holder is not None for reach in reaches)
        bound = bound or bool(load.spreads or load.checks)
        edits += _keep_slots(draft, load, kept, aliases[part] if bound and aliases else "")
        versions.append(edits)
    draft.copy(load.node, versions, draft.line_separator(load.node))
    if load.binding is not None:
        _redirect_uses(draft, load, targets, aliases)


def _keep_slots(draft: Draft, load: Load, kept: set[int], alias: str) -> list[Edit]:
    """Leave of `d, { a, b }` what one part has: the module object under `alias`, the names in `kept`."""
    clause = next(child for child in load.node.children if child.type in ("import_clause", "export_clause"))
    slots = [child for child in clause.named_children if child.type != "comment"]
    if clause.type == "export_clause":
        slots = [clause]
    edits: list[Edit] = []
    stay = []
    for slot in slots:
        if slot == load.braces:
            entries = [child for child in slot.named_children if child.type.endswith("specifier")]
            numbers = [number for number, entry in enumerate(entries) if entry.id in kept]
            stay.append(bool(numbers))
            if numbers and len(numbers) < len(entries):
                edits += draft.keep(slot, entries, numbers)
        elif slot == load.declarator:
            stay.append(bool(alias))
            if alias and load.binding is not None:
                edits.append(Edit(*draft.tree.span(load.binding.node), alias))
        else:
            stay.append(slot.id in kept)
    if len(slots) == 2 and not all(stay):
        first, second = (draft.tree.span(slot) for slot in slots)
        gone = (first[0], second[0]) if stay[1] else (first[1], second[1])
        edits = [edit for edit in edits if edit.end <= gone[0] or gone[1] <= edit.start]
        edits.append(Edit(*gone, ""))
    return edits


def _import_for_effects(draft: Draft, load: Load, targets: Targets) -> None:
    """`import "./old"` → the same for every part; a name that nothing uses goes."""
    start, end = draft.tree.span(load.node)
    clause = next((child for child in load.node.children if child.type == "import_clause"), None)
    drop = []
    if clause is not None:
        drop = [Edit(draft.tree.span(clause)[0], load.span[0] - 1, "")]
    versions = [[*drop, Edit(*load.span, draft.specifier(part, load))] for part in targets]
    draft.copies.append(write_copies((start, end), versions, draft.line_separator(load.node)))


def _copy_bound(
    draft: Draft, load: Load, targets: Targets, unit: Node, separator: str, typing: Sequence[Load] = ()
) -> None:
    """`const old = require("./old")` with `old.a` → `const part = require("./part")` with `part.a`."""
    assert load.binding is not None, "asked for by those who have one"
    aliases = _aliases(draft, targets)
    name = draft.tree.span(load.binding.node)
    versions = [[*draft.aim(load, part, typing), Edit(*name, aliases[part])] for part in targets]
    draft.copy(unit, versions, separator)
    _redirect_uses(draft, load, targets, aliases)


def _redirect_uses(draft: Draft, load: Load, targets: Targets, aliases: Mapping[str, str]) -> None:
    for part, reaches in targets.items():
        for reach in reaches:
            if reach.entry is not None:
                continue
            if reach.holder is None:
                raise draft.blocked(reach.span, "the module object is passed on", load.old, BY_HAND)
            draft.small.append(Edit(*draft.tree.span(reach.holder), aliases[part]))
    for take in load.takes:
        _copy_take(draft, take, targets, aliases)
    for check in load.checks:
        # What is loaded last is there when all is.
        draft.small.append(Edit(*draft.tree.span(check), list(aliases.values())[-1]))
    for place, holder in load.spreads:
        aims = {part: [Edit(*draft.tree.span(holder), aliases[part])] for part in targets}
        copy_names(draft, load, place, holder, aims)


def _copy_take(draft: Draft, take: Take, targets: Targets, aliases: Mapping[str, str]) -> None:
    """`const { a, b } = old` → `const { a } = part`, `const { b } = other`."""
    holder = draft.tree.span(take.holder)
    own = {
        part: [reach for reach in reaches if reach.holder is not None and reach.holder.id == take.holder.id]
        for part, reaches in targets.items()
    }
    versions = [
        [Edit(*holder, aliases[part]), *draft.keep_of(take.braces, reaches)] for part, reaches in own.items() if reaches
    ]
    if len(versions) == 1:
        draft.small += versions[0]
    elif versions:
        unit, separator = _unit_of(draft, take.declarator)
        draft.copy(unit, versions, separator)


def _copy_assignment(draft: Draft, load: Load, assignment: Node, targets: Targets, typing: Sequence[Load]) -> None:
    """`let old`, `old ??= require("./old")` → `let part, other`, `part ??= require("./part")`, `other ??= …`."""
    binding, statement = load.binding, assignment.parent
    assert binding is not None, "asked for by those who have one"
    if not _starts_empty(draft, binding) or statement is None or statement.type != "expression_statement":
        why = f"names of several parts are taken here ({', '.join(targets)})"
        raise draft.blocked(load.span, why, load.old, "load each part that is needed")
    if id(binding) not in draft.aliased:
        draft.aliased[id(binding)] = _aliases(draft, targets)
        names = [[Edit(*draft.tree.span(binding.node), alias)] for alias in draft.aliased[id(binding)].values()]
        draft.copy(binding.site, names, ", ")
        _redirect_uses(draft, load, targets, draft.aliased[id(binding)])
    aliases = draft.aliased[id(binding)]
    left = assignment.child_by_field_name("left")
    assert left is not None, "an assignment has a left side"
    versions = [[*draft.aim(load, part, typing), Edit(*draft.tree.span(left), aliases[part])] for part in targets]
    if statement.parent is not None and statement.parent.type in _BLOCKS:
        draft.copy(statement, versions, draft.line_separator(statement))
    else:
        # if (!old) old = require("./old")
        draft.copy(assignment, versions, ", ")


def _starts_empty(draft: Draft, binding: Binding) -> bool:
    """Say whether a variable is declared without a type, and holds nothing at first: `let old`, `let old = null`."""
    value = binding.site.child_by_field_name("value")
    return (
        binding.site.type == "variable_declarator"
        and binding.site.named_child_count == (1 if value is None else 2)
        and (value is None or draft.tree.code(value) in ("null", "undefined"))
    )


def _aliases(draft: Draft, targets: Iterable[str]) -> dict[str, str]:
    """Give each part a name that nothing in this file has: `src/db/retry-utils.js` → `retryUtils`."""
    found = {}
    for part in targets:
        words = re.findall(r"[A-Za-z0-9$]+", stem_of(part)) or ["part"]
        name = words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])
        name = f"_{name}" if name[0].isdigit() or name in _RESERVED else name
        while name in draft.taken:
            name = f"{name}_" if name.endswith("Module_") else f"{name}Module" if "Module" not in name else f"{name}_"
        draft.taken.add(name)
        found[part] = name
    return found


def _copy_declaration(draft: Draft, load: Load, targets: Targets, typing: Sequence[Load]) -> None:
    """`const { a, b } = require("./old")` → `const { a } = require("./part")`, `const { b } = …`."""
    declarator = load.declarator
    assert declarator is not None, "asked for by those who have one"
    unit, separator = _unit_of(draft, declarator)
    if load.binding is not None:
        if unit.type == "export_statement":
            raise draft.blocked(load.span, "the module object is exported", load.old, BY_HAND)
        _copy_bound(draft, load, targets, unit, separator, typing)
        return
    assert load.braces is not None, "a declarator has a name or names in braces"
    versions = [
        [*draft.aim(load, part, typing), *draft.keep_of(load.braces, reaches)] for part, reaches in targets.items()
    ]
    draft.copy(unit, versions, separator)


def _unit_of(draft: Draft, declarator: Node) -> tuple[Node, str]:
    """Give what is written several times, and what stands between: the statement, or the declarator in a list."""
    declaration = declarator.parent
    if declaration is not None and sum(child.type == "variable_declarator" for child in declaration.children) == 1:
        above = declaration.parent
        if above is not None and above.type == "export_statement":
            return above, draft.line_separator(above)
        if above is not None and above.type in _BLOCKS:
            return declaration, draft.line_separator(declaration)
    return declarator, ", "


def _copy_promise(draft: Draft, load: Load, parameter: Node, targets: Targets) -> None:
    """`import("./old").then(({ a, b }) => …)` → `Promise.all([import(…), …]).then(([{ a }, { b }]) => …)`."""
    inner = load.braces if load.binding is None else load.binding.node
    if inner is None or draft.tree.span(parameter) != draft.tree.span(inner):
        raise draft.blocked(load.span, "the parameter says its type", load.old, BY_HAND)
    specifiers = [[Edit(*load.span, draft.specifier(part, load))] for part in targets]
    draft.copies.append(write_copies(draft.tree.span(load.node), specifiers, ", ", "Promise.all([", "])"))
    bare = parameter.parent is not None and parameter.parent.type == "arrow_function"
    around = ("([", "])") if bare else ("[", "]")
    if load.braces is not None:
        names = [draft.keep_of(load.braces, reaches) for reaches in targets.values()]
    else:
        aliases = _aliases(draft, targets)
        names = [[Edit(*draft.tree.span(parameter), aliases[part])] for part in targets]
        _redirect_uses(draft, load, targets, aliases)
    draft.copies.append(write_copies(draft.tree.span(parameter), names, ", ", *around))


_BLOCKS = ("program", "statement_block", "switch_case", "switch_default", "class_static_block")
_RESERVED = frozenset(
    "await break case catch class const continue debugger default delete do else enum export extends false finally "
    "for function if import in instanceof let new null return static super switch this throw true try typeof var void "
    "while with yield package private public protected interface implements".split()
)
