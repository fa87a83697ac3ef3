"""Keep what the Python engine knows between questions: parsed files, where modules are, other names of old ones.

Takes a migration, reads through the workspace of each question; decides nothing. Everything heavy is imported where it
is needed, since most trees are searched without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unmix.errors import UnreadableSource
from unmix.migration import Migration, Split
from unmix.python.modules import ModuleFinder, find_modules, is_python
from unmix.reference import Relocation
from unmix.workspace import Workspace
from unmix_shims.python import PythonShim, read_shim

if TYPE_CHECKING:
    from unmix.python.context import Context, SourceModule
    from unmix.python.index import ModuleIndex
    from unmix.python.module_aliases import ModuleAlias
    from unmix.python.outline import Outline
    from unmix.python.replace import Replacement

OTHER_LANGUAGES = (".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".mts", ".cts", ".vue", ".svelte")

# How many characters of source are kept parsed for the next question; a million of them takes some 70 megabytes.
_KEPT_CHARACTERS = 2_000_000


def is_module_name(module: str) -> bool:
    """Say whether `module`, as written in a migration file, is the name of a Python module."""
    return "/" not in module and not module.endswith(OTHER_LANGUAGES)


@dataclass(slots=True)
class Memory:
    """What is known of the trees that were asked about, for one migration."""

    migration: Migration
    _finders: dict[int, ModuleFinder] = field(default_factory=dict)
    _contexts: dict[tuple[int, tuple[str, ...]], Context] = field(default_factory=dict)
    _modules: dict[str, tuple[str, SourceModule]] = field(default_factory=dict)
    _aliases: dict[tuple[int, tuple[str, ...]], tuple[ModuleAlias, ...]] = field(default_factory=dict)
    _room: int = _KEPT_CHARACTERS
    _kept: list[object] = field(default_factory=list)

    def own_splits(self) -> tuple[Split, ...]:
        """Give the splits of the migration that are Python's."""
        return tuple(split for split in self.migration.splits if is_module_name(split.module))

    def replacements(self) -> tuple[Replacement, ...]:
        """Give the replacements of the migration that are Python's; one that cannot be read is told as a mistake."""
        if not self.migration.replaces:
            return ()
        from unmix.python.replace import BadPattern, read_replacement

        found = []
        for asked in self.migration.replaces:
            if "#" not in asked.call:
                try:
                    found.append(read_replacement(asked.call, asked.with_, asked.line))
                except BadPattern:
                    continue
        return tuple(found)

    def watched(self, relocations: Sequence[Relocation]) -> frozenset[str]:
        """Give the names a migration is about: what the old modules hold, and what the migration file says they do."""
        asked = {name for split in self.own_splits() for part in split.parts for name in part.names}
        return frozenset(asked | {name for relocation in relocations for name in relocation.homes})

    def finder(self, workspace: Workspace) -> ModuleFinder:
        """Give where the modules of a tree are."""
        if id(workspace) not in self._finders:
            wanted = tuple(split.module for split in self.own_splits())
            self._finders[id(workspace)] = find_modules(workspace, self.migration.source_roots, wanted)
            self._kept.append(workspace)
        return self._finders[id(workspace)]

    def module(self, path: str, workspace: Workspace) -> SourceModule:
        """Parse a file, or give what was parsed of the same text before. Raises UnreadableSource."""
        from unmix.python.context import read_module

        text = workspace.read(path).text
        known = self._modules.get(path)
        if known is not None and known[0] == text:
            return known[1]
        module = read_module(path, self.finder(workspace))
        # Every question goes through the files in one order: what was kept first is what is asked for first again.
        room = self._room + len(known[0] if known is not None else "") - len(text)
        if room >= 0:
            self._room = room
            self._modules[path] = text, module
        return module

    def outline(self, path: str, workspace: Workspace) -> Outline:
        """Outline a module. Raises UnreadableSource."""
        from unmix.python.outline import outline_module

        return outline_module(self.module(path, workspace).scopes)

    def shim(self, path: str, workspace: Workspace) -> PythonShim | None:
        """Read the shim at `path`; None where none of ours stands."""
        try:
            return read_shim(workspace.read(path).text.replace("\r\n", "\n"))
        except UnreadableSource:
            return None

    def index(self, workspace: Workspace) -> ModuleIndex:
        """Give what the modules of a tree define."""
        from unmix.python.index import ModuleIndex

        return ModuleIndex(self.finder(workspace), lambda path: self.module(path, workspace).scopes)

    def context(self, relocations: tuple[Relocation, ...], workspace: Workspace) -> Context:
        """Give what the survey of a file has to know beside the file."""
        key = id(workspace), tuple(relocation.module for relocation in relocations)
        if key not in self._contexts:
            from unmix.python.context import Context

            self._contexts[key] = Context(
                relocations,
                self.replacements(),
                self.index(workspace),
                self.watched(relocations),
                self.imported_elsewhere(workspace),
                {alias.path: alias.old for alias in self.aliases(key[1], workspace)},
                {alias.path: alias.takers for alias in self.aliases(key[1], workspace) if alias.takers},
            )
        return self._contexts[key]

    def aliases(self, olds: tuple[str, ...], workspace: Workspace) -> tuple[ModuleAlias, ...]:
        """Give the other paths by which files reach the old modules, with these files."""
        from unmix.python.module_aliases import suspect_aliases

        key = id(workspace), olds
        if key not in self._aliases:
            found = []
            for suspect, paths in suspect_aliases(olds, self.finder(workspace)):
                from unmix.python.alias_users import with_users

                alias = with_users(suspect, paths, lambda path: self.module(path, workspace))
                found += [alias] if alias.users or alias.takers else []
            self._aliases[key] = tuple(found)
        return self._aliases[key]

    def known_aliases(self, olds: tuple[str, ...]) -> frozenset[ModuleAlias]:
        """Give the aliases of these old modules that were found so far, in whatever state of the tree."""
        return frozenset(alias for (_, known), found in self._aliases.items() if known == olds for alias in found)

    def replaced_names(self, workspace: Workspace) -> set[str]:
        """Give the names under which the functions of `[[replace]]` are called somewhere: their own, and aliases."""
        names = {replacement.name for replacement in self.replacements()}
        for path in workspace.containing(tuple(names)) if names else ():
            if is_python(path):
                try:
                    text = workspace.read(path).text
                except UnreadableSource:
                    continue
                for name in tuple(names):
                    names |= set(re.findall(rf"\b{re.escape(name)}\s+as\s+(\w+)", text))
        return names

    def imported_elsewhere(self, workspace: Workspace) -> frozenset[tuple[str, str]]:
        """Give each module and name of it that some file imports, for the names of replaced functions."""
        from unmix.python.callsites import imported_names

        names = self.replaced_names(workspace)
        found: set[tuple[str, str]] = set()
        for path in workspace.containing(tuple(names)) if names else ():
            if is_python(path):
                try:
                    module = self.module(path, workspace)
                    found |= set(imported_names(module.scopes, module.here))
                except UnreadableSource:
                    continue
        return frozenset(found)
