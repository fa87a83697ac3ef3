"""Do a few jobs one after the other, as one task of a cluster.

Takes an order and jobs as plain data, gives outcomes as plain data; keeps nothing, so that a task can be done again
elsewhere. Needs no Dask itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from unmix import __version__
from unmix.fleet.job import Outcome, Status, read_job, read_order, to_plain
from unmix.fleet.worker import Worker


def do_batch(
    order: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]], seconds: float, retries: int
) -> list[dict[str, Any]]:
    """Give the outcome of each job, in their order."""
    asked = read_order(order)
    if asked.version != __version__:
        reason = f"this worker has unmix {__version__}, the fleet {asked.version}; install the same everywhere"
        return [to_plain(Outcome(Status.FAILED, reason=reason)) for _ in jobs]
    with Worker(asked, seconds, retries) as worker:
        return [to_plain(worker.do(read_job(job))) for job in jobs]
