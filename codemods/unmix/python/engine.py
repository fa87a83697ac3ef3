"""The Python engine: what plan.py and check.py ask of the language, answered by the modules beside this one.

Takes a migration, reads through the workspace of each question, and keeps what it has parsed for the next question.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from unmix.engine import NewFiles, StandingShim
from unmix.errors import MigrationFileError, UnreadableSource
from unmix.finding import Finding
from unmix.ignore import NEEDLE
from unmix.migration import Migration, Mistake, Split
from unmix.outline import ModuleOutline
from unmix.python.left_alone import is_left_alone
from unmix.python.modules import ModuleFinder, ModuleName, find_modules, resolve_relative
from unmix.reference import Home, Relocation, Survey
from unmix.verification import Program, Request
from unmix.workspace import SourceFile, Workspace
from unmix_shims.python import PythonShim, read_shim, render_shim

if TYPE_CHECKING:
    # LibCST and networkx take longer to import than most trees take to search; each is imported where it is needed.
    from unmix.python.context import Context, SourceModule
    from unmix.python.index import ModuleIndex
    from unmix.python.module_aliases import ModuleAlias
    from unmix.python.outline import Outline
    from unmix.python.partition import Partition
    from unmix.python.replace import Replacement

_SUFFIXES = (".py", ".pyi", ".pyw")
_OTHER_LANGUAGES = (".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".mts", ".cts", ".vue", ".svelte")

# Files that a tool writes again, as it does the folders called `*.egg-info`.
_GENERATED = frozenset(("poetry.lock", "uv.lock", "Pipfile.lock", "package-lock.json", "PKG-INFO"))

# A file with a NUL among its first bytes is no text.
_LOOKED_AT = 8192

# How many characters of source are kept parsed for the next question; a million of them takes some 70 megabytes.
_KEPT_CHARACTERS = 2_000_000


@dataclass(slots=True)
class PythonEngine:
    """Python, for one migration; see unmix.engine.Engine."""

    migration: Migration
    _finders: dict[int, ModuleFinder] = field(default_factory=dict)
    _contexts: dict[tuple[int, tuple[str, ...]], Context] = field(default_factory=dict)
    _modules: dict[str, tuple[str, SourceModule]] = field(default_factory=dict)
    _aliases: dict[tuple[int, tuple[str, ...]], tuple[ModuleAlias, ...]] = field(default_factory=dict)
    _room: int = _KEPT_CHARACTERS
    _bound: dict[int, dict[str, frozenset[str] | None]] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)

    def owns(self, module: str) -> bool:
        return "/" not in module and not module.endswith(_OTHER_LANGUAGES)

    def reads(self, path: str) -> bool:
        return not (
            path.endswith((*_OTHER_LANGUAGES, ".po", ".pot"))
            or path.rpartition("/")[2] in _GENERATED
            or ".egg-info/" in f"/{path}"
        )

    # -- the migration file against the tree ------------------------------------------------------------------------

    def mistakes(self, workspace: Workspace) -> tuple[Mistake, ...]:
        finder = self.finder(workspace)
        found: list[Mistake] = []
        for split in self.own_splits():
            path = finder.path_of(split.module)
            if path is None:
                if not self.is_split(split, workspace):
                    found.append(Mistake(split.line, _not_found(split.module, finder)))
                continue
            if self.is_split(split, workspace):
                continue
            for part in split.parts:
                if (existing := finder.path_of(part.module)) is not None:
                    message = f"part {part.module} exists already ({existing}); choose another name, or move it away"
                    found.append(Mistake(part.line, message))
                found += _parent_mistakes(part.module, part.line, path, finder)
            outline = self.outline(path, workspace)
            for part in split.parts:
                package, _, leaf = part.module.rpartition(".")
                hides = leaf in outline.names if package == split.module else _binds(package, leaf, finder)
                if hides:
                    message = f"part {part.module} would hide the name `{leaf}` of {package}; choose another name"
                    found.append(Mistake(part.line, message))
            found += self.name_mistakes(split, outline)
        return tuple(sorted({*found, *self.pattern_mistakes(workspace)}))

    def name_mistakes(self, split: Split, outline: Outline) -> list[Mistake]:
        found = []
        known = outline.own_names
        for part in split.parts:
            for name, line in zip(part.names, part.name_lines or (part.line,) * len(part.names), strict=True):
                if name in known:
                    continue
                if name in outline.imports:
                    message = f"{split.module} only imports `{name}`; leave it out, each part gets the imports it uses"
                else:
                    close = difflib.get_close_matches(name, known, 1)
                    remedy = f'; did you mean "{close[0]}"?' if close else ""
                    message = f"{split.module} has no name `{name}`{remedy}"
                found.append(Mistake(line, message))
        if not any(part.rest for part in split.parts):
            asked = {name for part in split.parts for name in part.names}
            needed = frozenset(outline.definitions) | frozenset(outline.rebound)
            left = sorted(name for name in needed - asked if not _is_dunder(name))
            if left:
                message = f'no part takes {", ".join(left)}; name them, or give one part the name "*"'
                found.append(Mistake(split.line, message))
        return found

    def pattern_mistakes(self, workspace: Workspace) -> list[Mistake]:
        if not self.migration.replaces:
            return []
        from unmix.python.replace import BadPattern, read_replacement

        found = []
        finder = self.finder(workspace)
        index = self.index(workspace)
        planned = {part.module for split in self.own_splits() for part in split.parts}
        for asked in self.migration.replaces:
            if "#" in asked.call:
                continue
            try:
                replacement = read_replacement(asked.call, asked.with_, asked.line)
            except BadPattern as error:
                found.append(Mistake(asked.line, str(error)))
                continue
            for dotted in filter(None, (replacement.callee, replacement.new)):
                module, _, name = dotted.rpartition(".")
                if module not in planned and finder.path_of(module) is None:
                    if finder.path_of(module.partition(".")[0]) is not None:
                        found.append(Mistake(asked.line, _not_found(module, finder)))
                elif module not in planned and index.defines(module, name) is False:
                    found.append(Mistake(asked.line, f"{module} has no name `{name}`"))
        return found

    def describe(self, path: str, workspace: Workspace) -> ModuleOutline:
        from unmix.python.describe import describe_module

        if not _is_python(path):
            raise UnreadableSource(path, 0, "is no module")
        return describe_module(self.module(path, workspace), self.outline(path, workspace))

    # -- what was split ---------------------------------------------------------------------------------------------

    def is_split(self, split: Split, workspace: Workspace) -> bool:
        finder = self.finder(workspace)
        path = finder.path_of(split.module)
        if path is not None:
            return self.shim(path, workspace) is not None or self.is_retired(split, path, finder)
        return all(finder.path_of(part.module) is not None for part in split.parts)

    def is_retired(self, split: Split, path: str, finder: ModuleFinder) -> bool:
        """Say whether the old module was a package whose shim is gone: the package itself stays."""
        from unmix.python.retire import is_left_of_package

        return is_left_of_package(path, [part.module for part in split.parts], finder)

    def relocations(self, splits: Sequence[Split], workspace: Workspace) -> tuple[Relocation, ...]:
        finder = self.finder(workspace)
        return tuple(_without_submodules(self.relocation(split, workspace), finder) for split in splits)

    def relocation(self, split: Split, workspace: Workspace) -> Relocation:
        finder = self.finder(workspace)
        path = finder.path_of(split.module)
        if path is None or self.is_retired(split, path, finder):
            return self.relocation_of_parts(split, finder, workspace)
        shim = self.shim(path, workspace)
        if shim is not None:
            homes = {name: _home(home, shim.parts) for name, home in shim.homes.items()}
            # Nobody can import a feature from `__future__` below the first line: its name is the part's.
            homes |= {n: Home(shim.moved[n][0], n) for n, home in homes.items() if home.module == "__future__"}
            return Relocation(
                split.module, path, shim.parts, homes, dict(shim.moved), shim.rebound, shim.exported, shim.main
            )
        return self.relocation_asked_for(split, path, finder, workspace)

    def relocation_asked_for(self, split: Split, path: str, finder: ModuleFinder, workspace: Workspace) -> Relocation:
        """Say where the names of a module that is still whole are to live."""
        parts = tuple(part.module for part in split.parts)
        try:
            outline = self.outline(path, workspace)
        except UnreadableSource:
            return Relocation(split.module, path, parts, {}, {})
        package = finder.name_of(path).package
        asked = {name: part.module for part in split.parts for name in part.names}
        rest = next((part.module for part in split.parts if part.rest), parts[0])
        homes = {name: Home(asked.get(name, rest), name) for name in outline.names if name != "__all__"}
        for name in outline.imports:
            homes[name] = _home_of_import(outline, name, package) or Home(rest, name)
        holders = {name: (asked.get(name, rest),) for name in homes}
        return Relocation(split.module, path, parts, homes, holders, frozenset(outline.rebound), outline.exported)

    def relocation_of_parts(self, split: Split, finder: ModuleFinder, workspace: Workspace) -> Relocation:
        """Say where the names of a module that is gone live, from its parts."""
        homes: dict[str, Home] = {}
        holders: dict[str, tuple[str, ...]] = {}
        parts = tuple(part.module for part in split.parts)
        if not any(finder.path_of(part) for part in parts):
            raise MigrationFileError((f"{self.migration.path}:{split.line}: {_not_found(split.module, finder)}",))
        exported: list[str] | None = None
        for part in parts:
            path = finder.path_of(part)
            if path is None:
                continue
            outline = self.outline(path, workspace)
            if outline.exported is not None:
                exported = [*(exported or ()), *outline.exported]
            for name in sorted(outline.names - {"__all__"}):
                origin = _home_of_import(outline, name, finder.name_of(path).package)
                home = origin or Home(part, name)
                if home.module in parts and name in homes:
                    holders[name] = (*holders[name], part)
                    if home.module == part:
                        homes[name], holders[name] = home, (part, *(p for p in holders[name] if p != part))
                    continue
                homes.setdefault(name, home)
                holders[name] = (*holders.get(name, ()), part)
        path = finder.path_of(split.module) or finder.path_for(split.module, finder.path_of(parts[0]) or "")
        return Relocation(
            split.module, path, parts, homes, holders, exported=None if exported is None else tuple(exported)
        )

    def renewed_shims(self, paths: Iterable[str], workspace: Workspace) -> dict[str, SourceFile]:
        """Give the shims whose text is not what would be written: edited by hand, or with other dates by now."""
        from unmix.python.standing import generated_text

        renewed = {}
        for path in paths:
            shim = self.shim(path, workspace) if workspace.exists(path) else None
            if shim is not None:
                file = workspace.read(path)
                text = generated_text(file.text, shim, self.migration.shim)
                if text != file.text:
                    renewed[path] = SourceFile(path, text, file.encoding, file.bom)
        return renewed

    def shim(self, path: str, workspace: Workspace) -> PythonShim | None:
        try:
            return read_shim(workspace.read(path).text.replace("\r\n", "\n"))
        except UnreadableSource:
            return None

    def shims(self, splits: Sequence[Split], workspace: Workspace) -> tuple[StandingShim, ...]:
        from unmix.python.standing import read_standing_shim

        found = (read_standing_shim(split, self.migration.shim, self.finder(workspace)) for split in splits)
        return tuple(shim for shim in found if shim is not None)

    def exported(self, path: str, data: bytes) -> frozenset[str] | None:
        from unmix.python.standing import public_names

        return public_names(path, data)

    # -- splitting --------------------------------------------------------------------------------------------------

    def split(self, split: Split, workspace: Workspace) -> NewFiles:
        from unmix.python.partition import partition_module
        from unmix.python.split import OldModule, held_names, write_parts
        from unmix.python.stubs import split_stub
        from unmix.python.warning_filters import admit_shims

        finder = self.finder(workspace)
        path = finder.path_of(split.module)
        assert path is not None, "mistakes() has looked"
        file = workspace.read(path)
        here = finder.name_of(path)
        outline = self.outline(path, workspace)
        partition = partition_module(outline, split, self.patched_names(split.module, workspace))
        texts = {
            finder.path_for(part, path): text
            for part, text in write_parts(outline, partition, OldModule(split.module, here.package)).items()
        }
        stars = self.star_origins(outline, here, workspace)
        held = {**_held_by_stars(partition, stars), **held_names(outline, partition)}
        homes = {}
        for name, parts in held.items():
            origin = _home_of_import(outline, name, here.package) if name not in partition.homes else None
            homes[name] = str(origin or Home(stars[name][1] if name in stars else parts[0], name))
        homes |= {name: f"__future__.{name}" for name in _features(outline) & held.keys()}
        header = outline.text[slice(*outline.header)]
        shim = PythonShim(
            module=split.module,
            parts=partition.parts,
            moved={name: held[name] for name in _in_order(outline, held)},
            exported=outline.exported,
            homes={name: homes[name] for name in _in_order(outline, held)},
            functions=_functions(self.module(path, workspace), partition.homes),
            typed=_typed_homes(outline, partition, here.package),
            rebound=frozenset(outline.rebound) & held.keys(),
            main=partition.main,
            since=self.migration.shim.since,
            remove_in=self.migration.shim.remove_in,
            preamble="".join(line + "\n" for line in header.splitlines() if line.startswith("#")),
            docstring=outline.docstring,
            package=here.is_package,
        )
        texts[path] = render_shim(shim).replace("\n", outline.newline)
        files = {place: SourceFile(place, text, file.encoding, file.bom) for place, text in texts.items()}
        stub = path.removesuffix(".py") + ".pyi"
        if workspace.exists(stub):
            old = OldModule(split.module, here.package)
            typed = workspace.read(stub)
            functions = _functions(self.module(stub, workspace), partition.homes)
            for module, text in split_stub(
                self.outline(stub, workspace), split, partition.homes, functions, old
            ).items():
                place = stub if module == split.module else finder.path_for(module, path) + "i"
                files[place] = SourceFile(place, text, typed.encoding, typed.bom)
        after = workspace.with_changes({place: new.encode(new.text) for place, new in files.items()})
        files = {
            place: new if place == path else _with_imports_in_order(new, workspace, after)
            for place, new in files.items()
        }
        return NewFiles(
            {**files, **admit_shims((split.module,), workspace)}, _noted(outline, partition, split.module, path, finder)
        )

    def star_origins(self, outline: Outline, here: ModuleName, workspace: Workspace) -> dict[str, tuple[int, str]]:
        """Give the names that a module has by star imports from this tree: the unit, and the module they come from."""
        index = self.index(workspace)
        found: dict[str, tuple[int, str]] = {}
        for number in outline.star_units:
            for statement in outline.units[number].imports:
                module = resolve_relative(here.package, statement.level, statement.module)
                for name in index.star_names(module) if statement.star and module else ():
                    if name not in outline.names:
                        found[name] = number, index.origin(module or "", name)[0]
        return found

    def patched_names(self, old: str, workspace: Workspace) -> frozenset[str]:
        """Give the names of a module that others assign to or patch: its parts must look those up in one place."""
        from unmix.python.callsites import find_call_sites
        from unmix.python.strings import find_strings

        found = set()
        aliases = self.aliases((old,), workspace)
        paths = {alias.path: old for alias in aliases}
        users = {user for alias in aliases for user in alias.users}
        for path in sorted({*workspace.containing((old.rpartition(".")[2],)), *users}):
            if not _is_python(path):
                continue
            try:
                module = self.module(path, workspace)
            except UnreadableSource:
                continue
            sites = find_call_sites(module.tree, module.scopes, module.here, (old,), paths)
            found |= {use.name for use in sites.uses if use.writes or use.guessed}
            for use in find_strings(module.scopes, (old,), paths):
                if use.patches and not use.rest:
                    found |= {use.name, *use.asked} - {""}
        return frozenset(found)

    # -- references -------------------------------------------------------------------------------------------------

    def candidates(self, relocations: Sequence[Relocation], workspace: Workspace, *, by_name: bool) -> tuple[str, ...]:
        leaves = {relocation.module.rpartition(".")[2] for relocation in relocations}
        names = self.defined_names(relocations)
        parts = self.names_of_parts(relocations, workspace)
        imports = {text for leaf in parts for text in (f".{leaf} import", f"import {leaf}", f", {leaf}")}
        imports |= {part for relocation in relocations for part in relocation.parts}
        if by_name and relocations:
            # One search for all that is asked from here on: it answers the narrower ones.
            own = {replacement.name for replacement in self.replacements()}
            workspace.containing((*leaves, *own, *names, *_in_fewer_words(parts, imports), NEEDLE))
        called = self.replaced_names(workspace)
        needles = leaves | called
        found = set(workspace.containing(tuple(sorted(needles)))) if needles else set()
        packages = tuple(r.path.removesuffix("__init__.py") for r in relocations if r.path.endswith("/__init__.py"))
        if packages:
            # `from . import name` reaches a package without a word of its name.
            found |= {path for path in workspace.containing(("from .",)) if path.startswith(packages)}
        # The parts, whatever they mention: what a split left undefined would show there.
        paths = (self.finder(workspace).path_of(part) for relocation in relocations for part in relocation.parts)
        found |= {path for path in paths if path is not None}
        olds = tuple(relocation.module for relocation in relocations)
        if by_name and relocations:
            watched = self.watched(relocations)
            found = {path for path in found if self.may_concern(path, workspace, olds, called, watched, parts)}
            for path in workspace.containing(tuple(sorted(names | imports))):
                if path not in found and _is_python(path) and self.is_suspect(path, names, parts, workspace):
                    found.add(path)
        found |= {user for alias in self.aliases(olds, workspace) for user in alias.users}
        return tuple(sorted(path for path in found if _is_concerned(path, olds, workspace)))

    def may_concern(
        self,
        path: str,
        workspace: Workspace,
        olds: Sequence[str],
        called: set[str],
        watched: frozenset[str],
        parts: Mapping[str, frozenset[str]],
    ) -> bool:
        """Say whether a file that has a word in question may have a reference, or use what nothing defines."""
        from unmix.python.suspects import code_may_refer, document_may_refer, is_suspect

        try:
            text = workspace.glance(path).text
        except UnreadableSource:
            return True
        if _is_python(path):
            return code_may_refer(text, olds, called) or is_suspect(text, watched, parts)
        return not is_left_alone(path, text) and document_may_refer(path, text, olds)

    def is_suspect(
        self, path: str, names: frozenset[str], parts: Mapping[str, frozenset[str]], workspace: Workspace
    ) -> bool:
        """Say whether a file that mentions no old module may use a moved name that nothing defines any more."""
        from unmix.python.suspects import is_suspect

        try:
            return is_suspect(workspace.glance(path).text, names, parts)
        except UnreadableSource:
            # It mentions no old module, and what else it says is not for unmix to judge.
            return False

    def names_of_parts(self, relocations: Sequence[Relocation], workspace: Workspace) -> dict[str, frozenset[str]]:
        """Give what each part has of its old module, by the last name of the part."""
        from unmix.python.suspects import bound_names

        found: dict[str, frozenset[str]] = {}
        for relocation in relocations:
            for part in relocation.parts:
                names = frozenset(name for name, holders in relocation.holders.items() if part in holders)
                path = self.finder(workspace).path_of(part)
                try:
                    bound = bound_names(workspace.glance(path).text) if path is not None else None
                except UnreadableSource:
                    bound = None
                leaf = part.rpartition(".")[2]
                # What somebody took out of a part since is missing there, whatever the shim says.
                held = names if bound is None else names & bound
                # Of two parts with one last name, what either has not is worth a closer look.
                found[leaf] = held & found.get(leaf, held)
        return found

    def defined_names(self, relocations: Sequence[Relocation]) -> frozenset[str]:
        """Give the names that the old modules defined themselves, or were asked for; not those they only imported."""
        asked = {name for split in self.own_splits() for part in split.parts for name in part.names}
        own = {n for r in relocations for n, home in r.homes.items() if home.module in r.parts and not _is_dunder(n)}
        return frozenset(asked | own)

    def replaced_names(self, workspace: Workspace) -> set[str]:
        """Give the names under which the functions of `[[replace]]` are called somewhere: their own, and aliases."""
        names = {replacement.name for replacement in self.replacements()}
        for path in workspace.containing(tuple(names)) if names else ():
            if _is_python(path):
                try:
                    text = workspace.read(path).text
                except UnreadableSource:
                    continue
                for name in tuple(names):
                    names |= set(re.findall(rf"\b{re.escape(name)}\s+as\s+(\w+)", text))
        return names

    def survey(self, path: str, relocations: Sequence[Relocation], workspace: Workspace) -> Survey:
        if path in {relocation.path for relocation in relocations} and self.shim(path, workspace) is not None:
            return Survey(path)
        try:
            return self.survey_file(path, relocations, workspace)
        except RecursionError as error:
            raise UnreadableSource(path, 0, "cannot be read: nested too deeply") from error

    def survey_file(self, path: str, relocations: Sequence[Relocation], workspace: Workspace) -> Survey:
        context = self.context(tuple(relocations), workspace)
        if path.endswith(".ipynb"):
            from unmix.python.notebooks import survey_notebook

            return survey_notebook(workspace.read(path), context)
        if not _is_python(path):
            from unmix.python.documents import survey_document

            return survey_document(workspace.read(path), context)
        from unmix.python.rewrite import survey_module

        try:
            return survey_module(self.module(path, workspace), context)
        except UnreadableSource as refused:
            from unmix.python.suspects import names_module

            called = tuple(replacement.callee for replacement in context.replacements)
            if not names_module(workspace.read(path).text, (*context.olds, *called)):
                # It happens to hold the last word of a module's name, and what it says is not for unmix to judge.
                return Survey(path)
            return self.survey_legacy(path, context, workspace, refused)

    def survey_legacy(self, path: str, context: Context, workspace: Workspace, refused: UnreadableSource) -> Survey:
        """Survey a file in Python 2 syntax. Raises UnreadableSource with what the parser says that got further."""
        from unmix.python.legacy import survey_legacy

        file = workspace.read(path)
        try:
            return survey_legacy(file, context)
        except UnreadableSource as error:
            raise max(refused, error, key=lambda each: each.line) from error

    def settle(self, relocations: Sequence[Relocation], before: Workspace, after: Workspace) -> NewFiles:
        if not relocations and not any(_is_python(path) for path in after.overlaid):
            return NewFiles({})
        from unmix.python.settle import import_used_parts, keep_reachable

        left, findings = self.left_for_users(relocations, before, after)
        after = after.with_changes({path: file.encode(file.text) for path, file in left.items()})
        changed, more = keep_reachable(relocations, self.finder(before), self.finder(after))
        changed |= left
        findings += more
        shims = {relocation.path for relocation in relocations}
        changed |= self.renewed_shims(shims, after)
        for path in sorted(after.overlaid):
            new = not before.exists(path) or before.read_bytes(path) != after.read_bytes(path)
            if not new or not _is_python(path) or path in shims:
                continue
            if path not in changed:
                try:
                    file = import_used_parts(path, relocations, self.finder(after))
                except UnreadableSource:
                    # Python 2: legacy.py imports what it names, where it stood.
                    continue
                if file is not None:
                    changed[path] = file
            written = changed.get(path) or after.read(path)
            ordered = _with_imports_in_order(written, before, after)
            if ordered != after.read(path):
                changed[path] = ordered
        return NewFiles(changed, tuple(findings))

    def left_for_users(
        self, relocations: Sequence[Relocation], before: Workspace, after: Workspace
    ) -> tuple[dict[str, SourceFile], list[Finding]]:
        """Give the files that must stay as they were, since a file that could not be rewritten reads a module there."""
        olds = tuple(relocation.module for relocation in relocations)
        left: dict[str, SourceFile] = {}
        findings = []
        for alias in {alias for (_, known), found in self._aliases.items() if known == olds for alias in found}:
            kept = [user for user in alias.users if before.read_bytes(user) == after.read_bytes(user)]
            if kept and before.read_bytes(alias.owner) != after.read_bytes(alias.owner):
                left[alias.owner] = before.read(alias.owner)
                message = (
                    f"{kept[0]} reads {alias.old} as `{alias.path}` and was left, so the import here was left, too"
                )
                hint = "move both by hand"
                findings.append(Finding(alias.owner, 1, 1, "UNM001", message, alias.old, "", hint))
        return left, findings

    def retire(self, relocations: Sequence[Relocation], workspace: Workspace) -> NewFiles:
        from unmix.python.retire import retire_shims

        return NewFiles(retire_shims(relocations, self.finder(workspace)))

    def unsound(self, path: str, workspace: Workspace) -> tuple[Finding, ...]:
        from unmix.python.soundness import find_unsound

        if not path.endswith((".py", ".pyw")):
            return ()
        finder = self.finder(workspace)
        return tuple(find_unsound(path, finder, self._bound.setdefault(id(workspace), {})))

    def verification(self, relocations: Sequence[Relocation], workspace: Workspace, request: Request) -> Program | None:
        from unmix.python.verification import write_program

        called = {replacement.callee.rpartition(".")[0] for replacement in self.replacements()}
        called |= {replacement.new.rpartition(".")[0] for replacement in self.replacements() if replacement.new}
        return write_program(relocations, called - {""}, self.finder(workspace), request)

    # -- what is kept between questions -----------------------------------------------------------------------------

    def own_splits(self) -> tuple[Split, ...]:
        return tuple(split for split in self.migration.splits if self.owns(split.module))

    def replacements(self) -> tuple[Replacement, ...]:
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
        if id(workspace) not in self._finders:
            wanted = tuple(split.module for split in self.own_splits())
            self._finders[id(workspace)] = find_modules(workspace, self.migration.source_roots, wanted)
            self._kept.append(workspace)
        return self._finders[id(workspace)]

    def context(self, relocations: tuple[Relocation, ...], workspace: Workspace) -> Context:
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

    def index(self, workspace: Workspace) -> ModuleIndex:
        from unmix.python.index import ModuleIndex

        return ModuleIndex(self.finder(workspace), lambda path: self.module(path, workspace).scopes)

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

    def imported_elsewhere(self, workspace: Workspace) -> frozenset[tuple[str, str]]:
        """Give each module and name of it that some file imports, for the names of replaced functions."""
        from unmix.python.callsites import imported_names

        names = self.replaced_names(workspace)
        found: set[tuple[str, str]] = set()
        for path in workspace.containing(tuple(names)) if names else ():
            if _is_python(path):
                try:
                    module = self.module(path, workspace)
                    found |= set(imported_names(module.scopes, module.here))
                except UnreadableSource:
                    continue
        return frozenset(found)

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
        from unmix.python.outline import outline_module

        return outline_module(self.module(path, workspace).scopes)


def _noted(outline: Outline, partition: Partition, old: str, path: str, finder: ModuleFinder) -> tuple[Finding, ...]:
    """Note the values that depend on the module's own name or file, which is another one in a part."""
    found = []
    places = {part: finder.path_for(part, path) for part in partition.parts}
    for unit in outline.units:
        for span, purpose in unit.name_uses:
            if purpose not in ("getLogger", "main"):
                line = outline.text.count("\n", 0, span[0]) + 1
                part = next(part for part in partition.parts if unit.index in partition.units[part])
                name = outline.text[slice(*span)]
                what = f'"{old}"' if name == "__name__" else f"the path of {path}"
                found.append(
                    Finding(
                        places[part],
                        1,
                        1,
                        "UNM010",
                        f"`{name}` (line {line} of {path}) was {what}, and is {part}'s now",
                        old,
                        part,
                        "write the value that is meant, where it matters",
                    )
                )
    return tuple(found)


