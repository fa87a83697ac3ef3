"""Decide what every reference of one file becomes, and write the edits.

Takes a parsed file and what became of the old modules, gives a Survey. All or nothing: where one use of a file cannot be
rewritten safely, the whole file is left on the shim (which works) and the finding says where and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.python.callsites import CallSites, ModuleImport, ModuleUse, NameImport, find_call_sites, imported_path
from unmix.python.exports import export_lists
from unmix.python.imports import ImportedName, ImportStatement, place_statements, read_import
from unmix.python.index import ModuleIndex
from unmix.python.missing import find_missing_names
from unmix.python.modules import relative_to
from unmix.python.replace import Match, Replacement, match_call, write_call
from unmix.python.scopes import ImportSite, Scope, Scopes, Use, When
from unmix.python.syntax import SyntaxTree
from unmix.reference import Home, Kind, Reference, Relocation, Survey


@dataclass(frozen=True, slots=True)
class Context:
    """What a survey has to know beside the file: the old modules, the replacement patterns, the tree's other modules."""

    relocations: tuple[Relocation, ...]
    replacements: tuple[Replacement, ...]
    index: ModuleIndex
    watched: frozenset[str]
    imported_elsewhere: frozenset[tuple[str, str]] = frozenset()

    def relocation(self, old: str) -> Relocation:
        return next(relocation for relocation in self.relocations if relocation.module == old)

    def home(self, old: str, name: str) -> Home | None:
        """Say where a name of an old module lives now, also when that was an old module too."""
        home = self.relocation(old).homes.get(name)
        seen = {old}
        while home is not None and home.name and home.module not in seen:
            seen.add(home.module)
            further = next((r.homes.get(home.name) for r in self.relocations if r.module == home.module), None)
            if further is None:
                break
            home = further
        return home

    def part_for(self, old: str, name: str) -> str | None:
        """Give the part through which `old.name` is to be read, written and patched."""
        holders = self.relocation(old).holders.get(name)
        return holders[0] if holders else None


@dataclass(frozen=True, slots=True)
class NewImport:
    """What an import is to bind: `name` of `module` (empty: the module itself) under `bound`."""

    module: str
    name: str
    bound: str


@dataclass(frozen=True, slots=True)
class ReplacedCall:
    """A call that goes to a replacement API, and the use of its callee."""

    use: Use
    call: cst.Call
    callee: cst.BaseExpression
    replacement: Replacement
    match: Match


def survey_module(tree: SyntaxTree, context: Context) -> Survey:
    """Survey one file."""
    scopes = Scopes(tree)
    return _Surveyor(tree, scopes, context).survey()


