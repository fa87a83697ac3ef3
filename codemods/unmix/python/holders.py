"""Say which parts have a name of the old module, and where a name that it imports comes from.

Takes an Outline and its Partition, gives names; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from unmix.python.imports import ImportStatement
from unmix.python.modules import resolve_relative
from unmix.python.outline import Outline
from unmix.python.partition import Partition, Reach


def held_names(outline: Outline, partition: Partition) -> Mapping[str, tuple[str, ...]]:
    """Give, for every name of the old module, the parts whose own namespace has it, its home first."""
    held: dict[str, list[str]] = {}
    for name, home in partition.homes.items():
        if name == "__all__" or name in outline.for_types_only:
            continue
        if name in outline.names or name in outline.rebound:
            held[name] = [home]
    for name in partition.asked.keys() & outline.imports.keys():
        # `try: import orjson` with `except ImportError: orjson = None`: each part that uses it has its own.
        held.setdefault(name, [partition.asked[name]])
    for part in partition.parts:
        for (holder, index), names in partition.import_names.items():
            if holder == part and not outline.units[index].type_only:
                for name in names & outline.names:
                    parts = held.setdefault(name, [])
                    if part not in parts:
                        parts.append(part)
    for crossing in partition.crossings:
        if crossing.reach is Reach.TOP and not crossing.late and crossing.name in held:
            held[crossing.name].append(crossing.part)
    return {name: tuple(dict.fromkeys(parts)) for name, parts in held.items()}


def origin_of(outline: Outline, name: str, package: str) -> tuple[ImportStatement, str, str] | None:
    """Say where an imported name really comes from: its statement, module and name there (empty: the module itself).

    None when several statements import it, or a `try` or `if` decides which one.
    """
    units = outline.imports.get(name, ())
    if len(units) != 1 or name in outline.definitions or outline.units[units[0]].compound:
        return None
    found = [
        (statement, imported)
        for statement in outline.units[units[0]].imports
        for imported in statement.names
        if imported.bound == name
    ]
    if len(found) != 1:
        return None
    statement, imported = found[0]
    if not statement.is_from:
        return statement, imported.name if imported.asname else name, ""
    module = resolve_relative(package, statement.level, statement.module)
    return (statement, module, imported.name) if module else None
