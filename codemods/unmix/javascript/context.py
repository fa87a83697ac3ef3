"""What the survey of one file has to know beside the file.

Takes what became of the old modules, answers where a name goes; plain look-ups, nothing is decided here.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property

from unmix.finding import Finding
from unmix.javascript.ambient import AmbientNames
from unmix.javascript.embedded import COMPONENT_SUFFIXES
from unmix.javascript.index import ModuleIndex
from unmix.javascript.modules import ModuleFinder, declaration_of, stem_of
from unmix.javascript.replace import Replacement
from unmix.javascript.scopes import Scopes
from unmix.javascript.syntax import Span, SyntaxTree, parse
from unmix.reference import Home, Relocation


# Not slotted, for cached_property.
@dataclass(frozen=True)
class Context:
    """The old modules, the replacement patterns, the tree's other modules; modules are named by their paths.

    `watched` are the names a migration is about. Where `module.exports` of an old module is no plain table of names,
    its relocation has a home for WHOLE, too.
    """

    relocations: tuple[Relocation, ...]
    replacements: tuple[Replacement, ...]
    index: ModuleIndex
    watched: frozenset[str]

    @property
    def finder(self) -> ModuleFinder:
        return self.index.finder

    @cached_property
    def ambient(self) -> AmbientNames:
        return AmbientNames(self.finder.workspace)

    @cached_property
    def olds(self) -> frozenset[str]:
        return frozenset(relocation.path for relocation in self.relocations)

    @cached_property
    def parts(self) -> frozenset[str]:
        return frozenset(part for relocation in self.relocations for part in relocation.parts)

    @cached_property
    def part_mentions(self) -> re.Pattern[str]:
        """What a specifier of a part has in it."""
        stems = {stem for part in self.parts for stem in (stem_of(part),) if stem}
        return re.compile("|".join(re.escape(stem) for stem in sorted(stems)) or r"(?!)")

    @cached_property
    def has_index(self) -> bool:
        """Say whether an old module stands for its folder, and so is named by dots alone."""
        return any(re.search(r"(?:^|/)index\.\w+$", old) for old in self.olds)

    @cached_property
    def mentions(self) -> re.Pattern[str]:
        """What a specifier of an old module has in it: a name of its file or folder, or nothing but dots."""
        stems = {stem for old in self.olds for stem in (stem_of(old), *self.finder.exact_aliases(old)) if stem}
        patterns = [re.escape(stem) for stem in sorted(stems)]
        if self.has_index:
            patterns += [r"^\.{1,2}(?:/\.{1,2})*/?$", r"/index(?:\.\w+)?$"]
        return re.compile("|".join(patterns) or r"(?!)")

    @cached_property
    def placing(self) -> ModuleFinder:
        """The tree as it is once all parts are there: where specifiers of parts are worked out."""
        workspace = self.finder.workspace
        planned = dict.fromkeys((part for part in self.parts if not workspace.exists(part)), b"")
        return ModuleFinder(workspace.with_changes(planned)) if planned else self.finder

    def relocation(self, old: str) -> Relocation:
        return next(relocation for relocation in self.relocations if relocation.path == old)

    def old_of(self, specifier: str, here: str) -> str | None:
        """Give the old module that a specifier means in the file `here`, also one that is gone."""
        if not self.mentions.search(specifier):
            return None
        found = self._former.resolve(specifier, here)
        return found if found in self.olds else None

    def loaded_file(self, specifier: str, here: str) -> str | None:
        """Give the old module whose file goes through loaders of webpack: `!!raw-loader!./old`."""
        return self.old_of(specifier.rpartition("!")[2], here) if "!" in specifier else None

    def is_only_file(self, name: str) -> bool:
        """Say whether no two files of the tree have this name, old modules that are gone counted."""
        return sum(posixpath.basename(path) == name for path in {*self.finder.workspace.paths, *self.olds}) == 1

    @cached_property
    def _former(self) -> ModuleFinder:
        """The tree as if the old modules that are gone were still there."""
        workspace = self.finder.workspace
        gone = dict.fromkeys((old for old in self.olds if not workspace.exists(old)), b"")
        return ModuleFinder(workspace.with_changes(gone)) if gone else self.finder

    @property
    def has_gone_parts(self) -> bool:
        """Say whether a part is missing that was there once."""
        return self._with_parts is not None

    def gone_part_of(self, specifier: str, here: str) -> str | None:
        """Give the part, no longer in the tree, that a specifier would mean if it were there."""
        if self._with_parts is None or self.finder.resolve(specifier, here) is not None:
            return None
        found = self._with_parts.resolve(specifier, here)
        return found if found in self.parts else None

    @cached_property
    def _with_parts(self) -> ModuleFinder | None:
        """The tree as if the parts that are gone were still there; None where none is, or none was made yet."""
        workspace = self.finder.workspace
        gone = {
            part: b""
            for relocation in self.relocations
            for part in relocation.parts
            if not workspace.exists(part) and any(workspace.exists(other) for other in relocation.parts)
        }
        return ModuleFinder(workspace.with_changes(gone)) if gone else None

    def home(self, old: str, name: str) -> Home | None:
        """Say where an export of an old module lives now, also when that was an old module too."""
        home = self.relocation(old).homes.get(name) or self._home_of_type(old, name)
        seen = {old}
        while home is not None and home.module in self.olds and home.module not in seen:
            seen.add(home.module)
            further = self.relocation(home.module).homes.get(home.name)
            if further is None:
                break
            home = further
        return home

    def _home_of_type(self, old: str, name: str) -> Home | None:
        """Say which part has a type that only a comment defines, or only the declarations beside it."""
        relocation = self.relocation(old)
        for path in (*relocation.parts, old):
            known = self.index.exports_of(path)
            if known is not None and name in known.typedefs:
                return Home(path if path != old else relocation.parts[0], name)
        for part in relocation.parts:
            declared = self.index.exports_of(declaration_of(part) or part)
            if declared is not None and name in declared.types:
                return Home(part, name)
        return None

    def is_commonjs(self, old: str) -> bool:
        """Say whether the old module's exports are one plain object, which a default import gives as a whole."""
        relocation = self.relocation(old)
        paths = (*relocation.parts, old)
        return "default" not in relocation.homes and any(self.index.is_commonjs(path) for path in paths)


@dataclass(frozen=True, slots=True)
class SourceModule:
    """One parsed file: its tree and its scopes."""

    tree: SyntaxTree
    scopes: Scopes

    @property
    def path(self) -> str:
        return self.tree.path

    def names_in_use(self) -> set[str]:
        """Give every name that a new name must not be: what is bound or used; in a component any word of the markup."""
        if self.path.endswith(COMPONENT_SUFFIXES):
            return set(re.findall(r"[\w$]+", self.tree.text))
        return {*self.scopes.bound, *(use.name for use in self.scopes.uses)}

    def cannot(self, span: Span, why: str, old: str, hint: str) -> Finding:
        """Give the finding that what stands at `span` cannot be rewritten safely."""
        line, column = self.tree.place(span[0])
        return Finding(self.tree.path, line, column, "UNM010", why, old, "", hint)


def read_module(path: str, finder: ModuleFinder) -> SourceModule:
    """Parse the script at `path`. Raises UnreadableSource."""
    tree = parse(path, finder.workspace.read(path).text)
    return SourceModule(tree, Scopes(tree))
