"""Survey many files: the one loop that every command goes through.

Takes an engine and paths, gives what the engine found in each file, in the order of the paths. What cannot be read is
an answer, too. Surveys do not depend on each other, so that processes.py may give the same answers in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from unmix.engine import Engine
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.reference import Relocation, Survey
from unmix.workspace import Workspace

Answer = Survey | UnreadableSource

# Is told how many of how many files are done.
Progress = Callable[[int, int], None]


class Surveyor(Protocol):
    """A way to survey files."""

    def __call__(
        self,
        engine: Engine,
        paths: Sequence[str],
        relocations: Sequence[Relocation],
        workspace: Workspace,
        progress: Progress,
    ) -> Iterator[tuple[str, Answer]]:
        """Give each path with what the engine found in the file, or why it cannot be read."""


def survey_files(
    engine: Engine, paths: Sequence[str], relocations: Sequence[Relocation], workspace: Workspace, progress: Progress
) -> Iterator[tuple[str, Answer]]:
    """Survey files one after the other, each when it is asked for."""
    for done, path in enumerate(paths):
        progress(done, len(paths))
        yield path, survey_file(engine, path, relocations, workspace)
    progress(len(paths), len(paths))


def survey_file(engine: Engine, path: str, relocations: Sequence[Relocation], workspace: Workspace) -> Answer:
    """Survey one file; that it cannot be read is the answer then."""
    try:
        return engine.survey(path, relocations, workspace)
    except UnreadableSource as error:
        return error


def unreadable(error: UnreadableSource) -> Finding:
    """Give the finding that a candidate file is when it cannot be decoded or parsed."""
    hint = "mend the file, or move its references by hand"
    return Finding(error.path, max(error.line, 1), 1, "UNM009", f"mentions an old module but {error.reason}", hint=hint)


def nobody(done: int, of: int) -> None:
    """Take the place of a progress bar where nobody looks."""
