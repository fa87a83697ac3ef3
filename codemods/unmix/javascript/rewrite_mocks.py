"""Rewrite mocks and stubs of an old module: each name is mocked in the part where the code under test looks it up.

Takes the draft of a file and a load, adds edits to the draft; raises Blocked where what is mocked cannot be followed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from tree_sitter import Node

from unmix.edit import Edit
from unmix.javascript.draft import BY_HAND, Draft, statement_of
from unmix.javascript.loads import Form, Load
from unmix.javascript.mocks import Factory, acts, is_repeatable, read_factory, returned_object


def rewrite_mock(draft: Draft, load: Load) -> None:
    """`jest.mock("./old", () => ({ a, b }))` → one for each part: code under test looks the names up there."""
    linked = [other for other in draft.loads if other.owner is load and _is_whole(other)]
    arguments = load.node.child_by_field_name("arguments")
    given = [child for child in arguments.named_children if child.type != "comment"] if arguments else []
    parts = draft.context.relocation(load.old).parts
    factory = read_factory(draft.tree, given[1]) if len(given) > 1 else None
    if factory is None:
        if len(given) > 1 and given[1].type != "object":
            _check_repeatable(draft, load, given[1], linked)
        else:
            _check_manual_mock(draft, load)
        targets: dict[str, list[str]] = {part: [] for part in parts}
    else:
        targets = _mocked(draft, load, factory)
    draft.done |= {id(load), *(id(other) for other in linked)}
    versions = []
    for part in targets:
        edits = [Edit(*load.span, draft.specifier(part, load))]
        for other in linked:
            _check_linked(draft, other, part, targets)
            edits.append(Edit(*other.span, draft.specifier(part, other)))
        if factory is not None and len(targets) > 1:
            edits += _keep_mocked(draft, load, factory, part)
        versions.append(edits)
    if len(versions) == 1:
        draft.small += versions[0]
        return
    statement = statement_of(load.node)
    if statement is None or load.node.parent is None or load.node.parent.type not in _STATEMENT_OF_ITS_OWN:
        raise draft.blocked(load.span, "names of several parts are mocked in one chain", load.old, BY_HAND)
    draft.copy(statement, versions, draft.line_separator(statement))


def rewrite_stubs(draft: Draft, load: Load) -> None:
    """`proxyquire("./user", { "./old": { a } })` → `{ "./part": { a } }`.

    An object that is not written in place stands in for each part.
    """
    pair = load.node
    value = pair.child_by_field_name("value")
    factory = returned_object(draft.tree, value) if value is not None else None
    if value is None or (factory is None and acts(value)):
        draft.findings.append(draft.cannot(load.span, "what stands in for the module cannot be followed", load))
        return
    parts = draft.context.relocation(load.old).parts
    targets = _mocked(draft, load, factory) if factory is not None else {part: [] for part in parts}
    versions = []
    for part in targets:
        edits = _keep_mocked(draft, load, factory, part) if factory is not None and len(targets) > 1 else []
        versions.append([Edit(*load.span, draft.specifier(part, load)), *edits])
    if len(versions) == 1:
        draft.small += versions[0]
    else:
        separator = draft.line_separator(pair)
        draft.copy(pair, versions, "," + separator if draft.newline in separator else ", ")


def _mocked(draft: Draft, load: Load, factory: Factory) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in factory.entries:
        home = draft.context.home(load.old, entry.name) if entry.name else None
        if home is not None:
            found.setdefault(home.module, []).append(entry.name)
    parts = draft.context.relocation(load.old).parts
    if not found:
        return {part: [] for part in parts}
    if len(found) > 1 and not factory.repeatable:
        why = f"names of several parts are mocked by one function ({', '.join(found)})"
        raise draft.blocked(load.span, why, load.old, "mock each part with a function of its own")
    order = {part: index for index, part in enumerate(parts)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _keep_mocked(draft: Draft, load: Load, factory: Factory, part: str) -> list[Edit]:
    entries = [entry.node for entry in factory.entries]
    numbers = []
    for number, entry in enumerate(factory.entries):
        home = draft.context.home(load.old, entry.name) if entry.name else None
        if home is None or home.module == part:
            numbers.append(number)
    return draft.keep(factory.object, entries, numbers) if len(numbers) < len(entries) else []


def _check_repeatable(draft: Draft, load: Load, function: Node, linked: Sequence[Load]) -> None:
    """What gives a mock that nobody can look into may mock each part, if it asks nothing of one part for another.

    jest.mock("./old", () => mockOld)  →  jest.mock("./part", () => mockOld), jest.mock("./other", () => mockOld)
    """
    asked = any(reach.name and not reach.writes for other in linked for reach in other.reaches)
    if asked or not is_repeatable(draft.tree, function):
        why = "what the mock gives cannot be followed"
        raise draft.blocked(draft.tree.span(function), why, load.old, "mock each part that is needed")


def _check_linked(draft: Draft, other: Load, part: str, targets: Mapping[str, list[str]]) -> None:
    """What the mock takes from the real module must be in the part that is mocked instead."""
    for reach in other.reaches:
        if reach.name:
            home = draft.context.home(other.old, reach.name)
            if home is None or home.module not in targets:
                why = f"the mock reads `{reach.name}` of the real module, which is in another part"
                raise draft.blocked(reach.span, why, other.old, "read it from its part")


def _check_manual_mock(draft: Draft, load: Load) -> None:
    folder, name = posixpath.split(load.old)
    manual = posixpath.join(folder, "__mocks__", name)
    if draft.context.finder.workspace.exists(manual):
        why = f"{manual} stands in for the whole module"
        raise draft.blocked(load.span, why, load.old, "write one such file for each part, and mock the parts")


_STATEMENT_OF_ITS_OWN = ("expression_statement", "await_expression")


def _is_whole(load: Load) -> bool:
    """Say whether a load inside a mock asks for all of the real module."""
    return load.form in (Form.REQUIRE, Form.DYNAMIC, Form.TYPE) and bool(
        load.spreads or load.escape is not None or load.binding is not None
    )
