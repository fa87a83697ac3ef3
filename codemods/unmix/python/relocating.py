"""Say where the names of the old modules live: as asked for, as a shim says, or as the parts show once it is gone.

Takes splits and a tree, gives Relocations; reads only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from unmix.errors import MigrationFileError, UnreadableSource
from unmix.migration import Split
from unmix.python.memory import Memory
from unmix.python.mistakes import explain_missing
from unmix.python.modules import ModuleFinder, resolve_relative
from unmix.reference import Home, Relocation
from unmix.workspace import Workspace

if TYPE_CHECKING:
    from unmix.python.index import ModuleIndex
    from unmix.python.outline import Outline


def find_relocations(memory: Memory, splits: Sequence[Split], workspace: Workspace) -> tuple[Relocation, ...]:
    """Give what became, or is to become, of each old module."""
    finder = memory.finder(workspace)
    return tuple(_without_submodules(_relocation(memory, split, workspace), finder) for split in splits)


def is_split(memory: Memory, split: Split, workspace: Workspace) -> bool:
    """Say whether the parts of an old module are there, and it is a shim or gone."""
    finder = memory.finder(workspace)
    path = finder.path_of(split.module)
    if path is not None:
        return memory.shim(path, workspace) is not None or is_retired(split, path, finder)
    return all(finder.path_of(part.module) is not None for part in split.parts)


def is_retired(split: Split, path: str, finder: ModuleFinder) -> bool:
    """Say whether the old module was a package whose shim is gone: the package itself stays."""
    from unmix.python.retire import is_left_of_package

    return is_left_of_package(path, [part.module for part in split.parts], finder)


def _relocation(memory: Memory, split: Split, workspace: Workspace) -> Relocation:
    finder = memory.finder(workspace)
    path = finder.path_of(split.module)
    if path is None or is_retired(split, path, finder):
        return _relocation_of_parts(memory, split, finder, workspace)
    shim = memory.shim(path, workspace)
    if shim is not None:
        homes = {name: _home(home, shim.parts) for name, home in shim.homes.items()}
        # Nobody can import a feature from `__future__` below the first line: its name is the part's.
        homes |= {n: Home(shim.moved[n][0], n) for n, home in homes.items() if home.module == "__future__"}
        return Relocation(
            split.module, path, shim.parts, homes, dict(shim.moved), shim.rebound, shim.stars, shim.exported, shim.main
        )
    return _relocation_asked_for(memory, split, path, finder, workspace)


def _relocation_asked_for(
    memory: Memory, split: Split, path: str, finder: ModuleFinder, workspace: Workspace
) -> Relocation:
    """Say where the names of a module that is still whole are to live."""
    parts = tuple(part.module for part in split.parts)
    try:
        outline = memory.outline(path, workspace)
    except UnreadableSource:
        return Relocation(split.module, path, parts, {}, {})
    package = finder.name_of(path).package
    asked = {name: part.module for part in split.parts for name in part.names}
    rest = next((part.module for part in split.parts if part.rest), parts[0])
    stars = (rest,) if open_star_units(outline, package, memory.index(workspace)) else ()
    homes = {name: Home(asked.get(name, rest), name) for name in outline.names if name != "__all__"}
    for name in outline.imports:
        homes[name] = home_of_import(outline, name, package) or Home(rest, name)
    holders = {name: (asked.get(name, rest),) for name in homes}
    return Relocation(split.module, path, parts, homes, holders, frozenset(outline.rebound), stars, outline.exported)


def _relocation_of_parts(memory: Memory, split: Split, finder: ModuleFinder, workspace: Workspace) -> Relocation:
    """Say where the names of a module that is gone live, from its parts."""
    homes: dict[str, Home] = {}
    holders: dict[str, tuple[str, ...]] = {}
    parts = tuple(part.module for part in split.parts)
    if not any(finder.path_of(part) for part in parts):
        raise MigrationFileError((f"{memory.migration.path}:{split.line}: {explain_missing(split.module, finder)}",))
    exported: list[str] | None = None
    stars = []
    for part in parts:
        path = finder.path_of(part)
        if path is None:
            continue
        outline = memory.outline(path, workspace)
        if outline.exported is not None:
            exported = [*(exported or ()), *outline.exported]
        if open_star_units(outline, finder.name_of(path).package, memory.index(workspace)):
            stars.append(part)
        for name in sorted(outline.names - {"__all__"}):
            origin = home_of_import(outline, name, finder.name_of(path).package)
            home = origin or Home(part, name)
            if home.module in parts and name in homes:
                holders[name] = (*holders[name], part)
                if home.module == part:
                    homes[name], holders[name] = home, (part, *(p for p in holders[name] if p != part))
                continue
            homes.setdefault(name, home)
            holders[name] = (*holders.get(name, ()), part)
    path = finder.path_of(split.module) or finder.path_for(split.module, finder.path_of(parts[0]) or "")
    listed = None if exported is None else tuple(exported)
    return Relocation(split.module, path, parts, homes, holders, stars=tuple(stars), exported=listed)


def open_star_units(outline: Outline, package: str, index: ModuleIndex) -> list[int]:
    """Give the units of a module of `package` whose star imports may bring names that no text of the tree shows."""
    opened = []
    for number in outline.star_units:
        stars = [each for each in outline.units[number].imports if each.star]
        modules = [resolve_relative(package, each.level, each.module) for each in stars]
        if any(module is None or index.is_open(module) for module in modules):
            opened.append(number)
    return opened


def home_of_import(outline: Outline, name: str, package: str) -> Home | None:
    """Give where a name that a module of `package` imports really lives; None where that is not one place."""
    from unmix.python.holders import origin_of

    origin = origin_of(outline, name, package)
    if origin is None:
        return None
    _, module, member = origin
    if member:
        return Home(module, member)
    above, _, leaf = module.rpartition(".")
    return Home(above, leaf) if above else Home(module, "")


def _home(dotted: str, parts: Sequence[str]) -> Home:
    """Read a home off the shim's table: `part.name`, `package.module.name`, or a module alone."""
    for part in parts:
        if dotted.startswith(part + "."):
            return Home(part, dotted[len(part) + 1 :])
    module, _, name = dotted.rpartition(".")
    return Home(module, name) if module else Home(dotted, "")


def _without_submodules(relocation: Relocation, finder: ModuleFinder) -> Relocation:
    """Leave out the names that are modules of the package which was split: they stay where they are."""
    own = {
        name
        for name, home in relocation.homes.items()
        if (home.module, home.name) == (relocation.module, name) and finder.path_of(f"{relocation.module}.{name}")
    }
    if not own:
        return relocation
    homes = {name: home for name, home in relocation.homes.items() if name not in own}
    holders = {name: parts for name, parts in relocation.holders.items() if name not in own}
    return replace(relocation, homes=homes, holders=holders)
