"""Say how each part reaches the names of the others.

Takes a Placement and the graph of what is imported at the top, gives Crossings.
"""

from __future__ import annotations

from collections.abc import Iterator

from unmix.errors import UnsafeSplit
from unmix.graph import Graph, add_arrow, has_path
from unmix.python.modules import is_dunder
from unmix.python.outline import Role, Unit
from unmix.python.partition import Crossing, Reach
from unmix.python.placement import Placement
from unmix.python.scopes import When

# When a part needs a name of another one, by both.
Times = dict[tuple[str, str], set[When]]


def find_crossings(placement: Placement, top: Graph) -> Iterator[Crossing]:
    """Give how each part reaches the names of others; `top` gets the imports at the top that this takes.

    Raises UnsafeSplit where names that globals() looks up cannot be imported.
    """
    times: Times = {}
    yield from _by_needs(placement, top, times)
    for unit in placement.outline.units:
        part = placement.part_of.get(unit.index)
        if part is not None:
            if "globals" in unit.unresolved and unit.role is Role.DEFINITION:
                yield from _by_look_up(placement, top, unit, part, times)
            yield from _by_hearsay(placement, top, unit, part, times)


def _by_needs(placement: Placement, top: Graph, times: Times) -> Iterator[Crossing]:
    """Give the crossings of what code names."""
    guarded: set[tuple[str, str]] = set()
    for unit, part, need in placement.crossing_needs():
        # What only a `TYPE_CHECKING` block needs is imported for type checkers.
        when = When.TYPING if unit.type_only else need.when
        times.setdefault((part, need.name), set()).add(when)
        if unit.role is Role.MAIN:
            guarded.add((part, need.name))
    for (part, name), known in sorted(times.items()):
        home = placement.homes[name]
        if name in placement.outline.for_types_only:
            yield Crossing(part, name, home, Reach.TYPING, late=False)
            continue
        if home in top[part]:
            yield Crossing(part, name, home, Reach.TOP, name in placement.late)
            continue
        if When.LATER in known or (part, name) in guarded:
            yield Crossing(part, name, home, Reach.BODY, name in placement.late)
        if When.TYPING in known:
            yield Crossing(part, name, home, Reach.TYPING, late=False)


def _by_look_up(placement: Placement, top: Graph, unit: Unit, part: str, times: Times) -> Iterator[Crossing]:
    """Give the crossings of whatever `globals()` of a unit may be asked for."""
    outline = placement.outline
    for name, home in sorted(placement.homes.items()):
        if name in placement.late or name in outline.for_types_only or name not in outline.names:
            continue
        if home == part or (part, name) in times or is_dunder(name):
            continue
        if has_path(top, home, part):
            reason = (
                f"{outline.path}:{unit.line}: `{unit.label}` ({part}) looks names up in globals(), and those of {home} "
                f"cannot be imported there, since {home} needs {part} itself; name `{unit.label}` in {home}"
            )
            raise UnsafeSplit((reason,))
        add_arrow(top, part, home)
        times[part, name] = {When.IMPORT}
        yield Crossing(part, name, home, Reach.TOP, name in placement.late, "globals() looks it up")


def _by_hearsay(placement: Placement, top: Graph, unit: Unit, part: str, times: Times) -> Iterator[Crossing]:
    """Give the crossings of what the doctests of a unit use, and of what pickle looks up beside its class."""
    known = placement.homes.keys() - placement.outline.for_types_only
    for name in sorted((unit.doctest_names | unit.pickled_as) & known):
        home = placement.homes[name]
        if home == part or When.IMPORT in times.get((part, name), ()):
            continue
        if home in top[part] and (part, name) in times:
            continue
        times[part, name] = {When.IMPORT}
        comment = "pickle looks it up here" if name in unit.pickled_as else "the doctests use it"
        if not has_path(top, home, part):
            add_arrow(top, part, home)
            yield Crossing(part, name, home, Reach.TOP, late=False, comment=comment)
        elif name in unit.pickled_as:
            yield Crossing(part, name, home, Reach.ASKED, late=False, comment=comment)
