"""Bring the module that was split to repositories that only import it: another repository holds it.

Takes a migration and the tree its file stands in (the library), gives the few files by which others see what was moved:
shim, parts, stubs, and what replaces calls. Laid over a repository's files, in a folder that no repository has, they
answer all that is asked of an old module; nothing in that folder is ever told or written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from unmix.engine import Engine
from unmix.errors import MigrationFileError
from unmix.fleet.job import to_bytes, to_text
from unmix.migration import Migration, Split
from unmix.plan import Phase, find_mistakes, make_plan
from unmix.python.modules import ModuleFinder, find_modules
from unmix.workspace import Workspace

# Only Python's modules are reached by one name from everywhere; a script is reached by the path to its file.
FOLDER = ".unmix-library/"
_PYTHON = (".py", ".pyi")


def read_library(migration: Migration, workspace: Workspace, engines: Sequence[Engine]) -> dict[str, str]:
    """Give the library's files as they are after its own migration, by path; none where it holds no old module.

    Raises UnsafeSplit, or what else stands in the way of that migration.
    """
    held = replace(migration, splits=find_held(migration, workspace, engines))
    if not held.splits:
        return {}
    mistakes = find_mistakes(held, workspace, engines)
    if mistakes:
        raise MigrationFileError(tuple(f"{migration.path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    plan = make_plan(held, workspace, engines, (Phase.ADD, Phase.REWRITE))
    after = workspace.with_changes({change.path: change.after for change in plan.changes})
    finder = find_modules(after, migration.source_roots, tuple(split.module for split in held.splits))
    modules = {module for split in held.splits for module in (split.module, *(part.module for part in split.parts))}
    modules |= set(_replacing(migration))
    paths = sorted({path for module in modules for path in _published(module, finder)})
    return {FOLDER + _inside(path, finder): to_text(after.read_bytes(path)) for path in paths}


def find_held(migration: Migration, workspace: Workspace, engines: Sequence[Engine]) -> tuple[Split, ...]:
    """Give the splits whose old module, or whose parts, are in a tree."""
    found = []
    for split in migration.splits:
        engine = next((engine for engine in engines if engine.owns(split.module)), None)
        if engine is not None:
            try:
                engine.relocations([split], workspace)
            except MigrationFileError:
                continue
            found.append(split)
    return tuple(found)


def with_library(
    migration: Migration, workspace: Workspace, library: Mapping[str, str], splits: Sequence[Split]
) -> tuple[Migration, Workspace]:
    """Give a migration and a tree as if the library's modules of `splits` were in the tree.

    Raises MigrationFileError where something is in their place.
    """
    if workspace.is_dir(FOLDER):
        raise MigrationFileError((f"{FOLDER}: a folder of this name is in the way; it is unmix's own, rename it",))
    modules = tuple(split.module for split in splits)
    roots = find_modules(workspace, migration.source_roots, modules).roots
    overlaid = workspace.with_changes({path: to_bytes(text) for path, text in library.items()})
    return replace(migration, source_roots=(*(root or "." for root in roots), FOLDER)), overlaid


def is_in_library(split: Split, library: Mapping[str, str]) -> bool:
    """Say whether the library has what became of a module."""
    stems = [FOLDER + module.replace(".", "/") for module in (split.module, *(part.module for part in split.parts))]
    return any(f"{stem}{ending}" in library for stem in stems for ending in (".py", "/__init__.py"))


def _replacing(migration: Migration) -> Iterator[str]:
    """Give the modules that the replacements name."""
    if migration.replaces:
        from unmix.python.replace import read_replacement

        for asked in migration.replaces:
            if "#" not in asked.call:
                replacement = read_replacement(asked.call, asked.with_, asked.line)
                yield from (dotted.rpartition(".")[0] for dotted in (replacement.callee, replacement.new) if dotted)


def _published(module: str, finder: ModuleFinder) -> Iterator[str]:
    """Give the files of a module; not those of the packages above it, of which half would be taken for all."""
    path = finder.path_of(module)
    if path is None:
        return
    yield path
    if finder.workspace.exists(path + "i"):
        yield path + "i"
    if path.endswith("/__init__.py"):
        # What a package holds beside its names: `from old import submodule`.
        folder = path.removesuffix("__init__.py")
        yield from (other for other in finder.workspace.paths if other.startswith(folder) and other.endswith(_PYTHON))


def _inside(path: str, finder: ModuleFinder) -> str:
    root = next((root for root in finder.roots if path.startswith(root)), "")
    return path.removeprefix(root)
