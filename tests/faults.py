"""Faults at the n-th write, through Python's own audit hooks: the code under test is as it is for everybody."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_WRITES = {
    "os.chmod",
    "os.chown",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
}


@dataclass
class Fault:
    """Call `strike` instead of write number `first`, and instead of every later one if it is `lasting`."""

    first: int
    strike: Callable[[], None]
    lasting: bool = False
    seen: int = 0
    events: list[str] = field(default_factory=list)

    @property
    def struck(self) -> bool:
        return self.seen > self.first


_armed: list[Fault] = []
_installed: list[bool] = []


@contextmanager
def armed(fault: Fault) -> Iterator[Fault]:
    """Let `fault` happen inside the context."""
    if not _installed:
        # A hook cannot be taken away again; with nothing armed it does nothing.
        sys.addaudithook(_hook)
        _installed.append(True)
    _armed.append(fault)
    try:
        yield fault
    finally:
        _armed.remove(fault)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _armed or not _is_write(event, arguments):
        return
    fault = _armed[-1]
    number, fault.seen = fault.seen, fault.seen + 1
    fault.events.append(event)
    if number == fault.first or (fault.lasting and number > fault.first):
        fault.strike()


def _is_write(event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        flags = arguments[2]
        # Folders are opened to be synced: a failure there counts, too.
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_DIRECTORY))
    return event in _WRITES
