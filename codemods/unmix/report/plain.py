"""Other people's text → text that speaks to nobody but its reader.

A repository is untrusted: what is quoted from it must not steer the terminal, the log of a CI run, or a page that shows
the report.
"""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Show control characters as escapes, and whatever a CI runner would take for a command.

    `::set-env …` at the start of a line and `##[…]` anywhere are commands to GitHub's and Azure's runners.
    """
    shown = "".join(c if c.isprintable() else _escaped(c) for c in text).replace("##[", "#\\x23[")
    return "\\x3a" + shown.lstrip()[1:] if shown.lstrip().startswith("::") else shown


def markdown(text: str) -> str:
    """Give text that Markdown shows as it is: no link, no HTML, no emphasis comes of it."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&@-])", r"\\\1", plain(text))


def markdown_code(text: str) -> str:
    """Give text as a code span, fenced by more backticks than it holds."""
    shown = plain(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") or not shown else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
