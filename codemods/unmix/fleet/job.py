"""What the processes of a fleet tell each other: an order for all, a job a repository, an outcome of each.

Plain data, to and from JSON; what a repository holds travels as text that gives back the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from unmix.finding import Finding, Severity
from unmix.fleet.listing import Repository


class Action(str, Enum):
    """What is done with each repository."""

    CHECK = "check"
    DIFF = "diff"
    MIGRATE = "migrate"


class Status(str, Enum):
    """How it ended. SHARDED and KNOWN are between processes alone; the others are what people are told."""

    CLEAN = "clean"  # nothing is left
    MIGRATED = "migrated"  # a branch holds what was to be done
    LEFT = "left"  # findings, or a diff
    FAILED = "failed"
    SHARDED = "sharded"  # too much for one piece of work: `shards` are the pieces
    KNOWN = "known"  # was done before, at this commit


@dataclass(frozen=True, slots=True)
class Order:
    """What is the same for every repository.

    `config` is the name and the text of a migration file for all, else each has its own; `library` are files of the
    tree that the file stands in (see library.py); `today` is a day in ISO's form.
    """

    action: Action
    version: str
    today: str
    work: str
    phases: tuple[str, ...] = ("add", "rewrite")
    config: tuple[str, str] | None = None
    library: Mapping[str, str] = field(default_factory=dict)
    history: bool = False
    shard: int = 200


@dataclass(frozen=True, slots=True)
class Shard:
    """Some files of a repository at a commit, for one of the engines to survey."""

    commit: str
    engine: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work; `known` are the commits at which it need not be done again."""

    repository: Repository
    known: tuple[str, ...] = ()
    shard: Shard | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One commit to be made: its message, and the new text of each file (None: deleted)."""

    message: str
    files: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job.

    `reason` says what went wrong, or what there is to know; `files` counts those that change; `until` is the day from
    which on the outcome may be another one, though nothing changed. `again`: it may work the next time.
    """

    status: Status
    commit: str = ""
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    files: int = 0
    patch: str = ""
    steps: tuple[Step, ...] = ()
    branch: str = ""
    until: str = ""
    shards: tuple[Shard, ...] = ()
    seconds: float = 0.0
    again: bool = False

    @property
    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors


def to_plain(value: Order | Job | Outcome) -> dict[str, Any]:
    """Give a value as dictionaries, lists and texts."""
    return asdict(value)


def read_order(plain: Mapping[str, Any]) -> Order:
    """Give the order that to_plain() made this of."""
    config = plain["config"]
    return Order(
        **{
            **plain,
            "action": Action(plain["action"]),
            "phases": tuple(plain["phases"]),
            "config": None if config is None else (config[0], config[1]),
        }
    )


def read_job(plain: Mapping[str, Any]) -> Job:
    """Give the job that to_plain() made this of."""
    shard = plain["shard"]
    return Job(Repository(**plain["repository"]), tuple(plain["known"]), None if shard is None else _read_shard(shard))


def read_outcome(plain: Mapping[str, Any]) -> Outcome:
    """Give the outcome that to_plain() made this of."""
    return Outcome(
        **{
            **plain,
            "status": Status(plain["status"]),
            "findings": tuple(Finding(**finding) for finding in plain["findings"]),
            "steps": tuple(Step(**step) for step in plain["steps"]),
            "shards": tuple(_read_shard(shard) for shard in plain["shards"]),
        }
    )


def to_text(data: bytes) -> str:
    """Give any bytes as text; to_bytes() gives them back."""
    return data.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """Give back the bytes of to_text()."""
    return text.encode("utf-8", "surrogateescape")


def _read_shard(plain: Mapping[str, Any]) -> Shard:
    return Shard(plain["commit"], plain["engine"], tuple(plain["paths"]))
