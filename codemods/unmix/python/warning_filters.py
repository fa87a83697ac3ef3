"""Let a project whose pytest turns warnings into errors live with its own shim.

Where `filterwarnings` says `error`, the shim's DeprecationWarning would fail every test that still uses the old path.
Takes the project's configuration files, gives those to change: one filter more, behind the others, which shows the
warnings of this one old module and keeps all others errors.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Sequence
from typing import Any

import tomlkit
from tomlkit.items import Array

from unmix.errors import UnreadableSource
from unmix.python.setting_files import find_table, parse_toml
from unmix.workspace import SourceFile, Workspace

# Where pytest is configured, in its own order of files, and the tables or the section of each.
_TOML_FILES = {
    "pytest.toml": (("pytest",),),
    ".pytest.toml": (("pytest",),),
    "pyproject.toml": (("tool", "pytest", "ini_options"), ("tool", "pytest")),
}
_INI_FILES = {"pytest.ini": "pytest", ".pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}
_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")

_Places = tuple[tuple[str, ...], ...]


def filter_for(old: str) -> str:
    """Give the pytest filter that lets the warnings of one old module's shim be shown."""
    return f"default:{re.escape(old)}\\.:DeprecationWarning"


def admit_shims(olds: Sequence[str], workspace: Workspace) -> dict[str, SourceFile]:
    """Give the configuration file of pytest with a filter for each old module, if it makes warnings errors."""
    return _change_settings([filter_for(old) for old in olds], workspace, _in_toml, _in_ini)


def dismiss_shims(olds: Sequence[str], workspace: Workspace) -> dict[str, SourceFile]:
    """Give the configuration file of pytest without the filters for old modules that are gone."""
    return _change_settings([filter_for(old) for old in olds], workspace, _out_of_toml, _out_of_ini)


def _change_settings(
    filters: Sequence[str],
    workspace: Workspace,
    in_toml: Callable[[str, _Places, Sequence[str]], tuple[bool, str]],
    in_ini: Callable[[str, str, Sequence[str]], tuple[bool, str]],
) -> dict[str, SourceFile]:
    try:
        for path in _FILES:
            if not workspace.exists(path) or workspace.is_symlink(path):
                continue
            file = workspace.read(path)
            if path in _TOML_FILES:
                said, text = in_toml(file.text, _TOML_FILES[path], filters)
            else:
                said, text = in_ini(file.text, _INI_FILES[path], filters)
            if said:
                # pytest reads the first file that speaks of it, and no other.
                return {} if text == file.text else {path: SourceFile(path, text, file.encoding, file.bom)}
    except UnreadableSource:
        return {}
    return {}


def _in_toml(text: str, places: _Places, filters: Sequence[str]) -> tuple[bool, str]:
    """Say whether a TOML file configures pytest, and give its text with the filters."""
    place, said = _filters_in_toml(text, places)
    missing = [new for new in filters if new not in said]
    if not missing or not _makes_errors(said):
        return bool(place), text
    document = tomlkit.parse(text)
    array = _array(document, place)
    for new in missing:
        array.append(tomlkit.string(new, literal="'" not in new))
    return True, tomlkit.dumps(document)


def _in_ini(text: str, section: str, filters: Sequence[str]) -> tuple[bool, str]:
    """Say whether an INI file configures pytest, and give its text with the filters."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return False, text
    if not parser.has_section(section):
        return False, text
    said = parser.get(section, "filterwarnings", fallback="")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    missing = [new for new in filters if new not in lines]
    if not missing or not _makes_errors(lines):
        return True, text
    newline = "\r\n" if "\r\n" in text else "\n"
    found = _ini_setting(text, section)
    if found is None:
        return True, text
    last = found.group().splitlines()[-1]
    indent = last[: len(last) - len(last.lstrip())] or "    "
    return True, text[: found.end()] + "".join(f"{newline}{indent}{new}" for new in missing) + text[found.end() :]


def _out_of_toml(text: str, places: _Places, filters: Sequence[str]) -> tuple[bool, str]:
    """Say whether a TOML file configures pytest, and give its text without the filters."""
    place, said = _filters_in_toml(text, places)
    gone = [old for old in filters if old in said]
    if not gone:
        return bool(place), text
    document = tomlkit.parse(text)
    array = _array(document, place)
    for old in gone:
        array.remove(old)
    return True, tomlkit.dumps(document)


def _filters_in_toml(text: str, places: _Places) -> tuple[tuple[str, ...], list[str]]:
    """Give the table of a TOML file that configures pytest (empty: none does), and its filters for warnings."""
    document = parse_toml(text)
    place = next((place for place in places if find_table(document, *place)), ())
    said = find_table(document, *place).get("filterwarnings") if place else None
    return place, [str(item) for item in said] if isinstance(said, list) else []


def _array(document: tomlkit.TOMLDocument, place: tuple[str, ...]) -> Array:
    """Give the list that _filters_in_toml() has read, so that it can be changed where it stands."""
    table: Any = document
    for key in (*place, "filterwarnings"):
        table = table[key]
    assert isinstance(table, Array)
    return table


def _out_of_ini(text: str, section: str, filters: Sequence[str]) -> tuple[bool, str]:
    """Say whether an INI file configures pytest, and give its text without the filters."""
    if re.search(rf"^\[{re.escape(section)}\]", text, re.MULTILINE) is None:
        return False, text
    found = _ini_setting(text, section)
    if found is None:
        return True, text
    lines = found.group().splitlines(keepends=True)
    left = "".join(line for line in lines if line.strip() not in filters)
    if lines and lines[-1].strip() in filters:
        # The line break at the end belongs to what follows.
        left = left.removesuffix("\n").removesuffix("\r")
    return True, text[: found.start()] + left + text[found.end() :]


def _ini_setting(text: str, section: str) -> re.Match[str] | None:
    return re.search(
        rf"^\[{re.escape(section)}\][^\[]*?^filterwarnings[ \t]*[=:][^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*",
        text,
        re.MULTILINE,
    )


def _makes_errors(filters: Sequence[str]) -> bool:
    """Say whether the last word on a DeprecationWarning may be `error`."""
    return any(re.match(r"error(:|$)", said.strip()) for said in filters)
