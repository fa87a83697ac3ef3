"""Do jobs on a cluster of Dask workers: one that is there, or one of this machine for the time being.

Takes jobs as they come, gives each back with its outcome. The only module that imports Dask.
"""

from __future__ import annotations

import queue
import time
from collections import Counter, deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from unmix.errors import UsageError
from unmix.fleet.batch import do_batch
from unmix.fleet.contact import Contact
from unmix.fleet.job import Job, Order, Outcome, Status, read_outcome, to_plain

try:
    import distributed
except ImportError as error:
    raise UsageError("a cluster needs Dask; install it with: pip install 'unmix[fleet]'") from error

# A task costs Dask some milliseconds and a process of ours a quarter of a second: not for each repository alone.
_MOST_IN_BATCH = 8
_PATIENCE = 1.0  # Seconds between two looks at whether anybody is there.


class ClusterPool:
    """Tasks of a few jobs each; what a dead worker was at is done by another."""

    def __init__(self, order: Order, contact: Contact, seconds: float, retries: int) -> None:
        self._order, self._seconds, self._retries = to_plain(order), seconds, retries
        self._contact = contact
        self._waiting: deque[Job] = deque()
        self._running: dict[str, tuple[distributed.Future, list[Job]]] = {}
        self._ended: queue.SimpleQueue[distributed.Future] = queue.SimpleQueue()
        self._done: deque[tuple[Job, Outcome]] = deque()
        self._deaths: Counter[Job] = Counter()
        self._seen = time.monotonic()

    def __enter__(self) -> ClusterPool:
        self._cluster, security = _start_cluster(self._contact)
        address = self._cluster.scheduler_address if self._cluster is not None else self._contact.scheduler
        try:
            self._client = distributed.Client(
                address, security=security, timeout=self._contact.patience, set_as_default=False, name="unmix"
            )
        except (OSError, TimeoutError, ValueError) as error:
            self._close_cluster()
            raise UsageError(f"{address}: cannot be reached as a scheduler: {error}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for future, _ in self._running.values():
            future.cancel()
        self._client.close(timeout=5)
        self._close_cluster()

    def submit(self, job: Job) -> None:
        """Have a job done when there is time."""
        self._waiting.append(job)

    def next_done(self) -> tuple[Job, Outcome]:
        """Wait for a job that was submitted to be done. Without anybody to do it, it fails in time."""
        self._hand_out()
        while not self._done:
            self._wait()
        return self._done.popleft()

    def _wait(self) -> None:
        try:
            self._take(self._ended.get(timeout=_PATIENCE))
        except queue.Empty:
            self._look_around()

    def _hand_out(self) -> None:
        repositories = sum(job.shard is None for job in self._waiting)
        most = min(_MOST_IN_BATCH, repositories // (4 * max(self._threads(), 1))) if repositories else 1
        while self._waiting:
            batch = [self._waiting.popleft()]
            # A shard is as much as many a repository.
            while batch[0].shard is None and self._waiting and self._waiting[0].shard is None and len(batch) < most:
                batch.append(self._waiting.popleft())
            self._send(batch)

    def _send(self, batch: Sequence[Job]) -> None:
        plain = [to_plain(job) for job in batch]
        future = self._client.submit(do_batch, self._order, plain, self._seconds, self._retries, pure=False)
        self._running[future.key] = future, list(batch)
        future.add_done_callback(self._ended.put)

    def _take(self, future: distributed.Future) -> None:
        if future.key not in self._running:
            return
        _, batch = self._running.pop(future.key)
        self._seen = time.monotonic()
        if future.status == "finished":
            outcomes = [read_outcome(plain) for plain in future.result()]
            self._done += zip(batch, outcomes, strict=True)
            return
        reason = f"{type(future.exception()).__name__}: {future.exception()}" if future.status == "error" else "lost"
        for job in batch:
            # Alone from now on, so that one that takes workers with it takes no other along.
            self._deaths[job] += 1
            if self._deaths[job] <= self._retries:
                self._send([job])
            else:
                self._done.append((job, Outcome(Status.FAILED, reason=f"its worker died: {reason}")))

    def _look_around(self) -> None:
        """Give up on everything when there was no worker for too long: Dask itself would wait for ever."""
        now = time.monotonic()
        if self._threads() > 0:
            self._seen = now
        elif now - self._seen > self._contact.patience:
            reason = f"no worker for {self._contact.patience:g} s (--no-worker-timeout)"
            jobs = [*self._waiting, *(job for _, batch in self._running.values() for job in batch)]
            self._waiting.clear()
            self._running.clear()
            self._done += [(job, Outcome(Status.FAILED, reason=reason)) for job in jobs]

    def _threads(self) -> int:
        if self._client.status != "running":
            return 0
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError, ValueError):
            return 0

    def _close_cluster(self) -> None:
        if self._cluster is not None:
            self._cluster.close(timeout=10)


def _start_cluster(contact: Contact) -> tuple[Any, Any]:
    """Give the cluster that was started, if one was, and the keys with which it is spoken to."""
    if contact.scheduler:
        if contact.scheduler.startswith("tcp:"):
            return None, None
        files = {
            "tls_ca_file": contact.ca,
            "tls_client_cert": contact.certificate,
            "tls_client_key": contact.key,
        }
        # What is not named here may stand in Dask's own configuration.
        given = {name: value for name, value in files.items() if value}
        return None, distributed.Security(require_encryption=True, **given)
    # Other people on this machine reach its loopback, too.
    security = distributed.Security.temporary()
    cluster = distributed.LocalCluster(
        n_workers=contact.workers,
        threads_per_worker=1,
        host="127.0.0.1",
        protocol="tls://",
        security=security,
        dashboard_address="127.0.0.1:0",  # None would be the port that Dask is known for
        silence_logs=50,
    )
    return cluster, security
