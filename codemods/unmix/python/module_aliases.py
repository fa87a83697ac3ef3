"""Find the other names under which an old module is reached: a module that imports it has it as an attribute.

`app/services.py` says `from app.db import old`, and a test patches `"app.services.old.time"`. Once services imports the
part instead, that path leads nowhere. Takes the files that mention an old module, gives each such path with the files
that use it, and those among them that take the module as a whole. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from unmix.errors import UnreadableSource
from unmix.python.callsites import find_call_sites, star_modules
from unmix.python.context import SourceModule
from unmix.python.modules import ModuleFinder
from unmix.python.strings import find_strings

_MENTION = r"\b{leaf}\b(?:[ \t]+as[ \t]+(\w+))?"


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


def find_module_aliases(
    olds: Sequence[str], finder: ModuleFinder, read: Callable[[str], SourceModule]
) -> tuple[ModuleAlias, ...]:
    """Find the module aliases of `olds` that some other file uses. `read` parses a file; raises UnreadableSource."""
    workspace = finder.workspace
    possible = {alias.path: alias for old in olds for alias in _possible(old, finder)}
    if not possible:
        return ()
    needles = {f".{alias.path.rpartition('.')[2]}" for alias in possible.values()}
    needles |= {f"{alias.path.split('.')[-2]} import" for alias in possible.values()}
    texts = {}
    for path in workspace.containing(tuple(sorted(needles))):
        if path.endswith((".py", ".pyi", ".pyw")):
            try:
                texts[path] = workspace.read(path).text
            except UnreadableSource:
                continue
    found = []
    for alias in possible.values():
        paths = [path for path, text in texts.items() if path != alias.owner and _may_use(text, alias.path)]
        if paths:
            alias = _with_users(alias, paths, read)
            if alias.users or alias.takers:
                found.append(alias)
    return tuple(found)


def _possible(old: str, finder: ModuleFinder) -> Iterable[ModuleAlias]:
    """Give the paths that imports of the old module may make, as far as the text shows."""
    leaf = old.rpartition(".")[2]
    mention = re.compile(_MENTION.format(leaf=re.escape(leaf)))
    for path in finder.workspace.containing((leaf,)):
        if not path.endswith((".py", ".pyw")):
            continue
        try:
            text = finder.workspace.read(path).text
        except UnreadableSource:
            continue
        if "import" not in text:
            continue
        here = finder.name_of(path).dotted
        for bound in sorted({match[1] or leaf for match in mention.finditer(text)}):
            dotted = f"{here}.{bound}"
            if here and dotted != old and here != old and finder.path_of(dotted) is None:
                yield ModuleAlias(dotted, old, path)


def _may_use(text: str, path: str) -> bool:
    """Say whether a text may reach `app.services.old`: as `services.old`, `s.old` or by `from app.services import`."""
    *_, module, name = path.split(".")
    if not re.search(rf"\b{re.escape(module)}\b", text):
        return False
    words = {module, *re.findall(rf"\b{re.escape(module)}[ \t]+as[ \t]+(\w+)", text)}
    if re.search(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})\s*\.\s*{re.escape(name)}\b", text):
        return True
    if re.search(rf"[\"']{re.escape(name)}[\"']", text):
        return True
    imported = (
        rf"\bfrom[ \t]+[\w.]*\b{re.escape(module)}[ \t]+import\b(?:[^(\n]*|\s*\([^)]*)(?:\b{re.escape(name)}\b|\*)"
    )
    return re.search(imported, text) is not None


def _with_users(alias: ModuleAlias, paths: Iterable[str], read: Callable[[str], SourceModule]) -> ModuleAlias:
    try:
        owner = read(alias.owner)
    except UnreadableSource:
        return alias
    sites = find_call_sites(owner.tree, owner.scopes, owner.here, (alias.old,))
    name = alias.path.rpartition(".")[2]
    if not any(m.bound == name and not m.dotted and m.site.scope is owner.scopes.module for m in sites.modules):
        return alias
    users: list[str] = []
    takers: list[str] = []
    for path in paths:
        try:
            source = read(path)
        except UnreadableSource:
            takers.append(path)
            continue
        if _takes(source, alias, owner.here.dotted):
            takers.append(path)
        elif _uses(source, alias):
            users.append(path)
    return ModuleAlias(alias.path, alias.old, alias.owner, tuple(users), tuple(takers))


def _uses(source: SourceModule, alias: ModuleAlias) -> bool:
    sites = find_call_sites(source.tree, source.scopes, source.here, (), {alias.path: alias.old})
    return bool(sites) or any(find_strings(source.scopes, (), {alias.path: alias.old}))


def _takes(source: SourceModule, alias: ModuleAlias, owner: str) -> bool:
    """Say whether a file takes the module itself by its alias.

    patch("app.services.old")    setattr(services, "old", fake)    print(services.old)    from app.services import *
    """
    name = alias.path.rpartition(".")[2]
    if any(not string.name and not string.asked for string in find_strings(source.scopes, (), {alias.path: alias.old})):
        return True
    sites = find_call_sites(source.tree, source.scopes, source.here, (), {alias.path: alias.old})
    if any(not (use.name or use.listed or use.repeated) for use in sites.uses):
        return True
    if any(module.site.scope is source.scopes.module and not module.uses for module in sites.modules):
        return True
    whole = find_call_sites(source.tree, source.scopes, source.here, (owner,)).uses
    if any(use.name == name and (use.literal is not None or use.writes or use.guessed) for use in whole):
        return True
    if owner not in star_modules(source.scopes, source.here):
        return False
    return any(use.name == name and source.scopes.resolve(use) is None for use in source.scopes.uses)
