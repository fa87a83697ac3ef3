"""Do a few jobs one after the other, as one task of a cluster.

Takes an order and jobs as plain data, gives outcomes as plain data; what it keeps for the next task only saves time, so
that a task can be done again elsewhere. Needs no Dask itself.
"""

from __future__ import annotations

import atexit
import json
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from unmix import __version__
from unmix.fleet.job import Outcome, Status, read_job, read_order, to_plain
from unmix.fleet.worker import Worker

# Processes between two tasks, with what they have open: to open a huge repository takes longer than a piece of it.
_idle: dict[str, list[Worker]] = {}
_lock = Lock()


def do_batch(
    order: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]], seconds: float, retries: int
) -> list[dict[str, Any]]:
    """Give the outcome of each job, in their order."""
    asked = read_order(order)
    if asked.version != __version__:
        reason = f"this worker has unmix {__version__}, the fleet {asked.version}; install the same everywhere"
        return [to_plain(Outcome(Status.FAILED, reason=reason)) for _ in jobs]
    key = json.dumps([order, seconds, retries], sort_keys=True)
    worker = _take(key) or Worker(asked, seconds, retries)
    outcomes = [to_plain(worker.do(read_job(job))) for job in jobs]
    with _lock:
        _idle.setdefault(key, []).append(worker)
    return outcomes


def _take(key: str) -> Worker | None:
    """Take a process that did such jobs; those of another order have nothing to do any more."""
    with _lock:
        others = [worker for other in list(_idle) if other != key for worker in _idle.pop(other)]
        found = _idle[key].pop() if _idle.get(key) else None
    for worker in others:
        worker.end()
    return found


@atexit.register
def _end_all() -> None:
    for workers in _idle.values():
        for worker in workers:
            worker.end()