def _home(dotted: str, parts: Sequence[str]) -> Home:
    """Read a home off the shim's table: `part.name`, `package.module.name`, or a module alone."""
    for part in parts:
        if dotted.startswith(part + "."):
            return Home(part, dotted[len(part) + 1 :])
    module, _, name = dotted.rpartition(".")
    return Home(module, name) if module else Home(dotted, "")


def _without_submodules(relocation: Relocation, finder: ModuleFinder) -> Relocation:
    """Leave out the names that are modules of the package which was split: they stay where they are."""
    own = {
        name
        for name, home in relocation.homes.items()
        if (home.module, home.name) == (relocation.module, name) and finder.path_of(f"{relocation.module}.{name}")
    }
    if not own:
        return relocation
    homes = {name: home for name, home in relocation.homes.items() if name not in own}
    holders = {name: parts for name, parts in relocation.holders.items() if name not in own}
    return replace(relocation, homes=homes, holders=holders)


def _home_of_import(outline: Outline, name: str, package: str) -> Home | None:
    from unmix.python.split import origin_of

    origin = origin_of(outline, name, package)
    if origin is None:
        return None
    _, module, member = origin
    if member:
        return Home(module, member)
    above, _, leaf = module.rpartition(".")
    return Home(above, leaf) if above else Home(module, "")


