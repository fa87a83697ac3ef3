"""Find strings that may name an old module because their file imports modules by computed names.

    for name in ("old", "other"):                       @pytest.mark.parametrize("name", ["old", "other"])
        import_module(f"{__name__}.{name}")             def test(name): import_module("app." + name)

Takes a parsed file, gives such strings, each with the module; which values arrive at the import is not known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import libcst as cst

from unmix.python.modules import ModuleName
from unmix.python.scopes import Scopes
from unmix.python.syntax import Span, literal_string

# What an import by a computed name begins with: a package in letters, this package, or a variable.
_COMPUTED = re.compile(
    r"\b(?:import_module|__import__)\s*\(\s*(?:name\s*=\s*)?"
    r"(?:f?[\"'](?P<package>[\w.]*)\.(?:\{|%s|[\"']\s*[+%])"
    r"|(?P<own>f[\"']\{__(?:name|package)__\}\.|__(?:name|package)__\s*\+)"
    r"|(?P<variable>[^\W\d]\w*\s*[,)]))"
)


# What settle.py writes into a package, and what goes with the shim: two lines, or five with an import.
_ANSWER = re.compile(
    r"^[ \t]*# unmix: keeps [^\n]*\n[^\n]*(?:(?:\n[^\n]*){2}\n[^\n]*\bimport_module\([^\n]*)?", re.MULTILINE
)


def find_computed_imports(
    scopes: Scopes, here: ModuleName, olds: Collection[str]
) -> Iterator[tuple[cst.SimpleString, str]]:
    """Find the strings of a file that may be the last piece of the name of one of `olds`."""
    text = scopes.tree.text
    answers = [match.span() for match in _ANSWER.finditer(text)]
    spelled: dict[str, str] = {}
    for match in _COMPUTED.finditer(text):
        if _within(match.start(), answers):
            continue
        package = here.package if match["own"] or match["package"] == "" else match["package"] or ""
        for old in olds:
            if not package and "." not in old:
                spelled[old] = old
            elif package and old.startswith(f"{package}."):
                below = old[len(package) + 1 :]
                spelled[below] = spelled[f".{below}"] = old
            if match["variable"] and here.package and old.startswith(f"{here.package}."):
                spelled[f".{old[len(here.package) + 1 :]}"] = old
    for node in scopes.strings if spelled else ():
        said = literal_string(node)
        if said in spelled and not _within(scopes.tree.span(node)[0], answers):
            yield node, spelled[said]


def _within(place: int, spans: Iterable[Span]) -> bool:
    return any(start <= place < end for start, end in spans)
