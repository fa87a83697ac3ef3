"""Check that no legacy reference is left and that exports are whole.

Takes a migration, a workspace and the engines, gives findings; what it sees is what `migrate` would rewrite.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from unmix.engine import Engine
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.ignore import NEEDLE, silence
from unmix.migration import Migration
from unmix.one_by_one import ForEach, Progress, nobody, one_by_one
from unmix.surveying import survey_files, unreadable
from unmix.workspace import Workspace


def check_tree(
    migration: Migration,
    workspace: Workspace,
    engines: Sequence[Engine],
    progress: Progress = nobody,
    for_each: ForEach = one_by_one,
) -> tuple[Finding, ...]:
    """Give every finding of a tree, sorted by place. `for_each` is how questions are asked of many files."""
    return _check(None, migration, workspace, engines, progress, for_each)


def check_files(
    paths: Collection[str], migration: Migration, workspace: Workspace, engines: Sequence[Engine]
) -> tuple[Finding, ...]:
    """Give every finding of some files of a tree, whatever is in them."""
    return _check(paths, migration, workspace, engines, nobody, one_by_one)


def _check(
    only: Collection[str] | None,
    migration: Migration,
    workspace: Workspace,
    engines: Sequence[Engine],
    progress: Progress,
    for_each: ForEach,
) -> tuple[Finding, ...]:
    findings: set[Finding] = set()
    for engine in engines:
        splits = [split for split in migration.splits if engine.owns(split.module)]
        relocations = engine.relocations(splits, workspace)
        candidates = only
        if candidates is None:
            candidates = {*engine.candidates(relocations, workspace, by_name=True), *workspace.containing((NEEDLE,))}
        paths = sorted(path for path in candidates if engine.reads(path))
        for path, survey in survey_files(engine, paths, relocations, workspace, progress, for_each):
            if isinstance(survey, UnreadableSource):
                findings.add(unreadable(survey))
                continue
            found = [*survey.findings, *(reference.finding for reference in survey.references)]
            if found or _is_text(path, workspace):
                findings.update(silence(found, path, workspace.read(path).text))
    return tuple(sorted(findings))


def _is_text(path: str, workspace: Workspace) -> bool:
    """Say whether a file can be decoded: one that only happens to hold the bytes of a name may be anything."""
    try:
        workspace.read(path)
    except UnreadableSource:
        return False
    return True
