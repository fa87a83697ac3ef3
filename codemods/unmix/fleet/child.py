"""The process that does the jobs: one line of JSON in, one line out.

The first line is the order, each that follows is a job. The process is a group of its own, so that whoever started it
can end it with all that it started; when that one is gone, it ends itself, whatever it is doing.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from unmix.errors import UnmixError
from unmix.fleet.job import Job, Order, Outcome, Status, read_job, read_order, to_plain
from unmix.fleet.obtain import Place, Unreachable, harmless_git
from unmix.large_trees import bear_large_trees

if TYPE_CHECKING:
    from unmix.fleet.work import Project

# After so many seconds without a job nobody seems to have one: a worker of a cluster outlives the fleets it serves.
_IDLE = 300


def serve() -> None:
    """Do jobs until there are no more."""
    # What is printed by mistake must not be taken for an outcome.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    bear_large_trees()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, lines), daemon=True).start()
    order = read_order(json.loads(lines.get()))
    opened: dict[Place, Project] = {}
    while True:
        try:
            asked = json.loads(lines.get(timeout=_IDLE))
        except queue.Empty:
            return
        # A loop inside C code hears no other thread; this ends it even when nobody is there any more to do so.
        faulthandler.dump_traceback_later(asked["seconds"] + 5, exit=True)
        outcome = _do(order, read_job(asked["job"]), opened)
        faulthandler.cancel_dump_traceback_later()
        answers.write(json.dumps(to_plain(outcome)).encode() + b"\n")


def _listen(stream: BinaryIO, lines: queue.SimpleQueue[bytes]) -> None:
    for line in stream:
        lines.put(line)
    # The other end is closed: what runs now is for nobody.
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _do(order: Order, job: Job, opened: dict[Place, Project]) -> Outcome:
    # Everything else is imported once there is something to do.
    from unmix.fleet.work import do_job

    begun = time.monotonic()
    try:
        with harmless_git():
            outcome = do_job(order, job, opened)
    except UnmixError as error:
        outcome = Outcome(Status.FAILED, reason=str(error), again=isinstance(error, Unreachable))
    except Exception as error:
        traceback.print_exc()
        reason = f"a defect of unmix: {type(error).__name__}: {error}"
        outcome = Outcome(Status.FAILED, reason=reason)
    return replace(outcome, seconds=round(time.monotonic() - begun, 3))
