"""Find an order in which the parts can import each other.

Takes a Placement, gives graphs of parts; raises UnsafeSplit where there is no order.
"""

from __future__ import annotations

from collections.abc import Iterator

from unmix.circles import Edge, describe_circle, most_direct
from unmix.circles import quoted as _quoted
from unmix.errors import UnsafeSplit
from unmix.graph import Graph, add_arrow, arrows, find_circle, has_path, make_graph
from unmix.python.outline import Need, Role, Unit
from unmix.python.placement import Placement
from unmix.python.scopes import When


def refuse_circle(placement: Placement, graph: Graph, edges: list[Edge]) -> None:
    """Raise UnsafeSplit where parts need each other while they are imported."""
    circle = find_circle(graph)
    if circle:
        reason = most_direct(edges)
        steps = [reason[part, home] for part, home in circle]
        raise UnsafeSplit((describe_circle(placement.outline.path, steps, placement.homes, "imported"),))


def add_later_needs(placement: Placement, fixed: Graph) -> Graph:
    """Add the needs inside function bodies as imports at the top, as long as no circle comes of it.

    Those that close a circle are left out: they become imports inside the functions. Raises UnsafeSplit where something
    in a circle can import nothing for itself.
    """
    weights: dict[tuple[str, str], int] = {}
    must: dict[tuple[str, str], Edge] = {}
    for unit, part, need in placement.crossing_needs():
        pair = part, placement.homes[need.name]
        if need.when is When.LATER:
            weights[pair] = weights.get(pair, 0) + 1000
            if need.body is None and unit.role is not Role.MAIN:
                must.setdefault(pair, Edge(*pair, need.name, need.line, unit.label, ""))
        else:
            # A function can import for itself; the type of a field cannot, and somebody may evaluate it.
            weights[pair] = weights.get(pair, 0) + (1_000_000 if need.field else 1)
    top = make_graph(fixed, arrows(fixed))
    reasons: list[str] = []
    for pair, edge in must.items():
        if has_path(top, pair[1], pair[0]):
            reasons.append(
                f"{placement.outline.path}:{edge.line}: a lambda in `{edge.unit}` ({edge.part}) needs `{edge.name}` of "
                f"{edge.home}, which needs {edge.part} itself ({edge.part} → {edge.home} → {edge.part}), and a "
                f"lambda cannot import it; name {_quoted(n for n in (edge.unit, edge.name) if n in placement.homes)} "
                "in the same part, or make the lambda a function"
            )
        else:
            add_arrow(top, *pair)
    if reasons:
        raise UnsafeSplit(tuple(reasons))
    for pair in sorted(weights, key=lambda pair: (-weights[pair], pair)):
        if not has_path(top, pair[1], pair[0]):
            add_arrow(top, *pair)
    return top


def find_asked_too_early(placement: Placement, top: Graph) -> set[str]:
    """Give the names that a function would import before they are bound, since it is called before.

    It may get along without them then, so it imports the part alone, and looks the name up where it reads it.
    """
    return {
        need.name
        for unit, part, need in placement.crossing_needs()
        if need.when is When.LATER and placement.homes[need.name] not in top[part]
        if any(_calls_before(placement, need.name, unit, top))
    }


def _calls_before(placement: Placement, name: str, unit: Unit, top: Graph) -> Iterator[tuple[str, Need]]:
    """Give what calls a function of `unit` while the home of `name` is imported, and before `name` is bound."""
    home = placement.homes[name]
    bound = min(placement.outline.definitions.get(name, ()), default=len(placement.outline.units))
    for caller in placement.outline.units:
        part = placement.part_of.get(caller.index)
        # What the home imports at its top runs before all that it binds.
        if part is None or not (caller.index <= bound if part == home else has_path(top, home, part)):
            continue
        for call in caller.needs:
            if call.when is When.IMPORT and placement.calls(call):
                for reached in (call.name, *(name for name, _ in placement.reached_by_call(call.name))):
                    if unit.index in placement.outline.definitions.get(reached, ()):
                        yield reached, call
