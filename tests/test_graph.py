"""Paths, circles and orders of small graphs, against networkx."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from unmix.graph import arrows, circles, find_circle, find_path, join, make_graph, order_nodes

NODES = "abcdef"
PAIRS = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda pair: pair[0] != pair[1]))


@given(PAIRS)
def test_paths_are_shortest_and_circles_are_strongly_connected(pairs: list[tuple[str, str]]) -> None:
    graph, known = make_graph(NODES, pairs), nx.DiGraph(pairs)
    known.add_nodes_from(NODES)
    for goal in NODES:
        path = find_path(graph, "a", goal)
        assert (path is not None) == nx.has_path(known, "a", goal)
        if path is not None:
            assert len(path) == len(nx.shortest_path(known, "a", goal))
            assert set(pairwise(path)) <= arrows(graph)
    numbers = circles(graph)
    groups = {frozenset(node for node in NODES if numbers[node] == number) for number in numbers.values()}
    assert groups == {frozenset(group) for group in nx.strongly_connected_components(known)}


@given(PAIRS, st.permutations(NODES))
def test_the_order_is_that_of_needs_and_else_that_of_rank(pairs: list[tuple[str, str]], order: list[str]) -> None:
    pairs = [(max(pair), min(pair)) for pair in pairs]  # no circle
    known = nx.DiGraph([(goal, start) for start, goal in pairs])
    known.add_nodes_from(NODES)
    rank = {node: place for place, node in enumerate(order)}
    expected = nx.lexicographical_topological_sort(known, key=rank.__getitem__)
    assert order_nodes(make_graph(NODES, pairs), rank) == tuple(expected)


@given(st.lists(st.lists(st.sampled_from(NODES), min_size=1)))
def test_what_shares_a_member_belongs_together(groups: list[list[str]]) -> None:
    known = nx.utils.UnionFind(NODES)
    for group in groups:
        known.union(*group)
    assert set(join(NODES, groups)) == {frozenset(group) for group in known.to_sets()}


@given(PAIRS)
def test_a_circle_is_found_where_there_is_one(pairs: list[tuple[str, str]]) -> None:
    graph = make_graph(NODES, pairs)
    circle = find_circle(graph)
    assert bool(circle) == (not nx.is_directed_acyclic_graph(nx.DiGraph(pairs)))
    assert set(circle) <= arrows(graph)
    assert all(first[1] == second[0] for first, second in pairwise([*circle, *circle[:1]]))
