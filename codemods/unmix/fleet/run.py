"""Run a fleet: hand out the jobs, put together what belongs together, write down what is done.

Takes an order, repositories, a pool of whatever kind and the state, gives an outcome of each repository: exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from unmix.errors import UnmixError
from unmix.fleet.branch import write_branch
from unmix.fleet.job import Action, Job, Order, Outcome, Status
from unmix.fleet.listing import Repository
from unmix.fleet.obtain import obtain
from unmix.fleet.row import Row
from unmix.fleet.state import State
from unmix.fleet.work import conclude
from unmix.one_by_one import Progress, nobody


class Pool(Protocol):
    """Processes that do jobs: local.py, cluster.py."""

    def submit(self, job: Job) -> None:
        """Have a job done when there is time."""

    def next_done(self) -> tuple[Job, Outcome]:
        """Wait for a job that was submitted to be done."""


def run_fleet(
    order: Order,
    repositories: Sequence[Repository],
    pool: Pool,
    state: State,
    branch: str = "",
    progress: Progress = nobody,
) -> tuple[Row, ...]:
    """Give a row of each repository, in their order. Raises WriteFailed when the state cannot be written."""
    rows: dict[str, Row] = {}
    gathered: dict[str, _Gathered] = {}
    for repository in repositories:
        pool.submit(Job(repository, state.commits(repository)))
    progress(0, len(repositories))
    while len(rows) < len(repositories):
        job, outcome = pool.next_done()
        repository = job.repository
        if outcome.status is Status.KNOWN:
            rows[repository.name] = Row(repository, state.outcome(repository, outcome.commit), before=True)
        elif outcome.status is Status.SHARDED:
            gathered[repository.name] = _Gathered(outcome)
            for shard in gathered[repository.name].missing(repository, state):
                pool.submit(shard)
        elif job.shard is not None:
            if outcome.status is not Status.FAILED:
                state.add(repository, outcome, job.shard)
            gathered[repository.name].add(outcome)
        else:
            rows[repository.name] = _settle(order, repository, outcome, state, branch)
        together = gathered.get(repository.name)
        if together is not None and together.is_whole():
            del gathered[repository.name]
            rows[repository.name] = _settle(order, repository, together.outcome(), state, branch)
        progress(len(rows), len(repositories))
    return tuple(rows[repository.name] for repository in repositories)


@dataclass(slots=True)
class _Gathered:
    """The outcomes of a repository's shards, as they come."""

    first: Outcome
    found: list[Outcome] = field(default_factory=list)

    def missing(self, repository: Repository, state: State) -> Iterator[Job]:
        for shard in self.first.shards:
            known = state.shard_outcome(repository, shard)
            if known is not None:
                self.found.append(known)
            else:
                yield Job(repository, shard=shard)

    def add(self, outcome: Outcome) -> None:
        self.found.append(outcome)

    def is_whole(self) -> bool:
        return len(self.found) == len(self.first.shards)

    def outcome(self) -> Outcome:
        seconds = round(self.first.seconds + sum(outcome.seconds for outcome in self.found), 3)
        failed = next((outcome for outcome in self.found if outcome.status is Status.FAILED), None)
        if failed is not None:
            return replace(failed, commit=self.first.commit, seconds=seconds)
        findings = {*self.first.findings, *(finding for outcome in self.found for finding in outcome.findings)}
        return conclude(replace(self.first, findings=tuple(sorted(findings)), seconds=seconds))


def _settle(order: Order, repository: Repository, outcome: Outcome, state: State, branch: str) -> Row:
    """Write an outcome down; before that, make the branch that it is about."""
    if outcome.steps and order.action is Action.MIGRATE:
        try:
            place = obtain(repository, Path(order.work), history=order.history, commit=outcome.commit)
            write_branch(place, branch, outcome.steps)
            status = outcome.status if outcome.errors else Status.MIGRATED
            outcome = replace(outcome, status=status, branch=branch)
        except UnmixError as error:
            outcome = replace(outcome, status=Status.FAILED, reason=str(error))
    outcome = replace(outcome, steps=())
    state.add(repository, outcome)
    return Row(repository, outcome)
