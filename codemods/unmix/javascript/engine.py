"""The JavaScript and TypeScript engine: what plan.py and check.py ask of the language, answered by the modules here.

Takes a migration, reads through the workspace of each question, and keeps what it has parsed for the next question.
Modules are named by their paths from the project root.
"""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unmix.asked import names_left_out, patterns, readable, unknown_names, watched_names
from unmix.engine import NewFiles, StandingShim
from unmix.errors import BadPattern, MigrationFileError, UnreadableSource
from unmix.finding import Finding
from unmix.javascript.modules import ModuleFinder, declaration_of, stem_of
from unmix.migration import Migration, Mistake, Split
from unmix.outline import ModuleOutline
from unmix.reference import Home, Relocation, Survey
from unmix.verification import Program, Request
from unmix.workspace import SourceFile, Workspace
from unmix_shims.javascript import JavaScriptShim, read_shim

if TYPE_CHECKING:
    # tree-sitter is imported where a script is really read: most trees of Python have none.
    from unmix.javascript.context import Context, SourceModule
    from unmix.javascript.index import ModuleIndex
    from unmix.javascript.outline import Outline
    from unmix.javascript.replace import Replacement
    from unmix.javascript.scopes import Scopes
    from unmix.javascript.syntax import SyntaxTree

_SCRIPTS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts")
_COMPONENTS = (".vue", ".svelte", ".astro")
_PYTHON = (".py", ".pyi", ".pyw", ".ipynb")

# Lock files and source maps are written by their tools again.
_GENERATED = ".map"
_NOT_PROSE = frozenset(("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"))

# A file with a NUL among its first bytes is no text.
_LOOKED_AT = 8192

# How many parsed files are kept for the next question.
_KEPT_MODULES = 200

# The name of the exports object itself, where an old module exports no plain table of names.
_WHOLE = "module.exports"


