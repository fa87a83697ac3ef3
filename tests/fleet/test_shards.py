"""A repository that is checked in pieces has the findings that it has in one, whatever is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleets import repository
from generated import HAZARDS, Tree, trees
from tool import unmix
from unmix.fleet.job import Action, Job, Order, Outcome, Status, read_job, read_outcome, to_plain
from unmix.fleet.listing import Repository
from unmix.fleet.work import conclude, do_job


def toml(tree: Tree) -> bytes:
    parts = (f"{json.dumps(part)} = {json.dumps(list(names))}\n" for part, names in tree.parts.items())
    return f'[[split]]\nmodule = "{tree.old}"\n[split.into]\n{"".join(parts)}'.encode()


def ask(order: Order, job: Job) -> Outcome:
    """Do a job as another process would: with nothing but what can be told it."""
    return read_outcome(
        json.loads(json.dumps(to_plain(do_job(order, read_job(json.loads(json.dumps(to_plain(job)))), {}))))
    )


def pieces(order: Order, place: Repository) -> Iterator[Outcome]:
    first = ask(order, Job(place))
    yield first
    if first.status is Status.SHARDED:
        assert max(len(shard.paths) for shard in first.shards) <= order.shard
        yield from (ask(order, Job(place, shard=shard)) for shard in first.shards)


@settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(tree=trees(HAZARDS), size=st.integers(1, 6))
def test_pieces_have_the_findings_of_the_whole(tree: Tree, size: int) -> None:
    with TemporaryDirectory() as folder:
        extra = {"unmix.toml": toml(tree), "a.js": b"// mixed\n", "ignoring.py": b"x = 1  # unmix: ignore[UNM001]\n"}
        root = repository(Path(folder, "tree"), {**tree.files, **extra})
        place = Repository(str(root), str(root), "", False)
        order = Order(Action.CHECK, "1", "2026-01-01", folder, shard=1000)
        whole = ask(order, Job(place))
        outcomes = list(pieces(replace(order, shard=size), place))
        together = conclude(
            replace(outcomes[0], findings=tuple(sorted({found for each in outcomes for found in each.findings})))
        )
        assert together.findings == whole.findings
        assert together.status is whole.status
        alone = json.loads(unmix(root, "check", "--format", "json").output)["findings"]
        assert [(found.path, found.line, found.column, found.code, found.message) for found in whole.findings] == [
            (row["path"], row["line"], row["column"], row["code"], row["message"]) for row in alone
        ]
