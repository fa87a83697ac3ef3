"""Say what would not be the same once it is parted: each reason with its line, and what to name together.

Takes a Placement, gives reasons against it.
"""

from __future__ import annotations

from collections.abc import Iterator

from unmix.circles import quoted as _quoted
from unmix.python.outline import Role, Unit
from unmix.python.placement import Placement
from unmix.python.scopes import When


def find_torn_globals(placement: Placement) -> Iterator[str]:
    """Say which globals would be torn from functions that assign them: those would assign copies of their own."""
    outline = placement.outline
    torn: dict[str, list[Unit]] = {}
    for unit in outline.units:
        for name in sorted(unit.rebinds):
            if (
                name in placement.homes
                and placement.part_of.get(unit.index, placement.default) != placement.homes[name]
            ):
                torn.setdefault(name, []).append(unit)
    for name, units in torn.items():
        functions = [unit.label for unit in units]
        lines = ", ".join(str(line) for line in outline.rebound[name])
        yield (
            f"{outline.path}:{units[0].line}: `{name}` would go to {placement.homes[name]}, but "
            f"{_quoted(functions)} in {placement.home_of(units[0])} assigns it (`global {name}`, line {lines}); "
            f"name {_quoted([name, *functions])} in the same part"
        )


def find_computed_exports(placement: Placement) -> Iterator[str]:
    """Say which export lists cannot be divided."""
    for unit in placement.outline.units:
        if unit.role is Role.EXPORTS and unit.exports is None:
            yield (
                f"{placement.outline.path}:{unit.line}: `__all__` is computed, so it cannot be divided; "
                "write it as one list of strings"
            )


def find_names_made(placement: Placement) -> Iterator[str]:
    """Say where a module gets names that its text does not show."""
    for unit in placement.outline.units:
        if unit.makes_names:
            yield (
                f"{placement.outline.path}:{unit.line}: names are made at run time here, so what the module holds is "
                "not known from its text; write these names as plain definitions, or leave the module whole"
            )


def find_reads_between(placement: Placement) -> Iterator[str]:
    """Say which code reads a name between two of its bindings: it would see the last value from another part."""
    outline = placement.outline
    for name, home in sorted(placement.homes.items()):
        bound = sorted({*outline.definitions.get(name, ()), *outline.imports.get(name, ())})
        for unit in outline.units[bound[0] + 1 : bound[-1]] if len(bound) > 1 else ():
            reads = name in placement.read_at_import(unit)
            if reads and name not in unit.binds and placement.part_of.get(unit.index, home) != home:
                yield (
                    f"{outline.path}:{unit.line}: `{unit.label}` reads `{name}` between two of its bindings, and "
                    "would see the last one from another part; "
                    f"name {_quoted([name, unit.label])} in the same part"
                )


def find_reads_before_filling(placement: Placement) -> Iterator[str]:
    """Say which code reads a container before all is in it: `COUNT = len(ITEMS)` would see all from another part."""
    outline = placement.outline
    filled: dict[str, int] = {}
    for unit in outline.units:
        for need in unit.needs:
            if need.fills and need.when is When.IMPORT and not unit.binds:
                filled[need.name] = unit.index
    for unit in outline.units if filled else ():
        for need in unit.needs:
            whole = need.when is When.IMPORT and not (need.fills or need.called or need.base or need.attributes)
            if not whole or not unit.binds or filled.get(need.name, -1) <= unit.index:
                continue
            home = placement.homes.get(need.name)
            if home is not None and placement.part_of.get(unit.index, home) != home:
                yield (
                    f"{outline.path}:{need.line}: `{unit.label}` reads `{need.name}` before line "
                    f"{outline.units[filled[need.name]].line} puts more into it, and would see all of it from "
                    f"another part; name {_quoted([need.name, unit.label])} in the same part"
                )


def find_shown(placement: Placement) -> Iterator[str]:
    """Say which expressions show their own text: `f"{counter=}"` would print `home.counter=` from another part."""
    for unit, part, need in placement.crossing_needs():
        if need.frozen and need.name in placement.late:
            yield (
                f"{placement.outline.path}:{need.line}: `{need.name}` is assigned from elsewhere, so {part} would have "
                f"to read it from {placement.homes[need.name]}, but an f-string shows the expression itself "
                f"(`{{{need.name}=}}`); name {_quoted([need.name, unit.label])} in the same part"
            )
