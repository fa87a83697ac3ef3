"""Keep the lists of files that name an old module whole: a package would be published without the parts otherwise.

Takes the text of a package.json or tsconfig.json, gives edits. Nothing is taken away while the shim stands.

    "files": ["lib/old.js"]    →    "files": ["lib/old.js", "lib/one.js", "lib/two.js"]
    "browser": {"./old.js": false}    →    "browser": {"./old.js": false, "./one.js": false, "./two.js": false}
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from unmix.edit import Edit
from unmix.workspace import SourceFile

_STRING = r'"(?:[^"\\\r\n]|\\.)*"'
_BETWEEN = r"(?:\s|,|//[^\r\n]*|/\*[\s\S]*?\*/)*"
_LIST = r'"(?:{keys})"\s*:\s*\[(?P<entries>' + rf"{_BETWEEN}(?:{_STRING}{_BETWEEN})*)\]"
# What a bundler for browsers leaves empty; what it puts in the place of a file is for people to decide.
_STAND_INS = re.compile(
    rf'"browser"\s*:\s*\{{(?P<entries>{_BETWEEN}(?:{_STRING}\s*:\s*(?:false|{_STRING}){_BETWEEN})*)\}}'
)
_ENTRY = re.compile(r'"(?P<dots>(?:\./)?)(?P<path>[^"\\\r\n]*)"')
_EMPTY = re.compile(_ENTRY.pattern + r"(?P<value>\s*:\s*false)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list of files, at `start` to `end`: the file it names, and all that its list names.

    `dots` and `value` are what is written before the path and after its quotes, `line` what separates entries.
    """

    start: int
    end: int
    path: str
    listed: Sequence[str]
    dots: str
    value: str
    line: str

    def lacks(self, parts: Sequence[str]) -> list[str]:
        """Give the parts that the list does not name yet."""
        return [part for part in parts if not any(_covers(each, part) for each in self.listed)]


def has_lists(path: str) -> bool:
    """Say whether a file at `path` may have lists of files."""
    return re.fullmatch(r"package\.json|[tj]sconfig(?:\.[\w.-]+)?\.json", posixpath.basename(path)) is not None


def find_entries(file: SourceFile, olds: Collection[str]) -> Iterator[Entry]:
    """Give each entry of a list that names an old module."""
    if not has_lists(file.path):
        return
    package = posixpath.basename(file.path) == "package.json"
    folder = posixpath.dirname(file.path)
    lists = re.compile(_LIST.replace("{keys}", "files|sideEffects" if package else "files|include"))
    for pattern, entry in ((lists, _ENTRY), (_STAND_INS, _EMPTY)) if package else ((lists, _ENTRY),):
        for match in pattern.finditer(file.text):
            start, end = match.span("entries")
            entries = list(entry.finditer(file.text, start, end))
            listed = [posixpath.normpath(posixpath.join(folder, each["path"])) for each in entries]
            for each, path in zip(entries, listed, strict=True):
                if path in olds:
                    # The next entry begins as this one does: on a line of its own, or after a blank.
                    before = re.search(r"\s*\Z", file.text[start : each.start()])
                    line = before.group() if before is not None and "\n" in before.group() else " "
                    value = each.groupdict().get("value") or ""
                    yield Entry(*each.span(), path, listed, each["dots"], value, line)


def add_to_list(file: SourceFile, entry: Entry, parts: Sequence[str]) -> Iterator[Edit]:
    """Write the parts that a list does not name yet beside the entry of their old module."""
    folder = posixpath.dirname(file.path) or "."
    written = (f'"{entry.dots}{posixpath.relpath(part, folder)}"{entry.value}' for part in entry.lacks(parts))
    more = "".join(f",{entry.line}{each}" for each in written)
    if more:
        yield Edit(entry.end, entry.end, more)


def take_out_of_list(file: SourceFile, entry: Entry) -> Edit:
    """Take an entry away, with one comma, and with its line where nothing else is on it."""
    text = file.text
    after = re.compile(r"\s*,").match(text, entry.end)
    if after is None:
        before = re.search(r"(?:,\s*)?\Z", text[: entry.start])
        return Edit(before.start() if before is not None else entry.start, entry.end, "")
    start = entry.start
    rest = re.compile(r"[ \t]*(?=\r?\n)|[ \t]*(?=\")").match(text, after.end())
    end = rest.end() if rest is not None else after.end()
    if text[end : end + 1] in ("\r", "\n"):
        start -= len(entry.line) if text[:start].endswith(entry.line) and "\n" in entry.line else 0
    return Edit(start, end, "")


def _covers(entry: str, part: str) -> bool:
    return entry == part or part.startswith(entry + "/") or fnmatchcase(part, entry)
