"""Check the shims that stand: as generated, in date, and complete.

Takes a migration, a workspace, the engines, the record of the past and today's date; gives findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from packaging.version import Version

from unmix.deadline import is_date, is_reached, project_version, read_version
from unmix.engine import Engine, StandingShim
from unmix.finding import Finding
from unmix.migration import Migration
from unmix.record import Record
from unmix.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ShimReport:
    """What is wrong with shims, and what could not be told."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def check_shims(
    migration: Migration, workspace: Workspace, engines: Sequence[Engine], record: Record, today: date
) -> ShimReport:
    """Say which shims were edited (UNM006), are past their date (UNM007), or have lost a public name (UNM008)."""
    findings: set[Finding] = set()
    notes: dict[str, None] = {}
    for engine in engines:
        splits = [split for split in migration.splits if engine.owns(split.module)]
        # An engine without a module here need not load its parser.
        for shim in engine.shims(splits, workspace) if splits else ():
            findings.update(shim.findings)
            findings.update(_lost(shim, engine, record))
            if shim.remove_in:
                version = None
                if not is_date(shim.remove_in):
                    version = project_version(workspace, shim.module) or read_version(record.newest_tag())
                    if version is None:
                        notes[f"remove_in = {shim.remove_in}: nothing here says which version this project is at"] = (
                            None
                        )
                if is_reached(shim.remove_in, version, today):
                    findings.add(_overdue(shim, version, today))
    return ShimReport(tuple(sorted(findings)), tuple(notes))


def _overdue(shim: StandingShim, version: Version | None, today: date) -> Finding:
    now = f"this project is at {version}" if version is not None else f"it is {today.isoformat()}"
    message = f"the shim of {shim.module} was to be removed in {shim.remove_in}, and {now}"
    hint = "run `unmix migrate --phase retire`, or set a later `remove_in`"
    return Finding(shim.path, shim.line, 1, "UNM007", message, shim.module, "", hint)


def _lost(shim: StandingShim, engine: Engine, record: Record) -> Iterator[Finding]:
    """Compare with what the module exported when it was last whole, before the parts were there."""
    if shim.offers is None:
        return

    def is_whole(revision: str, data: bytes) -> bool:
        if engine.exported(shim.path, data) is None:
            return False
        return all(record.read(revision, part) is None for part in shim.parts)

    data = record.last(shim.path, is_whole)
    for name in sorted((engine.exported(shim.path, data) or frozenset()) - shim.offers) if data is not None else ():
        old = f"{shim.module}.{name}"
        message = f"{old} was public before the split, and is gone without a shim"
        yield Finding(shim.path, 1, 1, "UNM008", message, old, "", "lead it to its new place, or bring it back")