@dataclass(slots=True)
class JavaScriptEngine:
    """JavaScript and TypeScript, for one migration; see unmix.engine.Engine."""

    migration: Migration
    _finders: dict[int, ModuleFinder] = field(default_factory=dict)
    _indices: dict[int, ModuleIndex] = field(default_factory=dict)
    _contexts: dict[tuple[int, tuple[str, ...]], Context] = field(default_factory=dict)
    _modules: dict[str, tuple[str, SourceModule]] = field(default_factory=dict)
    _outlines: dict[str, tuple[SourceModule, Outline]] = field(default_factory=dict)
    _kept: list[Workspace] = field(default_factory=list)

    def owns(self, module: str) -> bool:
        return "/" in module or module.endswith(_SCRIPTS)

    def reads(self, path: str) -> bool:
        if path.endswith((*_SCRIPTS, *_COMPONENTS)):
            return True
        name = posixpath.basename(path)
        if not self.own_splits() or path.endswith((*_PYTHON, _GENERATED)) or name in _NOT_PROSE:
            return False
        own = self.migration.path
        return name != own.name or (self.migration.root / path).resolve() != own.resolve()

    # -- the migration file against the tree ------------------------------------------------------------------------

    def mistakes(self, workspace: Workspace) -> tuple[Mistake, ...]:
        found: list[Mistake] = []
        for split in self.own_splits():
            if not split.module.endswith(_SCRIPTS):
                message = f"{split.module} is no script; name a file that ends in {', '.join(_SCRIPTS)}"
                found.append(Mistake(split.line, message))
                continue
            if not workspace.exists(split.module):
                if not self.is_split(split, workspace):
                    found.append(Mistake(split.line, _not_found(split.module, workspace)))
                continue
            if self.is_split(split, workspace):
                continue
            for part in split.parts:
                if not part.module.endswith(_SCRIPTS):
                    message = f"part {part.module} is no script; let its name end in {', '.join(_SCRIPTS)}"
                    found.append(Mistake(part.line, message))
                elif workspace.exists(part.module):
                    message = f"part {part.module} exists already; choose another name, or move it away"
                    found.append(Mistake(part.line, message))
            found += self.name_mistakes(split, self.outline(split.module, workspace))
        return tuple(sorted({*found, *self.pattern_mistakes(workspace)}))

    def name_mistakes(self, split: Split, outline: Outline) -> list[Mistake]:
        known = {name.removeprefix("exports.") for name in (*outline.definitions, *outline.exported)}
        if _WHOLE in known:
            # The one value of `module.exports` is called what `import` calls it.
            known = {*known, "default"} - {_WHOLE}
        asked = {name for part in split.parts for name in part.names}
        local = {name for name, export in outline.exported.items() if export.local in asked}
        return [*unknown_names(split, known, outline.imports), *names_left_out(split, known - local)]

    def pattern_mistakes(self, workspace: Workspace) -> list[Mistake]:
        asked = patterns(self.migration, of_scripts=True)
        if not asked:
            return []
        from unmix.javascript.replace import read_replacement

        found = []
        planned = {part.module for split in self.own_splits() for part in split.parts}
        for replace in asked:
            try:
                replacement = read_replacement(replace.call, replace.with_, replace.line)
            except BadPattern as error:
                found.append(Mistake(replace.line, str(error)))
                continue
            pairs = ((replacement.module, replacement.name), (replacement.new_module, replacement.new_name))
            for module, name in pairs:
                if not module or module in planned:
                    continue
                if not workspace.exists(module):
                    found.append(Mistake(replace.line, _not_found(module, workspace)))
                elif self.index(workspace).exports(module, name) is False:
                    found.append(Mistake(replace.line, f"{module} exports no `{name}`"))
        return found

    def describe(self, path: str, workspace: Workspace) -> ModuleOutline:
        from unmix.javascript.describe import describe_module

        if not path.endswith(_SCRIPTS):
            raise UnreadableSource(path, 0, "is no script")
        return describe_module(self.module(path, workspace), self.outline(path, workspace), self.finder(workspace))

    # -- what was split ---------------------------------------------------------------------------------------------

    def is_split(self, split: Split, workspace: Workspace) -> bool:
        if workspace.exists(split.module):
            return self.shim(split.module, workspace) is not None
        return all(workspace.exists(part.module) for part in split.parts)

    def relocations(self, splits: Sequence[Split], workspace: Workspace) -> tuple[Relocation, ...]:
        return tuple(self.relocation(split, workspace) for split in splits)

    def relocation(self, split: Split, workspace: Workspace) -> Relocation:
        if not workspace.exists(split.module):
            return self.relocation_of_parts(split, workspace)
        shim = self.shim(split.module, workspace)
        if shim is not None:
            return self.relocation_shown(split, shim, workspace)
        return self.relocation_asked_for(split, workspace)

    def relocation_shown(self, split: Split, shim: JavaScriptShim, workspace: Workspace) -> Relocation:
        """Read off a shim where the names of its module live."""
        homes = {name: Home(part, name) for name, part in shim.homes.items()}
        if shim.whole:
            homes[_WHOLE] = Home(shim.whole, _WHOLE)
        for star in shim.stars:
            target = self.finder(workspace).resolve(star, split.module)
            for name in self.index(workspace).all_exports(target) if target is not None else ():
                if name != "default" and target is not None:
                    homes.setdefault(name, Home(target, name))
        return Relocation(split.module, split.module, tuple(shim.parts), homes, _holders(homes))

    def relocation_asked_for(self, split: Split, workspace: Workspace) -> Relocation:
        """Say where the names of a module that is still whole are to live."""
        parts = tuple(part.module for part in split.parts)
        try:
            outline = self.outline(split.module, workspace)
        except UnreadableSource:
            return Relocation(split.module, split.module, parts, {}, {})
        asked = {name: part.module for part in split.parts for name in part.names}
        rest = next((part.module for part in split.parts if part.rest), parts[0])
        homes = {}
        for name, export in outline.exported.items():
            homes[name] = Home(asked.get(name) or asked.get(export.local) or rest, name)
        if outline.has_whole:
            homes[_WHOLE] = Home(rest, _WHOLE)
        return Relocation(split.module, split.module, parts, homes, _holders(homes))

    def relocation_of_parts(self, split: Split, workspace: Workspace) -> Relocation:
        """Say where the names of a module that is gone live, from its parts."""
        parts = tuple(part.module for part in split.parts)
        if not any(workspace.exists(part) for part in parts):
            message = _not_found(split.module, workspace)
            raise MigrationFileError((f"{self.migration.path}:{split.line}: {message}",))
        index = self.index(workspace)
        homes: dict[str, Home] = {}
        asked = {name: part.module for part in split.parts for name in part.names}
        for part in parts:
            for name in sorted(index.all_exports(part)):
                if name not in homes or asked.get(name) == part:
                    homes[name] = Home(part, name)
        return Relocation(split.module, split.module, parts, homes, _holders(homes))

    def shim(self, path: str, workspace: Workspace) -> JavaScriptShim | None:
        try:
            return read_shim(workspace.read(path).text, path)
        except UnreadableSource:
            return None

    def is_shim(self, path: str, context: Context) -> bool:
        """Say whether a file is the shim of an old module, or its declarations."""
        shims = {*context.olds, *map(declaration_of, context.olds)}
        return path in shims and self.shim(path, context.finder.workspace) is not None

    def shims(self, splits: Sequence[Split], workspace: Workspace) -> tuple[StandingShim, ...]:
        from unmix.javascript.standing import read_standing_shim

        found = (read_standing_shim(split, self.migration.shim, self.index(workspace)) for split in splits)
        return tuple(shim for shim in found if shim is not None)

    def exported(self, path: str, data: bytes) -> frozenset[str] | None:
        from unmix.javascript.standing import public_names

        return public_names(path, data)

    # -- splitting --------------------------------------------------------------------------------------------------

    def split(self, split: Split, workspace: Workspace) -> NewFiles:
        from unmix.javascript.adding import add_parts

        return add_parts(split, self.outline(split.module, workspace), workspace, self.migration.shim)

    # -- references -------------------------------------------------------------------------------------------------

    def candidates(self, relocations: Sequence[Relocation], workspace: Workspace, *, by_name: bool) -> tuple[str, ...]:
        if not relocations and not self.replacements():
            return ()
        finder = self.finder(workspace)
        needles = set()
        for relocation in relocations:
            needles |= {
                stem_of(relocation.path) or posixpath.basename(relocation.path),
                *finder.exact_aliases(relocation.path),
            }
            if posixpath.basename(relocation.path).startswith("index."):
                needles |= _INDEX_SPECIFIERS
        replaced = {replacement.name for replacement in self.replacements()}
        texts = set(workspace.containing(tuple(sorted(needles | replaced)))) if needles | replaced else set()
        context = self.context(tuple(relocations), workspace)
        found = {path for path in texts if self.reads(path) and self.may_concern(path, replaced, context)}
        # The parts, whatever they mention: what a split left undefined would show there.
        found |= {part for relocation in relocations for part in relocation.parts if workspace.exists(part)}
        if by_name:
            stems = {stem_of(part) for part in self.all_parts(relocations)}
            names = {name for name in self.watched(relocations) | stems if len(name) > 1} - {"default", _WHOLE}
            for path in workspace.containing(tuple(sorted(names))):
                if path not in found and path.endswith((*_SCRIPTS, *_COMPONENTS)) and self.is_suspect(path, context):
                    found.add(path)
        return tuple(sorted(found))

    def may_concern(self, path: str, replaced: Collection[str], context: Context) -> bool:
        """Say whether a file has to be read closer: it may load an old module, or call a replaced function."""
        from unmix.javascript.suspects import may_load_old

        if not path.endswith((*_SCRIPTS, *_COMPONENTS)):
            return True
        try:
            text = context.finder.workspace.read(path).text
        except UnreadableSource:
            return True
        return any(name in text for name in replaced) or may_load_old(text, path, context)

    def is_suspect(self, path: str, context: Context) -> bool:
        """Say whether a file that loads no old module may use a moved name that nothing defines any more."""
        from unmix.javascript.suspects import is_suspect

        try:
            return is_suspect(context.finder.workspace.read(path).text, path, context)
        except UnreadableSource:
            # It mentions no old module, and what else it says is not for unmix to judge.
            return False

    def survey(self, path: str, relocations: Sequence[Relocation], workspace: Workspace) -> Survey:
        context = self.context(tuple(relocations), workspace)
        if not path.endswith((*_SCRIPTS, *_COMPONENTS)):
            from unmix.javascript.documents import survey_document

            data = workspace.read_bytes(path)
            if b"\0" in data[:_LOOKED_AT]:
                return Survey(path)
            try:
                return survey_document(workspace.read(path), context)
            except UnreadableSource:
                if survey_document(SourceFile(path, data.decode("latin-1"), "latin-1", b""), context).findings:
                    raise
                return Survey(path)
        if self.is_shim(path, context):
            return Survey(path)
        from unmix.javascript.survey import survey_script
        from unmix.javascript.suspects import may_load_old

        try:
            module = self.module(path, workspace)
        except UnreadableSource:
            if may_load_old(workspace.read(path).text, path, context):
                raise
            return Survey(path)
        return survey_script(module, context)

    def settle(self, relocations: Sequence[Relocation], before: Workspace, after: Workspace) -> NewFiles:
        """Write again the shims that are not as they would be written: edited by hand, or with other dates by now."""
        renewed: dict[str, SourceFile] = {}
        for relocation in relocations:
            shim = self.shim(relocation.path, after) if after.exists(relocation.path) else None
            if shim is not None:
                from unmix.javascript.standing import generated_text

                file = after.read(relocation.path)
                text = generated_text(file.text, shim, self.migration.shim)
                if text != file.text:
                    renewed[file.path] = SourceFile(file.path, text, file.encoding, file.bom)
        return NewFiles(renewed)

    def tidy(
        self, path: str, relocations: Sequence[Relocation], before: Workspace, after: Workspace
    ) -> SourceFile | None:
        return None

    def retire(self, relocations: Sequence[Relocation], workspace: Workspace) -> NewFiles:
        from unmix.javascript.retire import retire_entries, retire_shims
        from unmix.javascript.standing import shim_again

        paths = [path for each in relocations for path in (each.path, declaration_of(each.path)) if path is not None]
        gone = retire_shims(paths, workspace, shim_again)
        return NewFiles({**gone, **retire_entries(gone, workspace)})

    def verification(self, relocations: Sequence[Relocation], workspace: Workspace, request: Request) -> Program | None:
        from unmix.javascript.verification import write_program

        return write_program(relocations, workspace, request)

    def unsound(self, path: str, workspace: Workspace, before: Workspace | None) -> tuple[Finding, ...]:
        from unmix.javascript.soundness import find_unsound

        return tuple(find_unsound(path, self.index(workspace))) if path.endswith(_SCRIPTS) else ()

    # -- what is kept between questions -----------------------------------------------------------------------------

    def own_splits(self) -> tuple[Split, ...]:
        return tuple(split for split in self.migration.splits if self.owns(split.module))

    def all_parts(self, relocations: Iterable[Relocation]) -> frozenset[str]:
        return frozenset(part for relocation in relocations for part in relocation.parts)

    def replacements(self) -> tuple[Replacement, ...]:
        asked = patterns(self.migration, of_scripts=True)
        if not asked:
            return ()
        from unmix.javascript.replace import read_replacement

        return readable(asked, read_replacement)

    def watched(self, relocations: Sequence[Relocation]) -> frozenset[str]:
        """Give the names a migration is about: what the old modules export, or were asked to give."""
        return watched_names(self.own_splits(), relocations)

    def finder(self, workspace: Workspace) -> ModuleFinder:
        if id(workspace) not in self._finders:
            self._finders[id(workspace)] = ModuleFinder(workspace)
            self._kept.append(workspace)
        return self._finders[id(workspace)]

    def index(self, workspace: Workspace) -> ModuleIndex:
        from unmix.javascript.index import ModuleIndex

        if id(workspace) not in self._indices:

            def parsed(path: str) -> tuple[SyntaxTree, Scopes]:
                module = self.module(path, workspace)
                return module.tree, module.scopes

            self._indices[id(workspace)] = ModuleIndex(self.finder(workspace), parsed)
        return self._indices[id(workspace)]

    def context(self, relocations: tuple[Relocation, ...], workspace: Workspace) -> Context:
        from unmix.javascript.context import Context

        key = id(workspace), tuple(relocation.module for relocation in relocations)
        if key not in self._contexts:
            self._contexts[key] = Context(
                relocations, self.replacements(), self.index(workspace), self.watched(relocations)
            )
        return self._contexts[key]

    def module(self, path: str, workspace: Workspace) -> SourceModule:
        """Parse a file, or give what was parsed of the same text before. Raises UnreadableSource."""
        from unmix.javascript.context import read_module

        text = workspace.read(path).text
        known = self._modules.get(path)
        if known is not None and known[0] == text:
            return known[1]
        module = read_module(path, self.finder(workspace))
        if len(self._modules) >= _KEPT_MODULES:
            del self._modules[next(iter(self._modules))]
        self._modules[path] = text, module
        return module

    def outline(self, path: str, workspace: Workspace) -> Outline:
        from unmix.javascript.outline import outline_module

        module = self.module(path, workspace)
        known = self._outlines.get(path)
        if known is None or known[0] is not module:
            self._outlines[path] = known = module, outline_module(module.scopes)
        return known[1]


# How the module of a folder is named without its name.
_INDEX_SPECIFIERS = frozenset(("/index", '"."', "'.'", '".."', "'..'", '"./"', "'./'", '/.."', "/..'", '../"', "../'"))


def _holders(homes: dict[str, Home]) -> dict[str, tuple[str, ...]]:
    return {name: (home.module,) for name, home in homes.items()}


def _not_found(module: str, workspace: Workspace) -> str:
    known = [path for path in workspace.paths if path.endswith(_SCRIPTS)]
    close = difflib.get_close_matches(module, known, 1, 0.6)
    if not close:
        leaf = posixpath.basename(module)
        close = [path for path in known if posixpath.basename(path) == leaf][:1]
    remedy = f'; did you mean "{close[0]}"?' if close else "; name it by its path from the folder of this file"
    return f"module {module} is not in this tree{remedy}"
