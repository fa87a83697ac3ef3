"""Ship the parts with the module they come from: lists of single modules get them, and lose it when its shim goes.

    py_modules=["mixed", "other"]  →  py_modules=["mixed", "mixed_core", "mixed_extra", "other"]

Such a list stands in setup.py, setup.cfg or pyproject.toml of a project that has modules outside packages; what is in
none of them is not installed. Takes those files, gives the ones to change; all other text of them stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from unmix.errors import UnreadableSource
from unmix.python.setting_files import folders_above
from unmix.workspace import SourceFile, Workspace

# setuptools lists the names of modules, hatchling the paths of files.
MODULE_LISTS = frozenset(("py_modules", "py-modules"))
PATH_LISTS = frozenset(("include", "only-include"))

_FILES = ("setup.py", "setup.cfg", "pyproject.toml")

_IN_CALL = re.compile(r"\bpy_modules\s*=\s*[\[(](?P<listed>[^\[\]()]*)[\])]")
_IN_INI = re.compile(r"^\[options\][^\[]*?^py_modules[ \t]*=(?P<listed>[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)", re.MULTILINE)
_IN_TOML = re.compile(r"^[ \t]*(?P<key>[\w-]+)[ \t]*=[ \t]*\[(?P<listed>[^\[\]]*)\]", re.MULTILINE)
_QUOTED = re.compile(r"(?P<quote>[\"'])(?P<said>[^\"'\n]*)(?P=quote)")
_BARE = re.compile(r"(?P<said>[^\s,;#]+)")
_END_OF_LINE = re.compile(r"[ \t]*,?[ \t]*(?:[#;][^\r\n]*)?(?=\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of a list: the text it says, and its span with the quotes."""

    said: str
    start: int
    end: int


# Takes a text, the items of one of its lists, which of them is the old module and what its parts are called there.
_Change = Callable[[str, Sequence[_Item], _Item, Sequence[str]], str]


def ship_parts(old: str, path: str, parts: Mapping[str, str], workspace: Workspace) -> dict[str, SourceFile]:
    """Give the files whose lists have the module `old`, at `path`, with its `parts` behind it; each has its path."""
    return _change_lists(old, path, parts, workspace, _with_parts)


def unship(old: str, path: str, workspace: Workspace) -> dict[str, SourceFile]:
    """Give the files whose lists have the module `old`, at `path`, without it."""
    return _change_lists(old, path, {}, workspace, _without)


def _change_lists(
    old: str, path: str, parts: Mapping[str, str], workspace: Workspace, change: _Change
) -> dict[str, SourceFile]:
    files = {}
    for folder, name in product(folders_above(path), _FILES):
        place = folder + name
        if not workspace.exists(place) or workspace.is_symlink(place):
            continue
        try:
            file = workspace.read(place)
        except UnreadableSource:
            continue
        text = file.text
        for is_paths, items in reversed([*_lists(name, text)]):
            wanted = path.removeprefix(folder) if is_paths else old
            own = next((item for item in items if item.said.removeprefix("/") == wanted), None)
            if own is not None:
                root = own.said.removesuffix(wanted)
                new = [root + where.removeprefix(folder) if is_paths else part for part, where in parts.items()]
                text = change(text, items, own, new)
        if text != file.text:
            files[place] = SourceFile(place, text, file.encoding, file.bom)
    return files


def _with_parts(text: str, items: Sequence[_Item], own: _Item, parts: Sequence[str]) -> str:
    """Write the parts behind the old module: on lines of their own where it has one."""
    listed = {item.said for item in items}
    written = text[own.start : own.end]
    more = [written.replace(own.said, part) for part in parts if part not in listed]
    begin = text[text.rfind("\n", 0, own.start) + 1 : own.start]
    rest = _END_OF_LINE.match(text, own.end)
    if begin.strip() or rest is None or not more:
        return text[: own.end] + "".join(f", {part}" for part in more) + text[own.end :]
    is_bare, is_closed = written == own.said, rest[0].lstrip().startswith(",")
    lines = [f"{part}{'' if is_bare else ','}" for part in more[:-1]] + [more[-1] + ("," if is_closed else "")]
    gap = ("\r\n" if "\r\n" in text else "\n") + begin
    comma = "" if is_bare or is_closed else ","
    return text[: own.end] + comma + gap.join([rest[0], *lines]) + text[rest.end() :]


def _without(text: str, items: Sequence[_Item], own: _Item, parts: Sequence[str]) -> str:
    at = items.index(own)
    if at + 1 < len(items):
        return text[: own.start] + text[items[at + 1].start :]
    return text[: items[at - 1].end if at else own.start] + text[own.end :]


def _lists(name: str, text: str) -> Iterator[tuple[bool, list[_Item]]]:
    """Give the lists of a file from top to bottom, and whether they are of paths."""
    if name != "pyproject.toml":
        pattern, item = (_IN_CALL, _QUOTED) if name == "setup.py" else (_IN_INI, _BARE)
        yield from ((False, _items(item, text, found)) for found in pattern.finditer(text))
        return
    for found in _IN_TOML.finditer(text):
        header = text.rfind("\n[", 0, found.start()) + 1
        section = text[header : text.find("\n", header)]
        if found["key"] in MODULE_LISTS and "tool.setuptools" in section:
            yield False, _items(_QUOTED, text, found)
        elif found["key"] in PATH_LISTS and "tool.hatch" in section:
            yield True, _items(_QUOTED, text, found)


def _items(pattern: re.Pattern[str], text: str, found: re.Match[str]) -> list[_Item]:
    items = pattern.finditer(text, found.start("listed"), found.end("listed"))
    return [_Item(item["said"], item.start(), item.end()) for item in items]
