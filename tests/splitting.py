"""Split one module of a tree in memory, for tests of what the phase `add` writes."""

from __future__ import annotations

from pathlib import Path

from unmix.javascript.engine import JavaScriptEngine
from unmix.migration import Migration, Part, ShimSettings, Split
from unmix.workspace import memory_workspace


def add(files: dict[str, bytes], module: str, into: dict[str, list[str]]) -> dict[str, bytes]:
    """Give the new files of a split; raises UnsafeSplit."""
    parts = tuple(
        Part(part, tuple(name for name in names if name != "*"), "*" in names, 1, ()) for part, names in into.items()
    )
    split = Split(module, parts, 1)
    migration = Migration(Path("unmix.toml"), Path(), None, (split,), (), ShimSettings("1.0", "2.0"), (), ())
    new = JavaScriptEngine(migration).split(split, memory_workspace(files))
    return {path: file.encode(file.text) for path, file in new.files.items()}
