"""Find strings that may name an old module by its last name alone.

    for name in ("old", "other"):                       @pytest.mark.parametrize("name", ["old", "other"])
        import_module(f"{__name__}.{name}")             def test(name): import_module("app." + name)

    __getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["old", "other"])

    __all__ = ["old", "other"]                          in the package of the modules, for `from app import *`

Takes a parsed file, gives such strings, each with the module and the reason; what becomes of them is not known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import libcst as cst

from unmix.python.context import SourceModule
from unmix.python.exports import export_lists
from unmix.python.modules import names_below
from unmix.python.positions import Span
from unmix.python.settle import MARK
from unmix.python.syntax import literal_string
from unmix.python.words import words_of

# What an import by a computed name begins with: a package in letters, this package, or a variable; or by a list.
_COMPUTED = re.compile(
    r"\b(?P<attached>attach)\s*\(\s*__(?:name|package)__|\b(?:import_module|__import__)\s*\(\s*(?:name\s*=\s*)?"
    r"(?:f?[\"'](?P<package>[\w.]*)\.(?:\{|%s|[\"']\s*[+%])"
    r"|(?P<own>f[\"']\{__(?:name|package)__\}\.[^\"']*\{|__(?:name|package)__\s*\+)"
    r"|(?P<variable>[^\W\d]\w*\s*[,)]))"
)

_IMPORTING = frozenset(("import_module", "__import__", "attach"))

# What settle.py writes into a package, and what goes with the shim: two lines, or five with an import.
_ANSWER = re.compile(
    rf"^[ \t]*{MARK} [^\n]*\n[^\n]*(?:(?:\n[^\n]*){{2}}\n[^\n]*\b_*import_module\([^\n]*)?", re.MULTILINE
)


def find_loose_names(source: SourceModule, olds: Collection[str]) -> Iterator[tuple[cst.SimpleString, str, str]]:
    """Find the strings of a file that may be the last piece of the name of one of `olds`."""
    tree = source.tree
    answers = [match.span() for match in _ANSWER.finditer(tree.text)] if MARK in tree.text else []
    words = words_of(tree.text)
    spelled = {} if words.isdisjoint(_IMPORTING) else _spelled(source, olds, answers)
    offered = {
        entry.span: f"{source.here.dotted}.{entry.name}"
        for exports in (export_lists(tree) if source.here.is_package and "__all__" in words else ())
        for entry in exports.entries
        if f"{source.here.dotted}.{entry.name}" in olds and entry.name not in source.scopes.module.bindings
    }
    for node in source.scopes.strings if spelled or offered else ():
        said = literal_string(node)
        span = tree.span(node) if offered or said in spelled else (0, 0)
        if span in offered:
            yield node, offered[span], f"`__all__` offers the module {offered[span]} to star imports"
        elif said in spelled and not _within(span[0], answers):
            why = f"the string may name the module {spelled[said]}, since this file imports modules by computed names"
            yield node, spelled[said], why


def _spelled(source: SourceModule, olds: Collection[str], answers: Collection[Span]) -> dict[str, str]:
    """Give what a computed import may be told to import one of `olds`."""
    package_here = source.here.package
    spelled: dict[str, str] = {}
    for match in _COMPUTED.finditer(source.tree.text):
        if _within(match.start(), answers):
            continue
        package = (
            package_here if match["own"] or match["attached"] or match["package"] == "" else match["package"] or ""
        )
        for old in olds:
            if not package and "." not in old:
                spelled[old] = old
            spelled |= dict.fromkeys(names_below(package, old), old)
            if match["variable"]:
                spelled |= dict.fromkeys(names_below(package_here, old)[1:], old)
    return spelled


def _within(place: int, spans: Iterable[Span]) -> bool:
    return any(start <= place < end for start, end in spans)
