"""Make the plan of a migration: every file that changes, from what bytes to what bytes, and every finding.

Takes a migration, a workspace and the language engines, gives a Plan. No writing, no clock, no git: the same input
always gives the same plan, so that `diff` shows exactly what `migrate` does.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import accumulate

from unmix.change import FileChange
from unmix.edit import Edit, apply_edits
from unmix.engine import Engine, NewFiles
from unmix.errors import ReferencesLeft, UnreadableSource, UnsoundPlan
from unmix.finding import Finding
from unmix.ignore import read_ignores, silence
from unmix.migration import Migration, Mistake, Split
from unmix.one_by_one import ForEach, Progress, nobody, one_by_one
from unmix.reference import Reference, Relocation
from unmix.remaining import find_remaining
from unmix.soundness import find_damage
from unmix.surveying import survey_files, unreadable
from unmix.workspace import SourceFile, Workspace


class Phase(str, Enum):
    """One step of a migration that leaves a working tree."""

    ADD = "add"
    REWRITE = "rewrite"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a migration does to a tree: `changes` by path, the references it found, what a person must know.

    The places of `findings` are those after the migration.

    `surveyed` counts the files that were read for references.
    """

    relocations: tuple[Relocation, ...]
    changes: tuple[FileChange, ...]
    references: tuple[Reference, ...]
    findings: tuple[Finding, ...]
    surveyed: int


def find_mistakes(migration: Migration, workspace: Workspace, engines: Sequence[Engine]) -> tuple[Mistake, ...]:
    """List what in the migration file does not fit the tree, or is in a language no engine reads."""
    found = [
        Mistake(split.line, f"no engine of this version reads {split.module}")
        for split in migration.splits
        if not any(engine.owns(split.module) for engine in engines)
    ]
    return tuple(sorted({*found, *(mistake for engine in engines for mistake in engine.mistakes(workspace))}))


def make_plan(
    migration: Migration,
    workspace: Workspace,
    engines: Sequence[Engine],
    phases: Sequence[Phase] = (Phase.ADD, Phase.REWRITE),
    progress: Progress = nobody,
    choose: Callable[[FileChange], bytes | None] = lambda change: change.after,
    for_each: ForEach = one_by_one,
) -> Plan:
    """Make the plan for `phases` of a migration that find_mistakes() has found none in.

    `progress` is told how many of how many candidate files are surveyed. `choose` may take less of a call site's change
    than all of it; what hangs together across files is settled for what it took. `for_each` is how
    questions are asked of many files.
    Raises UnsafeSplit, or UnreadableSource for an old module that cannot be read; candidates that cannot be read are
    findings. Raises ReferencesLeft when a shim is to be retired that something still needs.
    """
    after = workspace
    findings: list[Finding] = []
    if Phase.ADD in phases:
        for engine in engines:
            for split in _splits(migration, engine):
                if not engine.is_split(split, workspace):
                    new = engine.split(split, after)
                    after = after.with_changes(_bytes(new.files))
                    findings += new.findings
    relocations: list[Relocation] = []
    references: list[Reference] = []
    surveyed = 0
    if Phase.REWRITE in phases:
        for engine in engines:
            own = engine.relocations(_splits(migration, engine), after)
            relocations += own
            written: dict[str, bytes | None] = {}
            declined: list[str] = []
            paths = [path for path in engine.candidates(own, after, by_name=False) if engine.reads(path)]
            for path, survey in survey_files(engine, paths, own, after, progress, for_each):
                if isinstance(survey, UnreadableSource):
                    findings.append(unreadable(survey))
                    continue
                if not (survey.references or survey.findings or survey.edits):
                    continue  # Nothing to do, and maybe no text at all: any file may hold the bytes of a name.
                references += survey.references
                file = after.read(path)
                ignores = read_ignores(file.text)
                if any(reference.code in ignores.get(reference.line, ()) for reference in survey.references):
                    # Somebody wants a reference to stay, and a file is rewritten whole or not at all.
                    survey = replace(survey, edits=())
                if survey.edits:
                    changed = SourceFile(path, apply_edits(file.text, survey.edits), file.encoding, file.bom)
                    change = FileChange(path, after.read_bytes(path), changed.encode(changed.text))
                    written[path] = choose(change)
                    if written[path] != change.after:
                        declined.append(path)
                        continue
                findings += moved_findings(survey.findings, file.text, survey.edits)
                if not survey.edits:
                    # Left as it is, and so are its references.
                    findings += silence((r.finding for r in survey.references), path, file.text)
            surveyed += len(paths)
            rewritten = after.with_changes(written)
            settled = engine.settle(own, workspace, rewritten)
            after = rewritten.with_changes(_bytes(settled.files))
            findings += settled.findings
            after = after.with_changes(_tidied(engine, own, workspace, after, for_each))
            for path in declined:
                left = engine.survey(path, own, after)
                found = [*left.findings, *(reference.finding for reference in left.references)]
                findings += silence(found, path, after.read(path).text)
    if Phase.RETIRE in phases:
        for engine in engines:
            retirees, retired = _retire(migration, engine, after)
            relocations += retirees
            after = after.with_changes(_bytes(retired.files))
            findings += retired.findings
    changes = changes_between(workspace, after)
    damage = find_damage(changes, workspace, after, engines)
    if damage:
        lines = (str(finding) for finding in damage)
        raise UnsoundPlan("\n".join([*lines, "this is a defect of unmix, please report it; nothing was written"]))
    return Plan(tuple(relocations), changes, tuple(references), tuple(sorted(findings)), surveyed)


