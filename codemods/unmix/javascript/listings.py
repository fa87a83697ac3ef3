"""Add the parts to the lists of files that name an old module: a package would be published without them otherwise.

Takes the text of a package.json or tsconfig.json, gives edits; nothing is taken away while the shim stands.

    "files": ["lib/old.js"]    →    "files": ["lib/old.js", "lib/one.js", "lib/two.js"]
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from unmix.edit import Edit
from unmix.javascript.context import Context
from unmix.workspace import SourceFile

_STRING = r'"(?:[^"\\\r\n]|\\.)*"'
_BETWEEN = r"(?:\s|,|//[^\r\n]*|/\*[\s\S]*?\*/)*"
_ENTRY = re.compile(r'"(?P<dots>(?:\./)?)(?P<path>[^"\\\r\n]*)"')


def add_parts_to_lists(file: SourceFile, context: Context) -> Iterator[Edit]:
    """Give an edit for each entry that names an old module in a list that does not have its parts yet."""
    name = posixpath.basename(file.path)
    keys = "files|sideEffects" if name == "package.json" else "files|include"
    if name != "package.json" and not re.fullmatch(r"[tj]sconfig(?:\.[\w.-]+)?\.json", name):
        return
    folder = posixpath.dirname(file.path)
    for match in re.finditer(rf'"(?:{keys})"\s*:\s*\[(?P<list>{_BETWEEN}(?:{_STRING}{_BETWEEN})*)\]', file.text):
        start, end = match.span("list")
        entries = list(_ENTRY.finditer(file.text, start, end))
        listed = [posixpath.normpath(posixpath.join(folder, entry["path"])) for entry in entries]
        for entry, old in zip(entries, listed, strict=True):
            if old not in context.olds:
                continue
            new = [part for part in context.relocation(old).parts if not any(_covers(each, part) for each in listed)]
            # The next entry begins as this one does: on a line of its own, or after a blank.
            before = re.search(r"\s*\Z", file.text[start : entry.start()])
            line = before.group() if before is not None and "\n" in before.group() else " "
            written = (f'"{entry["dots"]}{posixpath.relpath(part, folder or ".")}"' for part in new)
            yield from [Edit(entry.end(), entry.end(), "".join(f",{line}{each}" for each in written))] if new else []


def _covers(entry: str, part: str) -> bool:
    return entry == part or part.startswith(entry + "/") or fnmatchcase(part, entry)