class _Blocked(Exception):
    """This file cannot be rewritten safely; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


class _Surveyor:
    def __init__(self, tree: SyntaxTree, scopes: Scopes, context: Context) -> None:
        self.tree = tree
        self.scopes = scopes
        self.context = context
        self.here = context.index.finder.name_of(tree.path)
        self.olds = tuple(relocation.module for relocation in context.relocations)
        self.sites: CallSites = find_call_sites(tree, scopes, self.here, self.olds)
        self.findings: list[Finding] = []
        self.references: list[Reference] = []
        self.edits: list[Edit] = []
        self.statements: dict[int, cst.Import | cst.ImportFrom] = {}
        self.changes: dict[int, dict[int, list[NewImport]]] = {}
        self.locals: dict[tuple[int, str, str], str] = {}
        self.taken = {use.name for use in scopes.uses} | {name for scope in scopes.scopes for name in scope.bindings}

    def survey(self) -> Survey:
        calls = self.find_replaced_calls()
        if self.sites or calls:
            try:
                self.rewrite(calls)
            except _Blocked as blocked:
                self.findings.append(blocked.finding)
                self.edits.clear()
        self.refer(calls)
        missing = find_missing_names(self.tree, self.scopes, self.here, self.sites, self.context)
        return Survey(
            self.tree.path,
            tuple(sorted(self.references)),
            tuple(sorted(set(self.edits))),
            tuple(sorted({*self.findings, *missing})),
        )

    def rewrite(self, calls: list[ReplacedCall]) -> None:
        """Collect the edits of the whole file. Raises _Blocked at the first use that cannot be rewritten."""
        by_use = {id(call.use.node): call for call in calls}
        self.rewrite_names(calls)
        self.rewrite_modules(by_use)
        self.rewrite_implicit(by_use)
        self.rewrite_elsewhere(calls)
        self.rewrite_stars(calls)
        for key, changes in self.changes.items():
            edit = self.import_edit(self.statements[key], changes)
            if edit is not None:
                self.edits.append(edit)

    # -- from old import name ---------------------------------------------------------------------------------------

    def rewrite_names(self, calls: list[ReplacedCall]) -> None:
        """`from old import name` → `from home import name`, or what replaces every call of it."""
        for found in self.sites.names:
            home = self.context.home(found.old, found.name)
            if home is None:
                if self.context.index.finder.path_of(f"{found.old}.{found.name}") is not None:
                    continue
                raise _Blocked(self.missing_name(found))
            self.change(found.site, found.index, self.names_after_replacing(found, home, calls))

    def names_after_replacing(self, found: NameImport, home: Home, calls: list[ReplacedCall]) -> list[NewImport]:
        kept = [NewImport(home.module, home.name, found.bound)]
        new = self.replacement_imports(found.site, found.index, found.bound, calls)
        if new is None:
            return kept
        return new if self.is_unused_without(found.site, found.index, found.bound, calls) else [*kept, *new]

    def replacement_imports(
        self, site: ImportSite, index: int, bound: str, calls: list[ReplacedCall]
    ) -> list[NewImport] | None:
        """Give the imports that the replaced calls of one imported name need; None when no call of it is replaced."""
        alias = self.alias(site, index)
        own = [call for call in calls if self.reaches(call.use, bound, alias)]
        if not own:
            return None
        imports = []
        for replacement in dict.fromkeys(call.replacement for call in own):
            local, new = self.local_function(site.scope, replacement)
            imports += new
            for call in own:
                if call.replacement is replacement:
                    self.replace_call(call, local)
        return imports

    def is_unused_without(self, site: ImportSite, index: int, bound: str, calls: list[ReplacedCall]) -> bool:
        """Say whether an imported name is used by nothing once its replaced calls are gone."""
        alias = self.alias(site, index)
        replaced = {id(call.use.node) for call in calls}
        left = [
            use for use in self.scopes.uses if self.reaches(use, bound, alias) and id(use.node) not in replaced
        ]
        return not left and not self.is_exported(site, bound)

    def is_exported(self, site: ImportSite, bound: str) -> bool:
        """Say whether other modules may take `bound` from this one."""
        if site.scope is not self.scopes.module:
            return False
        if self.here.is_package or (self.here.dotted, bound) in self.context.imported_elsewhere:
            return True
        alias = next((n for n in read_import(self.tree, site.node).names if n.bound == bound), None)
        if alias is not None and alias.asname == alias.name:
            return True
        return any(entry.name == bound for exports in export_lists(self.tree) for entry in exports.entries)

    # -- import old, from package import old ------------------------------------------------------------------------

    def rewrite_modules(self, replaced: dict[int, ReplacedCall]) -> None:
        """`import pkg.old as m` with `m.a`, `m.b` → one import for each part that is used, `part.a`, `other.b`."""
        groups: dict[tuple[int, str, str, bool], list[ModuleImport]] = {}
        for found in self.sites.modules:
            groups.setdefault((id(found.site.scope), found.bound, found.old, found.dotted), []).append(found)
        for group in groups.values():
            first = group[0]
            uses = list({id(use.use.node): use for found in group for use in found.uses}.values())
            targets = self.targets_of(uses, replaced)
            parts = list(dict.fromkeys(module for module, _ in targets.values()))
            relocation = self.context.relocation(first.old)
            unused = not uses or (self.here.is_package and first.site.scope is self.scopes.module)
            if unused or self.is_module_exported(first):
                # Imported for its effects, or for others to reach: they get every part.
                parts = [*(part for part in relocation.parts if part not in parts), *parts]
                parts.sort(key=lambda part: relocation.parts.index(part) if part in relocation.parts else 99)
            if first.dotted:
                self.rewrite_dotted(group, uses, targets, parts, replaced)
            else:
                self.rewrite_aliased(group, uses, targets, parts, replaced)

    def targets_of(
        self, uses: Iterable[ModuleUse], replaced: dict[int, ReplacedCall]
    ) -> dict[int, tuple[str, str]]:
        """Give each use the module it goes to and the name there. Raises _Blocked for a use that cannot go anywhere."""
        targets = {}
        for use in uses:
            call = replaced.get(id(use.use.node))
            if call is not None:
                if not call.replacement.unwrapped:
                    module, _, name = call.replacement.new.rpartition(".")
                    targets[id(use.use.node)] = module, name
                continue
            targets[id(use.use.node)] = self.target_of(use), use.name
        return targets

    def target_of(self, use: ModuleUse) -> str:
        if not use.name:
            raise _Blocked(
                self.cannot(
                    use.module,
                    f"the module object {use.old} goes where its names cannot be followed",
                    use.old,
                    "import the names that are needed there, or pass the part",
                )
            )
        part = self.context.part_for(use.old, use.name)
        if part is None:
            if use.name.startswith("__") and use.name.endswith("__"):
                why = f"`{use.name}` speaks of the module {use.old} itself"
                raise _Blocked(self.cannot(use.module, why, f"{use.old}.{use.name}", "name the part that is meant"))
            raise _Blocked(self.missing_attribute(use))
        if use.writes and len(self.context.relocation(use.old).holders[use.name]) > 1:
            holders = ", ".join(self.context.relocation(use.old).holders[use.name])
            why = f"`{use.name}` is written here, and several parts hold it ({holders})"
            raise _Blocked(
                self.cannot(use.module, why, f"{use.old}.{use.name}", "write it in each part that should see it")
            )
        return part

    def rewrite_dotted(
        self,
        group: list[ModuleImport],
        uses: list[ModuleUse],
        targets: dict[int, tuple[str, str]],
        parts: list[str],
        replaced: dict[int, ReplacedCall],
    ) -> None:
        """`import pkg.old` with `pkg.old.a` → `import pkg.home` with `pkg.home.a`."""
        root = group[0].bound
        for part in parts:
            if part.partition(".")[0] != root:
                node = group[0].site.node
                why = f"`import {group[0].old}` binds `{root}`, which does not lead to {part}"
                raise _Blocked(self.cannot(node, why, group[0].old, f"import {part} by hand"))
        for found in group:
            self.change(found.site, found.index, [NewImport(part, "", "") for part in parts])
        for use in uses:
            self.redirect(use, targets, replaced, lambda part: part)

    def rewrite_aliased(
        self,
        group: list[ModuleImport],
        uses: list[ModuleUse],
        targets: dict[int, tuple[str, str]],
        parts: list[str],
        replaced: dict[int, ReplacedCall],
    ) -> None:
        """`from pkg import old` with `old.a` → `from pkg import home` with `home.a`; a given alias stays if it can."""
        first = group[0]
        aliases = {id(self.alias(found.site, found.index)) for found in group}
        alone = all(
            id(binding.node) in aliases
            for use in uses
            for binding in self.scopes.bindings_reached(use.use)
        )
        explicit = first.bound != first.old.rpartition(".")[2]
        if len(parts) == 1 and (explicit or not alone):
            names = {parts[0]: first.bound}
        elif not alone:
            node = first.site.node
            why = f"`{first.bound}` may also be something else here (it is bound in several places)"
            raise _Blocked(self.cannot(node, why, first.old, "import the parts under names of their own"))
        else:
            names = {part: self.local_module(first.site.scope, part) for part in parts}
        for found in group:
            self.change(found.site, found.index, [NewImport(part, "", names[part]) for part in parts])
        for use in uses:
            self.redirect(use, targets, replaced, lambda part: names[part])

    def redirect(self, use, targets, replaced, spell) -> None:  # type: ignore[no-untyped-def]
        """Aim one use at its target: `m.a` → `home.a`."""
        call = replaced.get(id(use.use.node))
        if call is not None:
            local = "" if call.replacement.unwrapped else ".".join((spell(targets[id(use.use.node)][0]), targets[id(use.use.node)][1]))
            self.replace_call(call, local)
            return
        module, _ = targets[id(use.use.node)]
        if self.is_shown(use):
            why = "an f-string shows this expression's own text (`{…=}`)"
            raise _Blocked(self.cannot(use.module, why, f"{use.old}.{use.name}", "rewrite it by hand"))
        self.edits.append(Edit(*self.tree.span(use.module), spell(module)))

    def is_shown(self, use: ModuleUse) -> bool:
        return any(
            isinstance(node, cst.FormattedStringExpression) and node.equal is not None
            for node in self.tree.ancestors(use.module)
        )

    def is_module_exported(self, found: ModuleImport) -> bool:
        if found.dotted or found.site.scope is not self.scopes.module:
            return False
        listed = any(e.name == found.bound for exports in export_lists(self.tree) for e in exports.entries)
        if listed and not self.here.is_package:
            why = f"`__all__` exports the module {found.old} as `{found.bound}`"
            raise _Blocked(self.cannot(found.site.node, why, found.old, "export the parts instead"))
        return listed

    # -- package.old.name without an import of its own --------------------------------------------------------------

    def rewrite_implicit(self, replaced: dict[int, ReplacedCall]) -> None:
        """`import pkg` with `pkg.old.a` → `pkg.home.a`; settle.py sees to it that `pkg.home` is imported."""
        targets = self.targets_of(self.sites.implicit, replaced)
        for use in self.sites.implicit:
            call = replaced.get(id(use.use.node))
            prefix = self.tree.code(use.module)
            package = use.old.rpartition(".")[0]
            if call is not None and not call.replacement.unwrapped:
                why = "the call goes to another API, and nothing here imports the old module"
                raise _Blocked(self.cannot(use.module, why, f"{use.old}.{use.name}", "import the new function by hand"))
            if call is not None:
                self.replace_call(call, "")
                continue
            part = targets[id(use.use.node)][0]
            if part.rpartition(".")[0] != package:
                why = f"`{prefix}` is reached through its package, which does not lead to {part}"
                raise _Blocked(self.cannot(use.module, why, f"{use.old}.{use.name}", f"import {part} by hand"))
            leaf = part.rpartition(".")[2]
            assert isinstance(use.module, cst.Attribute)
            self.edits.append(Edit(*self.tree.span(use.module.attr), leaf))

    # -- from old import * ------------------------------------------------------------------------------------------

    def rewrite_stars(self, calls: list[ReplacedCall]) -> None:
        """`from old import *` → the same for every part, and the new functions of replaced calls by name."""
        stars = [
            site
            for site in self.scopes.imports
            if isinstance(site.node, cst.ImportFrom) and isinstance(site.node.names, cst.ImportStar)
        ]
        loose = [call for call in calls if self.scopes.resolve(call.use) is None]
        olds = {id(star.site): star.old for star in self.sites.stars}
        for site in stars:
            old = olds.get(id(site))
            last = site is stars[-1]
            if old is None and not (last and loose):
                continue
            assert isinstance(site.node, cst.ImportFrom)
            statement = read_import(self.tree, site.node)
            modules = [statement.module and "." * statement.level + statement.module or "." * statement.level]
            if old is not None:
                relocation = self.context.relocation(old)
                modules = [self.spell(part, statement) for part in relocation.parts if self.has_stars(relocation, part)]
            lines = [statement.write(module, ()) for module in modules]
            if last:
                for replacement in dict.fromkeys(call.replacement for call in loose):
                    local, new = self.local_function(site.scope, replacement)
                    lines += [
                        f"from {self.spell(item.module, statement)} import "
                        + ImportedName(item.name, item.bound if item.bound != item.name else "").code
                        for item in new
                    ]
                    for call in loose:
                        if call.replacement is replacement:
                            self.replace_call(call, local)
            self.edits.append(Edit(*statement.span, place_statements(self.tree, site.node, lines)))

    def has_stars(self, relocation: Relocation, part: str) -> bool:
        names = relocation.exported
        if names is None:
            names = tuple(name for name in relocation.holders if not name.startswith("_"))
        return any(relocation.holders.get(name, ("",))[0] == part for name in names)

    # -- calls of a replaced function that come from elsewhere ------------------------------------------------------

    def find_replaced_calls(self) -> list[ReplacedCall]:
        """Find the calls that match a replacement pattern, by whatever import or re-export they reach its function."""
        found = []
        for replacement in self.context.replacements:
            module, _, name = replacement.callee.rpartition(".")
            if self.here.dotted == replacement.new.rpartition(".")[0] or replacement.name not in self.tree.text:
                if not self.may_be_alias_of(replacement):
                    continue
            for use in self.scopes.uses:
                node = self.callee_reached(use, module, name)
                if node is None:
                    continue
                above = self.tree.parent(node)
                if not (isinstance(above, cst.Call) and above.func is node):
                    if self.here.dotted != module and not self.tree_is_import(node):
                        self.warn(node, f"`{name}` is used as a value, which a replacement of calls does not cover", replacement)
                    continue
                if self.here.dotted == module:
                    self.warn(node, f"`{name}` is called in the module that defines it", replacement)
                    continue
                if len(self.scopes.bindings_reached(use)) > 1:
                    self.warn(node, f"`{use.name}` is bound in several places, so this may be another function", replacement)
                    continue
                known = self.context.index.names_of(module)
                new_known = self.context.index.names_of(replacement.new.rpartition(".")[0])
                parameters = known.parameters.get(name, ()) if known else ()
                new_parameters = new_known.parameters.get(replacement.new.rpartition(".")[2]) if new_known else None
                match = match_call(replacement, above, parameters, new_parameters)
                if isinstance(match, str):
                    self.warn(node, f"this call of `{name}` does not fit the pattern: {match}", replacement)
                elif write_call(self.tree, replacement, above, match, "f") is None:
                    self.warn(node, f"a comment stands between the arguments of this call of `{name}`", replacement)
                else:
                    found.append(ReplacedCall(use, above, node, replacement, match))
        return found

    def may_be_alias_of(self, replacement: Replacement) -> bool:
        """Say whether this file imports anything that is, under another name, the replaced function."""
        if self.here.dotted == replacement.new.rpartition(".")[0]:
            return False
        module, _, name = replacement.callee.rpartition(".")
        for bindings in self.scopes.module.bindings.values():
            for binding in bindings:
                path = imported_path(binding, self.here)
                if path is not None and "." in path:
                    above, _, leaf = path.rpartition(".")
                    if self.canonical(above, leaf) == (module, name):
                        return True
        return False

    def tree_is_import(self, node: cst.CSTNode) -> bool:
        return isinstance(self.tree.parent(node), cst.ImportAlias)

    def callee_reached(self, use: Use, module: str, name: str) -> cst.BaseExpression | None:
        """Give the expression that begins with `use` and is the function `module.name`; None when none is."""
        bindings = self.scopes.bindings_reached(use)
        if not bindings:
            return use.node if self.comes_by_star(use, module, name) else None
        if self.here.dotted == module and use.name == name and self.scopes.resolve(use) is self.scopes.module:
            return use.node
        for binding in bindings:
            path = imported_path(binding, self.here)
            if path is None:
                continue
            node: cst.BaseExpression = use.node
            for attribute in (None, *use.attributes):
                if attribute is not None:
                    path = f"{path}.{attribute}"
                    above = self.tree.parent(node)
                    assert isinstance(above, cst.Attribute)
                    node = above
                above_name, _, leaf = path.rpartition(".")
                if above_name and self.canonical(above_name, leaf) == (module, name):
                    return node
        return None

    def comes_by_star(self, use: Use, module: str, name: str) -> bool:
        for site in self.scopes.imports:
            node = site.node
            if isinstance(node, cst.ImportFrom) and isinstance(node.names, cst.ImportStar):
                from unmix.python.modules import resolve_relative
                from unmix.python.syntax import dotted_name

                star = resolve_relative(self.here.package, len(node.relative), dotted_name(node.module) or "")
                if star and self.canonical(star, use.name) == (module, name) and self.context.index.defines(star, use.name):
                    return True
        return False

    def canonical(self, module: str, name: str) -> tuple[str, str]:
        """Give the module and name that `module.name` really is, old modules and re-exports followed."""
        for _ in range(8):
            module, name = self.context.index.origin(module, name)
            if module not in self.olds:
                break
            home = self.context.home(module, name)
            if home is None or not home.name:
                break
            module, name = home.module, home.name
        return module, name

    def rewrite_elsewhere(self, calls: list[ReplacedCall]) -> None:
        """Replace calls whose callee is imported from a module that is no old one (a home, or a re-export)."""
        legacy = {id(self.alias(found.site, found.index)) for found in self.sites.names}
        modules = {id(use.use.node) for use in self.sites.uses}
        done: set[int] = set()
        for call in calls:
            bindings = self.scopes.bindings_reached(call.use)
            if not bindings or id(bindings[0].node) in legacy or id(call.use.node) in modules:
                continue
            binding = bindings[0]
            if id(binding.node) in done or binding.site is None:
                continue
            done.add(id(binding.node))
            index = next(
                i for i, alias in enumerate(binding.site.node.names) if alias is binding.node  # type: ignore[arg-type]
            )
            new = self.replacement_imports(binding.site, index, binding.name, calls) or []
            name = read_import(self.tree, binding.site.node).names[index]
            keeps = not isinstance(call.callee, cst.Name) or not self.is_unused_without(
                binding.site, index, binding.name, calls
            )
            self.change(binding.site, index, [NewImport("", name.name, name.asname), *new] if keeps else new)

    def replace_call(self, call: ReplacedCall, callee: str) -> None:
        text = write_call(self.tree, call.replacement, call.call, call.match, callee)
        assert text is not None, "find_replaced_calls has tried"
        if call.replacement.keeps_arguments and call.match.in_place:
            self.edits.append(Edit(*self.tree.span(call.callee), callee))
        else:
            self.edits.append(Edit(*self.tree.span(call.call), text))

    def local_function(self, scope: Scope, replacement: Replacement) -> tuple[str, list[NewImport]]:
        """Give the name by which `scope` calls the new function, and the import it still needs for that."""
        if replacement.unwrapped:
            return "", []
        module, _, name = replacement.new.rpartition(".")
        for bound, bindings in scope.bindings.items():
            if any(imported_path(b, self.here) == replacement.new and b.when is not When.TYPING for b in bindings):
                return bound, []
        key = (id(scope), module, name)
        if key not in self.locals:
            self.locals[key] = self.free_name(name)
        return self.locals[key], [NewImport(module, name, self.locals[key])]

    def local_module(self, scope: Scope, part: str) -> str:
        """Give the name by which `scope` reaches a part: its last name, unless something here has that already."""
        key = (id(scope), part, "")
        if key not in self.locals:
            leaf = part.rpartition(".")[2]
            bound = scope.bindings.get(leaf, [])
            same = bound and all(imported_path(binding, self.here) == part for binding in bound)
            self.locals[key] = leaf if same else self.free_name(leaf)
        return self.locals[key]

    def free_name(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}" if number > 2 else f"{wanted}_module" if "." not in wanted else wanted
        self.taken.add(name)
        return name

    # -- import statements ------------------------------------------------------------------------------------------

    def change(self, site: ImportSite, index: int, imports: list[NewImport]) -> None:
        self.statements[id(site.node)] = site.node
        self.changes.setdefault(id(site.node), {})[index] = imports

    def import_edit(self, node: cst.Import | cst.ImportFrom, changes: dict[int, list[NewImport]]) -> Edit | None:
        """Write one import statement anew, or only its module where every name goes to the same one."""
        statement = read_import(self.tree, node)
        own = "." * statement.level + statement.module
        items: list[tuple[str | None, ImportedName]] = []
        orphaned: tuple[str, ...] = ()
        for index, name in enumerate(statement.names):
            written = [(own if statement.is_from else None, name)]
            if index in changes:
                written = [self.spell_import(new, statement, name) for new in changes[index]]
                written = list(dict.fromkeys(written))
                if written:
                    key, first = written[0]
                    written[0] = key, replace(first, above=name.above, behind=name.behind)
                else:
                    orphaned += (*name.above, *([name.behind] if name.behind else []))
            if written and orphaned:
                key, first = written[0]
                written[0] = key, replace(first, above=(*orphaned, *first.above))
                orphaned = ()
            items += written
        if not items:
            return self.removal(node, orphaned)
        keys = list(dict.fromkeys(key for key, _ in items))
        if statement.is_from and len(keys) == 1 and keys[0] is not None and not orphaned:
            if [name for _, name in items] == list(statement.names):
                start = self.tree.text.index(own.lstrip(".") or ".", statement.span[0] + 4) if own else 0
                assert isinstance(node, cst.ImportFrom)
                start = self.tree.span(node.relative[0] if node.relative else node.module)[0]  # type: ignore[arg-type]
                end = self.tree.span(node.module if node.module is not None else node.relative[-1])[1]
                return Edit(start, end, keys[0])
        texts = []
        for key in keys:
            names = [name for other, name in items if other == key]
            last = items[-1][0] == key
            if key is None and (statement.is_from or len(statement.names) == 1):
                texts += ["import " + name.code for name in names]
            elif key is None:
                texts.append("import " + ", ".join(name.code for name in names))
            else:
                texts.append(replace(statement, is_from=True).write(key, names, last=last))
        if orphaned:
            texts[-1] += "".join(f"  {comment}" for comment in orphaned[:1])
        return Edit(*statement.span, place_statements(self.tree, node, texts))

    def spell_import(
        self, new: NewImport, statement: ImportStatement, name: ImportedName
    ) -> tuple[str | None, ImportedName]:
        """Give the module (None for a plain `import`) and the alias by which a statement imports something new."""
        if not new.module:
            return ("." * statement.level + statement.module if statement.is_from else None), ImportedName(
                new.name, new.bound
            )
        if new.name:
            asname = new.bound if new.bound != new.name or (name.asname == name.name == new.name) else ""
            return self.spell(new.module, statement), ImportedName(new.name, asname)
        package, _, leaf = new.module.rpartition(".")
        if not statement.is_from:
            return None, ImportedName(new.module, new.bound if new.bound and new.bound != new.module else "")
        if not package:
            return None, ImportedName(new.module, new.bound if new.bound not in ("", new.module) else "")
        asname = new.bound if new.bound != leaf or name.asname == name.name == leaf else ""
        return self.spell(package, statement), ImportedName(leaf, asname)

    def spell(self, module: str, statement: ImportStatement) -> str:
        """Name a module as the statement does: relatively where it is relative."""
        if not statement.level or module.partition(".")[0] != self.here.dotted.partition(".")[0]:
            return module
        return relative_to(self.here.package, statement.level, module)

    def removal(self, node: cst.Import | cst.ImportFrom, comments: Sequence[str]) -> Edit:
        """Take a statement away, leaving `pass` where a block would be empty."""
        start, end = self.tree.span(node)
        line = self.tree.parent(node)
        block = self.tree.parent(line) if line is not None else None
        kept = "".join(f"  {comment}" for comment in comments)
        alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        others = isinstance(block, (cst.Module, cst.IndentedBlock)) and len(block.body) > 1
        if alone and others and not kept and isinstance(line, cst.SimpleStatementLine):
            if line.trailing_whitespace.comment is None:
                begin = self.tree.text.rfind("\n", 0, start) + 1
                return Edit(begin, self.tree.extent(line)[1], "")
        return Edit(start, end, "pass" + kept)

    # -- what is told -----------------------------------------------------------------------------------------------

    def refer(self, calls: list[ReplacedCall]) -> None:
        """List the references of this file."""
        for found in self.sites.names:
            home = self.context.home(found.old, found.name)
            kind = self.import_kind(found.site, found.bound)
            self.refer_to(self.alias(found.site, found.index), kind, "UNM001", found.old, found.name, str(home or ""), found.site.scope)
        for module in self.sites.modules:
            parts = ", ".join(self.context.relocation(module.old).parts)
            kind = self.import_kind(module.site, module.bound)
            self.refer_to(self.alias(module.site, module.index), kind, "UNM001", module.old, "", parts, module.site.scope)
        for star in self.sites.stars:
            parts = ", ".join(self.context.relocation(star.old).parts)
            kind = self.import_kind(star.site, "*")
            self.refer_to(star.site.node, kind, "UNM001", star.old, "", parts, star.site.scope)
        replaced = {id(call.use.node): call for call in calls}
        for use in self.sites.uses:
            call = replaced.pop(id(use.use.node), None)
            part = self.context.part_for(use.old, use.name) if use.name else None
            new = call.replacement.new or "its argument" if call else f"{part}.{use.name}" if part else ""
            above = self.tree.parent(use.module)
            node = above if isinstance(above, cst.Attribute) and not use.literal else use.module
            called = isinstance(self.tree.parent(node), cst.Call) and use.literal is None
            kind = Kind.PATCH_TARGET if use.writes else Kind.CALL if called else Kind.ATTRIBUTE
            if use.use.when is When.TYPING:
                kind = Kind.TYPE_ONLY
            if self.tree.path.endswith(".pyi"):
                kind = Kind.STUB
            self.refer_to(node, kind, "UNM002", use.old, use.name, new, use.use.scope)
        for call in replaced.values():
            module_name, _, name = call.replacement.callee.rpartition(".")
            new = call.replacement.new or "its argument"
            self.refer_to(call.callee, Kind.CALL, "UNM002", module_name, name, new, call.use.scope)

    def import_kind(self, site: ImportSite, bound: str) -> Kind:
        if self.tree.path.endswith(".pyi"):
            return Kind.STUB
        if site.type_only:
            return Kind.TYPE_ONLY
        if site.scope is self.scopes.module and (self.here.is_package or (bound != "*" and self.is_exported(site, bound))):
            return Kind.REEXPORT
        return Kind.IMPORT

    def refer_to(
        self, node: cst.CSTNode, kind: Kind, code: str, old: str, name: str, new: str, scope: Scope
    ) -> None:
        start, end = self.tree.span(node)
        line, column = self.tree.place(start)
        self.references.append(
            Reference(self.tree.path, line, column, start, end, kind, code, old, name, new, scope.path)
        )

    def warn(self, node: cst.CSTNode, why: str, replacement: Replacement) -> None:
        hint = f"it should become {replacement.new or 'its argument'}; rewrite it by hand, or leave it"
        self.findings.append(self.cannot(node, why, replacement.callee, hint))

    def cannot(self, node: cst.CSTNode, why: str, old: str, hint: str) -> Finding:
        line, column = self.tree.place(self.tree.span(node)[0])
        return Finding(self.tree.path, line, column, "UNM010", why, old, "", hint)

    def missing_name(self, found: NameImport) -> Finding:
        line, column = self.tree.place(self.tree.span(self.alias(found.site, found.index))[0])
        message = f"`{found.name}` is imported from {found.old}, which does not define it"
        return Finding(self.tree.path, line, column, "UNM004", message, f"{found.old}.{found.name}")

    def missing_attribute(self, use: ModuleUse) -> Finding:
        line, column = self.tree.place(self.tree.span(use.module)[0])
        message = f"`{use.name}` is read from {use.old}, which does not define it"
        return Finding(self.tree.path, line, column, "UNM004", message, f"{use.old}.{use.name}")

    def alias(self, site: ImportSite, index: int) -> cst.ImportAlias:
        assert not isinstance(site.node.names, cst.ImportStar)
        return site.node.names[index]

    def reaches(self, use: Use, bound: str, alias: cst.ImportAlias) -> bool:
        return use.name == bound and any(b.node is alias for b in self.scopes.bindings_reached(use))
