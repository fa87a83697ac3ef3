"""Decide which part each unit of a module goes to, and how the parts reach each other's names.

Takes an Outline and the names asked for, gives a Partition; pure decisions, no text is written here.
Raises UnsafeSplit with every reason at once when no arrangement of imports can make the parts work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from unmix.errors import UnsafeSplit
from unmix.graph import add_arrow, has_path, make_graph, order_nodes
from unmix.migration import Split
from unmix.python.crossings import find_crossings
from unmix.python.outline import Outline, Role
from unmix.python.part_order import add_later_needs, find_asked_too_early, refuse_circle
from unmix.python.partition import Crossing, Partition, Reach
from unmix.python.placement import Placement
from unmix.python.placing import place_definitions, place_patched_imports, place_statements
from unmix.python.registries import LateReader, filled_before, find_fillers, find_read_too_early
from unmix.python.shared_imports import share_imports
from unmix.python.tearing import (
    find_computed_exports,
    find_names_made,
    find_reads_before_filling,
    find_reads_between,
    find_shown,
    find_torn_globals,
)


def partition_module(outline: Outline, split: Split, late: frozenset[str] = frozenset()) -> Partition:
    """Decide where everything in `outline` goes. `late` are names that other parts must read through their home."""
    placement = Placement(outline, split, late)
    reasons = place_definitions(placement)
    place_patched_imports(placement)
    _refuse([*reasons, *find_torn_globals(placement), *find_computed_exports(placement), *find_names_made(placement)])
    order, readers = place_statements(placement)
    _refuse([*find_reads_between(placement), *find_reads_before_filling(placement)])
    _refuse(find_shown(placement))
    edges = list(placement.import_time_edges())
    fixed = make_graph(placement.parts, ((edge.part, edge.home) for edge in edges))
    refuse_circle(placement, fixed, edges)
    for reader in readers:
        part = placement.part_of[reader.unit.index]
        if not has_path(fixed, reader.filler, part):
            add_arrow(fixed, part, reader.filler)
    top = add_later_needs(placement, fixed)
    placement.late |= find_asked_too_early(placement, top)
    _refuse(find_shown(placement))
    _refuse(dict.fromkeys(find_read_too_early(placement, readers, top)))
    crossings = tuple(find_crossings(placement, top))
    ordered = order_nodes(top, {part: index for index, part in enumerate(order)})
    return _partition_of(placement, ordered, crossings, find_fillers(placement, top, ordered), readers)


def partition_stub(outline: Outline, split: Split) -> Partition:
    """Decide where everything in a `.pyi` goes. A stub is never run, so its parts may import each other in a circle."""
    placement = Placement(outline, split, frozenset())
    placement.late = frozenset()
    _refuse([*place_definitions(placement), *find_computed_exports(placement)])
    _, readers = place_statements(placement)
    pairs = sorted({(part, need.name) for _, part, need in placement.crossing_needs()})
    homes = placement.homes
    crossings = tuple(Crossing(part, name, homes[name], Reach.TOP, late=False) for part, name in pairs)
    return _partition_of(placement, placement.parts, crossings, {}, readers)


def _refuse(reasons: Iterable[str]) -> None:
    found = tuple(reasons)
    if found:
        raise UnsafeSplit(found)


def _partition_of(
    placement: Placement,
    ordered: tuple[str, ...],
    crossings: tuple[Crossing, ...],
    fillers: Mapping[str, tuple[tuple[str, str], ...]],
    readers: Sequence[LateReader],
) -> Partition:
    outline, part_of = placement.outline, placement.part_of
    import_names = share_imports(placement, crossings)
    units = {
        part: tuple(
            unit.index
            for unit in outline.units
            if part_of.get(unit.index) == part
            or (part, unit.index) in import_names
            or unit.role in (Role.FUTURE, Role.EXPORTS)
        )
        for part in placement.parts
    }
    return Partition(
        parts=ordered,
        default=placement.default,
        units=units,
        import_names=import_names,
        homes=dict(placement.homes),
        asked=placement.asked,
        crossings=crossings,
        fillers=fillers,
        filled={part: filled_before(placement, readers, part) for part in placement.parts},
        main=next((part_of[unit.index] for unit in outline.units if unit.role is Role.MAIN), ""),
    )
