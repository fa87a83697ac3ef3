"""Decide which part each unit of a module goes to, and how the parts reach each other's names.

Takes an Outline and the names asked for, gives a Partition; pure decisions, no text is written here.
Raises UnsafeSplit with every reason at once when no arrangement of imports can make the parts work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from graphlib import CycleError
from itertools import combinations

from unmix.circles import Edge, describe_circle, most_direct
from unmix.circles import quoted as _quoted
from unmix.errors import UnsafeSplit
from unmix.graph import Graph, add_arrow, arrows, find_circle, has_path, join, make_graph, order_nodes
from unmix.migration import Split
from unmix.python.modules import is_dunder
from unmix.python.outline import Need, Outline, Role, Unit
from unmix.python.scopes import When

# Functions through which a module itself is asked for names (PEP 562).
_ANSWERING = frozenset(("__getattr__", "__dir__"))


class Reach(str, Enum):
    """How a part reaches a name of another part."""

    TOP = "imported at the top"
    BODY = "imported inside the function, since the parts need each other in a circle"
    TYPING = "imported for type checkers only"
    ASKED = "given when another module asks this part for it, since the parts need each other in a circle"


@dataclass(frozen=True, slots=True)
class Crossing:
    """`part` needs `name`, whose home is `home`; `late` names are read as `home.name` every time.

    `comment` says what needs a name that the part's code does not.
    """

    part: str
    name: str
    home: str
    reach: Reach
    late: bool
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Partition:
    """Who goes where. `parts` come in an order in which each can be imported after those it needs.

    `units` gives each part its units in the order of the file, `import_names` the names each part takes from an import
    unit (by part and unit), `homes` the part of every name the old module defines, `asked` the part that the migration
    file gives a name to. `fillers` are, for a part, the others that it imports at its end since they change something
    while they are imported, with its name: who imports the home of that must get them. `filled` are, in the same way,
    those that it imports at its beginning, since it looks into what they fill.
    """

    parts: tuple[str, ...]
    default: str
    units: Mapping[str, tuple[int, ...]]
    import_names: Mapping[tuple[str, int], frozenset[str]]
    homes: Mapping[str, str]
    asked: Mapping[str, str]
    crossings: tuple[Crossing, ...]
    fillers: Mapping[str, tuple[tuple[str, str], ...]]
    filled: Mapping[str, tuple[tuple[str, str], ...]]
    main: str


def partition_module(outline: Outline, split: Split, late: frozenset[str] = frozenset()) -> Partition:
    """Decide where everything in `outline` goes. `late` are names that other parts must read through their home."""
    return _Partitioner(outline, split, late).partition()


def partition_stub(outline: Outline, split: Split) -> Partition:
    """Decide where everything in a `.pyi` goes. A stub is never run, so its parts may import each other in a circle."""
    return _Partitioner(outline, split, frozenset()).partition_stub()


class _Partitioner:
    def __init__(self, outline: Outline, split: Split, late: frozenset[str]) -> None:
        self.outline = outline
        self.split = split
        self.late = (late | frozenset(outline.rebound) | outline.perhaps_unbound) - outline.for_types_only
        self.parts = tuple(part.module for part in split.parts)
        self.default = next((part.module for part in split.parts if part.rest), self.parts[0])
        self.asked = {name: part.module for part in split.parts for name in part.names}
        self.reasons: list[str] = []
        self.homes: dict[str, str] = {}
        self.part_of: dict[int, str] = {}
        # Definitions that look into a registry, its name, and a part that has filled it by then.
        self.read_late: list[tuple[Unit, str, str]] = []

    def partition(self) -> Partition:
        self.place_definitions()
        self.place_patched_imports()
        self.check_rebound()
        self.check_exports()
        self.check_names_made()
        if self.reasons:
            raise UnsafeSplit(tuple(self.reasons))
        order = self.place_statements()
        self.check_order_of_effects()
        self.check_filled_later()
        if self.reasons:
            raise UnsafeSplit(tuple(self.reasons))
        self.check_shown()
        edges = list(self.import_time_edges())
        fixed = make_graph(self.parts, ((edge.part, edge.home) for edge in edges))
        self.refuse_circle(fixed, edges)
        for unit, _, filler in self.read_late:
            if not has_path(fixed, filler, self.part_of[unit.index]):
                add_arrow(fixed, self.part_of[unit.index], filler)
        top = self.add_later_needs(fixed)
        self.late |= self.asked_too_early(top)
        self.check_shown()
        self.check_read_late(top)
        rank = {part: index for index, part in enumerate(order)}
        crossings = tuple(self.crossings(top))
        ordered = order_nodes(top, rank)
        return self.partition_of(ordered, crossings, self.fillers(top, ordered))

    def partition_stub(self) -> Partition:
        self.late = frozenset()
        self.place_definitions()
        self.check_exports()
        if self.reasons:
            raise UnsafeSplit(tuple(self.reasons))
        self.place_statements()
        pairs = sorted({(part, need.name) for _, part, need in self.crossing_needs()})
        crossings = tuple(Crossing(part, name, self.homes[name], Reach.TOP, late=False) for part, name in pairs)
        return self.partition_of(self.parts, crossings, {})

    def partition_of(
        self,
        ordered: tuple[str, ...],
        crossings: tuple[Crossing, ...],
        fillers: dict[str, tuple[tuple[str, str], ...]],
    ) -> Partition:
        import_names = self.share_imports(crossings)
        units = {
            part: tuple(
                unit.index
                for unit in self.outline.units
                if self.part_of.get(unit.index) == part
                or (part, unit.index) in import_names
                or unit.role in (Role.FUTURE, Role.EXPORTS)
            )
            for part in self.parts
        }
        main = next((self.part_of[unit.index] for unit in self.outline.units if unit.role is Role.MAIN), "")
        return Partition(
            parts=ordered,
            default=self.default,
            units=units,
            import_names=import_names,
            homes=dict(self.homes),
            asked=self.asked,
            crossings=crossings,
            fillers=fillers,
            filled={part: self.filled_before(part) for part in self.parts},
            main=main,
        )

    # -- where definitions go ---------------------------------------------------------------------------------------

    def place_definitions(self) -> None:
        """Give every definition its part: names that one statement binds, or that several bind again, stay together."""
        outline = self.outline
        bound = (unit.binds for unit in outline.units if unit.role is not Role.IMPORT and unit.binds)
        for group in join(outline.definitions, bound):
            asked: dict[str, list[str]] = {}
            for name in sorted(group):
                if name in self.asked:
                    asked.setdefault(self.asked[name], []).append(name)
            if len(asked) > 1:
                lines = sorted({outline.units[index].line for name in group for index in outline.definitions[name]})
                said = "; ".join(f"{_quoted(names)} in {part}" for part, names in asked.items())
                self.reasons.append(
                    f"{outline.path}:{lines[0]}: {_quoted(sorted(group))} cannot be parted, one statement (or one "
                    f"series of definitions) binds them, but the migration file asks for {said}; "
                    "name them in the same part"
                )
            part = next(iter(asked), self.default)
            for name in group:
                self.homes[name] = part
        for unit in outline.units:
            home = self.part_of_choice(unit) if unit.chooses else None
            if home is not None:
                self.homes.update(dict.fromkeys(unit.binds, home))
        for unit in outline.units:
            if unit.role is not Role.IMPORT and unit.binds and not self.is_loop(unit):
                self.part_of[unit.index] = self.homes[unit.binds[0]]
        for name in outline.rebound:
            if name not in self.homes and name not in outline.imports:
                rebinder = next(unit for unit in outline.units if name in unit.rebinds)
                self.homes[name] = self.asked.get(name) or self.part_of.get(rebinder.index, self.default)

    def part_of_choice(self, unit: Unit) -> str | None:
        """Give the part of what imports are chosen by, where nobody asked for their names: `if PY3: import queue`."""
        if not self.asked.keys().isdisjoint(unit.binds) or not self.outline.chosen.issuperset(unit.binds):
            return None
        needed = {need.name for need in unit.needs} & self.homes.keys() - set(unit.binds)
        homes = {self.homes[name] for name in needed}
        return homes.pop() if len(homes) == 1 else None

    def is_loop(self, unit: Unit) -> bool:
        """Say whether a unit is a loop whose variables nobody asked for: `for hour in HOURS: strike(hour)`."""
        definitions = self.outline.definitions
        own = all(self.outline.units[index].loop for name in unit.binds for index in definitions.get(name, ()))
        return unit.loop and own and self.asked.keys().isdisjoint(unit.binds) and not unit.rebinds

    def place_patched_imports(self) -> None:
        """Give an imported name that others patch one home where several parts use it; those read `home.time` late.

        Some part can be it if the parts have an order at all: the first of those that use the name.
        """
        outline = self.outline
        for name in sorted(self.late & outline.imports.keys() - self.homes.keys()):
            users = [
                part
                for part in self.parts
                if any(self.part_of.get(unit.index) == part and name in unit.needed for unit in outline.units)
            ]
            if len(users) > 1 and len(outline.imports[name]) == 1:
                users.sort(key=lambda part: part != self.default)
                self.homes[name] = next((part for part in users if self.has_order_with(name, part)), users[0])

    def has_order_with(self, name: str, home: str) -> bool:
        """Say whether the parts can be imported one after the other if `name` lives in `home`."""
        self.homes[name] = home
        return not find_circle(make_graph(self.parts, ((edge.part, edge.home) for edge in self.import_time_edges())))

    def check_rebound(self) -> None:
        """Refuse to tear a global from a function that assigns it: the function would assign its own part's copy."""
        outline = self.outline
        torn: dict[str, list[Unit]] = {}
        for unit in outline.units:
            for name in sorted(unit.rebinds):
                if name in self.homes and self.part_of.get(unit.index, self.default) != self.homes[name]:
                    torn.setdefault(name, []).append(unit)
        for name, units in torn.items():
            functions = [unit.label for unit in units]
            lines = ", ".join(str(line) for line in outline.rebound[name])
            self.reasons.append(
                f"{outline.path}:{units[0].line}: `{name}` would go to {self.homes[name]}, but {_quoted(functions)} in "
                f"{self.part_of.get(units[0].index, self.default)} assigns it (`global {name}`, line {lines}); "
                f"name {_quoted([name, *functions])} in the same part"
            )

    def check_exports(self) -> None:
        for unit in self.outline.units:
            if unit.role is Role.EXPORTS and unit.exports is None:
                self.reasons.append(
                    f"{self.outline.path}:{unit.line}: `__all__` is computed, so it cannot be divided; "
                    "write it as one list of strings"
                )

    def check_names_made(self) -> None:
        for unit in self.outline.units:
            if unit.makes_names:
                self.reasons.append(
                    f"{self.outline.path}:{unit.line}: names are made at run time here, so what the module holds is "
                    "not known from its text; write these names as plain definitions, or leave the module whole"
                )

    # -- where bare statements go -----------------------------------------------------------------------------------

    def place_statements(self) -> tuple[str, ...]:
        """Give bare statements the part of what they act upon, else the last of the parts they touch."""
        outline = self.outline
        bare = [unit for unit in outline.units if unit.role in (Role.STATEMENT, Role.MAIN, Role.DOCSTRING)]
        graph = make_graph(self.parts, ((edge.part, edge.home) for edge in self.import_time_edges()))
        for unit in bare:
            if unit.role is Role.STATEMENT and unit.subject in self.homes:
                home = self.homes[unit.subject]
                # `group.add_command(other)` cannot stand with `group` where `other` is made with it elsewhere.
                if not any(has_path(graph, part, home) for part in self.touched(unit) - {home}):
                    self.part_of[unit.index] = home
        order = self.order_so_far()
        for unit in outline.units:
            if not _ANSWERING.isdisjoint(unit.binds):
                # It answers for the whole module, so it goes where every name can be imported: behind all others.
                self.part_of[unit.index] = order[-1]
                self.homes.update(dict.fromkeys(unit.binds, order[-1]))
        for unit in outline.units:
            if (unit in bare and unit.index not in self.part_of) or self.is_loop(unit):
                touched = self.touched(unit)
                self.part_of[unit.index] = max(touched, key=order.index) if touched else self.default
                self.homes.update(dict.fromkeys(unit.binds, self.part_of[unit.index]))
        self.move_behind_fillers(order)
        return order

    def touched(self, unit: Unit) -> set[str]:
        """Give the parts that a unit needs something of."""
        return {self.homes[need.name] for need in unit.needs if need.name in self.homes.keys() - unit.binds}

    def move_behind_fillers(self, order: tuple[str, ...]) -> None:
        """Move a bare statement that looks into a registry behind what fills it, take note of definitions that do.

        app.include(api)    NAMES = sorted(COMMANDS)
        """
        filled: dict[str, dict[str, int]] = {}
        for unit in self.outline.units:
            part = self.part_of.get(unit.index)
            if part is None or unit.role is Role.IMPORT:
                continue
            names = {need.name for need in unit.needs if need.looked_into}
            if unit.role is Role.MAIN:
                # A program is started when all is there.
                called = {need.name for need in unit.needs}
                names = called.union(*(dict(self.reached_by_call(name)) for name in called))
            names &= filled.keys()
            before = {filler: name for name in sorted(names) for filler in filled[name] if filler != part}
            if before and (not unit.binds or self.is_loop(unit)):
                part = self.part_of[unit.index] = max(part, *before, key=order.index)
            elif before:
                self.read_late += [(unit, name, filler) for filler, name in before.items()]
            for name in self.filled_at_import(unit) if unit.role is not Role.MAIN else ():
                filled.setdefault(name, {}).setdefault(part, unit.line)

    def order_so_far(self) -> tuple[str, ...]:
        """Give the parts so that each comes after those it imports at the top, if there is such an order."""
        graph = make_graph(self.parts, ((edge.part, edge.home) for edge in self.import_time_edges()))
        rank = {part: place for place, part in enumerate(self.parts)}
        try:
            return order_nodes(self.add_later_needs(graph), rank)
        except (CycleError, UnsafeSplit):
            self.reasons.clear()
            return self.parts

    def read_at_import(self, unit: Unit) -> set[str]:
        """Give the names that a unit reads while its module is imported, by itself or by what it calls."""
        needs = [need for need in unit.needs if need.when is When.IMPORT]
        called = (need.name for need in needs if self.calls(need))
        return {need.name for need in needs}.union(*(dict(self.reached_by_call(name)) for name in called))

    def calls(self, need: Need) -> bool:
        """Say whether code of what is needed runs: it is called, or a class is made of it that runs its methods."""
        return need.called or (need.base and self.is_eager(need.name))

    def check_order_of_effects(self) -> None:
        """Refuse to part a name from code that reads it between two of its bindings: it would see the last value."""
        outline = self.outline
        for name, home in sorted(self.homes.items()):
            bound = sorted({*outline.definitions.get(name, ()), *outline.imports.get(name, ())})
            for unit in outline.units[bound[0] + 1 : bound[-1]] if len(bound) > 1 else ():
                reads = name in self.read_at_import(unit)
                if reads and name not in unit.binds and self.part_of.get(unit.index, home) != home:
                    self.reasons.append(
                        f"{outline.path}:{unit.line}: `{unit.label}` reads `{name}` between two of its bindings, and "
                        "would see the last one from another part; "
                        f"name {_quoted([name, unit.label])} in the same part"
                    )

    def check_filled_later(self) -> None:
        """Refuse to part a container from code that reads it before all is in it: `COUNT = len(ITEMS)`."""
        filled: dict[str, int] = {}
        for unit in self.outline.units:
            for need in unit.needs:
                if need.fills and need.when is When.IMPORT and not unit.binds:
                    filled[need.name] = unit.index
        for unit in self.outline.units if filled else ():
            for need in unit.needs:
                whole = need.when is When.IMPORT and not (need.fills or need.called or need.base or need.attributes)
                later = filled.get(need.name, -1) > unit.index and need.name in self.homes
                if whole and later and unit.binds and self.part_of.get(unit.index) not in (None, self.homes[need.name]):
                    self.reasons.append(
                        f"{self.outline.path}:{need.line}: `{unit.label}` reads `{need.name}` before line "
                        f"{self.outline.units[filled[need.name]].line} puts more into it, and would see all of it from "
                        f"another part; name {_quoted([need.name, unit.label])} in the same part"
                    )

    def check_shown(self) -> None:
        """Refuse to rewrite an expression that shows its own text: `f"{counter=}"` would print `home.counter=`."""
        reasons = [
            f"{self.outline.path}:{need.line}: `{need.name}` is assigned from elsewhere, so {part} would have to read "
            f"it from {self.homes[need.name]}, but an f-string shows the expression itself (`{{{need.name}=}}`); "
            f"name {_quoted([need.name, unit.label])} in the same part"
            for unit, part, need in self.crossing_needs()
            if need.frozen and need.name in self.late
        ]
        if reasons:
            raise UnsafeSplit(tuple(reasons))

    # -- which part needs which -------------------------------------------------------------------------------------

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

    def is_eager(self, name: str) -> bool:
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

    def refuse_circle(self, graph: Graph, edges: list[Edge]) -> None:
        circle = find_circle(graph)
        if circle:
            reason = most_direct(edges)
            steps = [reason[part, home] for part, home in circle]
            raise UnsafeSplit((describe_circle(self.outline.path, steps, self.homes, "imported"),))

    def add_later_needs(self, fixed: Graph) -> Graph:
        """Add the needs inside function bodies as imports at the top, as long as no circle comes of it.

        Those that close a circle are left out: they become imports inside the functions.
        """
        weights: dict[tuple[str, str], int] = {}
        must: dict[tuple[str, str], Edge] = {}
        for unit, part, need in self.crossing_needs():
            pair = part, self.homes[need.name]
            if need.when is When.LATER:
                weights[pair] = weights.get(pair, 0) + 1000
                if need.body is None and unit.role is not Role.MAIN:
                    must.setdefault(pair, Edge(*pair, need.name, need.line, unit.label, ""))
            else:
                # A function can import for itself; the type of a field cannot, and somebody may evaluate it.
                weights[pair] = weights.get(pair, 0) + (1_000_000 if need.field else 1)
        top = make_graph(fixed, arrows(fixed))
        for pair, edge in must.items():
            if has_path(top, pair[1], pair[0]):
                self.reasons.append(
                    f"{self.outline.path}:{edge.line}: a lambda in `{edge.unit}` ({edge.part}) needs `{edge.name}` of "
                    f"{edge.home}, which needs {edge.part} itself ({edge.part} → {edge.home} → {edge.part}), and a "
                    f"lambda cannot import it; name {_quoted(n for n in (edge.unit, edge.name) if n in self.homes)} "
                    "in the same part, or make the lambda a function"
                )
            else:
                add_arrow(top, *pair)
        if self.reasons:
            raise UnsafeSplit(tuple(self.reasons))
        for pair in sorted(weights, key=lambda pair: (-weights[pair], pair)):
            if not has_path(top, pair[1], pair[0]):
                add_arrow(top, *pair)
        return top

    def check_read_late(self, top: Graph) -> None:
        """Refuse to part what looks into a registry from what fills it before: it would find less in it."""
        for unit, name, filler in self.read_late:
            part = self.part_of[unit.index]
            if part != filler and not has_path(top, part, filler):
                self.reasons.append(
                    f"{self.outline.path}:{unit.line}: `{unit.label}` ({part}) looks into `{name}`, and would not find "
                    f"what {filler} puts into it; name `{unit.label}` in {filler}"
                )
        if self.reasons:
            raise UnsafeSplit(tuple(dict.fromkeys(self.reasons)))

    def asked_too_early(self, top: Graph) -> set[str]:
        """Give the names that a function would import before they are bound, since it is called before.

        It may get along without them then, so it imports the part alone, and looks the name up where it reads it.
        """
        return {
            need.name
            for unit, part, need in self.crossing_needs()
            if need.when is When.LATER and self.homes[need.name] not in top[part]
            if any(self.calls_before(need.name, unit, top))
        }

    def calls_before(self, name: str, unit: Unit, top: Graph) -> Iterator[tuple[str, Need]]:
        """Give what calls a function of `unit` while the home of `name` is imported, and before `name` is bound."""
        home = self.homes[name]
        bound = min(self.outline.definitions.get(name, ()), default=len(self.outline.units))
        for caller in self.outline.units:
            part = self.part_of.get(caller.index)
            # What the home imports at its top runs before all that it binds.
            if part is None or not (caller.index <= bound if part == home else has_path(top, home, part)):
                continue
            for call in caller.needs:
                if call.when is When.IMPORT and self.calls(call):
                    for reached in (call.name, *(name for name, _ in self.reached_by_call(call.name))):
                        if unit.index in self.outline.definitions.get(reached, ()):
                            yield reached, call

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

    def crossings(self, top: Graph) -> Iterator[Crossing]:
        found: dict[tuple[str, str], set[When]] = {}
        guarded: set[tuple[str, str]] = set()
        for unit, part, need in self.crossing_needs():
            # What only a `TYPE_CHECKING` block needs is imported for type checkers.
            when = When.TYPING if unit.type_only else need.when
            found.setdefault((part, need.name), set()).add(when)
            if unit.role is Role.MAIN:
                guarded.add((part, need.name))
        for (part, name), times in sorted(found.items()):
            home = self.homes[name]
            if name in self.outline.for_types_only:
                yield Crossing(part, name, home, Reach.TYPING, late=False)
                continue
            if home in top[part]:
                yield Crossing(part, name, home, Reach.TOP, name in self.late)
                continue
            if When.LATER in times or (part, name) in guarded:
                yield Crossing(part, name, home, Reach.BODY, name in self.late)
            if When.TYPING in times:
                yield Crossing(part, name, home, Reach.TYPING, late=False)
        for unit in self.outline.units:
            own = self.part_of.get(unit.index)
            if own is not None and "globals" in unit.unresolved and unit.role is Role.DEFINITION:
                for name, home in sorted(self.homes.items()):
                    if name in self.late or name in self.outline.for_types_only or name not in self.outline.names:
                        continue
                    if home == own or (own, name) in found or is_dunder(name):
                        continue
                    if has_path(top, home, own):
                        raise UnsafeSplit(
                            (
                                f"{self.outline.path}:{unit.line}: `{unit.label}` ({own}) looks names up in "
                                f"globals(), and those of {home} cannot be imported there, since {home} needs {own} "
                                f"itself; name `{unit.label}` in {home}",
                            )
                        )
                    add_arrow(top, own, home)
                    found[own, name] = {When.IMPORT}
                    yield Crossing(own, name, home, Reach.TOP, name in self.late, "globals() looks it up")
            for name in sorted(
                (unit.doctest_names | unit.pickled_as) & self.homes.keys() - self.outline.for_types_only
            ):
                home = self.homes[name]
                if own is None or home == own or When.IMPORT in found.get((own, name), ()):
                    continue
                if home in top[own] and (own, name) in found:
                    continue
                found[own, name] = {When.IMPORT}
                comment = "pickle looks it up here" if name in unit.pickled_as else "the doctests use it"
                if not has_path(top, home, own):
                    add_arrow(top, own, home)
                    yield Crossing(own, name, home, Reach.TOP, late=False, comment=comment)
                elif name in unit.pickled_as:
                    yield Crossing(own, name, home, Reach.ASKED, late=False, comment=comment)

    def fillers(self, top: Graph, ordered: tuple[str, ...]) -> dict[str, tuple[tuple[str, str], ...]]:
        """Find the parts that fill a registry of another one while they are imported.

        Where one of them needs another, the registry imports the first and each the next: whichever is imported first,
        it has all its names before one that needs them is imported.
        """
        found: dict[str, dict[str, str]] = {}
        for unit in self.outline.units:
            part = self.part_of.get(unit.index)
            if part is None or unit.role in (Role.MAIN, Role.IMPORT):
                continue
            for name in self.filled_at_import(unit):
                home = self.homes[name]
                if home != part and not has_path(top, home, part) and "cache" not in name.lower():
                    found.setdefault(home, {}).setdefault(part, name)
        chained: dict[str, dict[str, str]] = {}
        for home, parts in found.items():
            row = sorted(parts, key=ordered.index)
            units = [unit for unit in self.outline.units if self.part_of.get(unit.index) in row]
            read = {need.name for unit in units for need in unit.needs if need.looked_into}
            dependent = any(has_path(top, later, earlier) for earlier, later in combinations(row, 2))
            dependent = dependent or not read.isdisjoint(parts.values())
            for holder, part in zip([home, *row[:-1]] if dependent else [home] * len(row), row, strict=True):
                chained.setdefault(holder, {}).setdefault(part, parts[part])
        return {home: tuple(sorted(parts.items())) for home, parts in chained.items()}

    def filled_before(self, part: str) -> tuple[tuple[str, str], ...]:
        """Give the parts that have to be imported before `part`, with the name of what they fill and it looks into."""
        return tuple(sorted({(filler, name) for u, name, filler in self.read_late if self.part_of[u.index] == part}))

    def filled_at_import(self, unit: Unit) -> Iterator[str]:
        """Give the names whose values a unit changes while its module is imported, by itself or by what it calls."""
        for need in unit.needs:
            if need.when is not When.IMPORT or need.name not in self.homes:
                continue
            if need.fills or need.acted_on:
                yield need.name
            if self.calls(need):
                for name in (need.name, *(reached for reached, _ in self.reached_by_call(need.name))):
                    for index in self.outline.definitions.get(name, ()):
                        for inner in self.outline.units[index].needs:
                            if inner.fills and inner.when is When.LATER and inner.name in self.homes:
                                yield inner.name

    # -- imports ----------------------------------------------------------------------------------------------------

    def share_imports(self, crossings: tuple[Crossing, ...]) -> dict[tuple[str, int], frozenset[str]]:
        """Give each part the imports its units use; an import that no unit uses goes to the default part."""
        outline = self.outline
        shares: dict[tuple[str, int], set[str]] = {}
        for part in self.parts:
            own = [unit for unit in outline.units if self.part_of.get(unit.index) == part]
            todo = [need for unit in own for need in unit.needs]
            extra = frozenset().union(*(unit.doctest_names for unit in own)) & outline.imports.keys()
            extra |= {name for name, asked in self.asked.items() if asked == part} & outline.imports.keys()
            if any(crossing.part == part and crossing.reach is Reach.TYPING for crossing in crossings):
                # The block that imports for type checkers needs its condition.
                extra |= {outline.type_checking.partition(".")[0]} & outline.imports.keys()
            self.share(part, todo, extra, shares)
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
                    shares.setdefault((self.default, unit.index), set()).update(rest or {"*"})
                    left += unit.needs
        self.share(self.default, left, frozenset(), shares)
        return {key: frozenset(names) for key, names in shares.items()}

    def share(
        self, part: str, needs: list[Need], names: Iterable[str], shares: dict[tuple[str, int], set[str]]
    ) -> None:
        outline = self.outline
        for need in needs:
            if need.name not in outline.imports or self.homes.get(need.name, part) != part:
                continue
            for index in _import_units(outline, need):
                if need.name not in shares.get((part, index), ()):
                    shares.setdefault((part, index), set()).add(need.name)
                    self.share(part, list(outline.units[index].needs), (), shares)
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
