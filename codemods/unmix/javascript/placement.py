"""Place the names of a module: those that are asked for, then those that nobody sees, so that no circle arises.

Takes an Outline and the names asked for, gives a Placement: homes, and the needs between parts that follow from them.
What is not asked for goes to the default part. A name that is not exported goes with its users where one part has them
all, else to the default part as well, unless that closes a circle of load-time needs: then where it closes none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from unmix.circles import Edge, quoted
from unmix.graph import add_arrow, circles, has_path, join, make_graph, order_nodes
from unmix.javascript.commonjs import WHOLE
from unmix.javascript.outline import Outline, Role, Unit
from unmix.javascript.scopes import When
from unmix.migration import Split

_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class _Link:
    """A need of one unit, in terms of names: `hard` when it has to be met before the unit's module runs.

    `inner` is the unit that needs the name (on `inner_line`) where that is `through` a call, -1 where it is direct.
    """

    unit: int
    name: str
    line: int
    hard: bool
    through: str
    inner: int = -1
    inner_line: int = 0


@dataclass
class Placement:
    """Where every name and unit goes; `edges` are the load-time needs between parts."""

    outline: Outline
    homes: dict[str, str]
    part_of: dict[int, str]
    links: tuple[_Link, ...]
    reasons: list[str] = field(default_factory=list)

    @cached_property
    def edges(self) -> list[Edge]:
        direct = [self._edge(link) for link in self._crossing() if link.hard]
        return direct + [self._edge(link) for link in self._looking_back()]

    def _looking_back(self) -> Iterator[_Link]:
        """Give the needs of functions elsewhere for what has not run yet: a part calls them while it loads.

        a: const x = f()      b: function f() { return a.y }
        """
        for link in self.links:
            part, home = self.part_of.get(link.unit), self.homes[link.name]
            if link.hard and link.inner >= 0 and part == home and self.part_of.get(link.inner, part) != part:
                yield _Link(link.inner, link.name, link.inner_line, True, "")

    @cached_property
    def _circles(self) -> dict[str, int]:
        """The number of the circle that each part is in, by what decides: every need, or in CommonJS those at load."""
        pairs = self.pairs() if self.outline.esm else ((edge.part, edge.home) for edge in self.edges)
        return circles(make_graph(self.homes.values(), pairs))

    def is_in_circle(self, edge: Edge) -> bool:
        """Say whether a load-time need is one for a part that needs this part, too."""
        return self._circles[edge.part] == self._circles[edge.home]

    def pairs(self) -> set[tuple[str, str]]:
        """Give every pair of parts of which the first needs the second, now or later."""
        return {(self.part_of[link.unit], self.homes[link.name]) for link in self._crossing()}

    def later(self) -> dict[tuple[str, str], Edge]:
        """Give one need for each pair of parts."""
        found: dict[tuple[str, str], Edge] = {}
        for link in self._crossing():
            if not link.through:
                found.setdefault((self.part_of[link.unit], self.homes[link.name]), self._edge(link))
        return found

    @property
    def faults(self) -> int:
        """How much is wrong: load-time needs in circles, and names torn from what assigns them."""
        torn = sum(
            self.part_of.get(unit.index) != self.homes[name]
            for unit in self.outline.units
            for name in unit.rebinds
            if name in self.homes
        )
        return torn + len(self.unreachable()) + sum(map(self.is_in_circle, self.edges))

    def unreachable(self) -> list[Edge]:
        """Give the needs for names that a part cannot export beside the one value that it exports."""
        if not self.outline.closed:
            return []
        home = self.homes.get(WHOLE)
        known = self.outline.exported_as.keys() | self.outline.whole_as
        hidden = (link for link in self._crossing() if "." not in link.name and link.name not in known)
        return [self._edge(link) for link in hidden if not link.through and self.homes[link.name] == home]

    def _crossing(self) -> Iterator[_Link]:
        for link in self.links:
            part = self.part_of.get(link.unit)
            if part is not None and self.homes[link.name] != part:
                yield link

    def _edge(self, link: _Link) -> Edge:
        part, label = self.part_of[link.unit], self.outline.units[link.unit].label
        return Edge(part, self.homes[link.name], link.name, link.line, label, link.through)


def place_names(outline: Outline, split: Split, default: str) -> Placement:
    """Place every name and unit; what is asked for and cannot be is among the `reasons`."""
    return _Placer(outline, split, default).place()


class _Placer:
    def __init__(self, outline: Outline, split: Split, default: str) -> None:
        self.outline = outline
        self.parts = tuple(part.module for part in split.parts)
        self.default = default
        self.asked = {name: part.module for part in split.parts for name in part.names}
        self.reasons: list[str] = []
        self.groups, self.group_of = self.grouped()

    def place(self) -> Placement:
        homes = [self.asked_of(group) for group in self.groups]
        links = tuple(self.links())
        movable = [
            number for number, group in enumerate(self.groups) if homes[number] is None and self.is_private(group)
        ]
        for number in range(len(self.groups)):
            if homes[number] is None and number not in movable:
                homes[number] = self.default
        for number, part in self.with_users(homes, movable, links).items():
            homes[number] = part
        placed = [part or self.default for part in homes]
        best = self.placement(placed, links)
        for _ in range(_ROUNDS):
            if not best.faults or not movable:
                break
            better = self.improved(placed, movable, links, best)
            if better is None:
                break
            placed, best = better
        best.reasons = self.reasons
        return best

    def improved(
        self, placed: list[str], movable: list[int], links: tuple[_Link, ...], best: Placement
    ) -> tuple[list[str], Placement] | None:
        """Move one private group, or all that one circle needs, so that less is wrong; None when nothing helps."""
        wanted = {self.group_of[edge.name] for edge in best.edges if best.is_in_circle(edge)}
        wanted |= {
            self.group_of[name]
            for unit in best.outline.units
            for name in unit.binds
            if name in self.group_of and any(edge.unit == unit.label for edge in best.edges if best.is_in_circle(edge))
        }
        candidates = [number for number in movable if number in wanted] or movable
        found: tuple[list[str], Placement] | None = None
        for group in [*([number] for number in candidates), candidates, movable]:
            for part in self.parts:
                trial = list(placed)
                for number in group:
                    trial[number] = part
                if trial != placed:
                    placement = self.placement(trial, links)
                    if placement.faults < (found[1].faults if found else best.faults):
                        found = trial, placement
        return found

    # -- names that belong together ---------------------------------------------------------------------------------

    def grouped(self) -> tuple[list[frozenset[str]], dict[str, int]]:
        """Join the names that one statement binds, that a series of statements binds again, or that are one thing."""
        outline = self.outline
        names = {*outline.definitions, *(f"exports.{name}" for name in outline.exported)}
        together: list[Collection[str]] = []
        for unit in outline.units:
            if unit.role is not Role.IMPORT and unit.binds:
                together.append(unit.binds)
            for export in unit.exports:
                key = WHOLE if export.name == WHOLE else f"exports.{export.name}"
                if export.local in outline.definitions:
                    together.append((key, export.local))
        groups = sorted(join(names, together), key=sorted)
        return groups, {name: number for number, group in enumerate(groups) for name in group}

    def asked_of(self, group: frozenset[str]) -> str | None:
        """Give the part that is asked for; two are a reason to refuse."""
        outline = self.outline
        asked: dict[str, list[str]] = {}
        for key in sorted(group):
            name = _spoken(key)
            if name in self.asked and name not in asked.get(self.asked[name], ()):
                asked.setdefault(self.asked[name], []).append(name)
        if len(asked) > 1:
            lines = sorted({outline.units[index].line for name in group for index in outline.definitions.get(name, ())})
            said = "; ".join(f"{quoted(names)} in {part}" for part, names in asked.items())
            shown = quoted(sorted({_spoken(name) for name in group}))
            self.reasons.append(
                f"{outline.path}:{lines[0] if lines else 1}: {shown} cannot be parted, one statement (or one series of "
                f"definitions) binds them, but the migration file asks for {said}; name them in the same part"
            )
        return next(iter(asked), None)

    def is_private(self, group: frozenset[str]) -> bool:
        return not any(name.startswith("exports.") or name == WHOLE for name in group)

    # -- needs ------------------------------------------------------------------------------------------------------

    def links(self) -> Iterator[_Link]:
        """Give every need of every unit for a name of the module, following the calls that happen at load time."""
        hoisted = self.outline.hoisted if self.outline.esm else frozenset()
        for unit in self.outline.units:
            if unit.role is Role.IMPORT:
                continue
            for need in unit.needs:
                if need.name not in self.group_of or need.when is When.TYPING:
                    continue
                hard = need.when is When.LOAD
                yield _Link(unit.index, need.name, need.line, hard and need.name not in hoisted, "")
                if hard and need.called:
                    for name, inner, line, through in self.reached_by_call(need.name):
                        if name not in hoisted:
                            yield _Link(unit.index, name, need.line, True, through, inner, line)

    def reached_by_call(self, name: str) -> list[tuple[str, int, int, str]]:
        """Give the names that a call of `name` may need, with the unit and line that need each, and who is called."""
        found: dict[tuple[str, int], tuple[str, int, int, str]] = {}
        todo, seen = [name], {name}
        while todo:
            here = todo.pop()
            for key in self.groups[self.group_of[here]]:
                for index in self.outline.definitions.get(key, ()):
                    for need in self.outline.units[index].needs:
                        if need.when is When.TYPING or need.name not in self.group_of:
                            continue
                        found.setdefault((need.name, index), (need.name, index, need.line, _spoken(here)))
                        if need.name not in seen:
                            seen.add(need.name)
                            todo.append(need.name)
        return list(found.values())

    def with_users(self, homes: list[str | None], movable: list[int], links: tuple[_Link, ...]) -> dict[int, str]:
        """Find the private names that only one part uses, by itself or through other private names."""
        users: dict[int, set[int]] = {number: set() for number in movable}
        for link in links:
            unit = self.outline.units[link.unit]
            keys = [*unit.binds, *([unit.subject] if unit.subject in self.group_of else [])]
            keys += [f"exports.{export.name}" for export in unit.exports if export.name != WHOLE]
            for key in keys:
                if self.group_of[link.name] in users and key in self.group_of:
                    users[self.group_of[link.name]].add(self.group_of[key])
        for unit in self.outline.units:
            for name in unit.needed:
                if self.group_of.get(name, -1) in users:
                    users[self.group_of[name]] |= {self.group_of[key] for key in unit.binds if key in self.group_of}
        known: dict[int, set[str]] = {n: {part} for n, part in enumerate(homes) if part is not None}
        for _ in range(len(movable) + 1):
            changed = False
            for number in movable:
                parts = set().union(*(known.get(user, set()) for user in users[number] if user != number))
                if parts != known.get(number, set()):
                    known[number] = parts
                    changed = True
            if not changed:
                break
        return {number: next(iter(known[number])) for number in movable if len(known.get(number, ())) == 1}

    # -- units ------------------------------------------------------------------------------------------------------

    def placement(self, placed: list[str], links: tuple[_Link, ...]) -> Placement:
        homes = {name: placed[number] for name, number in self.group_of.items()}
        part_of: dict[int, str] = {}
        bare: list[Unit] = []
        for unit in self.outline.units:
            if unit.role in (Role.DIRECTIVE, Role.MARK, Role.IMPORT, Role.LIST):
                continue
            keys = [*unit.binds, *(WHOLE if e.name == WHOLE else f"exports.{e.name}" for e in unit.exports)]
            key = next((key for key in (*keys, *sorted(unit.rebinds), unit.subject) if key in homes), None)
            if key is not None:
                part_of[unit.index] = homes[key]
            elif unit.role is Role.STATEMENT:
                bare.append(unit)
            else:
                part_of[unit.index] = self.default
        order = self.order(Placement(self.outline, homes, part_of, links)) if bare else self.parts
        for unit in bare:
            touched = {homes[need.name] for need in unit.needs if need.name in homes}
            part_of[unit.index] = max(touched, key=order.index) if touched else self.default
        return Placement(self.outline, homes, part_of, links)

    def order(self, placement: Placement) -> tuple[str, ...]:
        """Give the parts so that each comes after those it needs while it loads, if there is such an order."""
        graph = make_graph(self.parts)
        for part, home in [*((edge.part, edge.home) for edge in placement.edges), *sorted(placement.pairs())]:
            if not has_path(graph, home, part):
                add_arrow(graph, part, home)
        return order_nodes(graph, {part: place for place, part in enumerate(self.parts)})


def _spoken(key: str) -> str:
    """Give the name that a migration file uses for a key."""
    return "default" if key == WHOLE else key.removeprefix("exports.")
