"""Decide which part each unit of a module goes to.

Takes a Placement with nothing in it, fills it; gives reasons where names cannot be parted as they are asked for.
"""

from __future__ import annotations

from graphlib import CycleError

from unmix.circles import quoted as _quoted
from unmix.errors import UnsafeSplit
from unmix.graph import find_circle, has_path, join, order_nodes
from unmix.python.outline import Role, Unit
from unmix.python.part_order import add_later_needs
from unmix.python.placement import Placement
from unmix.python.registries import LateReader, move_behind_fillers

# Functions through which a module itself is asked for names (PEP 562).
_ANSWERING = frozenset(("__getattr__", "__dir__"))


def place_definitions(placement: Placement) -> list[str]:
    """Give every definition its part: names that one statement binds, or that several bind again, stay together.

    Gives the reasons why some cannot be parted as they are asked for.
    """
    reasons: list[str] = []
    outline = placement.outline
    bound = (unit.binds for unit in outline.units if unit.role is not Role.IMPORT and unit.binds)
    for group in join(outline.definitions, bound):
        asked: dict[str, list[str]] = {}
        for name in sorted(group):
            if name in placement.asked:
                asked.setdefault(placement.asked[name], []).append(name)
        if len(asked) > 1:
            lines = sorted({outline.units[index].line for name in group for index in outline.definitions[name]})
            said = "; ".join(f"{_quoted(names)} in {part}" for part, names in asked.items())
            reasons.append(
                f"{outline.path}:{lines[0]}: {_quoted(sorted(group))} cannot be parted, one statement (or one "
                f"series of definitions) binds them, but the migration file asks for {said}; "
                "name them in the same part"
            )
        part = next(iter(asked), placement.default)
        for name in group:
            placement.homes[name] = part
    for unit in outline.units:
        home = _part_of_choice(placement, unit) if unit.chooses else None
        if home is not None:
            placement.homes.update(dict.fromkeys(unit.binds, home))
    for unit in outline.units:
        if unit.role is not Role.IMPORT and unit.binds and not placement.is_loop(unit):
            placement.part_of[unit.index] = placement.homes[unit.binds[0]]
    for name in outline.rebound:
        if name not in placement.homes and name not in outline.imports:
            rebinder = next(unit for unit in outline.units if name in unit.rebinds)
            placement.homes[name] = placement.asked.get(name) or placement.part_of.get(
                rebinder.index, placement.default
            )
    return reasons


def place_patched_imports(placement: Placement) -> None:
    """Give an imported name that others patch one home where several parts use it; those read `home.time` late.

    Some part can be it if the parts have an order at all: the first of those that use the name.
    """
    outline = placement.outline
    for name in sorted(placement.late & outline.imports.keys() - placement.homes.keys()):
        users = [
            part
            for part in placement.parts
            if any(placement.part_of.get(unit.index) == part and name in unit.needed for unit in outline.units)
        ]
        if len(users) > 1 and len(outline.imports[name]) == 1:
            users.sort(key=lambda part: part != placement.default)
            placement.homes[name] = next((part for part in users if _has_order_with(placement, name, part)), users[0])


def place_statements(placement: Placement) -> tuple[tuple[str, ...], tuple[LateReader, ...]]:
    """Give bare statements the part of what they act upon, else the last of the parts they touch.

    Gives an order of the parts, as far as they have one, and the definitions that look into registries.
    """
    outline = placement.outline
    bare = [unit for unit in outline.units if unit.role in (Role.STATEMENT, Role.MAIN, Role.DOCSTRING)]
    graph = placement.import_graph()
    for unit in bare:
        if unit.role is Role.STATEMENT and unit.subject in placement.homes:
            home = placement.homes[unit.subject]
            # `group.add_command(other)` cannot stand with `group` where `other` is made with it elsewhere.
            if not any(has_path(graph, part, home) for part in placement.touched(unit) - {home}):
                placement.part_of[unit.index] = home
    order = _order_so_far(placement)
    for unit in outline.units:
        if not _ANSWERING.isdisjoint(unit.binds):
            # It answers for the whole module, so it goes where every name can be imported: behind all others.
            placement.part_of[unit.index] = order[-1]
            placement.homes.update(dict.fromkeys(unit.binds, order[-1]))
    for unit in outline.units:
        if (unit in bare and unit.index not in placement.part_of) or placement.is_loop(unit):
            touched = placement.touched(unit)
            placement.part_of[unit.index] = max(touched, key=order.index) if touched else placement.default
            placement.homes.update(dict.fromkeys(unit.binds, placement.part_of[unit.index]))
    return order, move_behind_fillers(placement, order)


def _part_of_choice(placement: Placement, unit: Unit) -> str | None:
    """Give the part of what imports are chosen by, where nobody asked for their names: `if PY3: import queue`."""
    if not placement.asked.keys().isdisjoint(unit.binds) or not placement.outline.chosen.issuperset(unit.binds):
        return None
    needed = {need.name for need in unit.needs} & placement.homes.keys() - set(unit.binds)
    homes = {placement.homes[name] for name in needed}
    return homes.pop() if len(homes) == 1 else None


def _has_order_with(placement: Placement, name: str, home: str) -> bool:
    """Say whether the parts can be imported one after the other if `name` lives in `home`."""
    placement.homes[name] = home
    return not find_circle(placement.import_graph())


def _order_so_far(placement: Placement) -> tuple[str, ...]:
    """Give the parts so that each comes after those it imports at the top, if there is such an order."""
    graph = placement.import_graph()
    rank = {part: place for place, part in enumerate(placement.parts)}
    try:
        return order_nodes(add_later_needs(placement, graph), rank)
    except (CycleError, UnsafeSplit):
        return placement.parts