def _tidied(
    engine: Engine, relocations: Sequence[Relocation], before: Workspace, after: Workspace, for_each: ForEach
) -> dict[str, bytes | None]:
    """Give the changed files that the engine tidies."""
    changed = [change.path for change in changes_between(before, after) if change.after is not None]
    asked = [path for path in changed if engine.reads(path)]
    answers = for_each(lambda path: engine.tidy(path, relocations, before, after), asked, after, nobody)
    return _bytes({path: file for path, file in answers if file is not None})


def _retire(migration: Migration, engine: Engine, workspace: Workspace) -> tuple[Sequence[Relocation], NewFiles]:
    splits = _splits(migration, engine)
    whole = [split for split in splits if not engine.is_split(split, workspace)]
    if whole:
        lines = (f"{migration.path}:{split.line}: {split.module} is not split yet" for split in whole)
        raise ReferencesLeft("\n".join([*lines, "nothing was retired; run `unmix migrate` first"]))
    own = engine.relocations(splits, workspace)
    left, _ = find_remaining(engine, own, workspace) if own else ((), 0)
    if left:
        lines = (str(finding) for finding in left)
        remedy = "move them (`unmix migrate` does what can be done safely), then retire"
        raise ReferencesLeft("\n".join([*lines, f"nothing was retired: these still need the shim; {remedy}"]))
    return own, engine.retire(own, workspace)


def moved_findings(findings: Sequence[Finding], text: str, edits: Sequence[Edit]) -> list[Finding]:
    """Give findings of a text at the lines they are on once it has been edited; columns are those of before."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    ordered = sorted(edits, key=lambda edit: edit.end)
    ends = [edit.end for edit in ordered]
    added = [0, *accumulate(_lines(edit.text) - _lines(text[edit.start : edit.end]) for edit in ordered)]
    moved = []
    for finding in findings:
        place = starts[min(finding.line, len(starts)) - 1] + finding.column - 1
        moved.append(replace(finding, line=finding.line + added[bisect_right(ends, place)]))
    return moved


def changes_between(before: Workspace, after: Workspace) -> tuple[FileChange, ...]:
    """Give the files whose bytes differ between two workspaces of one tree."""
    changes = []
    for path in sorted(after.overlaid | before.overlaid | set(before.paths) - set(after.paths)):
        old = before.read_bytes(path) if before.exists(path) else None
        new = after.read_bytes(path) if after.exists(path) else None
        if old != new:
            changes.append(FileChange(path, old, new))
    return tuple(changes)


def _lines(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text))


def _splits(migration: Migration, engine: Engine) -> list[Split]:
    return [split for split in migration.splits if engine.owns(split.module)]


def _bytes(files: Mapping[str, SourceFile | None]) -> dict[str, bytes | None]:
    return {path: None if file is None else file.encode(file.text) for path, file in files.items()}
