"""Read unmix.toml (or `[tool.unmix]` of pyproject.toml) into a Migration.

Takes a file, gives the migration it describes together with every mistake found in it;
knows nothing of the tree it will be applied to (plan.py compares the two).
"""

from __future__ import annotations

import bisect
import difflib
import json
import keyword
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PureWindowsPath
from typing import Any, TypeVar

import tomlkit
from packaging.version import InvalidVersion, Version
from tomlkit.exceptions import ParseError, TOMLKitError

from unmix.errors import MigrationFileError

FILE_NAME = "unmix.toml"
PYPROJECT_NAME = "pyproject.toml"

_SCRIPT_SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in the migration file, at its 1-based line; `message` reads `what; remedy`."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Part:
    """A new module and the names it takes; with `rest` it also takes whatever no other part names."""

    module: str
    names: tuple[str, ...]
    rest: bool
    line: int
    name_lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """One old module and the parts it becomes, in the order of the file."""

    module: str
    parts: tuple[Part, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Replace:
    """Calls that match the pattern `call` become `with_`; both are kept as text, for the language engine to parse."""

    call: str
    with_: str
    line: int


@dataclass(frozen=True, slots=True)
class ShimSettings:
    """What the shim's warning says: the version it appeared in, and the version or date that removes it."""

    since: str = ""
    remove_in: str = ""


@dataclass(frozen=True, slots=True)
class Migration:
    """A whole migration file; `root` is its folder, and every path in it is relative to that, with `/`."""

    path: Path
    root: Path
    source_roots: tuple[str, ...] | None
    splits: tuple[Split, ...]
    replaces: tuple[Replace, ...]
    shim: ShimSettings
    smoke: tuple[str, ...]
    exclude: tuple[str, ...]


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
        root = _locate(tomlkit.parse(text).unwrap(), (), _lines(text), 1)
    except (TOMLKitError, ValueError, RecursionError) as error:
        return _empty_migration(path), (_syntax_mistake(text, error),)
    if path.name == PYPROJECT_NAME:
        tool = root.children.get("tool", _Node({}, 1)).children.get("unmix")
        if tool is None:
            return _empty_migration(path), (Mistake(1, "no [tool.unmix] table; add it, or name a file with -c FILE"),)
        root = tool
    migration = _read_root(path, root, mistakes)
    return migration, tuple(sorted(set(mistakes)))


# The file: which one, and its text.


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


# Values with their lines. TOML Kit gives the values; it keeps no positions, and does not give back the text it read
# either (it moves a second [[split]] up to the first), so the lines are read off the text itself.


@dataclass(frozen=True, slots=True)
class _Node:
    """A TOML value and its 1-based line: that of its key, of its header, or its own when it stands in a list.

    In a table and a list the values are nodes in turn.
    """

    value: Any
    line: int

    @property
    def children(self) -> dict[str, _Node]:
        return self.value if isinstance(self.value, dict) else {}


_Place = tuple[str | int, ...]  # the keys and list indices that lead to a value

_TOKEN = re.compile(
    r"""
      (?P<string> \"{3} (?: [^\\] | \\. )*? \"{3,5} | '{3} .*? '{3,5} | "(?: [^"\\\n] | \\. )*" | '[^'\n]*' )
    | (?P<comment> \#[^\n]* )
    | (?P<bare> [A-Za-z0-9_+:-]+ )
    | (?P<sign> [\[\]{}=,\n] )
    """,
    re.VERBOSE | re.DOTALL,
)


def _locate(value: object, place: _Place, lines: Mapping[_Place, int], outer_line: int) -> _Node:
    line = lines.get(place, outer_line)
    if isinstance(value, dict):
        return _Node({key: _locate(inner, (*place, key), lines, line) for key, inner in value.items()}, line)
    if isinstance(value, list):
        return _Node([_locate(inner, (*place, index), lines, line) for index, inner in enumerate(value)], line)
    return _Node(value, line)


def _lines(text: str) -> dict[_Place, int]:
    """Give the 1-based line of every key, header and list item of `text`, which is TOML.

    On anything else the lines make no sense, but nothing is raised.
    """
    lines: dict[_Place, int] = {}
    counts: dict[_Place, int] = {}  # how many times each [[header]] was seen
    header: _Place = ()
    opened: list[tuple[_Place, int | None]] = []  # lists with the index of their next item, and tables in braces
    keys: list[str] = []
    brackets = 0  # of the header that is being read
    in_value = False
    line, position = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", position, token.start())
        position = token.start()
        kind, written = token.lastgroup, token.group()
        place, index = opened[-1] if opened else (header, None)
        if index is not None:
            place = (*place, index)
        if kind == "comment":
            continue
        if in_value:
            if kind != "sign" or written in "[{":
                lines.setdefault((*place, *keys), line)
            if written == "[":
                opened.append(((*place, *keys), 0))
                keys = []
            elif written == "{":
                opened.append(((*place, *keys), None))
                keys, in_value = [], False
            elif written == "," and index is not None:
                opened[-1] = (opened[-1][0], index + 1)
            elif written == "," or (written == "\n" and not opened):
                keys, in_value = [], False
            elif written in ("]", "}") and opened:
                opened.pop()
        elif kind != "sign":
            keys.append(_key(written))
        elif written == "=":
            for length in range(1, len(keys) + 1):
                lines.setdefault((*place, *keys[:length]), line)
            in_value = True
        elif written == "}" and opened:
            opened.pop()
            keys, in_value = [], True
        elif written == "[":
            brackets += 1
        elif written == "]" and keys:
            header = _header_place(keys, brackets == 2, line, lines, counts)
            keys, brackets = [], 0
    return lines


def _header_place(
    keys: list[str], is_list: bool, line: int, lines: dict[_Place, int], counts: dict[_Place, int]
) -> _Place:
    """Give where the keys below a header belong, and enter the header's line."""
    place: _Place = ()
    for length, key in enumerate(keys, start=1):
        place = (*place, key)
        lines.setdefault(place, line)
        if is_list and length == len(keys):
            counts[place] = counts.get(place, 0) + 1
        if place in counts:
            place = (*place, counts[place] - 1)
            lines.setdefault(place, line)
    return place


def _key(written: str) -> str:
    if written[0] not in "\"'":
        return written
    if "\\" not in written:
        return written[1:-1]
    return str(tomlkit.parse(f"key = {written}")["key"])


# From nodes to the migration: each function gives what it could read, and adds to `mistakes` what it could not.


def _read_root(path: Path, node: _Node, mistakes: list[Mistake]) -> Migration:
    known = ("source_roots", "split", "replace", "shim", "verify", "check")
    table = _table(node, "[tool.unmix]", known, (), mistakes)
    if isinstance(node.value, dict) and all(table[key].value == [] for key in ("split", "replace") if key in table):
        mistakes.append(Mistake(node.line, "nothing to do; add a [[split]] or a [[replace]] table"))
    splits = _distinct_splits([_split(item, mistakes) for item in _tables(table, "split", mistakes)], mistakes)
    replaces = [_replace(item, mistakes) for item in _tables(table, "replace", mistakes)]
    verify = _table(table.get("verify"), "[verify]", ("smoke",), (), mistakes)
    check = _table(table.get("check"), "[check]", ("exclude",), (), mistakes)
    exclude = _texts(check.get("exclude"), '"exclude"', "pattern", mistakes)
    return Migration(
        path=path,
        root=path.parent.resolve(),
        source_roots=_source_roots(table.get("source_roots"), mistakes),
        splits=splits,
        replaces=tuple(replace for replace in replaces if replace),
        shim=_shim(table.get("shim"), mistakes),
        smoke=tuple(item.value for item in _texts(verify.get("smoke"), '"smoke"', "command", mistakes)),
        exclude=tuple(item.value for item in exclude if _path(item.value, item.line, mistakes)),
    )


def _empty_migration(path: Path) -> Migration:
    return Migration(path, path.parent.resolve(), None, (), (), ShimSettings(), (), ())


def _source_roots(node: _Node | None, mistakes: list[Mistake]) -> tuple[str, ...] | None:
    if node is None:
        return None
    if node.value == []:
        mistakes.append(Mistake(node.line, '"source_roots" names no folder; name one, or leave the key out'))
    paths = [_path(item.value, item.line, mistakes) for item in _texts(node, '"source_roots"', "folder", mistakes)]
    return tuple(dict.fromkeys(path for path in paths if path)) or None


def _shim(node: _Node | None, mistakes: list[Mistake]) -> ShimSettings:
    table = _table(node, "[shim]", ("since", "remove_in"), (), mistakes)
    remove_in = table.get("remove_in")
    if remove_in and isinstance(remove_in.value, date) and not isinstance(remove_in.value, datetime):
        remove_in = _Node(remove_in.value.isoformat(), remove_in.line)  # A TOML date, written without quotes.
    until = _text(remove_in, '"remove_in"', mistakes)
    if remove_in and until and not _is_version_or_date(until):
        message = f"{_quoted(until)} is neither a version nor a date; write it like 3.0 or 2030-12-31"
        mistakes.append(Mistake(remove_in.line, message))
        until = ""
    return ShimSettings(since=_text(table.get("since"), '"since"', mistakes), remove_in=until)


def _is_version_or_date(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
    return True


def _replace(node: _Node, mistakes: list[Mistake]) -> Replace | None:
    table = _table(node, "[[replace]]", ("call", "with"), ("call", "with"), mistakes)
    patterns = [_pattern(table.get(key), f'"{key}"', mistakes) for key in ("call", "with")]
    return Replace(call=patterns[0], with_=patterns[1], line=node.line) if all(patterns) else None


def _pattern(node: _Node | None, what: str, mistakes: list[Mistake]) -> str:
    pattern = _text(node, what, mistakes)
    in_file = re.match(r"([^#()$\"'\s]+)#", pattern)  # src/db/clientWrapper.js#createClient($client)
    if node and in_file and not _path(in_file[1], node.line, mistakes):
        return ""
    return pattern


def _split(node: _Node, mistakes: list[Mistake]) -> Split:
    """Read one [[split]]; its module is empty when that could not be read."""
    table = _table(node, "[[split]]", ("module", "into"), ("module", "into"), mistakes)
    module = _module(table.get("module"), '"module"', mistakes)
    into = table.get("into")
    if into and into.value == {}:
        mistakes.append(Mistake(into.line, '"into" names no part; add one: "new.module" = ["name", "*"]'))
    parts: dict[str, Part] = {}
    taken: dict[str, int] = {}  # the line of each name, and of "*"
    for key, item in _typed(into, _NO_TABLE, "a table", '"into"', mistakes).items():
        part = _part(key, item, module, taken, mistakes)
        if part is None:
            continue
        if part.module in parts:
            first = parts[part.module].line
            mistakes.append(Mistake(item.line, f"part {_quoted(part.module)} is given twice; first on line {first}"))
        else:
            parts[part.module] = part
    return Split(module=module, parts=tuple(parts.values()), line=node.line)


def _part(key: str, node: _Node, old_module: str, taken: dict[str, int], mistakes: list[Mistake]) -> Part | None:
    if isinstance(node.value, dict):
        # app.client = [...] without quotes is a table `app` in TOML.
        message = f'{_quoted(key)} is a table; quote the whole name of the part: "{key}.module" = ["name"]'
        mistakes.append(Mistake(node.line, message))
        return None
    module = _module(_Node(key, node.line), "the name of a part", mistakes)
    items = _texts(node, _quoted(key), "name", mistakes)
    if node.value == []:
        message = f'part {_quoted(key)} takes no names; name some, write "*" for the rest, or remove the part'
        mistakes.append(Mistake(node.line, message))
    names: list[_Node] = []
    for item in items:
        if item.value != "*" and not _is_name(item.value, in_script=not old_module or _is_path(old_module)):
            mistakes.append(Mistake(item.line, f"{_quoted(item.value)} is not a name; write one identifier"))
        elif item.value in taken:
            what = "name " * (item.value != "*") + _quoted(item.value)
            mistakes.append(Mistake(item.line, f"{what} is given twice; first on line {taken[item.value]}"))
        else:
            taken[item.value] = item.line
            names.append(item)
    if not module:
        return None
    if module == old_module:
        message = f"part {_quoted(module)} is named like the old module; give it a name of its own"
        mistakes.append(Mistake(node.line, message))
        return None
    if old_module and _is_path(module) != _is_path(old_module):
        message = f"part {_quoted(module)} is in another language than {_quoted(old_module)}; write both alike"
        mistakes.append(Mistake(node.line, message))
        return None
    return Part(
        module=module,
        names=tuple(item.value for item in names if item.value != "*"),
        rest=any(item.value == "*" for item in names),
        line=node.line,
        name_lines=tuple(item.line for item in names if item.value != "*"),
    )


def _distinct_splits(splits: list[Split], mistakes: list[Mistake]) -> tuple[Split, ...]:
    """Give the splits whose module could be read and comes first, without parts that an earlier one makes."""
    distinct: dict[str, Split] = {}
    made: dict[str, int] = {}
    for split in splits:
        parts = []
        for part in split.parts:
            if part.module in made:
                message = f"part {_quoted(part.module)} is made by two splits; first on line {made[part.module]}"
                mistakes.append(Mistake(part.line, message))
            else:
                made[part.module] = part.line
                parts.append(part)
        if split.module in distinct:
            first = distinct[split.module].line
            mistakes.append(Mistake(split.line, f"{_quoted(split.module)} is split twice; first on line {first}"))
        elif split.module:
            distinct[split.module] = Split(split.module, tuple(parts), split.line)
    return tuple(distinct.values())


def _module(node: _Node | None, what: str, mistakes: list[Mistake]) -> str:
    """Read the name of a module, a dotted one or a path; empty when it is neither."""
    module = _text(node, what, mistakes)
    if node is None or not module:
        return ""
    if _is_path(module):
        return _path(module, node.line, mistakes)
    if not all(_is_name(piece, in_script=False) for piece in module.split(".")):
        message = f"{_quoted(module)} is not a module; write it like app.db.module, or like src/db/module.js"
        mistakes.append(Mistake(node.line, message))
        return ""
    return module


def _is_path(module: str) -> bool:
    """Say whether `module` is a JavaScript or TypeScript module, which are named by their files."""
    return "/" in module or "\\" in module or module.endswith(_SCRIPT_SUFFIXES)


def _is_name(text: str, *, in_script: bool) -> bool:
    """Say whether `text` is an identifier of Python, or of JavaScript when it stands `in_script`."""
    if in_script:
        return text.replace("$", "_").isidentifier()
    return text.isidentifier() and not keyword.iskeyword(text)


def _path(text: str, line: int, mistakes: list[Mistake]) -> str:
    """Give the path `text` in its shortest spelling; empty when it is not one below the project root."""
    if "\\" in text:
        mistakes.append(Mistake(line, f"{_quoted(text)} has backslashes; write / between folders"))
        return ""
    if text.startswith("/") or PureWindowsPath(text).drive or ".." in text.split("/"):
        message = f"{_quoted(text)} leaves the folder of the migration file; write a path below it"
        mistakes.append(Mistake(line, message))
        return ""
    return posixpath.normpath(text)


def _table(
    node: _Node | None, what: str, known: tuple[str, ...], required: tuple[str, ...], mistakes: list[Mistake]
) -> dict[str, _Node]:
    table = _typed(node, _NO_TABLE, "a table", what, mistakes)
    for key, item in table.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            remedy = f"did you mean {_quoted(close[0])}?" if close else f"known here: {', '.join(known)}"
            mistakes.append(Mistake(item.line, f"unknown key {_quoted(key)}; {remedy}"))
    if node and isinstance(node.value, dict):
        missing = [key for key in required if key not in table]
        mistakes += [Mistake(node.line, f'missing key "{key}" in {what}; add it') for key in missing]
    return table


def _tables(table: dict[str, _Node], key: str, mistakes: list[Mistake]) -> list[_Node]:
    items = _typed(table.get(key), _NO_LIST, f"it as [[{key}]]", f'"{key}"', mistakes)
    for item in items:
        _typed(item, _NO_TABLE, "a table", f'an item of "{key}"', mistakes)
    return [item for item in items if isinstance(item.value, dict)]


def _texts(node: _Node | None, what: str, noun: str, mistakes: list[Mistake]) -> list[_Node]:
    items = _typed(node, _NO_LIST, "a list of strings", what, mistakes)
    return [item for item in items if _text(item, f"a {noun} in {what}", mistakes)]


def _text(node: _Node | None, what: str, mistakes: list[Mistake]) -> str:
    text = _typed(node, "", "a string", what, mistakes)
    if node and isinstance(node.value, str) and not text.strip():
        mistakes.append(Mistake(node.line, f"{what} is empty; fill it in or remove it"))
        return ""
    return text


_Value = TypeVar("_Value")
_NO_TABLE: dict[str, _Node] = {}
_NO_LIST: list[_Node] = []


def _typed(node: _Node | None, default: _Value, wanted: str, what: str, mistakes: list[Mistake]) -> _Value:
    """Give the value of `node` when it is there and of the type of `default`, else `default`."""
    if node is None:
        return default
    if not isinstance(node.value, type(default)):
        mistakes.append(Mistake(node.line, f"{what} is {_kind(node.value)}; write {wanted}"))
        return default
    return node.value


def _kind(value: object) -> str:
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
