"""Give the Python files of a tree that contain one of some words, with their texts; none is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unmix.errors import UnreadableSource
from unmix.python.modules import is_python
from unmix.workspace import Workspace


def python_texts(workspace: Workspace, needles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give path and text of each Python file that contains one of `needles`; one that cannot be read is left out."""
    for path in filter(is_python, workspace.containing(needles)):
        try:
            text = workspace.glance(path).text
        except UnreadableSource:
            continue
        yield path, text
