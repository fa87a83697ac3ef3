"""Which part each unit of a module goes to, as far as it is decided, and what follows from that.

Takes an Outline and a Split; placing.py decides, other modules ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from unmix.circles import Edge
from unmix.graph import Graph, make_graph
from unmix.migration import Split
from unmix.python.outline import Need, Outline, Role, Unit
from unmix.python.scopes import When


class Placement:
    """Who goes where: `homes` by the names of definitions, `part_of` by the index of a unit.

    `late` are the names that other parts read through their home every time, `asked` those that the migration file
    gives to a part, `default` is the part of the rest.
    """

    def __init__(self, outline: Outline, split: Split, late: frozenset[str]) -> None:
        self.outline = outline
        self.late = (late | frozenset(outline.rebound) | outline.perhaps_unbound) - outline.for_types_only
        self.parts = tuple(part.module for part in split.parts)
        self.default = next((part.module for part in split.parts if part.rest), self.parts[0])
        self.asked = {name: part.module for part in split.parts for name in part.names}
        self.homes: dict[str, str] = {}
        self.part_of: dict[int, str] = {}

    def home_of(self, unit: Unit) -> str:
        """Give the part of a unit, the default one as long as it has none."""
        return self.part_of.get(unit.index, self.default)

    def is_loop(self, unit: Unit) -> bool:
        """Say whether a unit is a loop whose variables nobody asked for: `for hour in HOURS: strike(hour)`."""
        definitions = self.outline.definitions
        own = all(self.outline.units[index].loop for name in unit.binds for index in definitions.get(name, ()))
        return unit.loop and own and self.asked.keys().isdisjoint(unit.binds) and not unit.rebinds

    def touched(self, unit: Unit) -> set[str]:
        """Give the parts that a unit needs something of."""
        return {self.homes[need.name] for need in unit.needs if need.name in self.homes.keys() - unit.binds}

    def import_time_edges(self) -> Iterator[Edge]:
        """Give each need of one part for another while it is imported, following the calls made at that time."""
        for unit in self.outline.units:
            part = self.part_of.get(unit.index)
            if part is None or unit.role in (Role.MAIN, Role.IMPORT):
                continue
            for need in unit.needs:
                if need.when is not When.IMPORT or need.name not in self.homes:
                    continue
                if need.name in self.outline.for_types_only:
                    continue
                if self.homes[need.name] != part:
                    yield Edge(part, self.homes[need.name], need.name, need.line, unit.label, "")
                if self.calls(need):
                    for name, through in self.reached_by_call(need.name):
                        if self.homes[name] != part:
                            yield Edge(part, self.homes[name], name, need.line, unit.label, through)

    def import_graph(self) -> Graph:
        """Give which part needs which while it is imported."""
        return make_graph(self.parts, ((edge.part, edge.home) for edge in self.import_time_edges()))

    def crossing_needs(self) -> Iterator[tuple[Unit, str, Need]]:
        """Give every need of a unit for a name whose home is another part."""
        for unit in self.outline.units:
            part = self.part_of.get(unit.index)
            if part is None:
                continue
            for need in unit.needs:
                if need.name in self.homes and self.homes[need.name] != part:
                    typing = need.name in self.outline.for_types_only
                    yield unit, part, replace(need, when=When.TYPING) if typing else need

    def read_at_import(self, unit: Unit) -> set[str]:
        """Give the names that a unit reads while its module is imported, by itself or by what it calls."""
        needs = [need for need in unit.needs if need.when is When.IMPORT]
        called = (need.name for need in needs if self.calls(need))
        return {need.name for need in needs}.union(*(dict(self.reached_by_call(name)) for name in called))

    def calls(self, need: Need) -> bool:
        """Say whether code of what is needed runs: it is called, or a class is made of it that runs its methods."""
        return need.called or (need.base and self.is_eager(need.name))

    def is_eager(self, name: str) -> bool:
        """Say whether to derive from a class may run code of it."""
        return any(self.outline.units[index].eager_class for index in self.outline.definitions.get(name, ()))

    def reached_by_call(self, name: str) -> list[tuple[str, str]]:
        """Give the names that a call of `name` may need, each with the function that needs it."""
        found: dict[str, str] = {}
        todo = [name]
        while todo:
            here = todo.pop()
            for index in self.outline.definitions.get(here, ()):
                for need in self.outline.units[index].needs:
                    if need.when is not When.TYPING and need.name in self.homes and need.name not in found:
                        found[need.name] = here
                        todo.append(need.name)
        found.pop(name, None)
        return list(found.items())
