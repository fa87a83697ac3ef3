"""Count the legacy references over a project's git history.

Takes a migration and its repository, gives a point for each commit that was looked at: what `migrate` would find there.
Reads git's objects; checks nothing out. What a commit had never changes, so it is counted once, and kept beside them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from unmix import __version__
from unmix.engine import Engine
from unmix.errors import MigrationFileError, UnreadableSource, UsageError
from unmix.migration import Migration
from unmix.one_by_one import Progress, nobody
from unmix.reference import Relocation
from unmix.repository import run_git
from unmix.revision import Blobs, find_commit
from unmix.workspace import Workspace, open_revision

# What an old module is in a commit; of several the one that is least far counts.
ABSENT, WHOLE, SHIM, GONE = "not there yet", "whole", "shim", "gone"


@dataclass(frozen=True, slots=True)
class Point:
    """One commit: how many references it has by kind, in how many files, and what its old modules are.

    `unread` counts the files that mention an old module and cannot be read.
    """

    commit: str
    when: int  # seconds since 1970
    phase: str
    kinds: Mapping[str, int]
    files: int
    unread: int = 0

    @property
    def references(self) -> int:
        """All of them."""
        return sum(self.kinds.values())

    @property
    def date(self) -> datetime:
        """When it was committed."""
        return datetime.fromtimestamp(self.when, timezone.utc)


def read_history(
    migration: Migration,
    engines: Callable[[], Sequence[Engine]],
    revision: str = "HEAD",
    points: int = 40,
    progress: Progress = nobody,
    *,
    cached: bool = True,
) -> tuple[Point, ...]:
    """Count references in `points` commits, evenly chosen on the first-parent way to `revision`, both ends among them.

    `engines` makes engines anew, as they keep what they have read of a tree. Raises UsageError where there is no git.
    """
    chosen = _choose(_commits(migration.root, revision), points)
    counter = _Counter(migration, engines, Blobs(migration.root.resolve()))
    cache = _Cache(migration) if cached else None
    found = []
    for done, (commit, when) in enumerate(chosen):
        progress(done, len(chosen))
        point = cache.known.get(commit) if cache is not None else None
        if point is None:
            point = counter.count(commit, when)
            if cache is not None:
                cache.known[commit] = point
        found.append(point)
    progress(len(chosen), len(chosen))
    if cache is not None:
        cache.write()
    return tuple(found)


def forecast_end(points: Sequence[Point]) -> datetime | None:
    """Say when no reference is left if it goes on as since the peak; None when that cannot be said.

    A line is laid through the points since the last highest one, by least squares.
    """
    there = [point for point in points if point.phase != ABSENT]
    if not there or there[-1].references == 0:
        return None
    highest = max(point.references for point in there)
    start = max(number for number, point in enumerate(there) if point.references == highest)
    falling = there[start:]
    if len(falling) < 3:
        return None
    mean_when = sum(point.when for point in falling) / len(falling)
    mean_left = sum(point.references for point in falling) / len(falling)
    spread = sum((point.when - mean_when) ** 2 for point in falling)
    together = sum((point.when - mean_when) * (point.references - mean_left) for point in falling)
    if spread == 0 or together >= 0:
        return None
    try:
        end = falling[0].date + timedelta(seconds=mean_when - mean_left * spread / together - falling[0].when)
    except OverflowError:
        return None
    # The line may have been crossed already while the last ones are still there.
    return end if end > falling[-1].date else None


def _commits(root: Path, revision: str) -> list[tuple[str, int]]:
    """List the commits on the first-parent way to a revision, the oldest first, with their times."""
    tip = find_commit(root, revision)
    answer = run_git(root, "log", "--first-parent", "--reverse", "--format=%H %ct", tip, "--")
    if answer is None or answer.status:
        raise UsageError(
            f"{revision}: git cannot list its history: {answer.complaints.strip() if answer else 'no git'}"
        )
    return [(words[0], int(words[1])) for words in (line.split() for line in answer.output.decode().splitlines())]


def _choose(commits: Sequence[tuple[str, int]], points: int) -> list[tuple[str, int]]:
    if len(commits) <= points:
        return list(commits)
    places = {round(number * (len(commits) - 1) / max(points - 1, 1)) for number in range(points)} | {len(commits) - 1}
    return [commits[place] for place in sorted(places)]


@dataclass(slots=True)
class _Counter:
    """Counts commit after commit; a file that is as it was, among files that are as they were, is not read again."""

    migration: Migration
    engines: Callable[[], Sequence[Engine]]
    blobs: Blobs
    _surveyed: dict[str, Counter[str] | None] = field(default_factory=dict)

    def count(self, commit: str, when: int) -> Point:
        workspace = open_revision(self.migration.root, commit, self.migration.exclude, self.blobs)
        kinds: Counter[str] = Counter()
        files = unread = 0
        phases = set()
        for engine in self.engines():
            splits = [split for split in self.migration.splits if engine.owns(split.module)]
            try:
                relocations = engine.relocations(splits, workspace)
            except MigrationFileError:
                phases.add(ABSENT)
                continue
            for split, relocation in zip(splits, relocations, strict=True):
                there = workspace.exists(relocation.path)
                phases.add((SHIM if there else GONE) if engine.is_split(split, workspace) else WHOLE)
            for found in self._survey(engine, relocations, workspace):
                if found is None:
                    unread += 1
                elif found:
                    kinds += found
                    files += 1
        phase = next((phase for phase in (ABSENT, WHOLE, SHIM, GONE) if phase in phases), ABSENT)
        return Point(commit, when, phase, dict(sorted(kinds.items())), files, unread)

    def _survey(
        self, engine: Engine, relocations: Sequence[Relocation], workspace: Workspace
    ) -> list[Counter[str] | None]:
        paths = [path for path in engine.candidates(relocations, workspace, by_name=False) if engine.reads(path)]
        contents = {path: workspace.read_bytes(path) for path in paths}
        ids = {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}
        named: dict[bytes, list[str]] = {}
        for path in paths:
            named.setdefault(_stem(path).encode("utf-8", "surrogateescape"), []).append(ids[path])
        table = repr(relocations)
        found = []
        for path in paths:
            # A file's references depend on its text, on where names live, and on the files that it may refer to.
            words = {*re.findall(rb"\w+", contents[path]), *re.findall(rb"[\w-]+", contents[path])}
            others = [other for word in sorted(words & named.keys()) for other in named[word]]
            key = hashlib.sha256("\0".join((path, ids[path], table, *others)).encode("utf-8", "replace")).hexdigest()
            if key not in self._surveyed:
                try:
                    survey = engine.survey(path, relocations, workspace)
                    self._surveyed[key] = Counter(reference.kind.value for reference in survey.references)
                except UnreadableSource:
                    self._surveyed[key] = None
            found.append(self._surveyed[key])
        return found


def _stem(path: str) -> str:
    """Give the word by which other files name this one: that of its folder for `__init__.py` and `index.js`."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder.rpartition("/")[2] if stem in ("__init__", "index") else stem


class _Cache:
    """What was counted before, in a file of git's own folder; it is no loss when that cannot be read or written."""

    def __init__(self, migration: Migration) -> None:
        answer = run_git(migration.root, "rev-parse", "--git-path", "unmix-history.json")
        self.place = migration.root / os.fsdecode(answer.output).strip() if answer and not answer.status else None
        self.key = hashlib.sha256(migration.path.read_bytes() + __version__.encode()).hexdigest()
        self.known: dict[str, Point] = {}
        self.others: dict[str, object] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            document = json.loads(self.place.read_text("utf-8")) if self.place is not None else {}
            rows = document.pop(self.key, [])
            self.known = {row["commit"]: Point(**row) for row in rows}
            # A few older states of the migration file are kept: branches have theirs.
            self.others = dict(list(document.items())[-3:])

    def write(self) -> None:
        if self.place is None:
            return
        rows = [asdict(point) for point in self.known.values()]
        beside = self.place.with_name(f"{self.place.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            try:
                beside.write_text(json.dumps({**self.others, self.key: rows}), "utf-8")
                beside.replace(self.place)
            finally:
                beside.unlink(missing_ok=True)
