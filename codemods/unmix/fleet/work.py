"""Do one job of a fleet: check a repository, or plan its migration, at a commit.

Takes an order and a job, gives an outcome; writes nothing but clones in the work folder. What is not committed is not
looked at, except in a folder that is no git repository. The same job always has the same outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from unmix.check import check_files
from unmix.deadline import is_date
from unmix.engine import Engine
from unmix.errors import MigrationFileError, UnmixError, UsageError
from unmix.finding import Finding
from unmix.fleet.job import Action, Job, Order, Outcome, Shard, Status, Step, to_text
from unmix.fleet.library import FOLDER, find_held, is_in_library, with_library
from unmix.fleet.obtain import Place, look_up, obtain
from unmix.ignore import NEEDLE
from unmix.javascript.engine import JavaScriptEngine
from unmix.migration import Migration, Split
from unmix.migration_file import FILE_NAME, PYPROJECT_NAME, parse_migration
from unmix.plan import Phase, Plan, find_mistakes, make_plan
from unmix.python.engine import PythonEngine
from unmix.record import Record
from unmix.reference import Relocation
from unmix.review.patch import render_patch
from unmix.shim_check import check_shims
from unmix.workspace import Workspace, open_revision, open_workspace


@dataclass(frozen=True, slots=True)
class Project:
    """A repository as it is worked on."""

    migration: Migration
    workspace: Workspace
    engines: tuple[Engine, ...]
    commit: str


def do_job(order: Order, job: Job, opened: dict[Place, Project]) -> Outcome:
    """Do a job; `opened` is what one leaves to the next, for the shards of a repository follow each other.

    Raises UnmixError where the repository cannot be had.
    """
    work = Path(order.work)
    commit = job.shard.commit if job.shard is not None else look_up(job.repository, work) if job.known else ""
    if commit in job.known:
        return Outcome(Status.KNOWN, commit)
    place = obtain(job.repository, work, history=order.history, commit=commit)
    try:
        return _do(order, job, _open(order, place, opened))
    except UnmixError as error:
        # Where a clone stands is of no interest.
        return Outcome(Status.FAILED, place.commit, str(error).replace(f"{place.root}/", ""))


def _do(order: Order, job: Job, project: Project) -> Outcome:
    if job.shard is not None:
        return _check_shard(project, job.shard)
    if not (project.migration.splits or project.migration.replaces):
        return Outcome(Status.CLEAN, project.commit, "has nothing to do with it")
    return _check(order, project) if order.action is Action.CHECK else _plan(order, project)


def _open(order: Order, place: Place, opened: dict[Place, Project]) -> Project:
    """Open a repository, or give it as the job before has left it. Raises MigrationFileError."""
    if place not in opened or not place.commit:
        opened.clear()
        opened[place] = _open_anew(order, place)
    return opened[place]


def _open_anew(order: Order, place: Place) -> Project:
    migration, mistakes = _read_migration(order, place)
    if mistakes:
        raise MigrationFileError(mistakes)
    migration = replace(migration, root=place.root)
    if place.commit:
        workspace = open_revision(place.root, place.commit, migration.exclude)
    else:
        workspace = open_workspace(place.root, migration.exclude)
    migration, workspace = _find_modules(order, migration, workspace)
    return Project(migration, workspace, _engines(migration), place.commit)


def _read_migration(order: Order, place: Place) -> tuple[Migration, tuple[str, ...]]:
    if order.config is not None:
        path, text = Path(order.config[0]), order.config[1]
        migration, mistakes = parse_migration(path, text)
        return migration, tuple(f"{path}:{mistake.line}: {mistake.message}" for mistake in mistakes)
    for name in (FILE_NAME, PYPROJECT_NAME):
        data = _read_file(place, name)
        if data is not None and (name == FILE_NAME or b"[tool.unmix" in data or b"[[tool.unmix" in data):
            text = data.decode("utf-8-sig", "surrogateescape")
            migration, found = parse_migration(place.root / name, text)
            return migration, tuple(f"{name}:{mistake.line}: {mistake.message}" for mistake in found)
    where = f"at {place.commit[:10]}" if place.commit else "in this folder"
    raise MigrationFileError((f"{FILE_NAME}: not {where}; commit one there, or give one for all with -c FILE",))


def _read_file(place: Place, name: str) -> bytes | None:
    if place.commit:
        return Record(place.root).read(place.commit, name)
    file = place.root / name
    return file.read_bytes() if file.is_file() else None


def _engines(migration: Migration) -> tuple[Engine, ...]:
    return PythonEngine(migration), JavaScriptEngine(migration)


def _find_modules(order: Order, migration: Migration, workspace: Workspace) -> tuple[Migration, Workspace]:
    """Find each old module: in the repository, or in the library. A split that the repository knows nothing of goes.

    Raises MigrationFileError for a module that is mentioned and is nowhere.
    """
    if order.config is None:
        # A repository's own migration file is told its mistakes.
        return migration, workspace
    held = find_held(migration, workspace, _engines(migration))
    if not held and migration.source_roots is not None:
        # They say where the library has its modules, not where this repository has some.
        migration = replace(migration, source_roots=None)
        held = find_held(migration, workspace, _engines(migration))
    elsewhere = [split for split in migration.splits if split not in held and is_in_library(split, order.library)]
    nowhere = [split for split in migration.splits if split not in held and split not in elsewhere]
    for split in nowhere:
        mentions = workspace.containing((_last_word(split),))
        if mentions:
            where = f"{split.module} is neither in this repository nor in the tree of {migration.path}"
            remedy = "give a migration file that stands in the tree of the module"
            raise MigrationFileError((f"{where}, and {mentions[0]} may mean it; {remedy}",))
    migration = replace(migration, splits=tuple(split for split in migration.splits if split not in nowhere))
    return with_library(migration, workspace, order.library, elsewhere) if elsewhere else (migration, workspace)


def _last_word(split: Split) -> str:
    return split.module.rpartition("/")[2].partition(".")[0] if "/" in split.module else split.module.split(".")[-1]


# Checking.


def _check(order: Order, project: Project) -> Outcome:
    today = date.fromisoformat(order.today)
    report = check_shims(project.migration, project.workspace, project.engines, Record(project.migration.root), today)
    findings = _own(report.findings)
    until = _valid_until(project, today)
    shards = tuple(_shards(order, project))
    if sum(len(shard.paths) for shard in shards) > order.shard and project.commit:
        return Outcome(Status.SHARDED, project.commit, findings=findings, until=until, shards=shards)
    for shard in shards:
        findings = tuple(sorted({*findings, *_check_shard(project, shard).findings}))
    return conclude(Outcome(Status.CLEAN, project.commit, findings=findings, until=until))


def conclude(outcome: Outcome) -> Outcome:
    """Give the outcome of a check whose findings are complete."""
    return replace(outcome, status=Status.LEFT if outcome.errors else Status.CLEAN, shards=())


def _shards(order: Order, project: Project) -> Iterator[Shard]:
    """Divide the files that check.py would look at; each engine has its own."""
    for number, engine in enumerate(project.engines):
        splits = [split for split in project.migration.splits if engine.owns(split.module)]
        relocations = engine.relocations(splits, project.workspace)
        candidates = engine.candidates(relocations, project.workspace, by_name=True)
        paths = sorted({*candidates, *project.workspace.containing((NEEDLE,))})
        wanted = iter([path for path in paths if engine.reads(path) and not path.startswith(FOLDER)])
        while batch := tuple(islice(wanted, order.shard)):
            yield Shard(project.commit, number, batch)


def _check_shard(project: Project, shard: Shard) -> Outcome:
    engine = project.engines[shard.engine]
    found = _own(check_files(shard.paths, project.migration, project.workspace, (engine,)))
    return Outcome(Status.CLEAN, project.commit, findings=tuple(sorted(found)))


def _valid_until(project: Project, today: date) -> str:
    """Say from which day on the same commit may have other findings: that on which a shim is to go."""
    days = [
        shim.remove_in
        for engine in project.engines
        for shim in engine.shims([s for s in project.migration.splits if engine.owns(s.module)], project.workspace)
        if not shim.path.startswith(FOLDER) and is_date(shim.remove_in) and shim.remove_in > today.isoformat()
    ]
    return min(days, default="")


def _own(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Leave out what is said of the library's files."""
    return tuple(finding for finding in findings if not finding.path.startswith(FOLDER))


