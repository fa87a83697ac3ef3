"""Name the parts of a grouping, and say why each holds together.

Takes atoms, labels and callers, gives ProposedParts with reasons in words; changes no grouping.
"""

from __future__ import annotations

import itertools
import keyword
import math
import posixpath
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from unmix.outline import ModuleOutline
from unmix.proposal.atoms import Atom
from unmix.proposal.concerns import split_words

# Words that name no concern.
_WEAK = frozenset(
    "get set is has do make new create init from to with for of the a an in on by and or not default base abstract "
    "main run func function class object obj value values name names type types data item items "
    "config configuration options option settings util utils helper helpers misc common info state".split()
)


@dataclass(frozen=True, slots=True)
class ProposedPart:
    """A part: where it would stand, the names it takes in their order, and why they belong together."""

    module: str
    names: tuple[str, ...]
    reasons: tuple[str, ...]


def explain(
    outline: ModuleOutline,
    atoms: Sequence[Atom],
    labels: Sequence[int],
    callers: Mapping[str, frozenset[str]],
    exists: Callable[[str], bool],
) -> tuple[ProposedPart, ...]:
    """Give the parts of a grouping. `exists` says whether a module of that name is there already."""
    groups = [[atom for atom, label in zip(atoms, labels, strict=True) if label == group] for group in _order(labels)]
    bare = {name for group in groups for atom in group for name in atom.names}
    taken: set[str] = set()
    parts = []
    for number, group in enumerate(groups):
        others = [atom for other in groups if other is not group for atom in other]
        module = next(
            spelled
            for word in _candidates(outline, group, others, callers, number)
            if (spelled := _spelled(outline, word)) not in taken and not exists(spelled) and _fits(outline, word, bare)
        )
        taken.add(module)
        names = tuple(name for atom in group for name in atom.names)
        parts.append(ProposedPart(module, names, tuple(_reasons(outline, group, others, callers))))
    return tuple(parts)


def _order(labels: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(labels))


# Names.


def _candidates(
    outline: ModuleOutline,
    group: Sequence[Atom],
    others: Sequence[Atom],
    callers: Mapping[str, frozenset[str]],
    number: int,
) -> list[str]:
    """Give names for a part, the best first; the last resort is a number."""
    names = [name for atom in group for name in atom.names]
    found = []
    if all(name.endswith(("Error", "Exception", "Warning")) for name in names):
        found.append("errors")
    if all(definition.kind == "value" for atom in group for definition in atom.definitions) and all(
        name.isupper() for name in names
    ):
        found.append("constants")
    words = _telling_words(names, [name for atom in others for name in atom.names], callers)
    for first, second in itertools.combinations(words[:3], 2):
        together = [split_words(name) for name in names if {first, second} <= set(split_words(name))]
        if len(together) > 1:
            found.append("_".join(sorted((first, second), key=together[0].index)))
    found += words[:1]
    if len(words) > 1:
        found.append("_".join(words[:2]))
    stem = _stem(outline)
    found += [f"{stem}_{word}" for word in words[:3]]
    found += [f"{stem}_{number + extra}" for extra in range(1, 100)]
    return found


def _telling_words(names: Sequence[str], others: Sequence[str], callers: Mapping[str, frozenset[str]]) -> list[str]:
    """Give the words that many of `names` have and few others, the most telling first.

    A name that is much used outside says more of a part than one that nobody sees.
    """
    here, there = _count_words(names, callers), _count_words(others, callers)
    size, rest = sum(_heard(name, callers) for name in names), sum(_heard(name, callers) for name in others) or 1.0
    place = {word: index for index, word in enumerate(here)}

    def weight(word: str) -> float:
        own, other = here[word] / size, there.get(word, 0.0) / rest
        return here[word] * math.log((own + 0.05) / (other + 0.05)) * (0.3 if word in _WEAK else 1.0)

    telling = [word for word in here if len(word) > 2 and here[word] / size > there.get(word, 0.0) / rest]
    return sorted(telling, key=lambda word: (-weight(word), place[word]))


