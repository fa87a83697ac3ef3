"""Find and read the files in which a project keeps the settings of its tools.

Takes a workspace and paths in it, gives folders, tables and lists as the files have them. A file that cannot be read
says nothing. It knows no tool, gives no setting a meaning and reads only what is in the workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

# Nothing is written here, so tomlkit, which keeps every space and takes many times as long, is not needed.
import tomli

from unmix.errors import UnreadableSource
from unmix.workspace import Workspace


def folders_above(path: str) -> Iterator[str]:
    """Give the folders that hold a path, the nearest first; each is empty or ends in `/`."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path + "/"
    yield ""


def folder_below(folder: str, path: str) -> str:
    """Give the folder `path`, which is relative to `folder`, with `/` at its end; the tree itself is empty."""
    pieces: list[str] = []
    for piece in (folder + path).split("/"):
        if piece == "..":
            del pieces[-1:]
        elif piece not in ("", "."):
            pieces.append(piece)
    return "/".join(pieces) + "/" if pieces else ""


@lru_cache(maxsize=16)
def expand_folders(workspace: Workspace, roots: tuple[str, ...]) -> tuple[str, ...]:
    """Give folders with each pattern among them replaced by the folders that match it."""
    if not any(set("*?[") & set(root) for root in roots):
        return roots
    every = {place for path in workspace.paths for place in folders_above(path)}
    found: list[str] = []
    for root in roots:
        if set("*?[") & set(root):
            depth = root.count("/")
            found += sorted(place for place in every if place.count("/") == depth and fnmatchcase(place, root))
        else:
            found.append(root)
    return tuple(found)


def read_toml(workspace: Workspace, path: str) -> Mapping[str, Any]:
    """Read a TOML file; one that cannot be read is empty."""
    try:
        return parse_toml(workspace.read(path).text)
    except UnreadableSource:
        return {}


@lru_cache(maxsize=64)
def parse_toml(text: str) -> Mapping[str, Any]:
    """Give what a text in TOML says; nothing where it is none. Nobody may change it."""
    try:
        return tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError):
        return {}


def find_table(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Give the table that the keys lead to, one in the other; empty where there is none."""
    for key in keys:
        value = document.get(key)
        if not isinstance(value, Mapping):
            return {}
        document = value
    return document


def as_list(value: object) -> list[str]:
    """Give the words of a setting: a list has them apart, a text parts them by commas or lines."""
    if isinstance(value, (list, tuple)):
        return [str(item).strip() for item in value]
    return [item.strip() for item in re.split(r"[\n,]", str(value)) if item.strip()]
