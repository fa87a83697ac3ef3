"""Check that what a plan would write is sound, before anything is written.

Takes the tree before and after and the engines, gives what was right and would be wrong. Executes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import tomli

from unmix.change import FileChange
from unmix.engine import Engine
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.workspace import Workspace


def find_damage(
    changes: Sequence[FileChange], before: Workspace, after: Workspace, engines: Sequence[Engine]
) -> tuple[Finding, ...]:
    """Give what is wrong with the changed files and was not before, sorted."""
    written = [change.path for change in changes if change.after is not None]
    found = [finding for path in written for finding in _unsound(path, after, engines, before)]
    if not found:
        return ()
    # A file that was wrong already was read by other means (Python 2, a newer Python than ours), and so are its parts.
    rewritten = [change.path for change in changes if change.before is not None and change.after is not None]
    old = {_what(finding) for path in rewritten for finding in _unsound(path, before, engines)}
    unread = any(code == "UNM009" for code, _, _ in old)
    return tuple(
        sorted(finding for finding in found if _what(finding) not in old and not (finding.code == "UNM009" and unread))
    )


def _what(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.path if finding.code == "UNM009" else "", finding.message


def _unsound(
    path: str, workspace: Workspace, engines: Sequence[Engine], before: Workspace | None = None
) -> Iterable[Finding]:
    yield from _misspelled(path, workspace)
    for engine in engines:
        if engine.reads(path):
            yield from engine.unsound(path, workspace, before)


def _misspelled(path: str, workspace: Workspace) -> Iterable[Finding]:
    """Say when a file of data is none any more; another parser than the one that wrote it is asked."""
    try:
        if path.endswith((".json", ".ipynb")):
            json.loads(workspace.read(path).text)
        elif path.endswith(".toml"):
            tomli.loads(workspace.read(path).text)
    except (UnreadableSource, ValueError, RecursionError) as error:
        yield Finding(path, 1, 1, "UNM009", f"cannot be parsed: {error}")
