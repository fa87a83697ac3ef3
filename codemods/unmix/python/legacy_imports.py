"""Imports of Python 2 that mean a module of their own package without saying so, written with dots and back again.

Takes what legacy_syntax.py read, gives the Edits that add the dots; takes rewritten statements, gives them without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from unmix.edit import Edit
from unmix.python.legacy_syntax import LegacyAlias, LegacyImport, LegacySyntax
from unmix.python.modules import resolve_relative


@dataclass(frozen=True, slots=True)
class ImplicitImport:
    """An import statement, at its span of the text as it is, that got dots: `edits` add them.

    `package` is the one it stands in, `roots` are the modules it loads but binds only the first name of: `import a.b`.
    """

    start: int
    end: int
    package: str
    is_from: bool
    several: bool
    edits: tuple[Edit, ...]
    roots: tuple[LegacyAlias, ...]


def find_implicit_imports(
    syntax: LegacySyntax, text: str, package: str, is_module: Callable[[str], bool]
) -> Iterator[ImplicitImport]:
    """Find the imports that Python 2 resolves within `package`; `is_module` says which dotted names are modules.

    import old         →  from . import old
    import os, a.b as c  →  import os; from .a import b as c
    from old import a  →  from .old import a
    """
    if not package or syntax.absolute_imports:
        return
    for statement in syntax.imports:
        inside = [is_module(f"{package}.{alias.name.partition('.')[0]}") for alias in statement.aliases]
        if statement.module is not None:
            if is_module(f"{package}.{statement.module.name.partition('.')[0]}"):
                place = statement.module.start
                edits = (Edit(place, place, "."),)
                yield ImplicitImport(statement.start, statement.end, package, True, False, edits, ())
        elif any(inside):
            yield _with_dots(statement, inside, text, package)


def _with_dots(statement: LegacyImport, inside: list[bool], text: str, package: str) -> ImplicitImport:
    edits = []
    roots = []
    previous = ""
    position = statement.start
    for alias, implicit in zip(statement.aliases, inside, strict=True):
        above, _, leaf = alias.name.rpartition(".")
        head = "import"
        if implicit:
            head = f"from .{above} import" if alias.asname else "from . import"
        if implicit and above and alias.asname:
            edits.append(Edit(alias.start, alias.end, leaf))
        elif implicit and above:
            roots.append(alias)
            edits.append(Edit(alias.start, alias.end, alias.name.partition(".")[0]))
        if not previous:
            edits.append(Edit(position, position + len("import"), head))
        elif head != previous:
            comma = text.index(",", position, alias.start)
            edits.append(Edit(comma, comma + 1, f"; {head}"))
        previous, position = head, alias.end
    several = len(statement.aliases) > 1
    return ImplicitImport(statement.start, statement.end, package, False, several, tuple(edits), tuple(roots))


# `from .module import (`, where a statement begins.
_WITH_DOTS = re.compile(
    r"(?m)(^[ \t]*|; ?)from([ \t\\\r\n]+)(\.+)([\w.]*)([ \t\\\r\n]+)import\b([ \t]*)(\(?)([^\n\r;#]*)"
)


def without_dots(text: str, statement: ImplicitImport) -> str | None:
    """Write what a statement with dots has become as Python 2 code of its kind would; None where that cannot be.

    from .home import a  →  from home import a
    import os; from . import home  →  import os, home
    """

    def rewrite(match: re.Match[str]) -> str:
        begin, blank, dots, module, blank_after, blank_before, bracket, names = match.groups()
        if len(dots) > 1:
            module = resolve_relative(statement.package, len(dots), module) or ""
        if not module:
            # Left as it is, which is seen below, where names stand in brackets or the package above has no name.
            return match[0] if bracket or len(dots) > 1 else f"{begin}import{blank_before}{names}"
        listed = [re.split(r"\s+as\s+", name.strip()) for name in names.split(",")]
        aliased = all(len(name) == 2 for name in listed)
        if not statement.is_from and not bracket and aliased and len(dots) == 1:
            return f"{begin}import " + ", ".join(f"{module}.{name} as {asname}" for name, asname in listed)
        return f"{begin}from{blank}{module}{blank_after}import{blank_before}{bracket}{names}"

    written = _WITH_DOTS.sub(rewrite, text)
    if _WITH_DOTS.search(written):
        return None
    if statement.several:
        pieces = [piece.strip() for piece in written.split(";")]
        kept = [piece for piece in pieces if piece != "pass"] or ["pass"]
        if all(piece.startswith("import ") for piece in kept):
            return "import " + ", ".join(piece[len("import ") :] for piece in kept)
    return written
