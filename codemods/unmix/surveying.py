"""Survey many files: the one loop that every command goes through.

Takes an engine and paths, gives what the engine found in each file, in the order of the paths. What cannot be read is
an answer, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unmix.engine import Engine
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.one_by_one import ForEach, Progress, nobody, one_by_one
from unmix.reference import Relocation, Survey
from unmix.workspace import Workspace


def survey_files(
    engine: Engine,
    paths: Sequence[str],
    relocations: Sequence[Relocation],
    workspace: Workspace,
    progress: Progress = nobody,
    for_each: ForEach = one_by_one,
) -> Iterator[tuple[str, Survey | UnreadableSource]]:
    """Give each path with what the engine found in the file, or why it cannot be read."""

    def survey(path: str) -> Survey | UnreadableSource:
        try:
            return engine.survey(path, relocations, workspace)
        except UnreadableSource as error:
            return error

    return for_each(survey, paths, workspace, progress)


def unreadable(error: UnreadableSource) -> Finding:
    """Give the finding that a candidate file is when it cannot be decoded or parsed."""
    hint = "mend the file, or move its references by hand"
    return Finding(error.path, max(error.line, 1), 1, "UNM009", f"mentions an old module but {error.reason}", hint=hint)
