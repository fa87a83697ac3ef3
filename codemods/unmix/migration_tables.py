"""Make a Migration of the tables of a migration file.

Takes nodes of TOML with their lines; each function gives what it could read, and adds to `mistakes` what it could not.
"""

from __future__ import annotations

import difflib
import json
import keyword
import posixpath
import re
from datetime import date, datetime
from pathlib import Path, PureWindowsPath
from typing import TypeVar

from packaging.version import InvalidVersion, Version

from unmix.migration import Migration, Mistake, Part, Replace, ShimSettings, Split
from unmix.toml_places import Node

_SCRIPT_SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts")


def read_root(path: Path, node: Node, mistakes: list[Mistake]) -> Migration:
    """Read the whole table of the migration file `path`."""
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


def _source_roots(node: Node | None, mistakes: list[Mistake]) -> tuple[str, ...] | None:
    if node is None:
        return None
    if node.value == []:
        mistakes.append(Mistake(node.line, '"source_roots" names no folder; name one, or leave the key out'))
    paths = [_path(item.value, item.line, mistakes) for item in _texts(node, '"source_roots"', "folder", mistakes)]
    return tuple(dict.fromkeys(path for path in paths if path)) or None


def _shim(node: Node | None, mistakes: list[Mistake]) -> ShimSettings:
    table = _table(node, "[shim]", ("since", "remove_in"), (), mistakes)
    remove_in = table.get("remove_in")
    if remove_in and isinstance(remove_in.value, date) and not isinstance(remove_in.value, datetime):
        remove_in = Node(remove_in.value.isoformat(), remove_in.line)  # A TOML date, written without quotes.
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


def _replace(node: Node, mistakes: list[Mistake]) -> Replace | None:
    table = _table(node, "[[replace]]", ("call", "with"), ("call", "with"), mistakes)
    patterns = [_pattern(table.get(key), f'"{key}"', mistakes) for key in ("call", "with")]
    return Replace(call=patterns[0], with_=patterns[1], line=node.line) if all(patterns) else None


def _pattern(node: Node | None, what: str, mistakes: list[Mistake]) -> str:
    pattern = _text(node, what, mistakes)
    in_file = re.match(r"([^#()$\"'\s]+)#", pattern)  # src/db/clientWrapper.js#createClient($client)
    if node and in_file and not _path(in_file[1], node.line, mistakes):
        return ""
    return pattern


def _split(node: Node, mistakes: list[Mistake]) -> Split:
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


def _part(key: str, node: Node, old_module: str, taken: dict[str, int], mistakes: list[Mistake]) -> Part | None:
    if isinstance(node.value, dict):
        # app.client = [...] without quotes is a table `app` in TOML.
        message = f'{_quoted(key)} is a table; quote the whole name of the part: "{key}.module" = ["name"]'
        mistakes.append(Mistake(node.line, message))
        return None
    module = _module(Node(key, node.line), "the name of a part", mistakes)
    items = _texts(node, _quoted(key), "name", mistakes)
    if node.value == []:
        message = f'part {_quoted(key)} takes no names; name some, write "*" for the rest, or remove the part'
        mistakes.append(Mistake(node.line, message))
    names: list[Node] = []
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


def _module(node: Node | None, what: str, mistakes: list[Mistake]) -> str:
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
    node: Node | None, what: str, known: tuple[str, ...], required: tuple[str, ...], mistakes: list[Mistake]
) -> dict[str, Node]:
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


def _tables(table: dict[str, Node], key: str, mistakes: list[Mistake]) -> list[Node]:
    items = _typed(table.get(key), _NO_LIST, f"it as [[{key}]]", f'"{key}"', mistakes)
    for item in items:
        _typed(item, _NO_TABLE, "a table", f'an item of "{key}"', mistakes)
    return [item for item in items if isinstance(item.value, dict)]


def _texts(node: Node | None, what: str, noun: str, mistakes: list[Mistake]) -> list[Node]:
    items = _typed(node, _NO_LIST, "a list of strings", what, mistakes)
    return [item for item in items if _text(item, f"a {noun} in {what}", mistakes)]


def _text(node: Node | None, what: str, mistakes: list[Mistake]) -> str:
    text = _typed(node, "", "a string", what, mistakes)
    if node and isinstance(node.value, str) and not text.strip():
        mistakes.append(Mistake(node.line, f"{what} is empty; fill it in or remove it"))
        return ""
    return text


_Value = TypeVar("_Value")
_NO_TABLE: dict[str, Node] = {}
_NO_LIST: list[Node] = []


def _typed(node: Node | None, default: _Value, wanted: str, what: str, mistakes: list[Mistake]) -> _Value:
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
