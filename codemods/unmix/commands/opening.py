"""Open what a command works on: the migration file, the tree around it, the engines of its languages, the plan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from unmix.commands.terminal import show_progress
from unmix.errors import MigrationFileError
from unmix.javascript.engine import JavaScriptEngine
from unmix.migration import Migration, find_migration_file, read_migration
from unmix.python.engine import PythonEngine
from unmix.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from unmix.engine import Engine
    from unmix.plan import Plan


@dataclass(frozen=True, slots=True)
class Project:
    """A migration, the tree it is for, and the engines that read it."""

    migration: Migration
    workspace: Workspace
    engines: tuple[Engine, ...]


def open_project(config: Path | None) -> Project:
    """Read the migration file `config` (by default the nearest) and the tree around it.

    Raises MigrationFileError when the file itself has mistakes.
    """
    path = config if config is not None else find_migration_file(Path.cwd())
    migration, mistakes = read_migration(path)
    workspace = open_workspace(migration.root, migration.exclude)
    engines: tuple[Engine, ...] = (PythonEngine(migration), JavaScriptEngine(migration))
    if mistakes:
        # What does not fit the tree is told in the same breath: nobody likes to mend a file mistake by mistake.
        from unmix.plan import find_mistakes

        mistakes = tuple(sorted({*mistakes, *find_mistakes(migration, workspace, engines)}))
        raise MigrationFileError(tuple(f"{path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    return Project(migration, workspace, engines)


def plan_project(project: Project, phase: str | None) -> Plan:
    """Make the plan of the named phase, or of `add` and `rewrite` together.

    Raises MigrationFileError when the migration file does not fit the tree, UnsafeSplit as make_plan() does.
    """
    from unmix.plan import Phase, find_mistakes, make_plan

    migration = project.migration
    mistakes = find_mistakes(migration, project.workspace, project.engines)
    if mistakes:
        raise MigrationFileError(tuple(f"{migration.path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    phases: tuple[Phase, ...] = (Phase(phase),) if phase else (Phase.ADD, Phase.REWRITE)
    with show_progress("reading") as progress:
        return make_plan(migration, project.workspace, project.engines, phases, progress)
