"""Keep registries filled: who puts something into a container of another part, and who looks into one.

    @app.route("/")     COMMANDS.append(f)     app.include(api)     NAMES = sorted(COMMANDS)

Takes a Placement, moves statements in it, gives the parts that have to be imported with others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from unmix.graph import Graph, has_path
from unmix.python.outline import Role, Unit
from unmix.python.placement import Placement
from unmix.python.scopes import When


@dataclass(frozen=True, slots=True)
class LateReader:
    """A definition that looks into the registry `name`, which the part `filler` has filled by then."""

    unit: Unit
    name: str
    filler: str


def move_behind_fillers(placement: Placement, order: tuple[str, ...]) -> tuple[LateReader, ...]:
    """Move bare statements that look into a registry behind what fills it; give the definitions that do.

    app.include(api)    NAMES = sorted(COMMANDS)
    """
    filled: dict[str, dict[str, int]] = {}
    readers: list[LateReader] = []
    for unit in placement.outline.units:
        part = placement.part_of.get(unit.index)
        if part is None or unit.role is Role.IMPORT:
            continue
        names = {need.name for need in unit.needs if need.looked_into}
        if unit.role is Role.MAIN:
            # A program is started when all is there.
            called = {need.name for need in unit.needs}
            names = called.union(*(dict(placement.reached_by_call(name)) for name in called))
        names &= filled.keys()
        before = {filler: name for name in sorted(names) for filler in filled[name] if filler != part}
        if before and (not unit.binds or placement.is_loop(unit)):
            part = placement.part_of[unit.index] = max(part, *before, key=order.index)
        elif before:
            readers += [LateReader(unit, name, filler) for filler, name in before.items()]
        for name in _filled_at_import(placement, unit) if unit.role is not Role.MAIN else ():
            filled.setdefault(name, {}).setdefault(part, unit.line)
    return tuple(readers)


def find_fillers(placement: Placement, top: Graph, ordered: tuple[str, ...]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Find the parts that fill a registry of another one while they are imported.

    Where one of them needs another, the registry imports the first and each the next: whichever is imported first,
    it has all its names before one that needs them is imported.
    """
    found: dict[str, dict[str, str]] = {}
    for unit in placement.outline.units:
        part = placement.part_of.get(unit.index)
        if part is None or unit.role in (Role.MAIN, Role.IMPORT):
            continue
        for name in _filled_at_import(placement, unit):
            home = placement.homes[name]
            if home != part and not has_path(top, home, part) and "cache" not in name.lower():
                found.setdefault(home, {}).setdefault(part, name)
    chained: dict[str, dict[str, str]] = {}
    for home, parts in found.items():
        row = sorted(parts, key=ordered.index)
        units = [unit for unit in placement.outline.units if placement.part_of.get(unit.index) in row]
        read = {need.name for unit in units for need in unit.needs if need.looked_into}
        dependent = any(has_path(top, later, earlier) for earlier, later in combinations(row, 2))
        dependent = dependent or not read.isdisjoint(parts.values())
        for holder, part in zip([home, *row[:-1]] if dependent else [home] * len(row), row, strict=True):
            chained.setdefault(holder, {}).setdefault(part, parts[part])
    return {home: tuple(sorted(parts.items())) for home, parts in chained.items()}


def filled_before(placement: Placement, readers: Sequence[LateReader], part: str) -> tuple[tuple[str, str], ...]:
    """Give the parts that have to be imported before `part`, with the name of what they fill and it looks into."""
    own = (reader for reader in readers if placement.part_of[reader.unit.index] == part)
    return tuple(sorted({(reader.filler, reader.name) for reader in own}))


def find_read_too_early(placement: Placement, readers: Sequence[LateReader], top: Graph) -> Iterator[str]:
    """Say where parting what looks into a registry from what fills it before would let it find less in it."""
    for reader in readers:
        part = placement.part_of[reader.unit.index]
        if part != reader.filler and not has_path(top, part, reader.filler):
            label = reader.unit.label
            yield (
                f"{placement.outline.path}:{reader.unit.line}: `{label}` ({part}) looks into `{reader.name}`, and "
                f"would not find what {reader.filler} puts into it; name `{label}` in {reader.filler}"
            )


def _filled_at_import(placement: Placement, unit: Unit) -> Iterator[str]:
    """Give the names whose values a unit changes while its module is imported, by itself or by what it calls."""
    for need in unit.needs:
        if need.when is not When.IMPORT or need.name not in placement.homes:
            continue
        if need.fills or need.acted_on:
            yield need.name
        if placement.calls(need):
            for name in (need.name, *(reached for reached, _ in placement.reached_by_call(need.name))):
                for index in placement.outline.definitions.get(name, ()):
                    for inner in placement.outline.units[index].needs:
                        if inner.fills and inner.when is When.LATER and inner.name in placement.homes:
                            yield inner.name
