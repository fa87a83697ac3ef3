"""Say whether a shim's time is over.

Takes what `remove_in` says, the version of the project and a date, all given; asks no clock, runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from datetime import date
from typing import Any

import tomlkit
from packaging.version import InvalidVersion, Version

from unmix.errors import UnreadableSource
from unmix.workspace import Workspace


def is_date(remove_in: str) -> bool:
    """Say whether `remove_in` is a day rather than a version."""
    return _date(remove_in) is not None


def is_reached(remove_in: str, version: Version | None, today: date) -> bool:
    """Say whether the day has come, or whether the project is at that version or past it."""
    day = _date(remove_in)
    if day is not None:
        return today >= day
    return version is not None and version >= Version(remove_in)


def read_version(text: str) -> Version | None:
    """Read a version as people write it, also in a tag: `3.0`, `v3.0`, `release-3.0`."""
    found = re.search(r"\d.*", text)
    try:
        return Version(found[0]) if found else None
    except InvalidVersion:
        return None


def project_version(workspace: Workspace, module: str) -> Version | None:
    """Find the version of the project that `module` belongs to, as its files say it; nothing is executed."""
    for text in (*_declared(workspace), *_assigned(workspace, module.partition(".")[0])):
        version = read_version(text)
        if version is not None:
            return version
    return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.count("-") == 2 else None
    except ValueError:
        return None


def _declared(workspace: Workspace) -> Iterator[str]:
    """Give the versions that pyproject.toml, setup.cfg, setup.py and package.json declare, or point to."""
    settings = _toml(_text(workspace, "pyproject.toml"))
    tools = _table(settings, "tool")
    yield _string(_table(settings, "project"), "version")
    for tool in ("poetry", "flit"):
        yield _string(_table(tools, tool), "version")
    for tool in ("hatch", "pdm"):
        yield from _in_file(workspace, _string(_table(tools, tool, "version"), "path"))
    dynamic = _table(tools, "setuptools", "dynamic", "version")
    yield from _by_attribute(workspace, _string(dynamic, "attr"))
    yield _text(workspace, _string(dynamic, "file")).strip()
    config = ConfigParser(interpolation=None, strict=False)
    try:
        config.read_string(_text(workspace, "setup.cfg"))
    except ConfigError:
        config.clear()
    said = config.get("metadata", "version", fallback="").strip()
    if said.startswith("attr:"):
        yield from _by_attribute(workspace, said.removeprefix("attr:").strip())
    elif said.startswith("file:"):
        yield _text(workspace, said.removeprefix("file:").strip()).strip()
    else:
        yield said
    yield from re.findall(r"""\bversion\s*=\s*["']([^"']+)["']""", _text(workspace, "setup.py"))[:1]
    yield from re.findall(r'^\s*"version"\s*:\s*"([^"]+)"', _text(workspace, "package.json"), re.MULTILINE)[:1]


def _by_attribute(workspace: Workspace, dotted: str) -> Iterator[str]:
    """Give what is assigned to `package.module.__version__`."""
    module, _, name = dotted.rpartition(".")
    for path in _files_of(workspace, module) if module else ():
        yield from _assignments(_text(workspace, path), re.escape(name))


def _in_file(workspace: Workspace, path: str) -> Iterator[str]:
    yield from _assignments(_text(workspace, path), r"(?:__version__|version|VERSION)")


def _assigned(workspace: Workspace, package: str) -> Iterator[str]:
    """Give the `__version__` of the package itself."""
    for module in (package, f"{package}.__version__", f"{package}._version", f"{package}.version"):
        for path in _files_of(workspace, module):
            yield from _assignments(_text(workspace, path), r"(?:__version__|version)")


def _assignments(text: str, name: str) -> list[str]:
    return re.findall(rf"""^{name}\s*(?::[^=\n]*)?=\s*["']([^"']+)["']""", text, re.MULTILINE)[:1]


def _files_of(workspace: Workspace, module: str) -> list[str]:
    inside = module.replace(".", "/")
    places = [f"{root}{inside}{ending}" for root in ("", "src/", "lib/") for ending in ("/__init__.py", ".py")]
    return [place for place in places if workspace.exists(place)]


def _text(workspace: Workspace, path: str) -> str:
    try:
        return workspace.read(path).text if path and workspace.exists(path) else ""
    except UnreadableSource:
        return ""


def _toml(text: str) -> Mapping[str, Any]:
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text).unwrap()
    except TOMLKitError:
        return {}


def _table(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _string(table: Any, key: str) -> str:
    value = table.get(key) if isinstance(table, Mapping) else None
    return value if isinstance(value, str) else ""
