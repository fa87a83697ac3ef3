"""Read what a migration file asks for, as far as it is the same in every language.

Takes splits and patterns with what a language makes of them, gives plain values and Mistakes.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import TypeVar

from unmix.errors import BadPattern
from unmix.migration import Migration, Mistake, Replace, Split
from unmix.reference import Relocation

_Replacement = TypeVar("_Replacement")


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


def watched_names(splits: Iterable[Split], relocations: Iterable[Relocation]) -> frozenset[str]:
    """Give the names a migration is about: what the old modules hold, and what the migration file says they do."""
    asked = {name for split in splits for part in split.parts for name in part.names}
    return frozenset(asked | {name for relocation in relocations for name in relocation.homes})


def patterns(migration: Migration, *, of_scripts: bool) -> tuple[Replace, ...]:
    """Give the `[[replace]]` of one kind: those about scripts name a file, then `#`, all others a dotted name."""
    return tuple(replace for replace in migration.replaces if ("#" in replace.call) == of_scripts)


def readable(asked: Iterable[Replace], read: Callable[[str, str, int], _Replacement]) -> tuple[_Replacement, ...]:
    """Give what `read` makes of each pattern; one that cannot be read is told as a mistake, elsewhere."""
    found = []
    for replace in asked:
        with suppress(BadPattern):
            found.append(read(replace.call, replace.with_, replace.line))
    return tuple(found)
