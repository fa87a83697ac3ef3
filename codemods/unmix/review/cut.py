"""The split of one old module as a graph: which definition goes where, what needs what, and what crosses the cut.

Takes an OldModule, gives columns and edges for picture.py, and the crossings as rows that can be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from unmix.impact.measure import Impact
from unmix.outline import Definition, ModuleOutline
from unmix.review.picture import Column, Edge, Node, order_columns
from unmix.review.summary import OldModule
from unmix.review.visible import make_visible

# More files beside a module could not be told apart.
MOST_USERS = 60


@dataclass(frozen=True, slots=True)
class Crossing:
    """`part` needs `names` of `home`, while it is imported (`firm`) or only later; `users` are what needs them."""

    part: str
    home: str
    firm: bool
    names: tuple[str, ...]
    users: tuple[str, ...]


def columns_of(old: OldModule) -> tuple[Column, ...]:
    """Give a column for each part, with its definitions in the order of the old module."""
    if old.outline is None:
        return ()
    nodes: dict[str, list[Node]] = {part.module: [] for part in old.parts}
    for definition in old.outline.definitions:
        part = part_of(definition, old)
        if part in nodes:
            nodes[part].append(node_of(definition, f"#line-{definition.line}"))
    return tuple(
        Column(make_visible(part), tuple(own), f"{len(own)} definition{'s' * (len(own) != 1)}")
        for part, own in nodes.items()
    )


def node_of(definition: Definition, link: str) -> Node:
    """Give the box of a definition."""
    names = ", ".join(definition.names) or "a statement"
    title = make_visible(f"{definition.kind} {names}, line {definition.line}")
    return Node(key(definition), make_visible(definition.label), title, link, definition.kind.rpartition(" ")[2])


def key(definition: Definition) -> str:
    """Give what names a definition in a picture."""
    return f"{definition.line}"


def part_of(definition: Definition, old: OldModule) -> str:
    """Say which part a definition goes to: that of its name, or that in which most of its lines stand."""
    homes = {move.name: move.part for move in old.moves}
    for name in definition.names:
        if homes.get(name):
            return homes[name]
    lines = range(definition.line, definition.end_line + 1)
    found = Counter(old.went[line][0].module for line in lines if line in old.went)
    return found.most_common(1)[0][0] if found else ""


def edges_of(outline: ModuleOutline) -> tuple[Edge, ...]:
    """Give one edge for each pair of definitions of which one needs the other."""
    homes = outline.homes
    found: dict[tuple[str, str], tuple[bool, set[str]]] = {}
    for definition in outline.definitions:
        for need in definition.needs:
            for other in homes.get(need.name, ()):
                if other is not definition:
                    pair = key(definition), key(other)
                    firm, names = found.get(pair, (False, set()))
                    found[pair] = firm or need.at_import, names | {f"{definition.label} needs {need.name}"}
    return tuple(
        Edge(start, end, firm, make_visible(f"{'; '.join(sorted(names))} ({_when(firm=firm)})"))
        for (start, end), (firm, names) in found.items()
    )


def crossings_of(old: OldModule) -> tuple[Crossing, ...]:
    """Give what each part needs of each other one, import-time needs first."""
    if old.outline is None:
        return ()
    homes = old.outline.homes
    found: dict[tuple[bool, str, str], tuple[set[str], set[str]]] = {}
    for definition in old.outline.definitions:
        part = part_of(definition, old)
        for need in definition.needs:
            for home in {part_of(other, old) for other in homes.get(need.name, ())} - {part}:
                names, users = found.setdefault((not need.at_import, part, home), (set(), set()))
                names.add(need.name)
                users.add(definition.label)
    return tuple(
        Crossing(part, home, not later, _sorted(names), _sorted(users))
        for (later, part, home), (names, users) in sorted(found.items())
    )


def graph_of(impact: Impact) -> tuple[tuple[Column, ...], tuple[Edge, ...]]:
    """Give the picture of a module with its users: files beside definitions, the busiest files first."""
    outline = impact.outline
    places = [(name.name, place) for name in impact.names for place in name.outside]
    busiest = [path for path, _ in Counter(place.path for _, place in places).most_common()]
    shown, rest = busiest[:MOST_USERS], set(busiest[MOST_USERS:])
    files = [Node(f"file {path}", make_visible(path), make_visible(path), "", "file") for path in shown]
    if rest:
        files.append(Node("file", f"{len(rest)} more files", "", "", "file"))
    nodes = tuple(node_of(definition, _link(definition)) for definition in outline.definitions)
    homes = outline.homes
    used: dict[tuple[str, str], set[str]] = {}
    for name, place in places:
        for definition in homes.get(name, ())[-1:]:
            start = "file" if place.path in rest else f"file {place.path}"
            used.setdefault((start, key(definition)), set()).add(f"{place.kind} of {name}")
    edges = [Edge(start, end, False, make_visible(", ".join(sorted(what)))) for (start, end), what in used.items()]
    columns = (
        Column("who uses it", tuple(files), f"{len(busiest)} file{'s' * (len(busiest) != 1)}"),
        Column(make_visible(impact.module), nodes, f"{len(nodes)} definition{'s' * (len(nodes) != 1)}"),
    )
    everything = (*edges_of(outline), *edges)
    # The definitions stay in the order of the file, the files move to where what they use stands.
    return (order_columns(columns, everything)[0], columns[1]), everything


def _link(definition: Definition) -> str:
    return f"#name-{definition.names[0]}" if definition.names and not definition.label.startswith("__") else ""


def _when(*, firm: bool) -> str:
    return "while it is imported" if firm else "later"


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
