"""Hold one process that does jobs (child.py): ask it, lose patience with it, replace it when it dies.

Takes an order and jobs, gives an outcome of each, whatever happens to the process.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import IO

from unmix.fleet.job import Job, Order, Outcome, Status, read_outcome, to_plain

# After so many jobs a process is replaced, for what it may have gathered.
_MOST_JOBS = 200

# The current folder, which `-c` puts first, may be a repository: nothing is to be imported from there.
_PROGRAM = """
import sys
sys.path[:] = [folder for folder in sys.path if folder]
from unmix.fleet.child import serve
serve()
"""


class Worker:
    """One process at a time; started when there is something to do."""

    def __init__(self, order: Order, seconds: float, retries: int) -> None:
        self._order = json.dumps(to_plain(order)).encode() + b"\n"
        self._seconds = seconds
        self._retries = retries
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._jobs = 0
        self._stopped = False

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def do(self, job: Job) -> Outcome:
        """Give the outcome of a job: that of the process, or that it hung, or that it died each time."""
        tried = 0
        while True:
            tried += 1
            try:
                outcome = self._ask(job)
            except TimeoutError:
                self.end()
                return Outcome(Status.FAILED, reason=f"hung: stopped after {self._seconds:g} s (--timeout)")
            except (EOFError, BrokenPipeError) as death:
                reason = f"its process died {_times(tried)}: {self._last_words() or death}"
                outcome = Outcome(Status.FAILED, reason=reason, again=True)
                self.end()
            if not outcome.again or tried > self._retries:
                return replace(outcome, again=False)

    def stop(self) -> None:
        """Have the thread that is waiting for the process wait no more; nothing is tried again."""
        self._retries, self._stopped = -1, True
        process = self._process
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def end(self) -> None:
        """End the process, if there is one, with all that it started."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if self._errors is not None:
            self._errors.close()

    def _ask(self, job: Job) -> Outcome:
        if self._process is None or self._jobs >= _MOST_JOBS or self._process.poll() is not None:
            self.end()
            self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        self._jobs += 1
        asked = {"job": to_plain(job), "seconds": self._seconds}
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        return read_outcome(json.loads(self._read_line(time.monotonic() + self._seconds)))

    def _start(self) -> None:
        if self._stopped:
            raise EOFError("stopped")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._jobs = 0
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(self._order)

    def _read_line(self, deadline: float) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        line = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    raise TimeoutError
                piece = os.read(handle, 1 << 20)
                if not piece:
                    raise EOFError(f"exit code {self._process.wait()}")
                line += piece
        return bytes(line)

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
