"""Group the definitions of a module that no split may part.

Takes a ModuleOutline, gives Atoms and the order in which they need each other at import time; pure decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from unmix.outline import Definition, ModuleOutline


@dataclass(frozen=True, slots=True)
class Atom:
    """Definitions that stay together; `reason` says why, where there is more than one."""

    names: tuple[str, ...]
    definitions: tuple[Definition, ...]
    reason: str = ""


def find_atoms(outline: ModuleOutline) -> tuple[Atom, ...]:
    """Give the atoms of a module in its order.

    Bound by one statement, bound twice, assigned by a function, needed in a circle while the module is imported: such
    names stay together. Names like `__version__`, and statements that bind nothing, follow whatever is decided.
    """
    definitions = [definition for definition in outline.definitions if _own(definition)]
    together = nx.utils.UnionFind(range(len(definitions)))
    reasons: dict[int, str] = {}
    binders: dict[str, list[int]] = {}
    for index, definition in enumerate(definitions):
        for name in definition.names:
            binders.setdefault(name, []).append(index)
    for name, indices in binders.items():
        if len(indices) > 1:
            together.union(*indices)
            reasons[indices[0]] = f"`{name}` is bound more than once"
    for index, definition in enumerate(definitions):
        for name in sorted(definition.rebinds & binders.keys()):
            together.union(index, *binders[name])
            reasons[index] = f"`{definition.label}` assigns `{name}`"
    needs = import_time_needs(outline)
    graph = nx.DiGraph()
    for index, definition in enumerate(definitions):
        for name in definition.names:
            for needed in needs.get(name, ()):
                for other in binders.get(needed, ()):
                    graph.add_edge(together[index], together[other])
    for circle in nx.strongly_connected_components(graph):
        if len(circle) > 1:
            together.union(*circle)
            reasons[min(circle)] = "they need each other in a circle while the module is imported"
    groups: dict[int, list[int]] = {}
    for index in range(len(definitions)):
        groups.setdefault(together[index], []).append(index)
    return tuple(
        Atom(
            names=tuple(dict.fromkeys(name for index in group for name in definitions[index].names)),
            definitions=tuple(definitions[index] for index in group),
            reason=next((reasons[index] for index in group if index in reasons), "") if len(group) > 1 else "",
        )
        for group in sorted(groups.values())
    )


def import_time_needs(outline: ModuleOutline) -> Mapping[str, frozenset[str]]:
    """Give, for each name, those it needs while the module is imported, by itself or by what it calls then."""
    homes = outline.homes
    found: dict[str, frozenset[str]] = {}
    for definition in outline.definitions:
        needed: set[str] = set()
        todo = [need.name for need in definition.needs if need.at_import and need.called]
        needed.update(need.name for need in definition.needs if need.at_import)
        seen = set(todo)
        while todo:
            for called in homes.get(todo.pop(), ()):
                new = {need.name for need in called.needs if need.name in homes} - seen
                needed |= new
                seen |= new
                todo += new
        own = frozenset(needed & homes.keys())
        for name in definition.names:
            found[name] = found.get(name, frozenset()) | own - {name}
    return found


def _own(definition: Definition) -> bool:
    return any(not (name.startswith("__") and name.endswith("__")) for name in definition.names)
