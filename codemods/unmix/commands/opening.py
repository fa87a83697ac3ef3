"""Open what a command works on: the migration file, the tree around it, the engines of its languages, the plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

# `unmix --help` imports every command: what takes time to import is imported where it is needed.
from unmix.commands.terminal import show_progress

if TYPE_CHECKING:
    from unmix.change import FileChange
    from unmix.engine import Engine
    from unmix.migration import Migration
    from unmix.plan import Plan
    from unmix.workspace import Workspace


class Project(NamedTuple):
    """A migration, the tree it is for, and the engines that read it."""

    migration: Migration
    workspace: Workspace
    engines: tuple[Engine, ...]


def open_project(config: Path | None, cache: Path | None = None) -> Project:
    """Read the migration file `config` (by default the nearest) and the tree around it.

    `cache` is the folder where it is kept what was searched before.

    Raises MigrationFileError when the file itself has mistakes.
    """
    from unmix.errors import MigrationFileError
    from unmix.migration_file import find_migration_file, read_migration
    from unmix.search_cache import SearchCache
    from unmix.workspace import open_workspace

    path = config if config is not None else find_migration_file(Path.cwd())
    migration, mistakes = read_migration(path)
    workspace = open_workspace(migration.root, migration.exclude, SearchCache(cache) if cache is not None else None)
    engines = open_engines(migration)
    if mistakes:
        # What does not fit the tree is told in the same breath: nobody likes to mend a file mistake by mistake.
        from unmix.plan import find_mistakes

        mistakes = tuple(sorted({*mistakes, *find_mistakes(migration, workspace, engines)}))
        raise MigrationFileError(tuple(f"{path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    return Project(migration, workspace, engines)


def open_engines(migration: Migration) -> tuple[Engine, ...]:
    """Give an engine of every language for one migration."""
    from unmix.javascript.engine import JavaScriptEngine
    from unmix.python.engine import PythonEngine

    return (PythonEngine(migration), JavaScriptEngine(migration))


def open_migration(config: Path | None) -> Migration:
    """Read the migration file alone, for a command that looks at other trees than the one on disk.

    Raises MigrationFileError when the file has mistakes.
    """
    from unmix.errors import MigrationFileError
    from unmix.migration_file import find_migration_file, read_migration

    path = config if config is not None else find_migration_file(Path.cwd())
    migration, mistakes = read_migration(path)
    if mistakes:
        raise MigrationFileError(tuple(f"{path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    return migration


def open_settings(config: Path | None) -> Migration:
    """Give the settings of the migration file `config`, or the nearest, for a question that no migration is needed for.

    Without such a file they are the defaults, and the root is the git work tree around, or the current folder.
    Raises MigrationFileError only for a file that was named and cannot be read.
    """
    from unmix.errors import MigrationFileError
    from unmix.migration import Migration, ShimSettings
    from unmix.migration_file import FILE_NAME, find_migration_file, read_migration

    here = Path.cwd()
    try:
        path = config if config is not None else find_migration_file(here)
        return read_migration(path)[0]
    except MigrationFileError:
        if config is not None:
            raise
    above = (folder for folder in (here, *here.parents) if (folder / ".git").exists())
    root = next(above, here)
    return Migration(root / FILE_NAME, root, None, (), (), ShimSettings(), (), ())


def name_module(module: str, root: Path) -> str:
    """Give a module that was named by its file, as people do in a shell, as a path below the project root."""
    place = Path(module).resolve()
    return place.relative_to(root).as_posix() if place.is_file() and place.is_relative_to(root) else module


def plan_project(project: Project, phase: str | None, choose: Callable[[FileChange], bytes] | None = None) -> Plan:
    """Make the plan of the named phase, or of `add` and `rewrite` together.

    With `choose`, that says what of each call site's change is taken; no progress is shown then.
    Raises MigrationFileError when the migration file does not fit the tree, UnsafeSplit as make_plan() does.
    """
    from unmix.errors import MigrationFileError
    from unmix.plan import Phase, find_mistakes, make_plan
    from unmix.processes import in_processes

    migration = project.migration
    mistakes = find_mistakes(migration, project.workspace, project.engines)
    if mistakes:
        raise MigrationFileError(tuple(f"{migration.path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    phases: tuple[Phase, ...] = (Phase(phase),) if phase else (Phase.ADD, Phase.REWRITE)
    if choose is not None:
        return make_plan(migration, project.workspace, project.engines, phases, choose=choose, for_each=in_processes)
    with show_progress("reading") as progress:
        return make_plan(migration, project.workspace, project.engines, phases, progress, for_each=in_processes)
