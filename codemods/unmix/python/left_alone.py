"""Say which texts are left alone: those that speak of the past, those that describe a migration, unmix's own reports.

Takes paths and texts, gives yes or no, or the text without what is left alone; reads no file.
"""

from __future__ import annotations

import re

_PAST = re.compile(
    r"(?:change(?:s|[-_]?log)?|history|news|release[-_ ]?notes?|whats[-_]?new)(?:[-_.]?v?\d[\w.]*)?", re.I
)
_PAST_FOLDERS = re.compile(
    r"(?:changelog|changes|news|history)\.d|change(?:s|logs?)|newsfragments?|news|release[-_]?notes?|whats[-_]?new",
    re.I,
)
# What a migration file of another name is known by, two of them at least.
_MIGRATION_TABLE = re.compile(r"^(\[\[split\]\]|\[split\.into\]|\[\[replace\]\])[ \t]*\r?$", re.MULTILINE)
# Baseline; JUnit; SARIF; GitLab; JSON: each says early whose it is.
_REPORT = re.compile(
    r'^\{"unmix baseline": |<testsuites name="unmix check"|"driver": \{\s+"name": "unmix"|"check_name": "UNM\d|'
    r'^\{\s+"version": 1,\s+"findings": \[\s+\{\s+"code": "UNM\d'
)
_LOOKED_AT = 1000
# [tool.unmix], [[tool.unmix.split]], up to the next table of somebody else.
_MIGRATION_IN_PYPROJECT = re.compile(r"^\[+tool\.unmix\b.*?(?=^\[(?!\[?tool\.unmix\b)|\Z)", re.MULTILINE | re.DOTALL)


def is_left_alone(path: str, text: str) -> bool:
    """Say whether a file is a changelog or the like, a migration file, a baseline, or a report of `unmix check`."""
    return _speaks_of_the_past(path) or _is_unmix_file(path, text)


def is_prose(path: str) -> bool:
    """Say whether a file is a text for people, by its name."""
    ending = ending_of(path)
    return ending in _PROSE or (not ending and path.rpartition("/")[2].lower() in _PROSE_NAMES)


def ending_of(path: str) -> str:
    """Give what follows the last dot of a file's name, in lower case; empty for `.name` and `name`."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name.lstrip(".") else ""


def without_migration(path: str, text: str) -> str:
    """Give a text without the tables of pyproject.toml that are a migration file."""
    return _MIGRATION_IN_PYPROJECT.sub("", text) if path.endswith(".toml") and "tool.unmix" in text else text


_PROSE = frozenset(
    "md markdown mdown mdx qmd rmd rst rest txt text adoc asciidoc asc org tex html htm xhtml textile wiki".split()
)
_PROSE_NAMES = frozenset(
    "readme contributing authors license install upgrading migrating migration faq todo code_of_conduct".split()
)


def _speaks_of_the_past(path: str) -> bool:
    *folders, name = path.split("/")
    stem = name.rpartition(".")[0] if ending_of(path) else name
    if not is_prose(path) and ending_of(path):
        return stem.lower() == "changelog"
    return bool(_PAST.fullmatch(stem)) or any(_PAST_FOLDERS.fullmatch(folder) for folder in folders)


def _is_unmix_file(path: str, text: str) -> bool:
    if _REPORT.search(text, 0, _LOOKED_AT):
        return True
    return path.rpartition("/")[2] == "unmix.toml" or (
        ending_of(path) == "toml" and len(set(_MIGRATION_TABLE.findall(text))) > 1
    )
