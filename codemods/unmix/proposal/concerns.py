"""Measure how much each two atoms of a module have to do with each other, by seven signs of a shared concern.

Takes an outline, its text and its callers, gives weights; what is made of them is propose.py's to decide.
"""

from __future__ import annotations

import itertools
import keyword
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from unmix.outline import ModuleOutline
from unmix.proposal.atoms import Atom

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_BANNER = re.compile(r"^\s*(?:#|//|/\*)\s*[-=*#~_+─━]{3,}", re.MULTILINE)

# Words that say nothing about a concern; those of the languages themselves come on top.
_EMPTY = frozenset(keyword.kwlist) | frozenset(
    "self cls args kwargs str int bool float list dict set tuple any optional none true false return returns param "
    "the a an of to in is it and or for with that this be as by on from not if are was which when will can may "
    "isinstance len range object type value values name names get".split()
)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign counts; found by tests/bench/proposals.py on modules whose concerns are known."""

    needs: float = 3.7
    company: float = 1.2
    callers: float = 1.0
    names: float = 0.7
    words: float = 1.3
    order: float = 0.5
    libraries: float = 0.4


Pairs = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Signs:
    """For each sign, what every two atoms (by index, the lower first) share of it, from 0 to 1.

    `needs`: one needs the other; `company`: they need the same, or are needed by the same; `callers`: the same files
    use them; `names` and `words`: their names, and what stands in them, say the same; `order`: they stand close
    together; `libraries`: they use the same imports.
    """

    needs: Pairs
    company: Pairs
    callers: Pairs
    names: Pairs
    words: Pairs
    order: Pairs
    libraries: Pairs


def read_signs(
    outline: ModuleOutline, text: str, atoms: Sequence[Atom], callers: Mapping[str, frozenset[str]]
) -> Signs:
    """Compare every two atoms. `callers` gives, for each name, the files outside that use it."""
    lines = text.splitlines()
    bodies = [_body(atom, lines) for atom in atoms]
    own = {name for atom in atoms for name in atom.names}
    return Signs(
        needs=_needs(atoms),
        company=_alike(_company(atoms)),
        callers=_alike([Counter({user for name in atom.names for user in callers.get(name, ())}) for atom in atoms]),
        names=_alike([Counter(word for name in atom.names for word in split_words(name)) for atom in atoms]),
        words=_alike([_content(body, own) for body in bodies]),
        order=_order(atoms, lines),
        libraries=_alike([_libraries(atom, outline) for atom in atoms]),
    )


def weigh(signs: Signs, weights: Weights) -> Pairs:
    """Give the weighted sum of all signs."""
    total: Pairs = {}
    for name in (field.name for field in fields(weights)):
        weight = getattr(weights, name)
        if weight:
            for pair, value in getattr(signs, name).items():
                total[pair] = total.get(pair, 0.0) + weight * value
    return total


def split_words(name: str) -> list[str]:
    """Give the words of an identifier: `_retryState2` → retry, state."""
    return [word.lower() for word in _WORD.findall(name) if len(word) > 1 and not word.isdigit()]


def _body(atom: Atom, lines: Sequence[str]) -> str:
    return "\n".join("\n".join(lines[d.line - 1 : d.end_line]) for d in atom.definitions)


def _content(body: str, own: set[str]) -> dict[str, float]:
    """Count the identifiers and the words of a body, a word of prose for as much as one of code."""
    found: Counter[str] = Counter()
    for identifier in _IDENTIFIER.findall(body):
        if identifier not in own and len(identifier) > 2:
            found[identifier] += 1
        found.update(split_words(identifier))
    return {word: 1 + math.log(number) for word, number in found.items() if word.lower() not in _EMPTY}


def _libraries(atom: Atom, outline: ModuleOutline) -> Counter[str]:
    found: set[str] = set()
    for definition in atom.definitions:
        for need in definition.needs:
            home = outline.imports.get(need.name)
            if home is not None and home.module not in ("typing", "__future__", "typing_extensions", "collections.abc"):
                found |= {home.module, str(home)}
    return Counter(found)


def _needs(atoms: Sequence[Atom]) -> Pairs:
    """Join what needs each other; what everything needs joins little."""
    home = {name: index for index, atom in enumerate(atoms) for name in atom.names}
    edges: Counter[tuple[int, int]] = Counter()
    for index, atom in enumerate(atoms):
        for name in {need.name for definition in atom.definitions for need in definition.needs}:
            if name in home and home[name] != index:
                edges[index, home[name]] += 1
    users = Counter(needed for _, needed in edges)
    pairs: Pairs = {}
    for user, needed in edges:
        pair = min(user, needed), max(user, needed)
        pairs[pair] = min(1.0, pairs.get(pair, 0.0) + 1 / math.sqrt(users[needed]))
    return pairs


def _company(atoms: Sequence[Atom]) -> list[Counter[str]]:
    """Give what each atom needs, itself included, and what needs it."""
    home = {name: index for index, atom in enumerate(atoms) for name in atom.names}
    found: list[Counter[str]] = [Counter({f"needs {index}": 1}) for index in range(len(atoms))]
    for index, atom in enumerate(atoms):
        for needed in {home.get(need.name, index) for d in atom.definitions for need in d.needs} - {index}:
            found[index][f"needs {needed}"] = 1
            found[needed][f"needed by {index}"] = 1
    return found


def _alike(bags: Sequence[Mapping[str, float]]) -> Pairs:
    """Give the cosine of every two bags, each item weighing the more the fewer bags have it."""
    spread = Counter(item for bag in bags for item in bag)
    scale = {item: math.log(len(bags) / number) for item, number in spread.items() if number > 1}
    vectors = [{item: count * scale[item] for item, count in bag.items() if scale.get(item)} for bag in bags]
    lengths = [math.sqrt(sum(value * value for value in vector.values())) for vector in vectors]
    holders: dict[str, list[int]] = {}
    for index, vector in enumerate(vectors):
        for item in vector:
            holders.setdefault(item, []).append(index)
    pairs: Pairs = {}
    for item, indices in holders.items():
        for position, a in enumerate(indices):
            for b in indices[position + 1 :]:
                pairs[a, b] = pairs.get((a, b), 0.0) + vectors[a][item] * vectors[b][item]
    return {(a, b): value / (lengths[a] * lengths[b]) for (a, b), value in pairs.items()}


def _order(atoms: Sequence[Atom], lines: Sequence[str]) -> Pairs:
    """Join what stands close together, the less across a banner."""
    reach = 4
    walls = [
        bool(_BANNER.search("\n".join(lines[before.definitions[-1].end_line : after.definitions[0].line + 2])))
        for before, after in itertools.pairwise(atoms)
    ]
    pairs: Pairs = {}
    for a in range(len(atoms)):
        for b in range(a + 1, min(a + 1 + reach, len(atoms))):
            walled = sum(walls[a:b])
            pairs[a, b] = (1 - (b - a - 1) / reach) / (1 + 3 * walled)
    return pairs
