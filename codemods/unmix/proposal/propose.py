"""Propose how to split a module: which groups of definitions, ranked, none of them with an import-time circle.

Takes an outline, the module's text and its callers, gives Groupings, the best first. That an engine can carry one out
is for the caller to prove; names and reasons for people are explain.py's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from unmix.outline import ModuleOutline
from unmix.proposal.atoms import Atom, import_time_needs
from unmix.proposal.concerns import Pairs, Weights, read_signs, weigh
from unmix.proposal.group import Labels, in_order, link_groups, refine, score

# More parts than this at once are a redesign, not a split.
_MOST_PARTS = 6

# What each part beyond the second has to add to the score: without it more parts would nearly always win.
PRICE = 0.1


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to group the atoms: a label for each. `score` is its modularity, `rank` what it is preferred by."""

    labels: tuple[int, ...]
    score: float
    rank: float

    @property
    def parts(self) -> int:
        """How many groups there are."""
        return len(set(self.labels))


def rank_groupings(
    outline: ModuleOutline,
    text: str,
    atoms: Sequence[Atom],
    callers: Mapping[str, frozenset[str]],
    weights: Weights | None = None,
) -> tuple[Grouping, ...]:
    """Give the best grouping for each number of parts, in the order in which they are to be preferred."""
    pairs = weigh(read_signs(outline, text, atoms, callers), weights or Weights())
    circles = _import_time_graph(outline, atoms)
    found: dict[int, Grouping] = {}
    for number in range(2, min(_MOST_PARTS, len(atoms)) + 1):
        labels = refine(pairs, link_groups(pairs, len(atoms), number))
        labels = in_order(break_circles(labels, circles, pairs))
        value = score(pairs, labels)
        grouping = Grouping(tuple(labels), value, value - PRICE * (len(set(labels)) - 2))
        known = found.get(grouping.parts)
        if grouping.parts > 1 and (known is None or known.score < grouping.score):
            found[grouping.parts] = grouping
    return tuple(sorted(found.values(), key=lambda grouping: -grouping.rank))


def group_atoms(
    outline: ModuleOutline,
    text: str,
    atoms: Sequence[Atom],
    callers: Mapping[str, frozenset[str]],
    weights: Weights | None = None,
) -> Labels:
    """Give the labels of the preferred grouping."""
    ranked = rank_groupings(outline, text, atoms, callers, weights)
    return list(ranked[0].labels) if ranked else [0] * len(atoms)


def break_circles(labels: Labels, needs: nx.DiGraph, pairs: Pairs) -> Labels:
    """Change a grouping as little as possible until no two groups need each other at import time.

    Of all atoms that one side of a circle could give to the other, the one is moved that costs the score least; where
    moving ends nowhere, the groups of a circle are joined.
    """
    labels = list(labels)
    for _ in range(len(labels)):
        circle = _circle(labels, needs)
        if not circle:
            return labels
        movable = {
            (atom, labels[other])
            for atom, other in [*needs.edges, *needs.reverse().edges]
            if labels[atom] != labels[other] and {labels[atom], labels[other]} <= circle
        }
        moves = []
        for atom, group in sorted(movable):
            moved = [group if index == atom else label for index, label in enumerate(labels)]
            crossing = _crossing(moved, needs)
            if crossing < _crossing(labels, needs) and len(set(moved)) == len(set(labels)):
                moves.append((score(pairs, moved), moved))
        if moves:
            labels = max(moves, key=lambda move: move[0])[1]
        else:
            labels = [min(circle) if label in circle else label for label in labels]
    return labels


def _circle(labels: Sequence[int], needs: nx.DiGraph) -> set[int]:
    """Give groups that need each other in a circle, if there are any."""
    graph = nx.DiGraph((labels[a], labels[b]) for a, b in needs.edges if labels[a] != labels[b])
    return next((set(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1), set())


def _crossing(labels: Sequence[int], needs: nx.DiGraph) -> int:
    return sum(labels[a] != labels[b] for a, b in needs.edges)


def _import_time_graph(outline: ModuleOutline, atoms: Sequence[Atom]) -> nx.DiGraph:
    needs = import_time_needs(outline)
    home = {name: index for index, atom in enumerate(atoms) for name in atom.names}
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(atoms)))
    for name, needed in needs.items():
        graph.add_edges_from((home[name], home[other]) for other in needed if name in home and other in home)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return graph
