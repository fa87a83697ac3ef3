"""Check the names that a split asks for against those that its module has.

Takes a split and plain sets of names, gives Mistakes; knows no language.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection

from unmix.migration import Mistake, Split


def unknown_names(split: Split, known: Collection[str], imported: Collection[str]) -> list[Mistake]:
    """Give a mistake for each name of a part that the module does not have; `imported` are those it only imports."""
    found = []
    for part in split.parts:
        for name, line in zip(part.names, part.name_lines or (part.line,) * len(part.names), strict=True):
            if name in known:
                continue
            if name in imported:
                message = f"{split.module} only imports `{name}`; leave it out, each part gets the imports it uses"
            else:
                close = difflib.get_close_matches(name, known, 1)
                remedy = f'; did you mean "{close[0]}"?' if close else ""
                message = f"{split.module} has no name `{name}`{remedy}"
            found.append(Mistake(line, message))
    return found


def names_left_out(split: Split, needed: Collection[str]) -> list[Mistake]:
    """Give the mistake that no part takes some of the `needed` names, where none takes the rest."""
    if any(part.rest for part in split.parts):
        return []
    left = sorted(set(needed) - {name for part in split.parts for name in part.names})
    if not left:
        return []
    return [Mistake(split.line, f'no part takes {", ".join(left)}; name them, or give one part the name "*"')]
