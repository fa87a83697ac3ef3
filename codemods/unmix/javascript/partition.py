"""Decide which part each unit of a module goes to, and how the parts reach each other's names.

Takes an Outline and the names asked for, gives a Partition; pure decisions, no text is written here.
Raises UnsafeSplit with every reason at once when no arrangement of imports can make the parts work.

What decides: an ES module that takes part in a circle of imports may run before the modules it imports, so a name that
it reads *while it loads* must not come from its own circle; functions are there before anything runs, and what is
read later is there by then. A CommonJS module may require at its end what it needs later only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unmix.circles import Edge, describe_circle, most_direct, quoted
from unmix.errors import UnsafeSplit
from unmix.graph import Graph, add_arrow, arrows, find_path, has_path, make_graph, order_nodes
from unmix.javascript.commonjs import WHOLE
from unmix.javascript.outline import Need, Outline, Role, Unit
from unmix.javascript.placement import Placement, place_names
from unmix.javascript.scopes import When
from unmix.migration import Split


@dataclass(frozen=True, slots=True)
class Crossing:
    """`part` needs `name`, whose home is `home`, which exports it as `exported`.

    `types` when only types need it; `late` names are read as `home.name` every time; `at_end` when the home is required
    at the end of the part, since the parts need each other in a circle.
    """

    part: str
    name: str
    home: str
    exported: str
    types: bool
    late: bool
    at_end: bool


@dataclass(frozen=True)
class Partition:
    """Who goes where. `parts` come in an order in which each can be loaded after those it needs.

    `part_of` gives the part of every unit that has one; directives, marks, and imports for their effects are in all.
    `import_names` are the names that each part takes from an import unit (by part and unit), `homes` the part of every
    name that the module defines or exports. `exposed` are, for each part, the names that it exports for other parts
    alone, each with the name it gets there; `circular` are the CommonJS parts that others require at their end.
    """

    parts: tuple[str, ...]
    default: str
    part_of: Mapping[int, str]
    import_names: Mapping[tuple[str, int], frozenset[str]]
    homes: Mapping[str, str]
    crossings: tuple[Crossing, ...]
    exposed: Mapping[str, Mapping[str, str]]
    circular: frozenset[str]

    def holds(self, unit: Unit, part: str) -> bool:
        """Say whether a unit (in some shape) stands in a part."""
        if unit.role in (Role.DIRECTIVE, Role.MARK) or (unit.role is Role.IMPORT and not unit.binds):
            return True
        if unit.role is Role.IMPORT:
            return (part, unit.index) in self.import_names
        return self.part_of.get(unit.index) == part


def partition_module(outline: Outline, split: Split) -> Partition:
    """Decide where everything in `outline` goes."""
    return _Partitioner(outline, split).partition()


class _Partitioner:
    def __init__(self, outline: Outline, split: Split) -> None:
        self.outline = outline
        self.parts = tuple(part.module for part in split.parts)
        self.default = next((part.module for part in split.parts if part.rest), self.parts[0])
        self.split = split
        self.reasons: list[str] = []

    def partition(self) -> Partition:
        self.check_exports()
        placement = place_names(self.outline, self.split, self.default)
        self.reasons += placement.reasons
        self.refuse()
        self.homes, self.part_of = placement.homes, placement.part_of
        self.check_rebound()
        self.check_order_of_effects()
        self.check_this()
        self.refuse()
        self.check_circles(placement)
        self.check_whole(placement)
        self.refuse()
        top = self.order_of_loading(placement)
        rank = {part: place for place, part in enumerate(self.parts)}
        crossings = tuple(self.crossings(top))
        self.refuse()
        return Partition(
            parts=order_nodes(make_graph(self.parts, top), rank),
            default=self.default,
            part_of=dict(self.part_of),
            import_names=self.share_imports(),
            homes=dict(self.homes),
            crossings=crossings,
            exposed=self.exposed(crossings),
            circular=frozenset(crossing.home for crossing in crossings if crossing.at_end),
        )

    def refuse(self) -> None:
        if self.reasons:
            raise UnsafeSplit(tuple(dict.fromkeys(self.reasons)))

    # -- what cannot be divided -------------------------------------------------------------------------------------

    def check_exports(self) -> None:
        for unit in self.outline.units:
            for reason in unit.refusals:
                self.reasons.append(f"{self.outline.path}:{unit.line}: {reason}")

    def check_rebound(self) -> None:
        """Refuse to tear a name from a function that assigns it: nobody can assign to an imported name."""
        outline = self.outline
        torn: dict[str, list[Unit]] = {}
        for unit in outline.units:
            for name in sorted(unit.rebinds):
                if name in self.homes and self.part_of.get(unit.index, self.default) != self.homes[name]:
                    torn.setdefault(name, []).append(unit)
        for name, units in torn.items():
            labels = [unit.label for unit in units]
            lines = ", ".join(str(line) for line in outline.rebound.get(name, (units[0].line,)))
            shown = _shown(name)
            self.reasons.append(
                f"{outline.path}:{units[0].line}: `{shown}` would go to {self.homes[name]}, but {quoted(labels)} in "
                f"{self.part_of.get(units[0].index, self.default)} assigns it (line {lines}), and nobody can assign to "
                f"an imported name; name {quoted([shown, *labels])} in the same part"
            )

    def check_order_of_effects(self) -> None:
        """Refuse to part a name from code that reads it between two of its assignments while the module loads."""
        outline = self.outline
        for name, home in sorted(self.homes.items()):
            bound = {*outline.definitions.get(name, ())}
            bound |= {unit.index for unit in outline.units if name in unit.rebinds and unit.role is Role.STATEMENT}
            if len(bound) < 2 or name in outline.hoisted or name in outline.types:
                continue
            for unit in outline.units[min(bound) + 1 : max(bound)]:
                reads = any(need.name == name and need.when is When.LOAD for need in unit.needs)
                if reads and unit.index not in bound and self.part_of.get(unit.index, home) != home:
                    self.reasons.append(
                        f"{outline.path}:{unit.line}: `{unit.label}` reads `{_shown(name)}` between two of its "
                        "assignments, and would see the last one from another part; "
                        f"name {quoted([_shown(name), unit.label])} in the same part"
                    )

    def check_this(self) -> None:
        """Refuse to part functions that find each other through `this`, which is the exports of their own module."""
        outline = self.outline
        for unit in outline.units:
            exported = any(name.startswith("exports.") for name in unit.binds) or any(
                name in outline.exported_as for name in unit.binds
            )
            part = self.part_of.get(unit.index)
            for name in sorted(unit.asks_this & self.homes.keys()) if exported and part else ():
                if self.homes[name] != part:
                    self.reasons.append(
                        f"{outline.path}:{unit.line}: `{unit.label}` ({part}) asks `this` for `{_shown(name)}`, which "
                        f"would go to {self.homes[name]}; name {quoted([unit.label, _shown(name)])} in the same part, "
                        f"or write `exports.{_shown(name)}`"
                    )

    # -- circles ----------------------------------------------------------------------------------------------------

    def check_circles(self, placement: Placement) -> None:
        edges = [edge for edge in placement.edges if placement.is_in_circle(edge)]
        if not edges:
            return
        reason = most_direct(edges)
        graph = make_graph((), sorted(placement.pairs()) if self.outline.esm else reason)
        first = min(edges, key=lambda edge: edge.line)
        # The first is one of a circle, so a way leads back.
        back = find_path(graph, first.home, first.part) or ()
        steps = [reason[first.part, first.home]]
        later = placement.later()
        for part, home in pairwise(back):
            steps.append(reason.get((part, home)) or later[part, home])
        names = {_shown(name) for name in self.homes}
        shown = [Edge(e.part, e.home, _shown(e.name), e.line, e.unit, _shown(e.through)) for e in steps]
        self.reasons.append(describe_circle(self.outline.path, shown, names, "loaded"))

    def check_whole(self, placement: Placement) -> None:
        """Refuse what would be exported beside one value that may take no further properties."""
        for edge in placement.unreachable():
            self.reasons.append(
                f"{self.outline.path}:{edge.line}: {edge.part} needs `{edge.name}` of {edge.home}, which exports one "
                "value (`module.exports = …`) and nothing beside it; "
                f"name {quoted([edge.name, edge.unit])} in the same part"
            )

    def order_of_loading(self, placement: Placement) -> set[tuple[str, str]]:
        """Give the pairs of parts of which the first loads the second at its top, without a circle."""
        graph = make_graph(self.parts)
        for edge in placement.edges:
            if not has_path(graph, edge.home, edge.part):
                add_arrow(graph, edge.part, edge.home)
        weights: dict[tuple[str, str], int] = {}
        for _, part, need in self.crossing_needs():
            if need.when is not When.TYPING:
                pair = part, self.homes[need.name]
                weights[pair] = weights.get(pair, 0) + 1
        for pair in sorted(weights, key=lambda pair: (-weights[pair], pair)):
            if not has_path(graph, pair[1], pair[0]):
                add_arrow(graph, *pair)
        if not self.outline.esm:
            self.check_in_progress(graph, placement.edges, make_graph(self.parts, {*weights, *arrows(graph)}))
        return arrows(graph)

    def check_in_progress(self, top: Graph, edges: Sequence[Edge], every: Graph) -> None:
        """See to it that no part is needed at load while it is still loading another one, whichever is loaded first.

        a: require b, then x = …     b: exports, then require c     c: require a, then y = x + 1

        Where `a` needs `b` only later, it loads it behind its exports, too; else the split is refused.
        """
        loaded = {(edge.part, edge.home) for edge in edges}
        for edge in edges:
            for following in tuple(top[edge.home]):
                if not has_path(every, following, edge.part):
                    continue
                if (edge.home, following) not in loaded:
                    del top[edge.home][following]
                    continue
                names = [_shown(name) for name in (edge.name, edge.unit) if name in self.homes]
                self.reasons.append(
                    f"{self.outline.path}:{edge.line}: `{_shown(edge.unit)}` needs `{_shown(edge.name)}` of "
                    f"{edge.home} while it is loaded, but {edge.home} loads {following} first, which leads back to "
                    f"{edge.part}; move together: name {quoted(names)} in the same part"
                )

    # -- who needs what of whom -------------------------------------------------------------------------------------

    def crossing_needs(self) -> Iterator[tuple[Unit, str, Need]]:
        """Give every need of a unit for a name whose home is another part."""
        for unit in self.outline.units:
            part = self.part_of.get(unit.index)
            if part is None:
                continue
            for need in unit.needs:
                if need.name in self.homes and self.homes[need.name] != part:
                    yield unit, part, need

    def crossings(self, top: set[tuple[str, str]]) -> Iterator[Crossing]:
        outline = self.outline
        found: dict[tuple[str, str], bool] = {}
        for unit, part, need in self.crossing_needs():
            values = need.when is not When.TYPING or (unit.decorated and need.name not in outline.types)
            found[part, need.name] = found.get((part, need.name), False) or values
        for (part, name), values in sorted(found.items()):
            home = self.homes[name]
            exported = self.exported_name(name)
            if outline.esm:
                yield Crossing(part, name, home, exported, not values or name in outline.types, False, False)
                continue
            rebound = name in outline.rebound
            if rebound and name in outline.exported_as:
                line = outline.rebound[name][0]
                self.reasons.append(
                    f"{outline.path}:{line}: `{_shown(name)}` is exported as it is when the module has loaded, but "
                    f"assigned again later, and {part} needs what it is then; keep its users and it in one part"
                )
            at_end = (part, home) not in top
            yield Crossing(part, name, home, exported, False, late=at_end or rebound or "." in name, at_end=at_end)

    def exported_name(self, name: str) -> str:
        """Give the name under which a part exports one of its names, for whoever or for other parts alone."""
        if "." in name:
            return name.removeprefix("exports.") if name != WHOLE else WHOLE
        if name in self.outline.whole_as:
            return WHOLE
        public = self.outline.exported_as.get(name, ())
        if name in public:
            return name
        if public:
            return public[0]
        taken = {other for other in self.outline.exported if self.homes.get(f"exports.{other}") == self.homes[name]}
        while name in taken:
            name += "_"
        return name

    def exposed(self, crossings: Iterable[Crossing]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {part: {} for part in self.parts}
        for crossing in crossings:
            if (
                crossing.exported != WHOLE
                and "." not in crossing.name
                and crossing.name not in self.outline.exported_as
            ):
                found[crossing.home][crossing.name] = crossing.exported
        return found

    def share_imports(self) -> dict[tuple[str, int], frozenset[str]]:
        """Give each part the imports its units use; an import that no unit uses goes to the default part."""
        outline = self.outline
        shares: dict[tuple[str, int], set[str]] = {}
        taken: dict[int, set[str]] = {}
        for unit in outline.units:
            part = self.part_of.get(unit.index)
            if part is None:
                continue
            for need in unit.needs:
                for index in outline.imports.get(need.name, ()):
                    shares.setdefault((part, index), set()).add(need.name)
                    taken.setdefault(index, set()).add(need.name)
        for unit in outline.units:
            if unit.role is Role.IMPORT and unit.binds:
                rest = set(unit.binds) - taken.get(unit.index, set())
                if rest:
                    shares.setdefault((self.default, unit.index), set()).update(rest)
        return {key: frozenset(names) for key, names in shares.items()}


def _shown(name: str) -> str:
    return name.removeprefix("exports.")
