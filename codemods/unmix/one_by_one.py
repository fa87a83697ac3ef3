"""Ask one question of many files, one after the other.

Takes a question about a path and paths, gives each path with its answer, in the order of the paths. The questions do
not depend on each other, so that processes.py may get the same answers in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from unmix.workspace import Workspace

Answer = TypeVar("Answer")

# Is told how many of how many files are done.
Progress = Callable[[int, int], None]


class ForEach(Protocol):
    """A way to ask about many files of a workspace."""

    def __call__(
        self, ask: Callable[[str], Answer], paths: Sequence[str], workspace: Workspace, progress: Progress
    ) -> Iterator[tuple[str, Answer]]:
        """Give each path with its answer."""


def one_by_one(
    ask: Callable[[str], Answer], paths: Sequence[str], workspace: Workspace, progress: Progress
) -> Iterator[tuple[str, Answer]]:
    """Ask about each file when its answer is asked for."""
    for done, path in enumerate(paths):
        progress(done, len(paths))
        yield path, ask(path)
    progress(len(paths), len(paths))


def nobody(done: int, of: int) -> None:
    """Take the place of a progress bar where nobody looks."""
