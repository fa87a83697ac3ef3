"""What the survey of one file has to know beside the file.

Takes what became of the old modules, answers where a name goes; plain look-ups, nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst

from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.python.index import ModuleIndex
from unmix.python.modules import ModuleFinder, ModuleName
from unmix.python.replace import Replacement
from unmix.python.scopes import Scopes
from unmix.python.scoping import read_scopes
from unmix.python.syntax import SyntaxTree, parse
from unmix.reference import Home, Relocation
from unmix.workspace import SourceFile


@dataclass(frozen=True, slots=True)
class Context:
    """The old modules, the replacement patterns, the tree's other modules.

    `watched` are the names a migration is about; `imported_elsewhere` the (module, name) pairs that files of the tree
    import, for the names of replaced functions; `aliases` other paths to old modules (`app.services.old`), with the old
    module, and `taken` those of them that some file takes as a whole, with these files; `hidden` the old modules in
    whose place their package has a name of its own.
    """

    relocations: tuple[Relocation, ...]
    replacements: tuple[Replacement, ...]
    index: ModuleIndex
    watched: frozenset[str]
    imported_elsewhere: frozenset[tuple[str, str]] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @property
    def olds(self) -> tuple[str, ...]:
        return tuple(relocation.module for relocation in self.relocations)

    def relocation(self, old: str) -> Relocation:
        return next(relocation for relocation in self.relocations if relocation.module == old)

    def home(self, old: str, name: str) -> Home | None:
        """Say where a name of an old module lives now, also when that was an old module too."""
        homes = self.relocation(old).homes
        home = homes.get(name)
        if home is None and "__getattr__" in homes and not name.startswith("__"):
            return Home(homes["__getattr__"].module, name)
        if home is None:
            return None if self.is_submodule(old, name) else self._unshown_home(old, name)
        seen = {old}
        while home.name and home.module not in seen:
            seen.add(home.module)
            further = next((r.homes.get(home.name) for r in self.relocations if r.module == home.module), None)
            if further is None:
                break
            home = further
        return home

    def _unshown_home(self, old: str, name: str) -> Home | None:
        """Say where a name comes from that the shim does not show.

        The old module had it for type checkers only, or by a star import of what is not in the tree.
        """
        for part in self._unshown_holders(old, name):
            known = self.index.names_of(part)
            if known is not None and name in known.origins:
                module, _, leaf = known.origins[name].rpartition(".")
                return Home(module, leaf) if module else Home(leaf, "")
            return Home(part, name)
        return None

    def _unshown_holders(self, old: str, name: str) -> tuple[str, ...]:
        """Give the parts that have such a name, or else those whose star imports may bring it."""
        relocation = self.relocation(old)
        known = ((part, self.index.names_of(part)) for part in relocation.parts)
        found = tuple(part for part, names in known if names is not None and name in {*names.names, *names.origins})
        return found or (() if name.startswith("_") else relocation.stars)

    def is_submodule(self, old: str, name: str) -> bool:
        """Say whether `old.name` is a module of the package `old`, and no name that the package defined."""
        return name not in self.relocation(old).homes and self.index.finder.path_of(f"{old}.{name}") is not None

    def part_for(self, old: str, name: str) -> str | None:
        """Give the part through which `old.name` is to be read, written and patched."""
        holders = self.holders(old, name)
        return holders[0] if holders else None

    def holders(self, old: str, name: str) -> tuple[str, ...]:
        """Give the parts whose own namespace has `old.name`, its home first; none where the old module has it not."""
        relocation = self.relocation(old)
        holders = relocation.holders.get(name, ())
        if holders or name.startswith("__") or self.is_submodule(old, name):
            return holders
        # A module that answers unknown names itself still does, in the part that has its `__getattr__`.
        answering = relocation.homes.get("__getattr__")
        if answering is not None:
            return (answering.module,)
        return self._unshown_holders(old, name)

    def canonical(self, module: str, name: str) -> tuple[str, str]:
        """Give the module and name that `module.name` really is, old modules and re-exports followed."""
        for _ in range(8):
            module, name = self.index.origin(module, name)
            if module not in self.olds:
                break
            home = self.home(module, name)
            if home is None or not home.name:
                break
            module, name = home.module, home.name
        return module, name


@dataclass(frozen=True, slots=True)
class SourceModule:
    """One parsed file: its tree, its scopes, its name."""

    tree: SyntaxTree
    scopes: Scopes
    here: ModuleName

    @property
    def is_whole(self) -> bool:
        """Whether no function of the file is hidden."""
        return self.tree.shown == self.tree.text

    def cannot(self, node: cst.CSTNode, why: str, old: str, hint: str) -> Finding:
        """Give the finding that something at `node` cannot be rewritten safely."""
        line, column = self.tree.place(self.tree.span(node)[0])
        return Finding(self.tree.path, line, column, "UNM010", why, old, "", hint)


class Hidden(Exception):
    """What is asked of a file can only be told with the functions that are hidden in it."""


def read_module(path: str, finder: ModuleFinder, shown: str | None = None) -> SourceModule:
    """Parse the Python file at `path`, or of it what is `shown`. Raises UnreadableSource."""
    return parse_module(finder.workspace.read(path), finder, shown)


def parse_module(file: SourceFile, finder: ModuleFinder, shown: str | None = None) -> SourceModule:
    """Parse a Python file of the tree of `finder`, whatever it holds there. Raises UnreadableSource."""
    try:
        tree = parse(file.path, file.text, shown)
        return SourceModule(tree, read_scopes(tree), finder.name_of(file.path))
    except RecursionError as error:
        raise UnreadableSource(file.path, 0, "cannot be parsed: nested too deeply") from error
