"""Give each part the imports of the old module that it uses.

Takes a Placement and how the parts reach each other, gives names by part and import unit.
"""

from __future__ import annotations

from collections.abc import Iterable

from unmix.python.outline import Need, Outline, Role
from unmix.python.partition import Crossing, Reach
from unmix.python.placement import Placement

# Names by part and import unit.
Shares = dict[tuple[str, int], set[str]]


def share_imports(placement: Placement, crossings: tuple[Crossing, ...]) -> dict[tuple[str, int], frozenset[str]]:
    """Give each part the imports its units use; an import that no unit uses goes to the default part."""
    outline = placement.outline
    shares: Shares = {}
    for part in placement.parts:
        own = [unit for unit in outline.units if placement.part_of.get(unit.index) == part]
        todo = [need for unit in own for need in unit.needs]
        extra = frozenset().union(*(unit.doctest_names for unit in own)) & outline.imports.keys()
        extra |= {name for name, asked in placement.asked.items() if asked == part} & outline.imports.keys()
        if any(crossing.part == part and crossing.reach is Reach.TYPING for crossing in crossings):
            # The block that imports for type checkers needs its condition.
            extra |= {outline.type_checking.partition(".")[0]} & outline.imports.keys()
        _share(placement, part, todo, extra, shares)
        if any(unit.unresolved for unit in own):
            for index in outline.star_units:
                shares.setdefault((part, index), set()).add("*")
    taken: dict[int, set[str]] = {}
    for (_, index), names in shares.items():
        taken.setdefault(index, set()).update(names)
    left: list[Need] = []
    for unit in outline.units:
        if unit.role is Role.IMPORT:
            bound = {name.bound for statement in unit.imports for name in statement.names}
            rest = bound - taken.get(unit.index, set())
            if rest or (not bound and unit.index not in taken):
                shares.setdefault((placement.default, unit.index), set()).update(rest or {"*"})
                left += unit.needs
    _share(placement, placement.default, left, frozenset(), shares)
    return {key: frozenset(names) for key, names in shares.items()}


def _share(
    placement: Placement, part: str, needs: list[Need], names: Iterable[str], shares: dict[tuple[str, int], set[str]]
) -> None:
    outline = placement.outline
    for need in needs:
        if need.name not in outline.imports or placement.homes.get(need.name, part) != part:
            continue
        for index in _import_units(outline, need):
            if need.name not in shares.get((part, index), ()):
                shares.setdefault((part, index), set()).add(need.name)
                _share(placement, part, list(outline.units[index].needs), (), shares)
    for name in names:
        for index in outline.imports[name]:
            shares.setdefault((part, index), set()).add(name)


def _import_units(outline: Outline, need: Need) -> list[int]:
    """Give the import units that serve a need: of `import a.b` and `import a.c`, only that which `a.b.x` uses."""
    units = outline.imports[need.name]
    if len(units) == 1:
        return list(units)
    chain = ".".join([need.name, *need.attributes]) + "."
    exact = [
        index
        for index in units
        for statement in outline.units[index].imports
        if not statement.is_from
        for name in statement.names
        if not name.asname and "." in name.name and chain.startswith(name.name + ".")
    ]
    return exact or list(units)
