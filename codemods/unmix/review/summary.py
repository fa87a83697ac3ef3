"""A plan → what a reviewer wants to know of it, in the order in which it is asked.

Takes a plan and the tree it was made for, gives a Review: plain data that json, markdown and html show alike.
Finds nothing itself: it counts, groups and pairs what the plan and the engines say.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from unmix.change import FileChange
from unmix.engine import Engine
from unmix.errors import UnreadableSource, UsageError
from unmix.finding import Finding, Severity
from unmix.migration import Migration
from unmix.outline import ModuleOutline
from unmix.plan import Plan
from unmix.reference import Reference, Relocation
from unmix.review.hunks import find_hunks, match_lines
from unmix.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "can this go in?": `state` is ready, decide, errors or done."""

    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """A name of an old module and its home; `part` is empty for a name that the old module merely imported.

    `public` when it is in the export list, or there is none and its name begins with no underscore; `uses` counts
    the references outside.
    """

    name: str
    home: str
    part: str
    public: bool
    uses: int


@dataclass(frozen=True, slots=True)
class PartFile:
    """A part and the file it is written to; the path is empty where the plan does not write it."""

    module: str
    path: str


@dataclass(frozen=True, slots=True)
class OldModule:
    """One old module: its parts, its names, and what its text says, unless it was split before.

    `went` says for each of its lines (from 1) the part and the line where that stands now.
    """

    module: str
    path: str
    parts: tuple[PartFile, ...]
    moves: tuple[Move, ...]
    outline: ModuleOutline | None
    went: Mapping[int, tuple[PartFile, int]]

    @property
    def own_moves(self) -> tuple[Move, ...]:
        """The names that the old module defines itself, as far as its text is known."""
        own = self.outline.homes if self.outline is not None else None
        return tuple(move for move in self.moves if move.part and (own is None or move.name in own))


@dataclass(frozen=True, slots=True)
class ReviewedFile:
    """A file that changes. `role` is part, shim or call site; `kinds` counts its references, by kind."""

    change: FileChange
    role: str
    kinds: Mapping[str, int]
    findings: tuple[Finding, ...]
    added: int
    removed: int

    @property
    def path(self) -> str:
        return self.change.path

    @property
    def status(self) -> str:
        if self.change.before is None:
            return "added"
        return "deleted" if self.change.after is None else "rewritten"


@dataclass(frozen=True, slots=True)
class Verified:
    """One check that `unmix verify` ran, as its JSON tells it."""

    kind: str
    what: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class Review:
    """All that is shown of a plan. `kinds` counts the references that are rewritten, by kind.

    `verified` is None when nothing was.
    """

    verdict: Verdict
    olds: tuple[OldModule, ...]
    files: tuple[ReviewedFile, ...]
    references: tuple[Reference, ...]
    findings: tuple[Finding, ...]
    kinds: Mapping[str, int]
    surveyed: int
    verified: tuple[Verified, ...] | None = None

    @property
    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors


def summarize(plan: Plan, migration: Migration, workspace: Workspace, engines: Sequence[Engine]) -> Review:
    """Give the review of a plan that was made for `workspace`."""
    changes = [change for change in plan.changes if change.before != change.after]
    after = workspace.with_changes({change.path: change.after for change in changes})
    relocations: list[tuple[Engine, Relocation]] = []
    for engine in engines:
        splits = [split for split in migration.splits if engine.owns(split.module)]
        relocations += [(engine, relocation) for relocation in engine.relocations(splits, after)]
    uses = Counter((reference.module, reference.name) for reference in plan.references)
    olds = tuple(_old_module(relocation, engine, workspace, changes, uses) for engine, relocation in relocations)
    rewritten = {change.path for change in changes}
    return Review(
        verdict=_verdict(changes, plan.findings),
        olds=olds,
        files=_files(changes, olds, plan),
        references=plan.references,
        findings=plan.findings,
        kinds=_counted(reference.kind.value for reference in plan.references if reference.path in rewritten),
        surveyed=plan.surveyed,
    )


