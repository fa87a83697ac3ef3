"""Choose the files that can refer to an old module, or use what nothing defines any more.

Takes the relocations and a tree, gives paths; reads texts and parses with Python's own parser at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from unmix.errors import UnreadableSource
from unmix.ignore import NEEDLE
from unmix.python.left_alone import is_left_alone
from unmix.python.memory import Memory
from unmix.python.modules import is_dunder, is_python
from unmix.reference import Relocation
from unmix.workspace import Workspace

# A file with a NUL among its first bytes is no text.
_LOOKED_AT = 8192


def find_candidates(
    memory: Memory, relocations: Sequence[Relocation], workspace: Workspace, *, by_name: bool
) -> tuple[str, ...]:
    """List the files that may refer to an old module; with `by_name` also those that only use a moved name."""
    leaves = {relocation.module.rpartition(".")[2] for relocation in relocations}
    names = _defined_names(memory, relocations)
    parts = _names_of_parts(memory, relocations, workspace)
    imports = {text for leaf in parts for text in (f".{leaf} import", f"import {leaf}", f", {leaf}")}
    imports |= {part for relocation in relocations for part in relocation.parts}
    if by_name and relocations:
        # One search for all that is asked from here on: it answers the narrower ones.
        own = {replacement.name for replacement in memory.replacements()}
        workspace.containing((*leaves, *own, *names, *_in_fewer_words(parts, imports), NEEDLE))
    called = memory.replaced_names(workspace)
    needles = leaves | called
    found = set(workspace.containing(tuple(sorted(needles)))) if needles else set()
    # The parts, whatever they mention: what a split left undefined would show there.
    paths = (memory.finder(workspace).path_of(part) for relocation in relocations for part in relocation.parts)
    found |= {path for path in paths if path is not None}
    olds = tuple(relocation.module for relocation in relocations)
    if relocations:
        watched = memory.watched(relocations)
        # In its packages an old module has a name without them, whoever loads it.
        above = {package for old in olds for package in accumulate(old.split(".")[:-1], "{}.{}".format)}
        packages = {memory.finder(workspace).path_of(package) for package in above}
        found = {p for p in found if p in packages or _may_concern(p, workspace, olds, called, watched, parts)}
    if by_name and relocations:
        for path in workspace.containing(tuple(sorted(names | imports))):
            if path not in found and is_python(path) and _is_suspect(path, names, parts, workspace):
                found.add(path)
    folders = tuple(r.path.removesuffix("__init__.py") for r in relocations if r.path.endswith("/__init__.py"))
    if folders:
        # `from . import name` reaches a package without a word of its name.
        found |= {path for path in workspace.containing(("from .",)) if path.startswith(folders)}
    found |= {user for alias in memory.aliases(olds, workspace) for user in alias.users}
    return tuple(sorted(path for path in found if _is_concerned(path, olds, workspace)))


def _may_concern(
    path: str,
    workspace: Workspace,
    olds: Sequence[str],
    called: set[str],
    watched: frozenset[str],
    parts: Mapping[str, frozenset[str]],
) -> bool:
    """Say whether a file that has a word in question may have a reference, or use what nothing defines."""
    from unmix.python.suspects import code_may_refer, document_may_refer, is_suspect

    try:
        text = workspace.glance(path).text
    except UnreadableSource:
        return True
    if is_python(path):
        return code_may_refer(text, olds, called) or is_suspect(text, watched, parts)
    return not is_left_alone(path, text) and document_may_refer(path, text, olds)


def _is_suspect(path: str, names: frozenset[str], parts: Mapping[str, frozenset[str]], workspace: Workspace) -> bool:
    """Say whether a file that mentions no old module may use a moved name that nothing defines any more."""
    from unmix.python.suspects import is_suspect

    try:
        return is_suspect(workspace.glance(path).text, names, parts)
    except UnreadableSource:
        # It mentions no old module, and what else it says is not for unmix to judge.
        return False


def _names_of_parts(
    memory: Memory, relocations: Sequence[Relocation], workspace: Workspace
) -> dict[str, frozenset[str]]:
    """Give what each part has of its old module, by the last name of the part."""
    from unmix.python.suspects import bound_names

    found: dict[str, frozenset[str]] = {}
    for relocation in relocations:
        for part in relocation.parts:
            names = frozenset(name for name, holders in relocation.holders.items() if part in holders)
            path = memory.finder(workspace).path_of(part)
            try:
                bound = bound_names(workspace.glance(path).text) if path is not None else None
            except UnreadableSource:
                bound = None
            leaf = part.rpartition(".")[2]
            # What somebody took out of a part since is missing there, whatever the shim says.
            held = names if bound is None else names & bound
            # Of two parts with one last name, what either has not is worth a closer look.
            found[leaf] = held & found.get(leaf, held)
    return found


def _defined_names(memory: Memory, relocations: Sequence[Relocation]) -> frozenset[str]:
    """Give the names that the old modules defined themselves, or were asked for; not those they only imported."""
    asked = {name for split in memory.own_splits() for part in split.parts for name in part.names}
    own = {n for r in relocations for n, home in r.homes.items() if home.module in r.parts and not is_dunder(n)}
    return frozenset(asked | own)


def _in_fewer_words(parts: Mapping[str, frozenset[str]], imports: set[str]) -> set[str]:
    """Give what all of `imports` contain: a part's last name alone where it is a rare word, as compounds are."""
    rare = {leaf for leaf in parts if "_" in leaf.strip("_")}
    return rare | {text for text in imports if not any(leaf in text for leaf in rare)}


def _is_concerned(path: str, olds: Sequence[str], workspace: Workspace) -> bool:
    """Say whether a file that holds the last word of an old module's name is a text, or else says more of that name.

    A font or an old letter in Latin-1 may well hold the word; it is nobody's business.
    """
    from unmix.python.suspects import names_module

    try:
        return "\0" not in workspace.read(path).text[:_LOOKED_AT] or is_python(path)
    except UnreadableSource:
        data = workspace.read_bytes(path)
        if is_python(path):
            return names_module(data.decode("latin-1"), olds)
        named = any(spelling.encode() in data for old in olds for spelling in (old, old.replace(".", "/")))
        return named and b"\0" not in data[:_LOOKED_AT]
