"""Decide what every load of an old module becomes, and write the edits.

Takes a parsed file and what became of the old modules, gives edits and findings. All or nothing: where one load of a
file cannot be rewritten safely, the whole file is left on the shim (which works) and the finding says where and why.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from tree_sitter import Node

from unmix.edit import Edit, apply_edits
from unmix.finding import Finding
from unmix.javascript.commonjs import WHOLE
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.copies import Copies, merge_edits
from unmix.javascript.entries import keep_entries
from unmix.javascript.index import declared_names
from unmix.javascript.loads import Form, Load, Reach, Take
from unmix.javascript.mocks import Factory, read_factory, returned_object
from unmix.javascript.modules import stem_of
from unmix.javascript.syntax import Span, parses

Targets = Mapping[str, list[Reach]]


def rewrite_loads(
    source: SourceModule, context: Context, loads: Sequence[Load]
) -> tuple[list[Edit] | None, list[Finding]]:
    """Give the edits that take a file off its old modules, None if one of its loads cannot be; and the findings."""
    rewriter = _Rewriter(source, context, loads)
    try:
        edits = rewriter.edits()
    except _Blocked as blocked:
        return None, [*rewriter.findings, *([blocked.finding] if blocked.finding is not None else [])]
    return edits, rewriter.findings


class _Blocked(Exception):
    """This file cannot be rewritten safely; the finding says why (None: another finding says it)."""

    def __init__(self, finding: Finding | None) -> None:
        super().__init__(str(finding))
        self.finding = finding


class _Rewriter:
    def __init__(self, source: SourceModule, context: Context, loads: Sequence[Load]) -> None:
        self.source = source
        self.tree = source.tree
        self.text = source.tree.text
        self.context = context
        self.loads = loads
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self.small: list[Edit] = []
        self.copies: list[Copies] = []
        self.findings: list[Finding] = []
        self.taken = source.names_in_use()
        self.done: set[int] = set()
        self.aliased: dict[int, dict[str, str]] = {}

    def edits(self) -> list[Edit]:
        """Give every edit. Raises _Blocked at the first load that cannot be rewritten."""
        for load in self.loads:
            if load.form is Form.MOCK:
                self.rewrite_mock(load)
        # Types of the whole module come last: many belong to a load.
        for load in sorted(self.loads, key=lambda each: each.form is Form.TYPE):
            if id(load) not in self.done:
                self.rewrite(load)
        merged = merge_edits(self.text, self.small, self.copies)
        if merged is None:
            first = min(self.copies, key=lambda each: each.span)
            raise self.blocked(first.span, "two loads of several parts stand inside each other", "", _BY_HAND)
        if merged and not parses(self.source.path, apply_edits(self.text, merged)):
            raise self.blocked(merged[0].start, "what it would become does not parse", "", _BY_HAND)
        return merged

    def rewrite(self, load: Load) -> None:
        if load.form is Form.COMPUTED:
            self.findings.append(
                self.cannot(load.span, f"what is loaded here is computed, and may be {load.old}", load)
            )
        elif load.form in (Form.FILE, Form.TEXT):
            self.findings.append(self.cannot(load.span, f"the file {load.old} itself is named", load))
        elif load.form is Form.STUBS:
            self.rewrite_stubs(load)
        elif load.form is Form.AUGMENT:
            self.rewrite_augmentation(load)
        elif load.form is Form.STAR:
            self.rewrite_star(load)
        elif load.form is Form.STAR_AS:
            raise self.blocked(load.span, "the module object is exported", load.old, "export the parts, or their names")
        elif load.form is Form.TYPE and load.escape is not None:
            self.rewrite_whole_type(load, load.escape)
        else:
            self.rewrite_names(load)

    # -- loads that reach names -------------------------------------------------------------------------------------

    def rewrite_names(self, load: Load) -> None:
        """`import { a, b } from "./old"` → one import for each part that has one of the names."""
        if load.escape is not None:
            why = load.escape.why
            raise self.blocked(
                load.escape.span, why, load.old, "take the names that are needed there, or pass the part"
            )
        targets = self.targets_of(load)
        typing = [other for other in self.loads if other.owner is load and other.form is Form.TYPE]
        self.done |= {id(other) for other in typing}
        if len(targets) == 1:
            self.small += self.aim(load, next(iter(targets)), typing)
            return
        if load.form in (Form.IMPORT, Form.EXPORT):
            self.copy_statement(load, targets)
        elif load.form is Form.IMPORT_EQUALS:
            self.copy_bound(load, targets, load.node, self.line_separator(load.node))
        elif load.spreads and load.binding is None:
            for spread, _ in load.spreads:
                self.copy(spread, [self.aim(load, part, typing) for part in targets], ", ")
        elif load.assignment is not None and load.binding is not None:
            self.copy_assignment(load, load.assignment, targets, typing)
        elif load.parameter is not None and (load.braces is not None) != (load.binding is not None):
            self.copy_promise(load, load.parameter, targets)
        elif load.declarator is not None and (load.braces is not None) != (load.binding is not None):
            self.copy_declaration(load, targets, typing)
        elif load.alone and not load.reaches and (statement := _statement_of(load.node)) is not None:
            versions = [self.aim(load, part, typing) for part in targets]
            self.copy(statement, versions, self.line_separator(statement))
        else:
            why = f"names of several parts are taken here ({', '.join(targets)})"
            raise self.blocked(load.span, why, load.old, "load each part that is needed")

    def targets_of(self, load: Load) -> dict[str, list[Reach]]:
        """Give the parts that a load goes to, in the order in which the old module loaded them, with their names."""
        found: dict[str, list[Reach]] = {}
        for reach in load.reaches:
            found.setdefault(self.part_of(load, reach), []).append(reach)
        parts = self.context.relocation(load.old).parts
        if load.spreads or not found:
            # All names, or only the effects of loading: they get every part.
            for part in parts:
                found.setdefault(part, [])
        order = {part: index for index, part in enumerate(parts)}
        return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))

    def part_of(self, load: Load, reach: Reach) -> str:
        home = self.context.home(load.old, reach.name) or self.context.relocation(load.old).homes.get(WHOLE)
        if home is None:
            why = f"{load.old} has no `{reach.name}` that can be followed"
            raise self.blocked(reach.span, why, load.old, "take the name from where it is defined")
        return home.module

    def specifier(self, part: str, load: Load) -> str:
        here = load.seen_from or self.source.path
        written = self.context.placing.specifier_for(part, here, load.written)
        if written is None:
            why = f"nothing like `{load.written}` reaches {part} from here"
            hint = "let the package export the part, then write its specifier by hand"
            raise self.blocked(load.span, why, load.old, hint)
        return written

    def aim(self, load: Load, part: str, typing: Iterable[Load]) -> list[Edit]:
        """Give the edits that make a load, and the types that say what it gives, mean one part."""
        return [Edit(*each.span, self.specifier(part, each)) for each in (load, *typing)]

    # -- one statement for each part --------------------------------------------------------------------------------

    def copy_statement(self, load: Load, targets: Targets) -> None:
        """`import d, { a, b } from "./old"` → `import d, { a } from "./part"`, `import { b } from "./other"`."""
        if not load.reaches and not load.spreads:
            self.import_for_effects(load, targets)
            return
        aliases = self.aliases(targets) if load.binding is not None else {}
        versions = []
        for part, reaches in targets.items():
            edits = [Edit(*load.span, self.specifier(part, load))]
            kept = {reach.entry.id for reach in reaches if reach.entry is not None}
            bound = any(reach.entry is None or reach.holder is not None for reach in reaches) or bool(load.spreads)
            edits += self.keep_slots(load, kept, aliases[part] if bound and aliases else "")
            versions.append(edits)
        self.copy(load.node, versions, self.line_separator(load.node))
        if load.binding is not None:
            self.redirect_uses(load, targets, aliases)

    def keep_slots(self, load: Load, kept: set[int], alias: str) -> list[Edit]:
        """Leave of `d, { a, b }` what one part has: the module object under `alias`, the names in `kept`."""
        clause = next(child for child in load.node.children if child.type in ("import_clause", "export_clause"))
        slots = [child for child in clause.named_children if child.type != "comment"]
        if clause.type == "export_clause":
            slots = [clause]
        edits: list[Edit] = []
        stay = []
        for slot in slots:
            if slot == load.braces:
                entries = [child for child in slot.named_children if child.type.endswith("specifier")]
                numbers = [number for number, entry in enumerate(entries) if entry.id in kept]
                stay.append(bool(numbers))
                if numbers and len(numbers) < len(entries):
                    edits += self.keep(slot, entries, numbers)
            elif slot == load.declarator:
                stay.append(bool(alias))
                if alias and load.binding is not None:
                    edits.append(Edit(*self.tree.span(load.binding.node), alias))
            else:
                stay.append(slot.id in kept)
        if len(slots) == 2 and not all(stay):
            first, second = (self.tree.span(slot) for slot in slots)
            gone = (first[0], second[0]) if stay[1] else (first[1], second[1])
            edits = [edit for edit in edits if edit.end <= gone[0] or gone[1] <= edit.start]
            edits.append(Edit(*gone, ""))
        return edits

    def keep(self, braces: Node, entries: Sequence[Node], numbers: Sequence[int]) -> list[Edit]:
        start, end = self.tree.span(braces)
        return keep_entries(self.text, (start + 1, end - 1), [self.tree.span(entry) for entry in entries], numbers)

    def import_for_effects(self, load: Load, targets: Targets) -> None:
        """`import "./old"` → the same for every part; a name that nothing uses goes."""
        start, end = self.tree.span(load.node)
        clause = next((child for child in load.node.children if child.type == "import_clause"), None)
        drop = []
        if clause is not None:
            drop = [Edit(self.tree.span(clause)[0], load.span[0] - 1, "")]
        versions = [[*drop, Edit(*load.span, self.specifier(part, load))] for part in targets]
        self.copies.append(_copies((start, end), versions, self.line_separator(load.node)))

    def copy_bound(self, load: Load, targets: Targets, unit: Node, separator: str, typing: Sequence[Load] = ()) -> None:
        """`const old = require("./old")` with `old.a` → `const part = require("./part")` with `part.a`."""
        assert load.binding is not None, "asked for by those who have one"
        aliases = self.aliases(targets)
        name = self.tree.span(load.binding.node)
        versions = [[*self.aim(load, part, typing), Edit(*name, aliases[part])] for part in targets]
        self.copy(unit, versions, separator)
        self.redirect_uses(load, targets, aliases)

    def redirect_uses(self, load: Load, targets: Targets, aliases: Mapping[str, str]) -> None:
        for part, reaches in targets.items():
            for reach in reaches:
                if reach.entry is not None:
                    continue
                if reach.holder is None:
                    raise self.blocked(reach.span, "the module object is passed on", load.old, _BY_HAND)
                self.small.append(Edit(*self.tree.span(reach.holder), aliases[part]))
        for take in load.takes:
            self.copy_take(take, targets, aliases)
        for spread, holder in load.spreads:
            self.copy(spread, [[Edit(*self.tree.span(holder), aliases[part])] for part in targets], ", ")

    def copy_take(self, take: Take, targets: Targets, aliases: Mapping[str, str]) -> None:
        """`const { a, b } = old` → `const { a } = part`, `const { b } = other`."""
        holder = self.tree.span(take.holder)
        own = {
            part: [reach for reach in reaches if reach.holder is not None and reach.holder.id == take.holder.id]
            for part, reaches in targets.items()
        }
        versions = [
            [Edit(*holder, aliases[part]), *self.keep_of(take.braces, reaches)]
            for part, reaches in own.items()
            if reaches
        ]
        if len(versions) == 1:
            self.small += versions[0]
        elif versions:
            unit, separator = self.unit_of(take.declarator)
            self.copy(unit, versions, separator)

    def copy_assignment(self, load: Load, assignment: Node, targets: Targets, typing: Sequence[Load]) -> None:
        """`let old`, `old = require("./old")` → `let part, other`, `part = require("./part")`, `other = …`."""
        binding, statement = load.binding, assignment.parent
        assert binding is not None, "asked for by those who have one"
        plain = binding.site.type == "variable_declarator" and binding.site.named_child_count == 1
        if not plain or statement is None or statement.type != "expression_statement":
            why = f"names of several parts are taken here ({', '.join(targets)})"
            raise self.blocked(load.span, why, load.old, "load each part that is needed")
        if id(binding) not in self.aliased:
            self.aliased[id(binding)] = self.aliases(targets)
            declared = ", ".join(self.aliased[id(binding)].values())
            self.small.append(Edit(*self.tree.span(binding.node), declared))
            self.redirect_uses(load, targets, self.aliased[id(binding)])
        aliases = self.aliased[id(binding)]
        left = assignment.child_by_field_name("left")
        assert left is not None, "an assignment has a left side"
        versions = [[*self.aim(load, part, typing), Edit(*self.tree.span(left), aliases[part])] for part in targets]
        self.copy(statement, versions, self.line_separator(statement))

    def aliases(self, targets: Iterable[str]) -> dict[str, str]:
        """Give each part a name that nothing in this file has: `src/db/retry-utils.js` → `retryUtils`."""
        found = {}
        for part in targets:
            words = re.findall(r"[A-Za-z0-9$]+", stem_of(part)) or ["part"]
            name = words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])
            name = f"_{name}" if name[0].isdigit() or name in _RESERVED else name
            while name in self.taken:
                name = (
                    f"{name}_" if name.endswith("Module_") else f"{name}Module" if "Module" not in name else f"{name}_"
                )
            self.taken.add(name)
            found[part] = name
        return found

    def copy_declaration(self, load: Load, targets: Targets, typing: Sequence[Load]) -> None:
        """`const { a, b } = require("./old")` → `const { a } = require("./part")`, `const { b } = …`."""
        declarator = load.declarator
        assert declarator is not None, "asked for by those who have one"
        unit, separator = self.unit_of(declarator)
        if load.binding is not None:
            if unit.type == "export_statement":
                raise self.blocked(load.span, "the module object is exported", load.old, _BY_HAND)
            self.copy_bound(load, targets, unit, separator, typing)
            return
        assert load.braces is not None, "a declarator has a name or names in braces"
        versions = [
            [*self.aim(load, part, typing), *self.keep_of(load.braces, reaches)] for part, reaches in targets.items()
        ]
        self.copy(unit, versions, separator)

    def unit_of(self, declarator: Node) -> tuple[Node, str]:
        """Give what is written several times, and what stands between: the statement, or the declarator in a list."""
        declaration = declarator.parent
        if declaration is not None and sum(child.type == "variable_declarator" for child in declaration.children) == 1:
            above = declaration.parent
            if above is not None and above.type == "export_statement":
                return above, self.line_separator(above)
            if above is not None and above.type in _BLOCKS:
                return declaration, self.line_separator(declaration)
        return declarator, ", "

    def copy_promise(self, load: Load, parameter: Node, targets: Targets) -> None:
        """`import("./old").then(({ a, b }) => …)` → `Promise.all([import(…), …]).then(([{ a }, { b }]) => …)`."""
        inner = load.braces if load.binding is None else load.binding.node
        if inner is None or self.tree.span(parameter) != self.tree.span(inner):
            raise self.blocked(load.span, "the parameter says its type", load.old, _BY_HAND)
        specifiers = [[Edit(*load.span, self.specifier(part, load))] for part in targets]
        self.copies.append(_copies(self.tree.span(load.node), specifiers, ", ", "Promise.all([", "])"))
        bare = parameter.parent is not None and parameter.parent.type == "arrow_function"
        around = ("([", "])") if bare else ("[", "]")
        if load.braces is not None:
            names = [self.keep_of(load.braces, reaches) for reaches in targets.values()]
        else:
            aliases = self.aliases(targets)
            names = [[Edit(*self.tree.span(parameter), aliases[part])] for part in targets]
            self.redirect_uses(load, targets, aliases)
        self.copies.append(_copies(self.tree.span(parameter), names, ", ", *around))

    def keep_of(self, pattern: Node, reaches: Sequence[Reach]) -> list[Edit]:
        """Leave the names of one part in a pattern."""
        entries = [child for child in pattern.named_children if child.type != "comment"]
        kept = {reach.entry.id for reach in reaches if reach.entry is not None}
        numbers = [number for number, entry in enumerate(entries) if entry.id in kept]
        return self.keep(pattern, entries, numbers) if numbers and len(numbers) < len(entries) else []

    def copy(self, unit: Node, versions: Sequence[Sequence[Edit]], separator: str) -> None:
        self.copies.append(_copies(self.tree.span(unit), versions, separator))

    def line_separator(self, statement: Node) -> str:
        """Give what stands between two statements where `statement` stands: a line end and its indentation."""
        start, end = self.tree.span(statement)
        line = self.text.rfind("\n", 0, start) + 1
        if self.text[line:start].strip():
            return " " if self.text[end - 1] == ";" else "; "
        return self.newline + self.text[line:start]

    # -- stars, types, augmentations --------------------------------------------------------------------------------

    def rewrite_star(self, load: Load) -> None:
        """`export * from "./old"` → the same for every part, by name where a part exports more than the old module."""
        relocation = self.context.relocation(load.old)
        separator = self.line_separator(load.node)
        versions = []
        for part in relocation.parts:
            specifier = self.specifier(part, load)
            names = [name for name, home in relocation.homes.items() if home.module == part and name != "default"]
            exported = self.context.index.exports_of(part)
            more = exported is None or bool(exported.names - {*names, "default"}) or exported.stars
            edits = [Edit(*load.span, specifier)]
            if more and exported is not None and not exported.stars:
                edits += self.name_in_star(load, [name for name in names if name.isidentifier() or "$" in name], part)
            if names or exported is None or exported.stars:
                versions.append(edits)
        self.copy(load.node, versions, separator)

    def name_in_star(self, load: Load, names: Sequence[str], part: str) -> list[Edit]:
        """`export * from` → `export { a, type T } from`."""
        star = next(child for child in load.node.children if child.type == "*")
        exported = self.context.index.exports_of(part)
        types = exported.types if exported is not None else frozenset()
        all_types = any(child.type == "type" for child in load.node.children)
        listed = [f"type {name}" if name in types and not all_types else name for name in names]
        return [Edit(*self.tree.span(star), "{ " + ", ".join(listed) + " }")]

    def rewrite_whole_type(self, load: Load, escape: Reach) -> None:
        """`typeof import("./old")` → `(typeof import("./part") & typeof import("./other"))`."""
        query = load.node.parent
        if load.node.type == "comment":
            self.findings.append(self.cannot(load.span, escape.why, load))
            return
        if query is None or query.type != "type_query":
            raise self.blocked(escape.span, escape.why, load.old, "name the part that is meant")
        parts = self.context.relocation(load.old).parts
        versions = [[Edit(*load.span, self.specifier(part, load))] for part in parts]
        self.copies.append(_copies(self.tree.span(query), versions, " & ", "(", ")"))

    def rewrite_augmentation(self, load: Load) -> None:
        """`declare module "./old" { interface A {} }` → the module that has A now."""
        body = load.node.child_by_field_name("body")
        names = set()
        for statement in body.named_children if body is not None else ():
            inner = statement.child_by_field_name("declaration") or statement
            names |= set(declared_names(self.tree, inner))
        homes = {self.context.home(load.old, name) for name in names}
        parts = {home.module for home in homes if home is not None}
        if len(parts) != 1:
            why = (
                f"what is declared here belongs to several parts ({', '.join(sorted(parts))})"
                if parts
                else "the part is not clear"
            )
            raise self.blocked(load.span, why, load.old, "declare it for the part that has it")
        self.small.append(Edit(*load.span, self.specifier(parts.pop(), load)))

    # -- mocks ------------------------------------------------------------------------------------------------------

    def rewrite_mock(self, load: Load) -> None:
        """`jest.mock("./old", () => ({ a, b }))` → one for each part: code under test looks the names up there."""
        linked = [other for other in self.loads if other.owner is load and _is_whole(other)]
        arguments = load.node.child_by_field_name("arguments")
        given = [child for child in arguments.named_children if child.type != "comment"] if arguments else []
        parts = self.context.relocation(load.old).parts
        factory = read_factory(self.tree, given[1]) if len(given) > 1 else None
        if factory is None:
            if len(given) > 1 and given[1].type != "object":
                why = "what the mock gives cannot be followed"
                raise self.blocked(self.tree.span(given[1]), why, load.old, "mock each part that is needed")
            self.check_manual_mock(load)
            targets: dict[str, list[str]] = {part: [] for part in parts}
        else:
            targets = self.mocked(load, factory)
        self.done |= {id(load), *(id(other) for other in linked)}
        versions = []
        for part in targets:
            edits = [Edit(*load.span, self.specifier(part, load))]
            for other in linked:
                self.check_linked(other, part, targets)
                edits.append(Edit(*other.span, self.specifier(part, other)))
            if factory is not None and len(targets) > 1:
                edits += self.keep_mocked(load, factory, part)
            versions.append(edits)
        if len(versions) == 1:
            self.small += versions[0]
            return
        statement = _statement_of(load.node)
        if statement is None or load.node.parent is None or load.node.parent.type not in _STATEMENT_OF_ITS_OWN:
            raise self.blocked(load.span, "names of several parts are mocked in one chain", load.old, _BY_HAND)
        self.copy(statement, versions, self.line_separator(statement))

    def mocked(self, load: Load, factory: Factory) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entry in factory.entries:
            home = self.context.home(load.old, entry.name) if entry.name else None
            if home is not None:
                found.setdefault(home.module, []).append(entry.name)
        parts = self.context.relocation(load.old).parts
        if not found:
            return {part: [] for part in parts}
        if len(found) > 1 and not factory.repeatable:
            why = f"names of several parts are mocked by one function ({', '.join(found)})"
            raise self.blocked(load.span, why, load.old, "mock each part with a function of its own")
        order = {part: index for index, part in enumerate(parts)}
        return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))

    def keep_mocked(self, load: Load, factory: Factory, part: str) -> list[Edit]:
        entries = [entry.node for entry in factory.entries]
        numbers = []
        for number, entry in enumerate(factory.entries):
            home = self.context.home(load.old, entry.name) if entry.name else None
            if home is None or home.module == part:
                numbers.append(number)
        return self.keep(factory.object, entries, numbers) if len(numbers) < len(entries) else []

    def check_linked(self, other: Load, part: str, targets: Mapping[str, list[str]]) -> None:
        """What the mock takes from the real module must be in the part that is mocked instead."""
        for reach in other.reaches:
            if reach.name:
                home = self.context.home(other.old, reach.name)
                if home is None or home.module not in targets:
                    why = f"the mock reads `{reach.name}` of the real module, which is in another part"
                    raise self.blocked(reach.span, why, other.old, "read it from its part")

    def check_manual_mock(self, load: Load) -> None:
        folder, name = posixpath.split(load.old)
        manual = posixpath.join(folder, "__mocks__", name)
        if self.context.finder.workspace.exists(manual):
            why = f"{manual} stands in for the whole module"
            raise self.blocked(load.span, why, load.old, "write one such file for each part, and mock the parts")

    def rewrite_stubs(self, load: Load) -> None:
        """`proxyquire("./user", { "./old": { a } })` → `{ "./part": { a } }`."""
        pair = load.node
        value = pair.child_by_field_name("value")
        factory = returned_object(self.tree, value) if value is not None else None
        if factory is None or not factory.entries:
            self.findings.append(self.cannot(load.span, "what stands in for the module cannot be followed", load))
            return
        targets = self.mocked(load, factory)
        versions = []
        for part in targets:
            edits = self.keep_mocked(load, factory, part) if len(targets) > 1 else []
            versions.append([Edit(*load.span, self.specifier(part, load)), *edits])
        if len(versions) == 1:
            self.small += versions[0]
        else:
            self.copy(pair, versions, ", ")

    # -- small things -----------------------------------------------------------------------------------------------

    def cannot(self, span: Span, why: str, load: Load) -> Finding:
        parts = ", ".join(self.context.relocation(load.old).parts)
        return self.source.cannot(span, why, load.old, f"name the part that is meant: {parts}")

    def blocked(self, place: Span | int, why: str, old: str, hint: str) -> _Blocked:
        span = (place, place) if isinstance(place, int) else place
        return _Blocked(self.source.cannot(span, why, old, hint))


_BLOCKS = ("program", "statement_block", "switch_case", "switch_default", "class_static_block")
_BY_HAND = "rewrite it by hand"
_STATEMENT_OF_ITS_OWN = ("expression_statement", "await_expression")
_RESERVED = frozenset(
    "await break case catch class const continue debugger default delete do else enum export extends false finally "
    "for function if import in instanceof let new null return static super switch this throw true try typeof var void "
    "while with yield package private public protected interface implements".split()
)


def _copies(
    span: Span, versions: Sequence[Sequence[Edit]], separator: str, before: str = "", after: str = ""
) -> Copies:
    return Copies(span, tuple(tuple(sorted(version)) for version in versions), separator, before, after)


def _statement_of(node: Node) -> Node | None:
    """Give the expression statement that is nothing but this call, awaited or not."""
    above = node.parent
    while above is not None and above.type not in ("expression_statement", "program", "statement_block"):
        above = above.parent
    return above if above is not None and above.type == "expression_statement" else None


def _is_whole(load: Load) -> bool:
    """Say whether a load inside a mock asks for all of the real module."""
    return load.form in (Form.REQUIRE, Form.DYNAMIC, Form.TYPE) and bool(
        load.spreads or load.escape is not None or load.binding is not None
    )
