"""Group atoms by what joins them: average linkage first, then moves of single atoms as long as they help.

Takes weighted pairs, gives a label for each atom. The score of a grouping is Newman's modularity: the share of all
that joins which stays inside the groups, less what chance would leave there; 0 is chance, 1 cannot be reached.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from unmix.proposal.concerns import Pairs

Labels = list[int]

_ROUNDS = 20


def link_groups(pairs: Pairs, number: int, groups: int) -> Labels:
    """Join the two groups that have most to do with each other, on average, until there are `groups` of them."""
    members = {index: [index] for index in range(number)}
    links: dict[int, dict[int, float]] = {index: {} for index in range(number)}
    for (a, b), weight in pairs.items():
        if weight > 0:
            links[a][b] = links[b][a] = weight
    queue = [(-weight, a, b, 1, 1) for (a, b), weight in pairs.items() if weight > 0]
    heapq.heapify(queue)
    while len(members) > groups:
        pair = _closest(queue, members)
        if pair is None:
            # Nothing joins what is left: the smallest two go together.
            kept, gone = sorted(members, key=lambda group: (len(members[group]), group))[:2]
        else:
            kept, gone = pair
        members[kept] += members.pop(gone)
        for other, weight in links.pop(gone).items():
            del links[other][gone]
            if other != kept:
                links[kept][other] = links[other][kept] = links[kept].get(other, 0.0) + weight
        size = len(members[kept])
        for other, weight in links[kept].items():
            average = weight / (size * len(members[other]))
            a, b = sorted((kept, other))
            heapq.heappush(queue, (-average, a, b, len(members[a]), len(members[b])))
    label = {index: place for place, group in enumerate(members.values()) for index in group}
    return [label[index] for index in range(number)]


def _closest(
    queue: list[tuple[float, int, int, int, int]], members: Mapping[int, Sequence[int]]
) -> tuple[int, int] | None:
    while queue:
        _, a, b, size_a, size_b = heapq.heappop(queue)
        # What was pushed before one of the two grew is out of date.
        if a in members and b in members and (len(members[a]), len(members[b])) == (size_a, size_b):
            return a, b
    return None


def refine(pairs: Pairs, labels: Labels) -> Labels:
    """Move single atoms to the group where they raise the score most; no group is emptied."""
    number, groups = len(labels), max(labels) + 1
    links: list[dict[int, float]] = [{} for _ in range(number)]
    for (a, b), weight in pairs.items():
        links[a][b] = links[b][a] = weight
    degrees = [sum(link.values()) for link in links]
    total = sum(degrees) or 1.0
    labels = list(labels)
    weights, sizes = [0.0] * groups, [0] * groups
    for index, label in enumerate(labels):
        weights[label] += degrees[index]
        sizes[label] += 1
    for _ in range(_ROUNDS):
        moved = False
        for index in range(number):
            old = labels[index]
            if sizes[old] == 1:
                continue
            inside = [0.0] * groups
            for other, weight in links[index].items():
                inside[labels[other]] += weight
            gains = [
                inside[group] - degrees[index] * (weights[group] - degrees[index] * (group == old)) / total
                for group in range(groups)
            ]
            new = max(range(groups), key=gains.__getitem__)
            if gains[new] > gains[old] + 1e-12:
                labels[index], moved = new, True
                weights[old], weights[new] = weights[old] - degrees[index], weights[new] + degrees[index]
                sizes[old], sizes[new] = sizes[old] - 1, sizes[new] + 1
        if not moved:
            break
    return labels


def score(pairs: Pairs, labels: Sequence[int]) -> float:
    """Give the modularity of a grouping."""
    degrees: dict[int, float] = {}
    inside = total = 0.0
    for (a, b), weight in pairs.items():
        for index in (a, b):
            degrees[labels[index]] = degrees.get(labels[index], 0.0) + weight
        total += weight
        inside += weight * (labels[a] == labels[b])
    if not total:
        return 0.0
    return inside / total - sum((degree / (2 * total)) ** 2 for degree in degrees.values())


def in_order(labels: Sequence[int]) -> Labels:
    """Number the groups in the order in which they first appear."""
    first = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    return [first[label] for label in labels]
