"""Ask one question of many files in several processes.

Takes what one_by_one() takes, gives the same answers in the same order. Where it is not worth it, or cannot be done
safely, it does as one_by_one() does. The processes are forks of this one: they know all that it knows, share its
memory until they write to it, and give back nothing but answers.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from unmix.errors import UnreadableSource
from unmix.one_by_one import Answer, Progress, one_by_one
from unmix.workspace import Workspace

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

# How many bytes of source are worth a process of its own: most of a second of work, against a tenth to start it.
WORTH_A_PROCESS = 500_000

# No computer has memory for as many processes as it may have cores.
_MOST = 8


def in_processes(
    ask: Callable[[str], Answer], paths: Sequence[str], workspace: Workspace, progress: Progress
) -> Iterator[tuple[str, Answer]]:
    """Ask in as many processes as there are cores to run them; this one does its share.

    A process that dies is no loss: its files are asked about here. Answers have to be plain data.
    """
    sizes = {path: _size(path, workspace) for path in paths}
    workers = min(_cores(), _MOST, sum(sizes.values()) // WORTH_A_PROCESS)
    if workers < 2 or not _may_fork():
        yield from one_by_one(ask, paths, workspace, progress)
        return
    own, *others = _shares(sizes, workers)
    answers: dict[str, Answer] = {}

    def ask_here(path: str) -> None:
        progress(len(answers), len(paths))
        answers[path] = ask(path)

    # What every answer depends on is found out with the first file, before there are processes that would all do so.
    ask_here(own[0])
    helpers = [_start(ask, share) for share in others]
    try:
        for path in own[1:]:
            ask_here(path)
            for _, answered in helpers:
                while answered.poll() and _take(answered, answers):
                    pass
        for share, (_, answered) in zip(others, helpers, strict=True):
            while not answers.keys() >= set(share) and _take(answered, answers):
                progress(len(answers), len(paths))
    finally:
        for process, answered in helpers:
            answered.close()
            process.terminate()
            process.join()
    for path in paths:
        if path not in answers:
            ask_here(path)
        yield path, answers[path]
    progress(len(paths), len(paths))


def _start(ask: Callable[[str], object], share: Sequence[str]) -> tuple[BaseProcess, Connection]:
    """Start a process that answers for a share of the files; it can be read from, answer by answer."""
    from multiprocessing import get_context  # takes a while to import, and most trees are small

    def answer_all() -> None:
        import signal

        # Whoever interrupts the command interrupts all its processes; this one is ended by the first.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        answered.close()
        # What is left undone is done by the first process, and shows there what went wrong.
        with suppress(Exception):
            for path in share:
                if os.getppid() != first:
                    return  # It was killed: nobody wants to know any more.
                answer.send((path, ask(path)))

    first = os.getpid()
    context = get_context("fork")
    answered, answer = context.Pipe(duplex=False)
    process = context.Process(target=answer_all, daemon=True)
    process.start()
    answer.close()
    return process, answered


def _take(answered: Connection, answers: dict[str, Answer]) -> bool:
    """Take one answer of a process, waiting for it; say whether there was one."""
    try:
        path, answer = answered.recv()
    except (EOFError, OSError):
        return False
    answers[path] = answer
    return True


def _shares(sizes: dict[str, int], workers: int) -> list[list[str]]:
    """Part files into shares of about the same size: each file, from the largest on, goes to the smallest share.

    That is Graham's rule of the longest processing time first (1969), at most a third slower than the best.
    """
    shares: list[list[str]] = [[] for _ in range(workers)]
    loads = [0] * workers
    for path in sorted(sizes, key=lambda path: (-sizes[path], path)):
        least = loads.index(min(loads))
        shares[least].append(path)
        loads[least] += sizes[path]
    return [share for share in shares if share]


def _size(path: str, workspace: Workspace) -> int:
    try:
        return len(workspace.read_bytes(path))
    except UnreadableSource:
        return 0


def _cores() -> int:
    """Say how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _may_fork() -> bool:
    """Say whether a fork of this process can be relied on: macOS's own libraries and other threads forbid it."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1
