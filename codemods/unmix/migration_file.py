"""Read unmix.toml (or `[tool.unmix]` of pyproject.toml) into a Migration.

Takes a file, gives the migration it describes together with every mistake found in it;
knows nothing of the tree it will be applied to (plan.py compares the two).
"""

from __future__ import annotations

import bisect
import re
from pathlib import Path

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from unmix.errors import MigrationFileError
from unmix.migration import Migration, Mistake, ShimSettings
from unmix.migration_tables import read_root
from unmix.toml_places import Node, read_places

FILE_NAME = "unmix.toml"
PYPROJECT_NAME = "pyproject.toml"


def find_migration_file(start: Path) -> Path:
    """Give the nearest migration file: in the folder `start`, or in one above it.

    That is `unmix.toml`, or a `pyproject.toml` with a `[tool.unmix]` table; of the two in one folder, `unmix.toml`.
    Raises MigrationFileError when there is none.
    """
    folder = start.resolve()
    for above in (folder, *folder.parents):
        if (above / FILE_NAME).is_file():
            return above / FILE_NAME
        if _holds_migration(above / PYPROJECT_NAME):
            return above / PYPROJECT_NAME
    remedy = "write one (see `unmix --help`) or name it with -c FILE"
    raise MigrationFileError((f"{FILE_NAME}: not found in {folder} or above; {remedy}",))


def read_migration(path: Path) -> tuple[Migration, tuple[Mistake, ...]]:
    """Read the migration file `path`: what could be read of it, and every mistake in it, in the order of the lines.

    The migration holds only what is right: a name that is none, or is given again, is not among its part's names.
    Raises MigrationFileError when the file is missing, cannot be read, or is not UTF-8.
    """
    return parse_migration(path, _read_text(path))


def parse_migration(path: Path, text: str) -> tuple[Migration, tuple[Mistake, ...]]:
    """Do what read_migration() does for the text of a file that is, or was, at `path`."""
    mistakes: list[Mistake] = []
    try:
        root = read_places(text)
    except (TOMLKitError, ValueError, RecursionError) as error:
        return _empty_migration(path), (_syntax_mistake(text, error),)
    if path.name == PYPROJECT_NAME:
        tool = root.children.get("tool", Node({}, 1)).children.get("unmix")
        if tool is None:
            return _empty_migration(path), (Mistake(1, "no [tool.unmix] table; add it, or name a file with -c FILE"),)
        root = tool
    migration = read_root(path, root, mistakes)
    return migration, tuple(sorted(set(mistakes)))


def _holds_migration(pyproject: Path) -> bool:
    """Say whether `pyproject` exists and has `[tool.unmix]`, also when the rest of it is not TOML."""
    try:
        text = pyproject.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    if "unmix" not in text:
        return False  # Most files end here: parsing a long pyproject.toml takes longer than all else.
    try:
        values = tomlkit.parse(text).unwrap()
    except (TOMLKitError, ValueError, RecursionError):
        # Its mistake is for read_migration to report: looking further up would hide it.
        return re.search(r"^\s*\[+\s*tool\s*\.\s*unmix\b", text, re.MULTILINE) is not None
    tool = values.get("tool")
    return isinstance(tool, dict) and "unmix" in tool


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MigrationFileError((f"{path}: {reason}; name a migration file with -c FILE",)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MigrationFileError((f"{path}:{line}: not UTF-8; save the file as UTF-8",)) from error


def _syntax_mistake(text: str, error: Exception) -> Mistake:
    if isinstance(error, RecursionError):
        return Mistake(1, "not TOML: nested too deeply")
    message = _syntax_message(text, error)
    if isinstance(error, ParseError) and not _is_repetition(message):
        # TOML Kit numbers lines as str.splitlines does, which also ends them at form feeds and the like.
        before = text.splitlines(keepends=True)[: max(error.line - 1, 0)]
        line = "".join(before).count("\n") + 1
    else:
        # TOML Kit notices a repeated key only at the end of its table: the first lines that show it say where it is.
        lines = text.split("\n")
        line = 1 + bisect.bisect_left(
            range(1, len(lines)), True, key=lambda count: _shows(message, "\n".join(lines[:count]) + "\n")
        )
    return Mistake(line, f"not TOML: {message}")


def _shows(message: str, text: str) -> bool:
    try:
        tomlkit.parse(text).unwrap()
    except (TOMLKitError, ValueError) as error:
        return _syntax_message(text, error) == message
    return False


def _syntax_message(text: str, error: Exception) -> str:
    message = re.sub(r" at line \d+ col \d+$", "", str(error)).rstrip(".")
    if message == r"Unexpected character: '\x00'" and "\0" not in text:
        message = "Unexpected end of file"
    return message[:1].lower() + message[1:]


def _is_repetition(message: str) -> bool:
    return message.endswith("already exists") or message.startswith("redefinition")


def _empty_migration(path: Path) -> Migration:
    return Migration(path, path.parent.resolve(), None, (), (), ShimSettings(), (), ())
