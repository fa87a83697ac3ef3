"""One row a repository: what became of it, for the reports; and all rows added up.

Plain data; says nothing of how it looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from unmix.fleet.job import Outcome, Status
from unmix.fleet.listing import Repository


@dataclass(frozen=True, slots=True)
class Row:
    """One repository and what became of it; `before` when a run before did it."""

    repository: Repository
    outcome: Outcome
    before: bool = False

    @property
    def shown(self) -> str:
        """What people call the repository: its URL, or its folder as seen from here."""
        place = Path(self.repository.name)
        if self.repository.is_url or not place.is_relative_to(Path.cwd()):
            return self.repository.name
        return str(place.relative_to(Path.cwd()))

    @property
    def codes(self) -> Mapping[str, int]:
        """How many findings there are of each code."""
        return dict(sorted(Counter(finding.code for finding in self.outcome.findings).items()))

    def with_warnings_left(self) -> Row:
        """Give the row for somebody to whom warnings are something left."""
        done = self.outcome.status in (Status.CLEAN, Status.MIGRATED)
        if not (done and self.outcome.warnings):
            return self
        return replace(self, outcome=replace(self.outcome, status=Status.LEFT))


@dataclass(frozen=True, slots=True)
class Totals:
    """What all rows are together."""

    repositories: int
    clean: int
    migrated: int
    left: int
    failed: int
    before: int
    errors: int
    warnings: int
    files: int


def add_up(rows: Sequence[Row]) -> Totals:
    """Give the totals of a fleet."""
    statuses = Counter(row.outcome.status for row in rows)
    return Totals(
        repositories=len(rows),
        clean=statuses[Status.CLEAN],
        migrated=statuses[Status.MIGRATED],
        left=statuses[Status.LEFT],
        failed=statuses[Status.FAILED],
        before=sum(row.before for row in rows),
        errors=sum(row.outcome.errors for row in rows),
        warnings=sum(row.outcome.warnings for row in rows),
        files=sum(row.outcome.files for row in rows),
    )
