"""Find what texts other than scripts say of an old module: documents, package.json, settings, build scripts.

Takes a text, gives a Survey. Code in documents is read as code, and lists of files get the parts. Otherwise texts name
the file by its path, and which of its names is meant is for people to say: each place is a warning.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.javascript.context import Context
from unmix.reference import Survey
from unmix.workspace import SourceFile

# What stands around a path in prose, code and settings.
_WORD = r"[\w$@~./\\#-]"


def survey_document(file: SourceFile, context: Context) -> Survey:
    """Survey one text."""
    mentions = tuple(find_mentions(file.path, file.text, context))
    if file.path.endswith((".md", ".mdx", ".markdown")):
        from unmix.javascript.excerpts import survey_blocks

        blocks, read = survey_blocks(file, context)
        lines = {line for start, end in read for line in range(_line(file.text, start), _line(file.text, end))}
        prose = (finding for finding in mentions if finding.line not in lines)
        return replace(blocks, findings=tuple(sorted({*blocks.findings, *prose})))
    if file.path.endswith(".json"):
        return _survey_lists(file, context, mentions)
    return Survey(file.path, findings=mentions)


def _survey_lists(file: SourceFile, context: Context, mentions: Iterable[Finding]) -> Survey:
    """Add the parts to lists of files; an entry that has them beside it goes with the shim, and needs nobody's care."""
    from unmix.javascript.listings import add_to_list, find_entries

    edits: list[Edit] = []
    settled = set()
    for entry in find_entries(file, context.olds):
        edits += add_to_list(file, entry, context.relocation(entry.path).parts)
        if context.finder.workspace.exists(entry.path):
            settled.add(_place(file.text, entry.start + 1))
    left = tuple(finding for finding in mentions if (finding.line, finding.column) not in settled)
    return Survey(file.path, edits=tuple(edits), findings=left)


def find_mentions(path: str, text: str, context: Context) -> Iterator[Finding]:
    """Find every place in a text at `path` that names the file of an old module."""
    for match in _names(context.olds).finditer(text):
        written = match.group().rstrip(".")
        old = _meant(written, posixpath.dirname(path), context)
        if old is not None:
            line, column = _place(text, match.start())
            why = f"`{written}` names {old}, and not which of its names is meant"
            hint = f"name the part that is meant: {', '.join(context.relocation(old).parts)}"
            yield Finding(path, line, column, "UNM010", why, old, "", hint)


def _place(text: str, start: int) -> tuple[int, int]:
    return _line(text, start), start - text.rfind("\n", 0, start)


def _line(text: str, start: int) -> int:
    return text.count("\n", 0, start) + 1


@lru_cache(maxsize=4)
def _names(olds: frozenset[str]) -> re.Pattern[str]:
    """Match every path that ends in the name of an old module's file, with or without its suffix."""
    if not olds:
        return re.compile(r"(?!)")
    stems = {re.escape(posixpath.splitext(posixpath.basename(old))[0]) for old in olds}
    return re.compile(rf"(?<!{_WORD}){_WORD}*?(?:{'|'.join(sorted(stems))})(?:\.[cm]?[jt]sx?)?(?![\w$/-])")


def _meant(written: str, folder: str, context: Context) -> str | None:
    """Give the old module that a path means, seen from the root or from the folder of the text."""
    path = written.replace("\\", "/")
    suffix = re.search(r"\.[cm]?[jt]sx?$", path)
    if "/" not in path:
        # A bare name is a name of a file only with its suffix, and only where no other file has it.
        found = [old for old in context.olds if posixpath.basename(old) == path]
        return found[0] if suffix and found and context.is_only_file(path) else None
    for old in context.olds:
        ways = {old, posixpath.splitext(old)[0]}
        if {posixpath.normpath(path.lstrip("/")), posixpath.normpath(posixpath.join(folder, path))} & ways:
            return old
    return None