def _count_words(names: Sequence[str], callers: Mapping[str, frozenset[str]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in names:
        for word in dict.fromkeys(split_words(name)):
            found[word] = found.get(word, 0.0) + _heard(name, callers)
    return found


def _heard(name: str, callers: Mapping[str, frozenset[str]]) -> float:
    return (1 + math.log1p(len(callers.get(name, ())))) * (0.5 if name.startswith("_") else 1.0)


def _stem(outline: ModuleOutline) -> str:
    leaf = outline.path.rpartition("/")[2]
    stem = outline.path.rpartition("/")[0].rpartition("/")[2] if _is_package(outline) else leaf.partition(".")[0]
    return "_".join(split_words(stem)) or "part"


def _spelled(outline: ModuleOutline, words: str) -> str:
    """Give the name of a part beside the old module, in the way that one is written.

    app.db.retry_wrapper → app.db.client; src/db/retryWrapper.js → src/db/retryClient.js; of a package: inside of it.
    """
    if "/" not in outline.module and not outline.module.endswith(_suffix(outline.path)):
        package = outline.module if _is_package(outline) else outline.module.rpartition(".")[0]
        return f"{package}.{words}" if package else words
    folder, suffix = posixpath.dirname(outline.module), _suffix(outline.module)
    stem = outline.module.rpartition("/")[2].removesuffix(suffix)
    if "-" in stem:
        leaf = words.replace("_", "-")
    elif "_" in stem:
        leaf = words
    else:
        leaf = re.sub(r"_(\w)", lambda found: found[1].upper(), words)
        leaf = leaf[0].upper() + leaf[1:] if stem[:1].isupper() else leaf
    return posixpath.join(folder, leaf + suffix)


def _suffix(path: str) -> str:
    leaf = path.rpartition("/")[2]
    return leaf[leaf.index(".") :] if "." in leaf else "\0"


def _is_package(outline: ModuleOutline) -> bool:
    return outline.path.rpartition("/")[2] == "__init__.py"


def _fits(outline: ModuleOutline, word: str, names: set[str]) -> bool:
    """Say whether a name hides nothing: no library, no keyword, and in a package no name of the package itself."""
    if keyword.iskeyword(word) or not word.isidentifier():
        return False
    if _is_package(outline) and (word in names or word in outline.imports):
        return False
    roots = {home.module.partition(".")[0] for home in outline.imports.values()}
    return word not in sys.stdlib_module_names and word not in roots


# Reasons.


def _reasons(
    outline: ModuleOutline, group: Sequence[Atom], others: Sequence[Atom], callers: Mapping[str, frozenset[str]]
) -> list[str]:
    names = {name for atom in group for name in atom.names}
    reasons = [*_shared_needs(group, others), *_shared_callers(names, others, callers)]
    reasons += _shared_libraries(outline, group, others)
    words = _telling_words(sorted(names), [name for atom in others for name in atom.names], callers)
    counts = Counter(word for name in names for word in set(split_words(name)))
    common = [word for word in words if counts[word] > 1 and word not in _WEAK][:3]
    if common:
        reasons.append("names that say " + ", ".join(f'"{word}" ({counts[word]})' for word in common))
    reasons += [f"{_listed(atom.names)} stay together: {atom.reason}" for atom in group if atom.reason]
    crossing = sorted(
        {
            need.name
            for atom in group
            for definition in atom.definitions
            for need in definition.needs
            if any(need.name in other.names for other in others)
        }
    )
    if crossing:
        reasons.append(f"needs {_listed(crossing)} of the other parts")
    return reasons or ["nothing else in the module has to do with these"]


def _shared_needs(group: Sequence[Atom], others: Sequence[Atom]) -> list[str]:
    """Say which names of the part several others of it need, and nobody else."""
    users = {
        name: sum(_needs(atom, name) and name not in atom.names for atom in group)
        for atom in group
        for name in atom.names
    }
    foreign = {name for name in users if any(_needs(atom, name) for atom in others)}
    shared = sorted((name for name in users if users[name] > 1 and name not in foreign), key=lambda name: -users[name])
    return [f"{users[name]} of these share `{name}`, and nothing else needs it" for name in shared[:3]]


def _needs(atom: Atom, name: str) -> bool:
    return any(need.name == name for definition in atom.definitions for need in definition.needs)


def _shared_callers(names: set[str], others: Sequence[Atom], callers: Mapping[str, frozenset[str]]) -> list[str]:
    own = Counter(path for name in names for path in callers.get(name, ()))
    foreign = {path for atom in others for name in atom.names for path in callers.get(name, ())}
    alone = sorted(path for path in own if path not in foreign)
    if not alone:
        return []
    folders = Counter(path.rpartition("/")[0] or "." for path in alone).most_common(2)
    where = ", ".join(f"{_printable(folder)}/" for folder, _ in folders)
    return [f"{len(alone)} file{'s' * (len(alone) != 1)} use{'s' * (len(alone) == 1)} only these, in {where}"]


def _shared_libraries(outline: ModuleOutline, group: Sequence[Atom], others: Sequence[Atom]) -> list[str]:
    def libraries(atoms: Sequence[Atom]) -> Counter[str]:
        return Counter(
            module
            for atom in atoms
            for module in {
                outline.imports[need.name].module
                for definition in atom.definitions
                for need in definition.needs
                if need.name in outline.imports
            }
        )

    foreign = libraries(others)
    own = [(module, number) for module, number in libraries(group).most_common() if module and module not in foreign]
    return [f"only these use {', '.join(f'`{_printable(module)}`' for module, _ in own[:4])}"] if own else []


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:6])
    return shown + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)
