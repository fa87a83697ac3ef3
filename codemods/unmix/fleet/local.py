"""Do jobs in processes of this machine.

Takes jobs as they come, gives each back with its outcome as soon as there is one, in no order that matters.
"""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from types import TracebackType

from unmix.fleet.job import Job, Order, Outcome
from unmix.fleet.worker import Worker


class LocalPool:
    """So many processes, each held by a thread that waits for it."""

    def __init__(self, order: Order, processes: int, seconds: float, retries: int) -> None:
        self._order, self._seconds, self._retries = order, seconds, retries
        self._most = processes
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Job, Outcome | BaseException]] = queue.SimpleQueue()
        self._workers: list[Worker] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> LocalPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            # Nobody waits for what they are at, or would be at next.
            with suppress(queue.Empty):
                while True:
                    self._waiting.get_nowait()
            for worker in self._workers:
                worker.stop()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def submit(self, job: Job) -> None:
        """Have a job done when there is time."""
        self._waiting.put(job)
        if len(self._threads) < self._most:
            worker = Worker(self._order, self._seconds, self._retries)
            self._workers.append(worker)
            self._threads.append(threading.Thread(target=self._serve, args=(worker,), daemon=True))
            self._threads[-1].start()

    def next_done(self) -> tuple[Job, Outcome]:
        """Wait for a job that was submitted to be done."""
        job, outcome = self._done.get()
        if isinstance(outcome, BaseException):
            raise outcome
        return job, outcome

    def _serve(self, worker: Worker) -> None:
        with worker:
            while (job := self._waiting.get()) is not None:
                self._done.put((job, _try(worker, job)))


def _try(worker: Worker, job: Job) -> Outcome | BaseException:
    try:
        return worker.do(job)
    except BaseException as error:
        # It is for the thread that waits.
        return error