# Planning.


def _plan(order: Order, project: Project) -> Outcome:
    from unmix.commit import write_message  # GitPython takes longer to import than many a check takes

    if order.action is Action.MIGRATE and not project.commit:
        raise UsageError("this folder is in no git repository; there is nothing to make a branch of")
    mistakes = find_mistakes(project.migration, project.workspace, project.engines)
    if mistakes:
        path = project.migration.path
        raise MigrationFileError(tuple(f"{path}:{mistake.line}: {mistake.message}" for mistake in mistakes))
    findings: set[Finding] = set()
    workspace = project.workspace
    steps = []
    # One commit a phase; a patch is of all together.
    together = order.action is Action.DIFF
    for phases in [order.phases] if together else [(phase,) for phase in order.phases]:
        engines = _engines(project.migration)
        plan = make_plan(project.migration, workspace, engines, [Phase(phase) for phase in phases])
        findings.update(_own(plan.findings))
        changes = [change for change in plan.changes if not change.path.startswith(FOLDER)]
        workspace = workspace.with_changes({change.path: change.after for change in plan.changes})
        if changes:
            texts = {change.path: None if change.after is None else to_text(change.after) for change in changes}
            steps.append(Step(write_message(phases[0], _relocations(plan, project, engines), changes), texts))
            if together:
                patch = to_text(render_patch(changes))
    paths = {path for step in steps for path in step.files}
    outcome = Outcome(Status.CLEAN, project.commit, findings=tuple(sorted(findings)), files=len(paths))
    if together:
        left = Status.LEFT if steps or outcome.errors else Status.CLEAN
        return replace(outcome, status=left, patch=patch if steps else "")
    # What a migration leaves is told; that it makes a branch comes later, see branch.py.
    return replace(outcome, status=Status.LEFT if outcome.errors else Status.CLEAN, steps=tuple(steps))


def _relocations(plan: Plan, project: Project, engines: Sequence[Engine]) -> Sequence[Relocation]:
    return plan.relocations or tuple(
        relocation
        for engine in engines
        for relocation in engine.relocations(
            [split for split in project.migration.splits if engine.owns(split.module)], project.workspace
        )
    )
