"""Keep what the Python engine knows between questions: parsed files, where modules are, other names of old ones.

Takes a migration, reads through the workspace of each question; decides nothing. Everything heavy is imported where it
is needed, since most trees are searched without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from unmix.asked import patterns, readable, watched_names
from unmix.errors import UnreadableSource
from unmix.migration import Migration, Split
from unmix.python.hidden_modules import is_hidden
from unmix.python.module_aliases import ModuleAlias, suspect_aliases
from unmix.python.modules import ModuleFinder, find_modules, is_python
from unmix.python.own_parser import tree_of
from unmix.reference import Relocation
from unmix.workspace import Workspace
from unmix_shims.python import PythonShim, read_shim

if TYPE_CHECKING:
    from unmix.python.concern import Concern
    from unmix.python.context import Context, SourceModule
    from unmix.python.index import ModuleIndex
    from unmix.python.outline import Outline
    from unmix.python.replace import Replacement

OTHER_LANGUAGES = (".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".mts", ".cts", ".vue", ".svelte")

# How many characters of source are kept parsed for the next question; a million of them takes some 70 megabytes.
_KEPT_CHARACTERS = 2_000_000

# Aliases of old modules that a text may make, each with the files that may use it.
Suspects = tuple[tuple[ModuleAlias, list[str]], ...]


def is_module_name(module: str) -> bool:
    """Say whether `module`, as written in a migration file, is the name of a Python module."""
    return "/" not in module and not module.endswith(OTHER_LANGUAGES)


@lru_cache(maxsize=64)
def _shim_in(text: str) -> PythonShim | None:
    return read_shim(text.replace("\r\n", "\n"))


@dataclass(slots=True)
class Memory:
    """What is known of the trees that were asked about, for one migration."""

    migration: Migration
    _finders: dict[int, ModuleFinder] = field(default_factory=dict)
    _contexts: dict[tuple[int, tuple[str, ...]], Context] = field(default_factory=dict)
    _modules: dict[str, tuple[str, SourceModule]] = field(default_factory=dict)
    _shown: dict[str, tuple[str, frozenset[str], SourceModule]] = field(default_factory=dict)
    _lines: dict[str, tuple[str, frozenset[str], list[int] | None]] = field(default_factory=dict)
    _concerns: dict[int, Concern] = field(default_factory=dict)
    _suspects: dict[tuple[int, tuple[str, ...]], Suspects] = field(default_factory=dict)
    _bound: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    _aliases: dict[tuple[int, tuple[str, ...]], tuple[ModuleAlias, ...]] = field(default_factory=dict)
    _room: int = _KEPT_CHARACTERS
    _kept: list[object] = field(default_factory=list)

    def own_splits(self) -> tuple[Split, ...]:
        """Give the splits of the migration that are Python's."""
        return tuple(split for split in self.migration.splits if is_module_name(split.module))

    def replacements(self) -> tuple[Replacement, ...]:
        """Give the replacements of the migration that are Python's; one that cannot be read is told as a mistake."""
        asked = patterns(self.migration, of_scripts=False)
        if not asked:
            return ()
        from unmix.python.replace import read_replacement

        return readable(asked, read_replacement)

    def watched(self, relocations: Sequence[Relocation]) -> frozenset[str]:
        """Give the names a migration is about: what the old modules hold, and what the migration file says they do."""
        return watched_names(self.own_splits(), relocations)

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
        if self._makes_room(len(text), len(known[0]) if known is not None else 0):
            self._modules[path] = text, module
        return module

    def module_in_question(
        self, path: str, workspace: Workspace, watched: frozenset[str] = frozenset()
    ) -> SourceModule:
        """Parse what of a file may concern the migration, or give what was parsed of the same text before.

        Functions that cannot are hidden; `watched` are names that matter where nothing defines them.
        Raises UnreadableSource.
        """
        from unmix.python.context import read_module
        from unmix.python.masks import mask_statements

        text = workspace.read(path).text
        whole = self._modules.get(path)
        if whole is not None and whole[0] == text:
            return whole[1]
        base, lines = self._lines_of(path, workspace, watched)
        known = self._shown.get(path)
        if known is not None and known[0] == text and base <= known[1]:
            return known[2]
        tree = tree_of(text)
        shown = mask_statements(text, tree, lines) if tree is not None and lines is not None else None
        module = read_module(path, self.finder(workspace), shown)
        if self._makes_room(len(text), len(known[0]) if known is not None else 0):
            self._shown[path] = text, base, module
        return module

    def is_concerned(self, path: str, workspace: Workspace, watched: frozenset[str]) -> bool:
        """Say whether anything in a file may concern the migration. Raises UnreadableSource."""
        _, lines = self._lines_of(path, workspace, watched)
        # What an export list says is asked of the names that the whole module has.
        return lines is None or bool(lines) or "__all__" in workspace.read(path).text

    def _lines_of(
        self, path: str, workspace: Workspace, watched: frozenset[str]
    ) -> tuple[frozenset[str], list[int] | None]:
        """Give all that was asked about, and the lines that may concern it, None of what is no Python."""
        from unmix.python.concern import lines_in_question

        text = workspace.read(path).text
        concern = self.concern(workspace)
        watched |= concern.watched
        base = watched | concern.names | concern.modules
        known = self._lines.get(path)
        if known is None or known[0] != text or not base <= known[1]:
            tree, here = tree_of(text), self.finder(workspace).name_of(path)
            lines = lines_in_question(text, tree, here, replace(concern, watched=watched)) if tree is not None else None
            known = self._lines[path] = text, base, lines
        return known[1:]

    def concern(self, workspace: Workspace) -> Concern:
        """Give what makes a piece of a file matter, as far as the migration file and the old modules say."""
        if id(workspace) not in self._concerns:
            from unmix.python.concern import Concern

            splits, finder = self.own_splits(), self.finder(workspace)
            olds = tuple(split.module for split in splits)
            parts = {part.module for split in splits for part in split.parts}
            aliases = {alias.path for alias, _ in self.suspects(olds, workspace)}
            names = set(self.replaced_names(workspace))
            for replacement in self.replacements():
                names |= set(replacement.new.split("."))
            watched = watched_names(splits, ()).union(*(self._names_of_old(old, workspace) for old in olds))
            self._concerns[id(workspace)] = Concern(
                frozenset({*olds, *parts, *aliases}),
                frozenset(names),
                watched,
                lambda module, name: self._lacks(module, name, finder),
            )
        return self._concerns[id(workspace)]

    def _names_of_old(self, old: str, workspace: Workspace) -> frozenset[str]:
        path = self.finder(workspace).path_of(old)
        if path is None:
            return frozenset()
        shim = self.shim(path, workspace)
        return frozenset(shim.homes) if shim is not None else self._bound_in(path, workspace)

    def _lacks(self, module: str, name: str, finder: ModuleFinder) -> bool:
        """Say whether a module of this tree may be without a name; only its own plain bindings count."""
        path = finder.path_of(module)
        if path is None or finder.path_of(f"{module}.{name}") is not None:
            return False
        bound = self._bound_in(path, finder.workspace)
        return name not in bound and "__getattr__" not in bound

    def _bound_in(self, path: str, workspace: Workspace) -> frozenset[str]:
        """Give what the statements of a module bind; nothing of one that cannot be read, or parsed."""
        from unmix.python.concern import bound_at_top

        try:
            text = workspace.read(path).text
        except UnreadableSource:
            return frozenset()
        known = self._bound.get(path)
        if known is None or known[0] != text:
            tree = tree_of(text)
            bound = bound_at_top(tree.body) if tree is not None else ()
            known = self._bound[path] = text, frozenset(bound)
        return known[1]

    def _makes_room(self, needed: int, freed: int) -> bool:
        """Say whether one more text may be kept parsed, and take its room.

        Every question goes through the files in one order: what was kept first is what is asked for first again.
        """
        room = self._room + freed - needed
        if room >= 0:
            self._room = room
        return room >= 0

    def outline(self, path: str, workspace: Workspace) -> Outline:
        """Outline a module. Raises UnreadableSource."""
        from unmix.python.outlining import outline_module

        return outline_module(self.module(path, workspace).scopes)

    def shim(self, path: str, workspace: Workspace) -> PythonShim | None:
        """Read the shim at `path`; None where none of ours stands."""
        try:
            return _shim_in(workspace.read(path).text)
        except UnreadableSource:
            return None

    def index(self, workspace: Workspace) -> ModuleIndex:
        """Give what the modules of a tree define."""
        from unmix.python.index import ModuleIndex

        # Calls are matched against the parameters of functions, which a hidden function has not.
        read = self.module if self.replacements() else self.module_in_question
        return ModuleIndex(self.finder(workspace), lambda path: read(path, workspace).scopes)

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
                frozenset(old for old in key[1] if is_hidden(old, self.finder(workspace))),
            )
        return self._contexts[key]

    def aliases(self, olds: tuple[str, ...], workspace: Workspace) -> tuple[ModuleAlias, ...]:
        """Give the other paths by which files reach the old modules, with these files."""
        key = id(workspace), olds
        if key not in self._aliases:
            found = []
            for suspect, paths in self.suspects(olds, workspace):
                from unmix.python.alias_users import with_users

                alias = with_users(suspect, paths, lambda path: self.module_in_question(path, workspace))
                found += [alias] if alias.users or alias.takers else []
            self._aliases[key] = tuple(found)
        return self._aliases[key]

    def suspects(self, olds: tuple[str, ...], workspace: Workspace) -> Suspects:
        """Give the paths that may be aliases of these old modules, as far as texts tell."""
        key = id(workspace), olds
        if key not in self._suspects:
            finder = self.finder(workspace)
            # What others take from a package under the name of a hidden module is not the module.
            found = tuple(old for old in olds if not is_hidden(old, finder))
            self._suspects[key] = tuple(suspect_aliases(found, finder))
        return self._suspects[key]

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
                    module = self.module_in_question(path, workspace)
                    found |= set(imported_names(module.scopes, module.here))
                except UnreadableSource:
                    continue
        return frozenset(found)
