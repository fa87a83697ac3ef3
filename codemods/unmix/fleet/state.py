"""Remember what was done, so that it is not done again: one line of JSON an outcome, on the disk before the next.

Takes outcomes, gives those of before. A line is for a repository at a commit, under an order; another commit, migration
or version of unmix is another line. A run that is killed loses at most the line it was writing.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from unmix.errors import WriteFailed
from unmix.fleet.job import Order, Outcome, Shard, Status, read_outcome, to_plain
from unmix.fleet.listing import Repository


class State:
    """The file, and what is in it for one order."""

    def __init__(self, path: Path, order: Order, branch: str, *, fresh: bool = False) -> None:
        """Read what there is, and with `fresh` heed none of it. Raises WriteFailed."""
        self._path = path
        self._today = order.today
        # What of an order decides the outcome, and nothing else.
        self._order = _digest([asdict(replace(order, today="", work="", shard=0)), branch])
        self._known: dict[str, dict[str, Outcome]] = {}
        try:
            self._file = path.open("ab+")
            self._read(fresh=fresh)
        except OSError as error:
            raise WriteFailed(f"{path}: {error.strerror}; name another folder with --work") from error

    def close(self) -> None:
        self._file.close()

    def commits(self, repository: Repository) -> tuple[str, ...]:
        """Give the commits at which a repository is done."""
        return tuple(self._known.get(repository.name, ()))

    def outcome(self, repository: Repository, commit: str) -> Outcome:
        """Give the outcome of before."""
        return self._known[repository.name][commit]

    def shard_outcome(self, repository: Repository, shard: Shard) -> Outcome | None:
        """Give the outcome of a shard that was done before."""
        return self._known.get(_name(repository, shard), {}).get(shard.commit)

    def add(self, repository: Repository, outcome: Outcome, shard: Shard | None = None) -> None:
        """Write an outcome down, and return when it is on the disk. One that failed is for people to read.

        Raises WriteFailed.
        """
        name = _name(repository, shard)
        kept = replace(outcome, steps=())  # They are in git by now.
        row = {"order": self._order, "repository": name, "outcome": to_plain(kept)}
        try:
            self._file.write(json.dumps(row).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise WriteFailed(f"{self._path}: {error.strerror}; make room and run again") from error
        self._keep(name, kept)

    def _read(self, *, fresh: bool) -> None:
        self._file.seek(0)
        data = self._file.read()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            # The line that a killed run was writing.
            self._file.truncate(len(whole))
        for line in whole.splitlines():
            with suppress(ValueError, KeyError, TypeError):
                row = json.loads(line)
                if row["order"] == self._order and not fresh:
                    self._keep(row["repository"], read_outcome(row["outcome"]))

    def _keep(self, name: str, outcome: Outcome) -> None:
        # On a day on which a shim is overdue, what was found the day before is not all.
        valid = not outcome.until or self._today < outcome.until
        if outcome.status is not Status.FAILED and outcome.commit and valid:
            self._known.setdefault(name, {})[outcome.commit] = outcome
        else:
            self._known.get(name, {}).pop(outcome.commit, None)


def _name(repository: Repository, shard: Shard | None) -> str:
    return repository.name if shard is None else f"{repository.name} {_digest([shard.engine, *shard.paths])}"


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:20]