def _in_order(outline: Outline, held: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Order names as the old module binds them, imports after its own definitions."""
    from unmix.python.outline import Role

    order: dict[str, None] = {}
    for wanted in (True, False):
        for unit in outline.units:
            if (unit.role is not Role.IMPORT) is wanted:
                order.update(dict.fromkeys(unit.binds))
    order.update(dict.fromkeys(held))
    return [name for name in order if name in held]


def _not_found(module: str, finder: ModuleFinder) -> str:
    known = {}
    for path in finder.workspace.paths:
        if path.endswith(".py"):
            known[finder.name_of(path).dotted] = path
    close = difflib.get_close_matches(module, known, 1, 0.6)
    if not close:
        leaf = module.rpartition(".")[2]
        close = [name for name in sorted(known) if name.rpartition(".")[2] == leaf][:1]
    remedy = f'; did you mean "{close[0]}"?' if close else "; name it as an import would, or say source_roots"
    return f"module {module} is not in this tree{remedy}"


def _parent_mistakes(part: str, line: int, old_path: str, finder: ModuleFinder) -> list[Mistake]:
    package = part.rpartition(".")[0]
    if not package or not old_path.rpartition("/")[0]:
        return []
    path = finder.path_for(part, old_path)
    folder = path.rpartition("/")[0]
    if not finder.workspace.is_dir(folder):
        return [Mistake(line, f"part {part} would stand in {folder}/, which does not exist; create that package first")]
    return []


def _with_imports_in_order(file: SourceFile, before: Workspace, after: Workspace) -> SourceFile:
    """Sort the import blocks that were touched as the project's own isort or ruff would, if it has either.

    The settings are those of the tree with the parts in it: that a part is first party is seen by its file.
    """
    from unmix.python.import_order import order_imports
    from unmix.python.import_settings import read_import_settings

    settings = read_import_settings(after, file.path)
    if settings is None:
        return file
    text = before.read(file.path).text if before.exists(file.path) else None
    return SourceFile(file.path, order_imports(text, file.text, settings), file.encoding, file.bom)


def _functions(module: SourceModule, homes: Mapping[str, str]) -> frozenset[str]:
    """Give the public names that are bound by `def` alone."""
    import libcst as cst

    bindings = module.scopes.module.bindings
    return frozenset(
        name
        for name in homes
        if not name.startswith("_")
        and name in bindings
        and all(isinstance(binding.node, cst.FunctionDef) for binding in bindings[name])
    )


def _features(outline: Outline) -> frozenset[str]:
    """Give the names that are bound by `from __future__ import …` alone."""
    from unmix.python.outline import Role

    features = {name for unit in outline.units if unit.role is Role.FUTURE for name in unit.binds}
    return frozenset(features - {n for unit in outline.units if unit.role is not Role.FUTURE for n in unit.binds})


def _typed_homes(outline: Outline, partition: Partition, package: str) -> dict[str, str]:
    """Say where the names are that only type checkers saw in the old module."""
    homes = {
        name: f"{partition.homes[name]}.{name}" for name in sorted(outline.for_types_only & partition.homes.keys())
    }
    for name, units in outline.imports.items():
        origin = _home_of_import(outline, name, package) if all(outline.units[u].type_only for u in units) else None
        if origin is not None:
            homes[name] = str(origin)
    return homes


def _held_by_stars(partition: Partition, stars: Mapping[str, tuple[int, str]]) -> dict[str, tuple[str, ...]]:
    """Give the names that parts have by star imports, with the parts."""
    held = {}
    for name, (number, _) in stars.items():
        parts = tuple(part for part in partition.parts if (part, number) in partition.import_names)
        if parts:
            held[name] = parts
    return held


def _in_fewer_words(parts: Mapping[str, frozenset[str]], imports: set[str]) -> set[str]:
    """Give what all of `imports` contain: a part's last name alone where it is a rare word, as compounds are."""
    rare = {leaf for leaf in parts if "_" in leaf.strip("_")}
    return rare | {text for text in imports if not any(leaf in text for leaf in rare)}


def _is_python(path: str) -> bool:
    return path.endswith(_SUFFIXES)


def _is_concerned(path: str, olds: Sequence[str], workspace: Workspace) -> bool:
    """Say whether a file that holds the last word of an old module's name is a text, or else says more of that name.

    A font or an old letter in Latin-1 may well hold the word; it is nobody's business.
    """
    from unmix.python.suspects import names_module

    try:
        return "\0" not in workspace.read(path).text[:_LOOKED_AT] or _is_python(path)
    except UnreadableSource:
        data = workspace.read_bytes(path)
        if _is_python(path):
            return names_module(data.decode("latin-1"), olds)
        named = any(spelling.encode() in data for old in olds for spelling in (old, old.replace(".", "/")))
        return named and b"\0" not in data[:_LOOKED_AT]


def _binds(package: str, name: str, finder: ModuleFinder) -> bool:
    """Say whether a package has a name of its own that a new module of that name would take the place of."""
    path = finder.path_of(package) if package else None
    if path is None:
        return False
    try:
        text = finder.workspace.read(path).text
    except UnreadableSource:
        return False
    if not re.search(rf"\b{re.escape(name)}\b|\bimport[ \t(]+\*", text):
        return False
    from unmix.python.index import ModuleIndex

    return ModuleIndex(finder).defines(package, name) is True


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
