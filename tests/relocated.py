"""A project whose module `app.db.old` is split already, and what surveys of its other files say.

`app.db.old` became `app.db.client` (Client, connect, main) and `app.db.retry` (with_retry, Config, the rest).
Its script went to `app.db.client`; it merely imports `json`, for `app.db.retry`. `solo` became `solo_a` and `solo_b`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from unmix.edit import apply_edits
from unmix.migration import Migration, Part, ShimSettings, Split
from unmix.python.context import Context
from unmix.python.engine import PythonEngine
from unmix.reference import Survey
from unmix.workspace import SourceFile, memory_workspace

OLD = b'''\
"""Two concerns."""

import json


class Client:
    def query(self):
        return self


def connect():
    return Client()


def main():
    return connect()


class Config:
    client = Client

    def dump(self):
        return json.dumps({})


def with_retry(function):
    return function


if __name__ == "__main__":
    main()
'''


@lru_cache
def context() -> Context:
    """Give the context of the project after the phase `add`."""
    splits = (
        Split(
            "app.db.old",
            (
                Part("app.db.client", ("Client", "connect", "main"), rest=False, line=1, name_lines=()),
                Part("app.db.retry", (), rest=True, line=1, name_lines=()),
            ),
            1,
        ),
        Split(
            "solo",
            (
                Part("solo_a", ("alpha",), rest=False, line=1, name_lines=()),
                Part("solo_b", (), rest=True, line=1, name_lines=()),
            ),
            1,
        ),
    )
    root = Path("<memory>")
    migration = Migration(root / "unmix.toml", root, ("src",), splits, (), ShimSettings(), (), ())
    files = {
        "src/app/__init__.py": b"",
        "src/app/db/__init__.py": b"",
        "src/app/db/old.py": OLD,
        "src/solo.py": b"def alpha():\n    return 1\n\n\ndef beta():\n    return 2\n",
    }
    engine = PythonEngine(migration)
    workspace = memory_workspace(files)
    for split in splits:
        split_files = engine.split(split, workspace)
        written = getattr(split_files, "files", split_files)
        workspace = workspace.with_changes({path: file.encode(file.text) for path, file in written.items()})
    return engine.memory.context(tuple(engine.relocations(splits, workspace)), workspace)


def source(path: str, text: str) -> SourceFile:
    return SourceFile(path, text, "utf-8", b"")


def rewritten(text: str, survey: Survey) -> str:
    """Apply a survey's edits, after a look at what every survey promises."""
    assert list(survey.edits) == sorted(survey.edits)
    after = apply_edits(text, survey.edits)
    for reference in survey.references:
        line = len(re.findall(r"\r\n|\r|\n", text[: reference.start])) + 1
        assert 0 <= reference.start < reference.end <= len(text)
        assert reference.line == line
    return after


def said(survey: Survey) -> list[str]:
    """Give each finding as `line:column CODE old`."""
    return [f"{found.line}:{found.column} {found.code} {found.old}" for found in survey.findings]
