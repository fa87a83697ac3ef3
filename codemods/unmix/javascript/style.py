"""See how a module is written: its quotes, semicolons and indentation, and how it spells specifiers.

Takes text and an outline, gives plain data for what is written anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from unmix.javascript.outline import Outline, Role

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Style:
    """How a module is written."""

    quote: str
    end: str
    indent: str
    newline: str
    keyword: str

    def string(self, text: str) -> str:
        """Write a string."""
        return self.quote + text + self.quote

    def names(self, names: list[str], before: int) -> str:
        """Write names in braces, on one line where they fit behind `before` characters."""
        line = "{ " + ", ".join(names) + " }"
        if before + len(line) <= _WIDTH:
            return line
        inner = "".join(f"{self.indent}{name},{self.newline}" for name in names)
        return f"{{{self.newline}{inner}}}"


def read_style(outline: Outline) -> Style:
    """Read off how a module is written; where it does not show, as most write."""
    text = outline.text
    single, double = (len(re.findall(pattern, text)) for pattern in (r"'[^'\"\r\n]*'", r"\"[^'\"\r\n]*\""))
    statements = [
        text[slice(*unit.span)]
        for unit in outline.leads
        if unit.role in (Role.IMPORT, Role.LIST, Role.DIRECTIVE, Role.EXPORT, Role.STATEMENT)
    ]
    ends = [statement.rstrip()[-1:] == ";" for statement in statements]
    indent = re.search(r"^([ \t]+)\S(?!\*)", re.sub(r"^\s*\*.*$", "", text, flags=re.MULTILINE), re.MULTILINE)
    declared = re.search(r"^(const|var|let)\b.*\brequire\(", text, re.MULTILINE)
    return Style(
        quote="'" if single > double else '"',
        end=";" if not ends or sum(ends) * 2 >= len(ends) else "",
        indent=indent[1] if indent else "  ",
        newline=outline.newline,
        keyword=declared[1] if declared else "const",
    )
