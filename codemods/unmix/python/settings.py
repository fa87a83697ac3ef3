"""Say which setting a place of a configuration file belongs to: its section, the keys around it.

Takes the text of a YAML, JSON, TOML or INI file and some places in it, gives each the path of its keys. It reads line
by line and never fails: a file that its own tool would refuse gets what can be made out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from unmix.python.shipped_modules import MODULE_LISTS, PATH_LISTS

YAML, JSON, TOML, INI = "yaml", "json", "toml", "ini"


@dataclass(frozen=True, slots=True)
class Setting:
    """The keys around a place, outermost first; `is_key` when the place is a key itself, not in the path then."""

    path: tuple[str, ...]
    is_key: bool = False

    @property
    def is_logger(self) -> bool:
        """Say whether loggers are named here, and those keep the names they have.

        loggers: {app.db.old: {level: INFO}}    logger = "app.db.old"    [logger_db] qualname = app.db.old
        """
        own = self.path[-1] if self.path else ""
        above = self.path[-2] if len(self.path) > 1 else ""
        if self.is_key:
            return bool(_LOGGERS.search(own))
        return bool(_LOGGERS.search(own) or (own in ("keys", "name", "qualname") and _LOGGERS.search(above)))

    @property
    def is_migration(self) -> bool:
        """Say whether the place is in a migration file, or in the part of pyproject.toml that is one."""
        return self.path[:2] == ("tool", "unmix")

    @property
    def ships_modules(self) -> bool:
        """Say whether modules, or their files, are listed here to be installed; shipped_modules.py sees to those."""
        own = self.path[-1] if self.path else ""
        return own in MODULE_LISTS or (own in PATH_LISTS and self.path[:2] == ("tool", "hatch"))


_LOGGERS = re.compile(r"(?:^|[^a-z])loggers?(?:[_-]?names?)?$|^logger_|^qualname$|log[_-]?levels?$", re.IGNORECASE)


def find_settings(text: str, language: str, places: Iterable[int]) -> dict[int, Setting]:
    """Give the setting of each place."""
    wanted = sorted(places)
    if language == JSON:
        return _in_flow(text, wanted)
    found: dict[int, Setting] = {}
    reader = _IndentedKeys() if language == YAML else _SectionKeys(language == TOML)
    position = first = 0
    for line in text.splitlines(keepends=True):
        end = position + len(line)
        keys, body = reader.read(line)
        last = bisect_left(wanted, end, first)
        here, first = wanted[first:last], last
        for place in here:
            if place - position < body:
                found[place] = Setting(reader.keys_before(line[: place - position]), is_key=True)
        columns = [place - position - body for place in here if place - position >= body]
        for column, inner in (_in_flow(line[body:], columns) if columns else {}).items():
            found[position + body + column] = Setting((*keys, *inner.path), inner.is_key)
        position = end
    return found


class _IndentedKeys:
    """The keys of YAML's block style: each holds what is indented deeper.

    loggers:
      - name: app.db.old
    """

    def __init__(self) -> None:
        self._stack: list[tuple[int, str]] = []
        self._above: tuple[str, ...] = ()

    def read(self, line: str) -> tuple[tuple[str, ...], int]:
        """Give the keys that hold the value on a line, and the column where that begins."""
        stripped = line.lstrip(" \t")
        if stripped[:1] in ("", "\n", "\r", "#"):
            return tuple(key for _, key in self._stack), 0
        dashes = _DASHES.match(line)
        indent = dashes.end() if dashes else 0
        # The items of a list may stand as far left as the key that holds them.
        shallow = len(line) - len(stripped) + (1 if stripped.startswith("- ") else 0)
        while self._stack and self._stack[-1][0] >= (shallow if stripped.startswith("- ") else indent):
            self._stack.pop()
        self._above = tuple(key for _, key in self._stack)
        match = _YAML_KEY.match(line, indent)
        if match is None:
            return self._above, indent
        self._stack.append((indent, _bare(match[1])))
        return (*self._above, _bare(match[1])), match.end()

    def keys_before(self, text: str) -> tuple[str, ...]:
        """Give the keys that hold the key which `text` is followed by."""
        return self._above


_DASHES = re.compile(r"[ \t]*(?:-[ \t]+)*")
_YAML_KEY = re.compile(r"(\"[^\"\n]*\"|'[^'\n]*'|[^\s#{\[\"'&*!|>][^\n#]*?)[ \t]*:(?=\s|$)")


class _SectionKeys:
    """The sections and keys of TOML and INI files; a value may go on over several lines."""

    def __init__(self, is_toml: bool) -> None:
        self._is_toml = is_toml
        self._section: tuple[str, ...] = ()
        self._key: tuple[str, ...] = ()

    def read(self, line: str) -> tuple[tuple[str, ...], int]:
        """Give the keys that hold the value on a line, and the column where that begins."""
        header = _HEADER.match(line)
        if header is not None and (header[2] or not self._is_toml) and not header[1].lstrip().startswith("[" * 3):
            self._section = self._split(header[2])
            self._key = ()
            return self._section, len(line)
        match = (_TOML_KEY if self._is_toml else _INI_KEY).match(line)
        if match is None:
            return (*self._section, *self._key), 0
        self._key = self._split(match[1]) if self._is_toml else (match[1].strip(),)
        return (*self._section, *self._key), match.end()

    def keys_before(self, text: str) -> tuple[str, ...]:
        """Give the keys that hold the key which `text` is followed by."""
        return self._split(text.lstrip("[ \t")) if text.lstrip().startswith("[") else self._section

    def _split(self, dotted: str) -> tuple[str, ...]:
        pieces = _PIECE.findall(dotted) if self._is_toml else [dotted]
        return tuple(name for piece in pieces if (name := _bare(piece)))


_HEADER = re.compile(r"([ \t]*\[{1,2})[ \t]*([^\[\]=\n]*?)[ \t]*\]{1,2}[ \t]*(?:[#;].*)?$")
_TOML_KEY = re.compile(
    r"[ \t]*((?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*'))*)[ \t]*="
)
_INI_KEY = re.compile(r"([^\s#;\[=:][^=:\n]*?)[ \t]*[=:]")
_PIECE = re.compile(r"\"[^\"]*\"?|'[^']*'?|[^.\s\"']+")


def _in_flow(text: str, wanted: list[int]) -> dict[int, Setting]:
    """Read brackets and braces as JSON and YAML have them: {"loggers": {"app.db.old": {"level": "INFO"}}}."""
    found: dict[int, Setting] = {}
    stack: list[str] = []
    key = last = ""
    remaining = iter([*wanted, len(text) + 1])
    place = next(remaining)
    for match in _FLOW_TOKEN.finditer(text):
        token = match[0]
        while place < match.end():
            path = tuple(name for name in (*stack, key) if name)
            found[place] = Setting(path, bool(_FLOW_COLON.match(text, match.end())))
            place = next(remaining)
        if token in "{[":
            stack.append(key)
            key = ""
        elif token in "}]":
            key = stack.pop() if stack else ""
        elif token == ",":
            key = ""
        elif token in ":=":
            key = last
        else:
            last = _bare(token)
    path = tuple(name for name in (*stack, key) if name)
    found.update({place: Setting(path) for place in wanted if place not in found})
    return found


_FLOW_TOKEN = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'[^'\n]*'|[{}\[\],=]|:(?=[\s\"'{\[]|$)|[^\s{}\[\],:=\"']+(?::[^\s{}\[\],:=\"']+)*|\S",
    re.DOTALL,
)
_FLOW_COLON = re.compile(r"[ \t]*(?::(?=\s|$|[{\[\"'])|=)")


def _bare(key: str) -> str:
    key = key.strip()
    return key[1:-1] if len(key) > 1 and key[0] == key[-1] and key[0] in "\"'" else key.strip("\"'")
