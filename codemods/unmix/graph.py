"""Paths, circles and orders among the parts of a module: graphs of a handful of nodes.

Takes a mapping from every node to the nodes it points at (what it needs), gives plain values; the same graph gives the
same answer. Orders and circles are the standard library's (graphlib). networkx, whose import takes as long as splitting
a module of a thousand lines, is for who searches communities.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

Graph = dict[str, dict[str, None]]


def make_graph(nodes: Iterable[str], pairs: Iterable[tuple[str, str]] = ()) -> Graph:
    """Give the graph with these nodes and an arrow for each pair."""
    graph: Graph = {node: {} for node in nodes}
    for start, goal in pairs:
        add_arrow(graph, start, goal)
    return graph


def add_arrow(graph: Graph, start: str, goal: str) -> None:
    """Let one node of a graph point at another."""
    graph.setdefault(start, {})[goal] = None
    graph.setdefault(goal, {})


def arrows(graph: Graph) -> set[tuple[str, str]]:
    """Give every pair of nodes of which the first points at the second."""
    return {(start, goal) for start, goals in graph.items() for goal in goals}


def find_path(graph: Graph, start: str, goal: str) -> tuple[str, ...] | None:
    """Give a shortest way from one node to another, both ends included; None when there is none."""
    came_from: dict[str, str] = {start: ""}
    queue = [start]
    for node in queue:
        if node == goal:
            path = [node]
            while came_from[path[-1]]:
                path.append(came_from[path[-1]])
            return tuple(reversed(path))
        for following in graph.get(node, ()):
            if following not in came_from:
                came_from[following] = node
                queue.append(following)
    return None


def has_path(graph: Graph, start: str, goal: str) -> bool:
    """Say whether a way leads from one node to another."""
    return find_path(graph, start, goal) is not None


def circles(graph: Graph) -> dict[str, int]:
    """Number the nodes so that two have the same number when a way leads from each to the other."""
    numbers: dict[str, int] = {}
    for number, node in enumerate(graph):
        if node not in numbers:
            round_trip = [other for other in graph if has_path(graph, node, other) and has_path(graph, other, node)]
            numbers.update(dict.fromkeys(round_trip, number))
    return numbers


def order_nodes(graph: Graph, rank: Mapping[str, int]) -> tuple[str, ...]:
    """Give the nodes so that each comes after all it points at, else by rank. Raises graphlib.CycleError."""
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    ready: list[tuple[int, str]] = []
    ordered = []
    while sorter.is_active():
        for node in sorter.get_ready():
            heapq.heappush(ready, (rank[node], node))
        _, node = heapq.heappop(ready)
        ordered.append(node)
        sorter.done(node)
    return tuple(ordered)


def find_circle(graph: Graph) -> tuple[tuple[str, str], ...]:
    """Give the arrows of some circle, one after another; none where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # The first and last node are the same; each is pointed at by the one behind it.
        return tuple(pairwise(reversed(error.args[1])))
    return ()


def join(names: Iterable[str], groups: Iterable[Collection[str]]) -> list[frozenset[str]]:
    """Give the sets into which names fall when all of each group belong together."""
    home = {name: {name} for name in names}
    for group in groups:
        sets = {id(each): each for name in group for each in (home.setdefault(name, {name}),)}
        joined = set().union(*sets.values())
        home.update(dict.fromkeys(joined, joined))
    return [frozenset(each) for each in {id(each): each for each in home.values()}.values()]