def read_verification(path: Path) -> tuple[Verified, ...]:
    """Read what `unmix verify --format json` printed. Raises UsageError when it is something else."""
    try:
        document = json.loads(path.read_bytes())
        return tuple(
            Verified(*(str(result[key]) for key in ("kind", "what", "outcome", "detail")))
            for result in document["results"]
        )
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}; name another file") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: not what `unmix verify --format json` prints; write it anew") from error


def _verdict(changes: Sequence[FileChange], findings: Sequence[Finding]) -> Verdict:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = len(findings) - errors
    left = f"{warnings} place{'s' * (warnings != 1)} {'are' if warnings != 1 else 'is'} left for a person to decide"
    if errors:
        also = f"; {left}" if warnings else ""
        settle = f"{errors} error{'s' * (errors != 1)} to settle by hand, until which `unmix check` fails"
        return Verdict("errors", f"{settle}{also}.")
    if warnings:
        return Verdict("decide", f"Can go in; {left}, and {'work' if warnings != 1 else 'works'} through the shim.")
    if not changes:
        return Verdict("done", "Nothing to change: the migration is done.")
    return Verdict("ready", "Ready: every reference that was found is rewritten, and nothing is left to decide.")


def _old_module(
    relocation: Relocation,
    engine: Engine,
    workspace: Workspace,
    changes: Sequence[FileChange],
    uses: Mapping[tuple[str, str], int],
) -> OldModule:
    added = [change.path for change in changes if change.before is None]
    parts = tuple(PartFile(part, _path_of(part, added)) for part in relocation.parts)
    moves = tuple(
        Move(
            name=name,
            home=str(home),
            part=home.module if home.module in relocation.parts else "",
            public=_is_public(name, relocation),
            uses=uses.get((relocation.module, name), 0),
        )
        for name, home in relocation.homes.items()
    )
    change = next((change for change in changes if change.path == relocation.path), None)
    outline: ModuleOutline | None = None
    went: dict[int, tuple[PartFile, int]] = {}
    if change is not None and change.before is not None and any(part.path for part in parts):
        try:
            outline = engine.describe(relocation.path, workspace)
        except UnreadableSource:
            outline = None
        texts = {change.path: change.after or b"" for change in changes}
        for part in parts:
            for old, new in match_lines(change.before, texts.get(part.path, b"")):
                went.setdefault(old + 1, (part, new + 1))
    return OldModule(relocation.module, relocation.path, parts, moves, outline, went)


def _path_of(part: str, added: Sequence[str]) -> str:
    """Give the new file that holds a part: `app.db.client` is …/app/db/client.py, `src/client.js` is itself."""
    if part in added:
        return part
    dotted = "/" + part.replace(".", "/")
    wanted = (f"{dotted}.py", f"{dotted}/__init__.py")
    return next((path for path in added if f"/{path}".endswith(wanted)), "")


def _is_public(name: str, relocation: Relocation) -> bool:
    if relocation.exported is not None:
        return name in relocation.exported
    return not name.startswith("_") and relocation.homes[name].module in relocation.parts


def _files(changes: Sequence[FileChange], olds: Sequence[OldModule], plan: Plan) -> tuple[ReviewedFile, ...]:
    shims = {old.path for old in olds}
    parts = {part.path for old in olds for part in old.parts}
    kinds: dict[str, list[str]] = {}
    for reference in plan.references:
        kinds.setdefault(reference.path, []).append(reference.kind.value)
    findings: dict[str, list[Finding]] = {}
    for finding in plan.findings:
        findings.setdefault(finding.path, []).append(finding)
    files = []
    for change in changes:
        hunks = find_hunks(change.before or b"", change.after or b"")
        marks = Counter(line[:1] for hunk in hunks for line in hunk.lines)
        new_part = change.path in parts or change.before is None
        files.append(
            ReviewedFile(
                change=change,
                role="shim" if change.path in shims else "part" if new_part else "call site",
                kinds=_counted(kinds.get(change.path, ())),
                findings=tuple(findings.get(change.path, ())),
                added=marks[b"+"],
                removed=marks[b"-"],
            )
        )
    order = {"part": 0, "shim": 1, "call site": 2}
    return tuple(sorted(files, key=lambda file: (order[file.role], file.path)))


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))
