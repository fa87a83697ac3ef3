"""Migrate one module of a tree in memory, for tests of what is written."""

from __future__ import annotations

from pathlib import Path

from unmix.finding import Finding
from unmix.javascript.engine import JavaScriptEngine
from unmix.migration import Migration, Part, ShimSettings, Split
from unmix.plan import make_plan
from unmix.workspace import memory_workspace


def add(files: dict[str, bytes], module: str, into: dict[str, list[str]]) -> dict[str, bytes]:
    """Give the new files of a split; raises UnsafeSplit."""
    return split_with_findings(files, module, into)[0]


def split_with_findings(
    files: dict[str, bytes], module: str, into: dict[str, list[str]]
) -> tuple[dict[str, bytes], tuple[Finding, ...]]:
    """Give the new files of a split, and what a person must know of it; raises UnsafeSplit."""
    migration = _migration(module, into)
    new = JavaScriptEngine(migration).split(migration.splits[0], memory_workspace(files))
    return {path: file.encode(file.text) for path, file in new.files.items() if file is not None}, new.findings


def migrate(files: dict[str, bytes], module: str, into: dict[str, list[str]]) -> dict[str, bytes]:
    """Give all files that a whole migration writes; raises UnsafeSplit."""
    migration = _migration(module, into)
    plan = make_plan(migration, memory_workspace(files), (JavaScriptEngine(migration),))
    return {change.path: change.after for change in plan.changes if change.after is not None}


def _migration(module: str, into: dict[str, list[str]]) -> Migration:
    parts = tuple(
        Part(part, tuple(name for name in names if name != "*"), "*" in names, 1, ()) for part, names in into.items()
    )
    split = Split(module, parts, 1)
    return Migration(Path("unmix.toml"), Path(), None, (split,), (), ShimSettings("1.0", "2.0"), (), ())
