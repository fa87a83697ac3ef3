"""Decide what every reference of one file becomes, and write the edits.

Takes a parsed file and what became of the old modules, gives a Survey. All or nothing: where one use of a file cannot
be rewritten safely, the whole file is left on the shim (which works) and the finding says where and why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import libcst as cst

from unmix.edit import Edit
from unmix.finding import Finding
from unmix.python.calls import ReplacedCall, find_replaced_calls
from unmix.python.callsites import (
    CallSites,
    ModuleImport,
    ModuleUse,
    NameImport,
    find_call_sites,
    imported_path,
    is_bound,
)
from unmix.python.class_modules import follow_class_modules
from unmix.python.constants import find_constants
from unmix.python.context import Context, Hidden, SourceModule
from unmix.python.examples import names_in_examples
from unmix.python.exports import export_lists
from unmix.python.import_edits import ImportEdits, NewImport
from unmix.python.imports import ImportedName, place_statements, read_import
from unmix.python.loose_names import find_loose_names
from unmix.python.missing import find_missing_names
from unmix.python.modules import is_dunder
from unmix.python.name_tables import TableEntry, find_table_entries
from unmix.python.own_submodules import OwnImports
from unmix.python.references import is_exported, list_references
from unmix.python.repeats import repeat_statement
from unmix.python.replace import write_call
from unmix.python.rewrite_constants import rewrite_constant
from unmix.python.rewrite_strings import rewrite_string
from unmix.python.rewrite_tables import rewrite_entry
from unmix.python.scopes import ImportSite, Use
from unmix.python.strings import StringUse, find_strings
from unmix.python.syntax import literal_string
from unmix.reference import Home, Relocation, Survey


def survey_module(source: SourceModule, context: Context) -> Survey:
    """Survey one file. Raises Hidden where all of it has to be seen."""
    tree = source.tree
    sites = find_call_sites(tree, source.scopes, source.here, context.olds, context.aliases, context.hidden)
    calls, findings = find_replaced_calls(source, context)
    constants = tuple(find_constants(source.scopes, {**{old: old for old in context.olds}, **context.aliases}))
    entries = {entry: rewrite_entry(source, context, entry) for entry in find_table_entries(source, context)}
    known = {id(constant.node) for constant in constants} | {id(entry.node) for entry in entries}
    found = find_strings(source.scopes, context.olds, context.aliases)
    strings = tuple(string for string in found if id(string.node) not in known)
    decided: list[Edit | Finding | None] = list(entries.values())
    for constant in constants:
        rewritten = rewrite_constant(source, context, constant)
        decided += [rewritten] if isinstance(rewritten, Finding) else rewritten
    decided += [rewrite_string(source, context, string) for string in strings]
    edits = [edit for edit in decided if isinstance(edit, Edit)]
    findings += [finding for finding in decided if isinstance(finding, Finding)]
    known |= {id(string.node) for string in strings}
    for node, old, why in find_loose_names(source, context.olds):
        if id(node) not in known:
            findings.append(
                source.cannot(node, why, old, f"name the parts: {', '.join(context.relocation(old).parts)}")
            )
    reason: _Blocked | None = None
    if sites or calls:
        try:
            edits += _Rewriter(source, context, sites, calls).edits()
        except _Blocked as blocked:
            edits.clear()
            reason = blocked
    for followed in follow_class_modules(source, context, sites.names):
        if isinstance(followed, Finding):
            findings.append(followed)
        elif reason is None:
            edits.append(followed)
    missing = find_missing_names(source, context)
    told = {finding.old.rpartition(".")[2] for finding in missing}
    if reason is not None and not (reason.is_unknown and reason.finding.old.rpartition(".")[2] in told):
        findings.append(reason.finding)
    findings += missing
    named: list[StringUse | TableEntry] = [
        *strings,
        *(entry for entry, becomes in entries.items() if isinstance(becomes, Edit)),
    ]
    return Survey(
        tree.path,
        tuple(sorted(list_references(source, context, sites, calls, named, constants))),
        tuple(sorted(set(edits))),
        tuple(sorted(set(findings))),
    )


# Where an import stands, in characters, the import, the index of one of its aliases, and what it is to bind.
ImportPlace = tuple[int, ImportSite, int, str]


class _Blocked(Exception):
    """This file cannot be rewritten safely; the finding says why.

    `is_unknown` when a name is used that the old module does not have, which missing.py tells better, if it knows.
    """

    def __init__(self, finding: Finding, *, is_unknown: bool = False) -> None:
        super().__init__(str(finding))
        self.finding = finding
        self.is_unknown = is_unknown


class _Rewriter:
    """The edits of one file's imports, uses and calls."""

    def __init__(self, source: SourceModule, context: Context, sites: CallSites, calls: Sequence[ReplacedCall]) -> None:
        self.source = source
        self.tree = source.tree
        self.scopes = source.scopes
        self.here = source.here
        self.context = context
        self.sites = sites
        self.calls = calls
        self.replaced = {id(call.use.node): call for call in calls}
        self.imports = ImportEdits(source)
        self.found: list[Edit] = []

    def edits(self) -> list[Edit]:
        """Give every edit. Raises _Blocked at the first use that cannot be rewritten."""
        self.rewrite_names()
        self.rewrite_modules()
        self.rewrite_implicit()
        self.rewrite_elsewhere()
        self.rewrite_stars()
        return [*self.found, *self.imports.edits()]

    # -- from old import name ---------------------------------------------------------------------------------------

    def rewrite_names(self) -> None:
        """`from old import name` → `from home import name`, or what replaces every call of it."""
        for found in self.sites.names:
            home = self.context.home(found.old, found.name)
            if found.name == "__all__":
                raise self.blocked_by_dunder(found.site.node, found.old, found.name)
            if home is None:
                if self.context.is_submodule(found.old, found.name):
                    continue
                if is_dunder(found.name):
                    raise self.blocked_by_dunder(found.site.node, found.old, found.name)
                raise self.blocked_by_unknown(_alias(found.site, found.index), found.old, found.name)
            self.imports.change(found.site, found.index, self.imports_for(found, home))

    def imports_for(self, found: NameImport, home: Home) -> list[NewImport]:
        kept = [NewImport(home.module, home.name, found.bound)]
        new = self.replacement_imports(found.site, found.index, found.bound)
        if new is None:
            return kept
        return new if self.is_unused_without_calls(found.site, found.index, found.bound) else [*kept, *new]

    def replacement_imports(self, site: ImportSite, index: int, bound: str) -> list[NewImport] | None:
        """Give the imports that the replaced calls of one imported name need; None when no call of it is replaced."""
        alias = _alias(site, index)
        own = [call for call in self.calls if self.reaches(call.use, bound, alias)]
        if not own:
            return None
        imports: list[NewImport] = []
        for call in own:
            local, new = self.local_function(site, call)
            imports += new
            self.replace_call(call, local)
        return list(dict.fromkeys(imports))

    def is_unused_without_calls(self, site: ImportSite, index: int, bound: str) -> bool:
        """Say whether an imported name is used by nothing once its replaced calls are gone."""
        alias = _alias(site, index)
        left = any(self.reaches(use, bound, alias) and id(use.node) not in self.replaced for use in self.scopes.uses)
        return not left and not is_exported(self.source, self.context, site, bound)

    # -- import old, from package import old ------------------------------------------------------------------------

    def rewrite_modules(self) -> None:
        """`import pkg.old as m` with `m.a`, `m.b` → one import for each part that is used, `part.a`, `other.b`."""
        groups: dict[tuple[int, str, str, bool], list[ModuleImport]] = {}
        for found in self.sites.modules:
            groups.setdefault((id(found.site.scope), found.bound, found.old, found.dotted), []).append(found)
        for group in groups.values():
            first = group[0]
            uses = list({id(use.use.node): use for found in group for use in found.uses}.values())
            own = [use for use in uses if self.context.is_submodule(use.old, use.name)]
            if own and len(own) == len(uses):
                continue
            uses = [use for use in uses if use not in own]
            targets = self.targets_of(uses)
            modules = sorted({module for wanted in targets.values() for module in wanted})
            relocation = self.context.relocation(first.old)
            package = first.old.rpartition(".")[0]
            answers = self.here.is_package and self.here.dotted == package and first.site.scope is self.scopes.module
            if not uses or answers:
                # Imported for its effects, or for others to reach: they get every part.
                modules = [*relocation.parts, *(module for module in modules if module not in relocation.parts)]
            exposed = self.is_exposed(group, uses, modules)
            submodules = list(dict.fromkeys(f"{use.old}.{use.name}" for use in own))
            if first.dotted:
                spell = self.import_dotted(group, [*submodules, *modules])
            elif own and exposed:
                why = (
                    f"others can reach {first.old} as `{self.here.dotted}.{first.bound}`, and its modules are used here"
                )
                raise self.blocked(first.site.node, why, first.old, "import the submodules by their own names")
            else:
                spell = self.import_aliased(group, uses, modules, submodules, keeps_name=exposed)
            for use in uses:
                self.redirect(use, targets, spell)

    def targets_of(self, uses: Iterable[ModuleUse]) -> dict[int, tuple[str, ...]]:
        """Give each use the modules it goes to: one, or every part for a module in a list of modules.

        Raises _Blocked for a use that cannot go anywhere.
        """
        targets: dict[int, tuple[str, ...]] = {}
        for use in uses:
            call = self.replaced.get(id(use.use.node))
            if call is None:
                in_list = use.listed and (not use.name or self.context.part_for(use.old, use.name) is None)
                if in_list:
                    self.check_list(use)
                parts = self.context.relocation(use.old).parts
                every = in_list or use.repeated or self.reads_exports(use) or self.forgets(use)
                targets[id(use.use.node)] = parts if every else (self.target_of(use),)
            elif not call.replacement.unwrapped:
                targets[id(use.use.node)] = (call.replacement.new.rpartition(".")[0],)
        return targets

    def target_of(self, use: ModuleUse) -> str:
        relocation = self.context.relocation(use.old)
        if not use.name:
            why = f"the module object {use.old} goes where its names cannot be followed"
            raise self.blocked(use.module, why, use.old, "import the names that are needed there, or pass the part")
        part = self.context.part_for(use.old, use.name)
        if part is None and use.guessed:
            why = f"the module object {use.old} goes where its names cannot be followed"
            raise self.blocked(use.module, why, use.old, "import the names that are needed there, or pass the part")
        if part is None:
            if is_dunder(use.name):
                raise self.blocked_by_dunder(use.module, use.old, use.name)
            if use.literal is not None:
                why = f"`{use.name}` is asked for by its name, and {use.old} does not define it"
                raise self.blocked(use.module, why, use.old, "ask the part that is meant")
            raise self.blocked_by_unknown(use.module, use.old, use.name)
        for name in (use.name, *use.others):
            holders = relocation.holders.get(name, ())
            if (use.writes or use.guessed) and len(holders) > 1:
                why = f"`{name}` is written here, and several parts hold it ({', '.join(holders)})"
                raise self.blocked(use.module, why, f"{use.old}.{name}", "write it in each part that should see it")
            if name in use.others and self.context.part_for(use.old, name) != part:
                why = f"`{use.name}` and `{name}` are asked of one object here, and are in different parts"
                raise self.blocked(use.module, why, f"{use.old}.{name}", "ask each part for what it has")
        return part

    def import_dotted(self, group: list[ModuleImport], modules: list[str]) -> Callable[[str], str]:
        """`import pkg.old` with `pkg.old.a` → `import pkg.home` with `pkg.home.a`."""
        root = group[0].bound
        for module in modules:
            if module.partition(".")[0] != root:
                why = f"`import {group[0].old}` binds `{root}`, which does not lead to {module}"
                raise self.blocked(group[0].site.node, why, group[0].old, f"import {module} by hand")
        for found in group:
            self.imports.change(found.site, found.index, [NewImport(module, "", "") for module in modules])
        return lambda module: module

    def import_aliased(
        self,
        group: list[ModuleImport],
        uses: list[ModuleUse],
        modules: list[str],
        submodules: list[str],
        *,
        keeps_name: bool,
    ) -> Callable[[str], str]:
        """`from pkg import old` with `old.a` → `from pkg import home` with `home.a`; a given alias stays if it can.

        Where the old module is a package whose `submodules` are used by the same name, its import stays beside it.
        """
        first = group[0]
        aliases = {id(_alias(found.site, found.index)) for found in group}
        alone = all(
            # `import old` and `import old.sub` bind the same package.
            id(binding.node) in aliases or imported_path(binding, self.here) == first.old
            for use in uses
            for binding in self.scopes.bindings_reached(use.use)
        )
        given = first.bound != first.old.rpartition(".")[2]
        declared = any(first.bound in found.site.scope.globals | found.site.scope.nonlocals for found in group)
        if declared and len(modules) > 1:
            why = f"`{first.bound}` is bound for another scope here (`global`), and several parts would have to be"
            raise self.blocked(first.site.node, why, first.old, "import the parts where they are used")
        if len(modules) == 1 and (given or not alone or keeps_name or declared) and not submodules:
            names = {modules[0]: first.bound}
        elif not alone:
            why = f"`{first.bound}` may also be something else here (it is bound in several places)"
            raise self.blocked(first.site.node, why, first.old, "import the parts under names of their own")
        else:
            names = {module: self.imports.local_module(first.site.scope, module) for module in modules}
        for found in group:
            news = [NewImport(module, "", names[module]) for module in modules]
            if submodules:
                own = read_import(self.tree, found.site.node).names[found.index]
                plain = first.bound == first.old
                kept = [NewImport(module, "", "") for module in submodules] if plain else []
                news = [*(kept or [NewImport("", own.name, own.asname)]), *news]
            self.imports.change(found.site, found.index, news)
        return names.__getitem__

    def redirect(self, use: ModuleUse, targets: dict[int, tuple[str, ...]], spell: Callable[[str], str]) -> None:
        """Aim one use at its target: `m.a` → `home.a`."""
        call = self.replaced.get(id(use.use.node))
        modules = targets.get(id(use.use.node), ())
        if call is not None:
            name = call.replacement.new.rpartition(".")[2]
            self.replace_call(call, f"{spell(modules[0])}.{name}" if modules else "")
            return
        self.point(use, [spell(module) for module in modules])

    def point(self, use: ModuleUse, spellings: Sequence[str]) -> None:
        """Write what a use reaches now in place of the old module: one module, or every part of it."""
        self.check_shown(use)
        if self.reads_exports(use):
            self.found.append(self.joined_exports(use, spellings))
        elif use.repeated is not None:
            self.found.append(repeat_statement(self.tree, use.repeated, self.tree.span(use.module), spellings))
        else:
            self.found.append(Edit(*self.tree.span(use.module), ", ".join(spellings)))

    def reads_exports(self, use: ModuleUse) -> bool:
        """Say whether a use only reads `old.__all__`: the lists of the parts together are that."""
        above = self.tree.parent(use.module)
        return (
            use.name == "__all__"
            and isinstance(above, cst.Attribute)
            and use.literal is None
            and not use.writes
            and self.context.relocation(use.old).exported is not None
            and not isinstance(self.tree.parent(above), (cst.Attribute, cst.Subscript))
        )

    def forgets(self, use: ModuleUse) -> bool:
        """Say whether a use is `del old` in a package that only loads `old`."""
        return not use.name and any(isinstance(above, cst.Del) for above in self.tree.ancestors(use.module))

    def joined_exports(self, use: ModuleUse, spellings: Sequence[str]) -> Edit:
        """`[*old.__all__]` → `[*a.__all__, *b.__all__]`, `__all__ += old.__all__` → `… += a.__all__ + b.__all__`."""
        exports = self.tree.parent(use.module)
        assert exports is not None, "reads_exports() found it"
        above = self.tree.parent(exports)
        lists = [f"{spelling}.__all__" for spelling in spellings]
        if isinstance(above, cst.StarredElement):
            return Edit(*self.tree.span(exports), ", *".join(lists))
        joined = " + ".join(lists)
        alone = isinstance(above, (cst.Assign, cst.AnnAssign, cst.AugAssign)) or (
            isinstance(above, cst.Arg) and not above.star
        )
        return Edit(*self.tree.span(exports), joined if alone or len(lists) == 1 else f"({joined})")

    def check_shown(self, use: ModuleUse) -> None:
        for node in self.tree.ancestors(use.module):
            if isinstance(node, cst.FormattedStringExpression) and node.equal is not None:
                why = "an f-string shows this expression's own text (`{…=}`)"
                raise self.blocked(use.module, why, f"{use.old}.{use.name}", "rewrite it by hand")

    def is_exposed(self, group: list[ModuleImport], uses: list[ModuleUse], modules: list[str]) -> bool:
        """Say whether others take the module by the name it has here, so that a part has to have it.

        Raises _Blocked where several parts would have to. Who only reaches names through it is rewritten, too.
        """
        first = group[0]
        self.check_examples(first)
        if first.dotted:
            return False
        if first.site.scope.kind == "class":
            if re.search(rf"\.\s*{re.escape(first.bound)}\b", self.tree.text):
                why = f"the class attribute `{first.bound}` is the module {first.old}"
                raise self.blocked(first.site.node, why, first.old, "import the module outside the class")
            return False
        package, _, leaf = first.old.rpartition(".")
        if first.site.scope is not self.scopes.module or (self.here.dotted == package and first.bound == leaf):
            # The package itself goes on answering for its old submodule.
            return False
        path = f"{self.here.dotted}.{first.bound}"
        listed = any(entry.name == first.bound for exports in export_lists(self.tree) for entry in exports.entries)
        takers = self.context.taken.get(path, ())
        offered = self.here.is_package and not uses and not first.bound.startswith("_")
        exposed = bool(listed or takers or offered)
        if exposed and len(modules) > 1:
            by = f"; {', '.join(takers[:3])} may use it" if takers else ""
            why = f"others can reach the module {first.old} as `{path}`{by}"
            raise self.blocked(first.site.node, why, first.old, "expose the parts, or their names, instead")
        return exposed

    def check_examples(self, found: ModuleImport) -> None:
        """Refuse to take a module's name away from the examples in docstrings, which read it from this file."""
        name = found.old if found.dotted else found.bound
        if found.site.scope is self.scopes.module and any(f"{used}.".startswith(f"{name}.") for used in self.examples):
            why = f"examples in docstrings read the module {found.old} as `{name}`"
            raise self.blocked(found.site.node, why, found.old, "import in the examples what they use")

    @cached_property
    def examples(self) -> frozenset[str]:
        """The dotted names that the examples in this file's docstrings take from it."""
        strings = [literal_string(node) or "" for node in self.scopes.strings if ">>>" in node.value]
        return frozenset().union(*map(names_in_examples, strings))

    def check_list(self, use: ModuleUse) -> None:
        """Refuse to put the parts into a list whose items are asked for names of one of them."""
        holders = self.context.relocation(use.old).holders
        if not self.source.is_whole:
            raise Hidden
        for other in self.scopes.uses:
            loose = all(binding.site is None for binding in self.scopes.bindings_reached(other))
            if loose and other.attributes and other.attributes[0] in holders:
                why = (
                    f"{use.old} is one of several modules here, and `{self.tree.code(other.outer)}` may ask any of them"
                )
                raise self.blocked(use.module, why, use.old, "list the part that is meant")

    # -- package.old.name without an import of its own --------------------------------------------------------------

    def rewrite_implicit(self) -> None:
        """`import pkg` with `pkg.old.a` → `pkg.home.a`; settle.py sees to it that `pkg.home` is loaded."""
        uses = [use for use in self.sites.implicit if not self.context.is_submodule(use.old, use.name)]
        targets = self.targets_of(uses)
        beside: dict[tuple[int, str], ImportPlace] = {}
        own = OwnImports(self.source)
        for use in uses:
            call = self.replaced.get(id(use.use.node))
            old = f"{use.old}.{use.name}"
            if call is not None and not call.replacement.unwrapped:
                why = "the call goes to another API, and nothing here imports the old module"
                raise self.blocked(use.module, why, old, "import the new function by hand")
            if call is not None:
                self.replace_call(call, "")
                continue
            modules = targets[id(use.use.node)]
            if not is_bound(self.scopes.bindings_reached(use.use)):
                self.read_own(use, modules, own)
                continue
            if use.aliased or not isinstance(use.module, cst.Attribute):
                self.read_beside(use, modules, beside)
                continue
            package = use.old.rpartition(".")[0]
            if any(module.rpartition(".")[0] != package for module in modules):
                reached = self.tree.code(use.module)
                why = f"`{reached}` is reached through its package, which does not lead to {modules[0]}"
                raise self.blocked(use.module, why, old, f"import {modules[0]} by hand")
            prefix = self.tree.code(use.module.value)
            self.point(use, [f"{prefix}.{module.rpartition('.')[2]}" for module in modules])

        for (_, module), (_, site, index, local) in beside.items():
            name = read_import(self.tree, site.node).names[index]
            self.imports.add(site, index, NewImport("", name.name, name.asname), [NewImport(module, "", local)])
        self.found += own.edits()

    def read_own(self, use: ModuleUse, modules: Sequence[str], own: OwnImports) -> None:
        """`old.a` in the package itself, which loads `old` → `home.a`; notes in `own` what it has to import."""
        spelled = [self.imports.local_module(self.scopes.module, module) for module in modules]
        for module, local in zip(modules, spelled, strict=True):
            own.add(use.use, module, local)
        self.point(use, spelled)

    def read_beside(self, use: ModuleUse, modules: Sequence[str], beside: dict[tuple[int, str], ImportPlace]) -> None:
        """`import services` with `services.old.a` → `home.a`; notes in `beside` which import `home` stands beside."""
        spelled = []
        for binding in self.scopes.bindings_reached(use.use):
            if binding.site is None:
                continue
            site = binding.site
            names = read_import(self.tree, site.node).names
            index = next(i for i, _ in enumerate(names) if _alias(site, i) is binding.node)
            for module in modules:
                key = id(site.scope), module
                place = self.tree.span(site.node)[0], site, index, self.imports.local_module(site.scope, module)
                beside[key] = min(beside.get(key, place), place, key=lambda known: known[0])
                spelled.append(place[3])
            break
        self.point(use, spelled)

    # -- from old import * ------------------------------------------------------------------------------------------

    def rewrite_stars(self) -> None:
        """`from old import *` → the same for every part, and the new functions of replaced calls by name."""
        stars = [site for site in self.scopes.imports if isinstance(site.node.names, cst.ImportStar)]
        loose = [call for call in self.calls if self.scopes.resolve(call.use) is None]
        olds = {id(star.site): star.old for star in self.sites.stars}
        for site in stars:
            old = olds.get(id(site))
            replacing = loose if site is stars[-1] else []
            if old is None and not replacing:
                continue
            statement = read_import(self.tree, site.node)
            modules = ["." * statement.level + statement.module]
            if old is not None:
                relocation = self.context.relocation(old)
                parts = [part for part in relocation.parts if _gives_names_to_stars(relocation, part)]
                modules = [self.imports.spell_module(part, statement) for part in parts or relocation.parts]
            text = place_statements(self.tree, site.node, [statement.write(module, ()) for module in modules])
            named: dict[str, None] = {}
            for call in replacing:
                local, new = self.local_function(site, call)
                for item in new:
                    name = ImportedName(item.name, item.bound if item.bound != item.name else "")
                    named[f"from {self.imports.spell_module(item.module, statement)} import {name.code}"] = None
                self.replace_call(call, local)
            # In front, where a comment that speaks of the star (of F403, say) does not follow them.
            separator = "; " if ";" in text else self.tree.module.default_newline + statement.style.indent
            self.found.append(Edit(*statement.span, separator.join([*named, text])))

    # -- calls of a replaced function that come from elsewhere ------------------------------------------------------

    def rewrite_elsewhere(self) -> None:
        """Replace calls whose callee is imported from a module that is no old one (a home, or a re-export)."""
        legacy = {id(_alias(found.site, found.index)) for found in self.sites.names}
        modules = {id(use.use.node) for use in self.sites.uses}
        done: set[int] = set()
        for call in self.calls:
            bindings = self.scopes.bindings_reached(call.use)
            if not bindings or id(bindings[0].node) in legacy or id(call.use.node) in modules:
                continue
            binding = bindings[0]
            if id(binding.node) in done or binding.site is None:
                continue
            done.add(id(binding.node))
            site = binding.site
            names = read_import(self.tree, site.node).names
            index = next(i for i, name in enumerate(names) if _alias(site, i) is binding.node)
            new = self.replacement_imports(site, index, binding.name) or []
            own = NewImport("", names[index].name, names[index].asname)
            gone = isinstance(call.callee, cst.Name) and self.is_unused_without_calls(site, index, binding.name)
            self.imports.change(site, index, new if gone else [own, *new])

    def local_function(self, site: ImportSite, call: ReplacedCall) -> tuple[str, list[NewImport]]:
        if call.replacement.unwrapped:
            return "", []
        return self.imports.local_function(site.scope, call.replacement.new)

    def replace_call(self, call: ReplacedCall, callee: str) -> None:
        """Write the new call; where its arguments stay as they are, only the callee is touched."""
        if call.replacement.keeps_arguments and call.match.in_place:
            self.found.append(Edit(*self.tree.span(call.callee), callee))
            return
        text = write_call(self.tree, call.replacement, call.call, call.match, callee)
        assert text is not None, "find_replaced_calls() has tried"
        self.found.append(Edit(*self.tree.span(call.call), text))

    # -- small things -----------------------------------------------------------------------------------------------

    def reaches(self, use: Use, bound: str, alias: cst.ImportAlias) -> bool:
        return use.name == bound and any(b.node is alias for b in self.scopes.bindings_reached(use))

    def blocked_by_dunder(self, node: cst.CSTNode, old: str, name: str) -> _Blocked:
        why = f"`{name}` speaks of the module {old} itself"
        return self.blocked(node, why, f"{old}.{name}", "name the part that is meant")

    def blocked_by_unknown(self, node: cst.CSTNode, old: str, name: str) -> _Blocked:
        why = f"`{name}` is asked of {old}, and no part is known to have it"
        return _Blocked(self.source.cannot(node, why, f"{old}.{name}", "name its home"), is_unknown=True)

    def blocked(self, node: cst.CSTNode, why: str, old: str, hint: str) -> _Blocked:
        return _Blocked(self.source.cannot(node, why, old, hint))


def _alias(site: ImportSite, index: int) -> cst.ImportAlias:
    assert not isinstance(site.node.names, cst.ImportStar), "a star import has no aliases"
    return site.node.names[index]


def _gives_names_to_stars(relocation: Relocation, part: str) -> bool:
    """Say whether `from part import *` brings any name that `from old import *` brought."""
    names = relocation.exported
    if names is None:
        names = tuple(name for name in relocation.holders if not name.startswith("_"))
    return any(relocation.holders.get(name, ("",))[0] == part for name in names)
