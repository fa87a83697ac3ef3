"""Find the other names under which an old module is reached: a module that imports it has it as an attribute.

`app/services.py` says `from app.db import old`, and a test patches `"app.services.old.time"`. Once services imports the
part instead, that path leads nowhere. Takes the files that mention an old module, gives each such path with the files
whose text may use it; parses none of them (alias_users.py does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from unmix.python.modules import ModuleFinder
from unmix.python.texts import python_texts
from unmix.python.words import words_of

# import old    from pkg import a, old as o    from pkg import (a, old)
# No `\b` in front: a pattern that begins with letters is found several times as fast.
_IMPORTED = r"import\b(?:[^#\n(]*|[ \t]*\([^)]*)"
_MENTION = r"\b{leaf}\b(?:[ \t]+as[ \t]+(\w+))?"

# The same texts are asked about for each state of a tree, before and after a split and a rewrite.
_KEPT_ANSWERS = 1024


@dataclass(frozen=True, slots=True)
class ModuleAlias:
    """`path` (`app.services.old`) is the old module `old`, since the file `owner` imports it.

    `users` are the files that reach a name through it; `takers` those that take the module itself, by patching the
    path, say: for them nothing else can stand there.
    """

    path: str
    old: str
    owner: str
    users: tuple[str, ...] = ()
    takers: tuple[str, ...] = ()


def suspect_aliases(olds: Sequence[str], finder: ModuleFinder) -> Iterator[tuple[ModuleAlias, list[str]]]:
    """Give the paths that may be module aliases of `olds`, each with the files that may use it."""
    workspace = finder.workspace
    possible = {alias.path: alias for old in olds for alias in _possible(old, finder)}
    if not possible:
        return
    names = {path.rpartition(".")[2] for path in possible}
    needles = {needle for name in names for needle in (f".{name}", f"'{name}'", f'"{name}"')}
    needles |= {f"{path.split('.')[-2]} import" for path in possible}
    texts: dict[str, tuple[str, frozenset[str]]] = {}
    for path, text in python_texts(workspace, tuple(sorted(needles))):
        texts[path] = text, words_of(text)
    for alias in possible.values():
        ends = alias.path.rsplit(".", 2)[-2:]
        paths = [
            path
            for path, (text, words) in texts.items()
            if path != alias.owner and words.issuperset(ends) and _may_use(text, alias.path)
        ]
        if paths:
            yield alias, paths


def _possible(old: str, finder: ModuleFinder) -> Iterator[ModuleAlias]:
    """Give the paths that imports of the old module may make, as far as the text shows."""
    if finder.path_of(old) is None:
        return
    leaf = old.rpartition(".")[2]
    for path, text in python_texts(finder.workspace, (leaf,)):
        if path.endswith(".pyi"):
            continue
        here = finder.name_of(path).dotted
        for bound in _imported_as(leaf, text):
            dotted = f"{here}.{bound}"
            if here and dotted != old and here != old and finder.path_of(dotted) is None:
                yield ModuleAlias(dotted, old, path)


@lru_cache(maxsize=_KEPT_ANSWERS)
def _imported_as(leaf: str, text: str) -> tuple[str, ...]:
    """Give the names that a text may bind to what it imports by the name `leaf`; none where it imports none."""
    if not re.search(rf"{_IMPORTED}\b{re.escape(leaf)}\b", text):
        return ()
    found = re.findall(_MENTION.format(leaf=re.escape(leaf)), text)
    return tuple(sorted({name or leaf for name in found}))


@lru_cache(maxsize=_KEPT_ANSWERS)
def _may_use(text: str, path: str) -> bool:
    """Say whether a text may reach `app.services.old`: as `services.old`, `s.old` or by `from app.services import`."""
    *_, module, name = path.split(".")
    if not re.search(rf"\b{re.escape(module)}\b", text):
        return False
    if re.search(rf"\b{_called(module, text)}\s*\.\s*{re.escape(name)}\b", text):
        return True
    if re.search(rf"[\"']{re.escape(name)}[\"']", text) and _may_hold(text, path.rpartition(".")[0]):
        return True
    imported = (
        rf"\bfrom[ \t]+[\w.]*\b{re.escape(module)}[ \t]+import\b(?:[^(\n]*|\s*\([^)]*)(?:\b{re.escape(name)}\b|\*)"
    )
    return re.search(imported, text) is not None


def _may_hold(text: str, module: str) -> bool:
    """Say whether a text may get at a module itself, which is what a name in quotes is asked of.

    from app import services    import app.services    app.services    import_module(".services")    import *
    """
    *_, above, name = ("", *module.split("."))
    if re.search(rf"{_IMPORTED}(?:\*|\b{re.escape(name)}\b)", text) or re.search(rf"\.{re.escape(name)}[\"']", text):
        return True
    return bool(above) and re.search(rf"\b{_called(above, text)}\s*\.\s*{re.escape(name)}\b", text) is not None


def _called(name: str, text: str) -> str:
    """Give the pattern of a name and of what else it is imported as."""
    others = filter(None, re.findall(_MENTION.format(leaf=re.escape(name)), text))
    return f"(?:{'|'.join(map(re.escape, sorted({name, *others})))})"
