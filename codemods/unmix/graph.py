"""Paths, circles and orders among the parts of a module: graphs of a handful of nodes.

Takes a mapping from every node to the nodes it points at (what it needs), gives plain values; the same graph gives the
same answer. Importing networkx takes longer than a whole migration; who searches communities imports that.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping

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
    """Give the nodes so that each comes after all it points at, else by rank; those in a circle are left out."""
    pointing: dict[str, list[str]] = {node: [] for node in graph}
    for start, goal in arrows(graph):
        pointing[goal].append(start)
    open_arrows = {node: len(goals) for node, goals in graph.items()}
    ready = [(rank[node], node) for node, count in open_arrows.items() if not count]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, node = heapq.heappop(ready)
        ordered.append(node)
        for start in pointing[node]:
            open_arrows[start] -= 1
            if not open_arrows[start]:
                heapq.heappush(ready, (rank[start], start))
    return tuple(ordered)


def join(names: Iterable[str], groups: Iterable[Collection[str]]) -> list[frozenset[str]]:
    """Give the sets into which names fall when all of each group belong together."""
    home = {name: {name} for name in names}
    for group in groups:
        sets = {id(each): each for name in group for each in (home.setdefault(name, {name}),)}
        joined = set().union(*sets.values())
        home.update(dict.fromkeys(joined, joined))
    return [frozenset(each) for each in {id(each): each for each in home.values()}.values()]
