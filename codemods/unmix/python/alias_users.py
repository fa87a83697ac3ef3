"""Tell the files that use a module alias from those that only seem to, and those that take the module as a whole.

Takes a suspect of module_aliases.py and parses the files in question, gives the alias with its users and takers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from unmix.errors import UnreadableSource
from unmix.python.callsites import find_call_sites, star_modules
from unmix.python.context import SourceModule
from unmix.python.module_aliases import ModuleAlias
from unmix.python.strings import find_strings


def with_users(alias: ModuleAlias, paths: Iterable[str], read: Callable[[str], SourceModule]) -> ModuleAlias:
    """Give an alias with those of the files `paths` that use it. `read` parses a file, or raises UnreadableSource."""
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
