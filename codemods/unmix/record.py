"""Ask git what a file was before a change: the record of what a module once exported.

Takes a folder, a path in it and a test of revisions, gives the newest bytes that pass; None without git or history.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from unmix.repository import run_git

# How many changes of one file are looked at: its shim may have been touched a few times.
_MOST = 20


class Record:
    """The history of the files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def last(self, path: str, passes: Callable[[str, bytes], bool]) -> bytes | None:
        """Give the newest committed bytes of the file `path` for which `passes(revision, bytes)`."""
        revision = "HEAD"
        for _ in range(_MOST):
            data = self.read(revision, path)
            if data is None:
                return None
            if passes(revision, data):
                return data
            changed = self._git("rev-list", "--max-count=1", revision, "--", path)
            if not changed:
                return None
            revision = changed.decode().strip() + "^"
        return None

    def read(self, revision: str, path: str) -> bytes | None:
        """Give the bytes that the file `path` had in `revision`; None where it was not there."""
        return self._git("cat-file", "blob", f"{revision}:./{path}")

    def _git(self, *arguments: str) -> bytes | None:
        answer = run_git(self.root, *arguments)
        return None if answer is None or answer.status else answer.output

    def newest_tag(self) -> str:
        """Give the name of the newest tag; empty where there is none."""
        return (self._git("describe", "--tags", "--abbrev=0") or b"").decode("utf-8", "replace").strip()
