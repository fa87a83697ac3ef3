"""Outline a module: its units, what each binds and exports, and what each needs while the module loads and later.

Takes Scopes, gives an Outline: plain data about top-level statements, with spans into the text. Decides nothing.

Names: a name of the module itself is written as it is, the name `x` that the module *exports* as `exports.x`, whether
an ES module says `export { x }` or CommonJS `exports.x = …`; `module.exports` is the whole of a CommonJS module that
exports one function, class or object. Several declarators in one statement, the names of an export list and the members
of `module.exports = {…}` are units of their own, *entries* of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from tree_sitter import Node

from unmix.javascript.commonjs import WHOLE, Exporting, Touch, find_touches
from unmix.javascript.entries import entry_slices
from unmix.javascript.imported import Imported, read_import, read_require, required
from unmix.javascript.loading import LoadTime
from unmix.javascript.scopes import How, Scopes, Space, Use, When
from unmix.javascript.specifiers import Specifier, find_specifiers
from unmix.javascript.syntax import Span, SyntaxTree, string_value, walk


class Role(str, Enum):
    """What a unit is for."""

    DIRECTIVE = "directive"
    INTRO = "comments that speak of the module"
    IMPORT = "import"
    LIST = "list of entries"
    DEFINITION = "definition"
    EXPORT = "export of a name"
    STAR = "export of all names of another module"
    MARK = "mark of a compiled ES module"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Need:
    """One place in a unit that needs a module-level name, or one that the module exports.

    `span` is the name, or what stands for the exports object in `exports.x`; `called` when the value may be called at
    that place; `shorthand` when the name stands for a property, too; `callee` when it is called as it is, as in `x()`.
    """

    name: str
    span: Span
    line: int
    when: When
    called: bool
    shorthand: bool
    callee: bool


@dataclass(frozen=True, slots=True)
class Export:
    """The module exports its own name `local` (empty: what the unit itself says) as `name`."""

    name: str
    local: str
    type_only: bool = False


@dataclass(frozen=True)
class Unit:
    """One top-level statement with the lines that lead to it and its trailing comment, or one entry of a list.

    `extent` is the text it owns; extents of all statements follow each other without a gap. `owner` is the index of the
    list that an entry stands in, -1 for statements. `keyword` is where `export` may be put in front of a declaration.
    `places` are the uses of what says where the file is: `__dirname`, `__filename`, `import.meta`.
    `hoisted` when it is a function declaration, which is there before anything runs.
    """

    index: int
    extent: Span
    span: Span
    line: int
    role: Role
    owner: int = -1
    binds: tuple[str, ...] = ()
    exports: tuple[Export, ...] = ()
    needs: tuple[Need, ...] = ()
    rebinds: frozenset[str] = frozenset()
    source: Imported | None = None
    inner: Span | None = None
    subject: str = ""
    specifiers: tuple[Specifier, ...] = ()
    places: tuple[tuple[Span, str], ...] = ()
    keyword: int = -1
    type_only: bool = False
    hoisted: bool = False
    decorated: bool = False
    asks_this: frozenset[str] = frozenset()
    refusals: tuple[str, ...] = ()

    @cached_property
    def needed(self) -> frozenset[str]:
        return frozenset(need.name for need in self.needs)

    @property
    def label(self) -> str:
        """What to call the unit in a message."""
        names = [*self.binds, *(export.name for export in self.exports)]
        return names[0].removeprefix("exports.") if names else f"the statement on line {self.line}"


@dataclass(frozen=True)
class Outline:
    """One module, unit by unit; `header` is what every part begins with: a licence, comments for tools.

    `closed` when `module.exports` is a value that may take no further properties.
    """

    path: str
    text: str
    newline: str
    header: Span
    footer: Span
    units: tuple[Unit, ...]
    esm: bool
    rebound: dict[str, tuple[int, ...]]
    all_names: frozenset[str]
    types: frozenset[str]
    closed: bool = False

    @cached_property
    def definitions(self) -> dict[str, tuple[int, ...]]:
        """Each name that the module defines or exports (rather than imports), with the units that do so."""
        found: dict[str, list[int]] = {}
        for unit in self.units:
            if unit.role is not Role.IMPORT:
                for name in unit.binds:
                    found.setdefault(name, []).append(unit.index)
        return {name: tuple(units) for name, units in found.items()}

    @cached_property
    def imports(self) -> dict[str, tuple[int, ...]]:
        """Each name that the module imports, with the units that bind it."""
        found: dict[str, list[int]] = {}
        for unit in self.units:
            if unit.role is Role.IMPORT:
                for name in unit.binds:
                    found.setdefault(name, []).append(unit.index)
        return {name: tuple(units) for name, units in found.items()}

    @cached_property
    def exported(self) -> dict[str, Export]:
        """Each name that the module exports, in the order of the text."""
        return {export.name: export for unit in self.units for export in unit.exports if export.name != WHOLE}

    @cached_property
    def exported_as(self) -> dict[str, tuple[str, ...]]:
        """Each local name that is exported, with the names it is exported under."""
        found: dict[str, list[str]] = {}
        for export in self.exported.values():
            if export.local:
                found.setdefault(export.local, []).append(export.name)
        return {name: tuple(names) for name, names in found.items()}

    @cached_property
    def has_whole(self) -> bool:
        """Say whether `module.exports` is one value rather than a list of names."""
        return any(export.name == WHOLE for unit in self.units for export in unit.exports)

    @cached_property
    def whole_as(self) -> frozenset[str]:
        """The local names of `module.exports` itself."""
        wholes = (export.local for unit in self.units for export in unit.exports if export.name == WHOLE)
        return frozenset(name for name in wholes if name and name not in self.imports)

    @cached_property
    def hoisted(self) -> frozenset[str]:
        """The names that are functions before anything runs."""
        return frozenset(
            name
            for name, indices in self.definitions.items()
            if all(self.units[index].hoisted or self.units[index].type_only for index in indices)
        )

    @property
    def leads(self) -> Iterator[Unit]:
        """Give the statements, without the entries of lists."""
        return (unit for unit in self.units if unit.owner < 0)


def outline_module(scopes: Scopes) -> Outline:
    """Outline a parsed module."""
    return _Outliner(scopes).outline()


class _Outliner:
    """The tables that sort scopes' uses and bindings by unit."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.tree = scopes.tree
        self.text = scopes.tree.text
        self.esm = _is_esm(scopes)
        self.exporting: Exporting = find_touches(scopes) if not self.esm else Exporting()
        self.load_time = LoadTime(scopes)
        self.units: list[Unit] = []
        self.nodes: list[Node] = []

    def outline(self) -> Outline:
        header, footer = self.cut()
        uses: dict[int, list[Use]] = {}
        for use in self.scopes.uses:
            uses.setdefault(self.unit_at(self.tree.start(use.node)), []).append(use)
        binds: dict[int, dict[str, None]] = {}
        type_only: dict[str, bool] = {}
        for binding in self.scopes.module.bindings:
            index = self.unit_at(self.tree.start(binding.node))
            binds.setdefault(index, {})[binding.name] = None
            type_only[binding.name] = type_only.get(binding.name, True) and binding.type_only
        specifiers: dict[int, list[Specifier]] = {}
        for specifier in find_specifiers(self.scopes):
            specifiers.setdefault(self.unit_at(specifier.span[0]), []).append(specifier)
        touches: dict[int, list[Touch]] = {}
        for touch in self.exporting.touches:
            touches.setdefault(self.unit_at(touch.span[0]), []).append(touch)
        refusals: dict[int, list[str]] = {}
        for place, reason in self.exporting.refusals:
            refusals.setdefault(self.unit_at(place), []).append(reason)
        rebound: dict[str, list[int]] = {}
        for index, unit in enumerate(self.units):
            own = binds.get(index, {})
            needs, rebinds, places = list(self.of_jsx(unit, index)), set(), list(self.metas(index))
            for use in uses.get(index, ()):
                bound = self.scopes.resolve(use)
                if bound is None and use.name in _PLACES:
                    places.append((self.tree.span(use.node), use.name))
                if bound is None and use.name in self.scopes.module.types:
                    # A type that the grammar takes for a value: sql<Row>`…`.
                    needs.append(self.need(use, When.TYPING))
                if bound is None or bound.scope is not self.scopes.module:
                    continue
                when = self.load_time.when(use)
                if use.writes:
                    if when is When.LATER:
                        rebound.setdefault(use.name, []).append(self.tree.line_of(use.node))
                    if use.name not in own:
                        rebinds.add(use.name)
                needs.append(self.need(use, when))
            for touch in touches.get(index, ()):
                name = f"exports.{touch.name}"
                if touch.defines:
                    own = {**own, name: None}
                elif touch.writes:
                    rebound.setdefault(name, []).append(touch.line)
                    rebinds.add(name)
                else:
                    when = self.load_time.when(touch.use)
                    needs.append(Need(name, touch.span, touch.line, when, touch.called, False, touch.called))
            self.units[index] = self.finished(unit, own, needs, rebinds, specifiers.get(index, []))
            if places:
                self.units[index] = replace(self.units[index], places=tuple(places))
            started = (
                unit.owner < 0 and self.nodes[index].type == "if_statement" and "argv" in self.text[slice(*unit.span)]
            )
            if started and any(name == "import.meta" for _, name in places):
                why = "`import.meta` is compared with what was started, and each part would get its own"
                refusals.setdefault(index, []).append(f"{why}; move that statement to a file of its own")
            if _gives_one_value(self.nodes[index]):
                why = "`export =` gives one value away, and a TypeScript shim gives names"
                refusals.setdefault(index, []).append(f"{why}; write the exports as plain names")
            if index in refusals:
                self.units[index] = replace(self.units[index], refusals=tuple(refusals[index]))
        return Outline(
            path=self.tree.path,
            text=self.text,
            newline="\r\n" if "\r\n" in self.text else "\n",
            header=header,
            footer=footer,
            units=tuple(self.units),
            esm=self.esm,
            rebound={name: tuple(lines) for name, lines in rebound.items()},
            all_names=frozenset(use.name for use in self.scopes.uses) | _all_bound(self.scopes),
            types=frozenset(name for name, only in type_only.items() if only),
            closed=self.exporting.closed,
        )

    # -- cutting the text -------------------------------------------------------------------------------------------

    def cut(self) -> tuple[Span, Span]:
        """Make a unit of every statement, with the comments above and beside it; give the header and the footer."""
        groups = _statements(self.tree)
        if not groups:
            return (0, len(self.text)), (len(self.text), len(self.text))
        header_end, intro_end = self.cut_lead(groups[0][0])
        position = header_end
        if intro_end > header_end:
            self.add(Unit(0, (header_end, intro_end), (header_end, intro_end), 1, Role.INTRO), None)
            position = intro_end
        directives = True
        for number, (node, end) in enumerate(groups):
            following = self.tree.start(groups[number + 1][0]) if number + 1 < len(groups) else len(self.text)
            stop = _line_end(self.text, end, following)
            directives = directives and _is_directive(node)
            self.add_statement(node, (position, stop), directive=directives)
            position = stop
        return (0, header_end), (position, len(self.text))

    def cut_lead(self, first: Node) -> tuple[int, int]:
        """Give where the header ends, and where the comments end that speak of the module rather than a statement."""
        start = self.tree.start(first)
        comments = [self.tree.span(node) for node in self.tree.root.children if node.end_byte <= first.start_byte]
        header = intro = 0
        for number, (begin, end) in enumerate(comments):
            following = comments[number + 1][0] if number + 1 < len(comments) else start
            while begin > 0 and number > 0 and not _is_blank(self.text[comments[number - 1][1] : begin]):
                number -= 1
                begin = comments[number][0]
            gap = self.text[end:following]
            of_the_file = _OF_THE_FILE.search(self.text[begin:end]) is not None
            if not _is_blank(gap) and not of_the_file:
                continue  # it goes on, or stands right above the statement
            place = following if not gap.strip() else end
            if of_the_file and intro <= header:
                header = intro = place
            elif _is_blank(gap):
                intro = place
        return header, max(intro, header)

    def add(self, unit: Unit, node: Node | None) -> int:
        index = len(self.units)
        self.units.append(replace(unit, index=index))
        self.nodes.append(node if node is not None else self.tree.root)
        return index

    def add_statement(self, node: Node, extent: Span, *, directive: bool) -> None:
        tree = self.tree
        span = tree.span(node)
        unit = Unit(0, extent, span, tree.line_of(node), Role.STATEMENT)
        if directive:
            self.add(replace(unit, role=Role.DIRECTIVE), node)
            return
        loaded = required(tree, node.named_children[0]) if node.type == "expression_statement" else None
        if loaded is not None:
            self.add(replace(unit, role=Role.IMPORT, source=Imported(loaded, span, ())), node)
            return
        if node.type == "import_statement":
            self.add(replace(unit, role=Role.IMPORT, source=read_import(tree, node)), node)
            return
        declaration = node.child_by_field_name("declaration") if node.type == "export_statement" else node
        if declaration is not None and declaration.type in ("lexical_declaration", "variable_declaration"):
            declarators = [child for child in declaration.named_children if child.type == "variable_declarator"]
            if len(declarators) > 1:
                inner = tree.span(declarators[0])[0], tree.span(declarators[-1])[1]
                self.add_list(unit, node, inner, declarators)
                return
            imported = self.import_of(declarators[0]) if node is declaration and declarators else None
            if imported is not None:
                self.add(replace(unit, role=Role.IMPORT, source=imported), node)
                return
        if node.type == "export_statement":
            clause = next((child for child in node.children if child.type == "export_clause"), None)
            if clause is not None:
                start, end = tree.span(clause)
                specifiers = [child for child in clause.named_children if child.type == "export_specifier"]
                self.add_list(unit, node, (start + 1, end - 1), specifiers)
                return
        members = self.exporting.lists.get(node.id)
        if members is not None:
            start, end = tree.span(members)
            entries = [child for child in members.named_children if child.type != "comment"]
            self.add_list(unit, node, (start + 1, end - 1), entries)
            return
        self.add(unit, node)

    def add_list(self, unit: Unit, node: Node, inner: Span, entries: list[Node]) -> None:
        owner = self.add(replace(unit, role=Role.LIST, inner=inner), node)
        spans = [self.tree.span(entry) for entry in entries]
        for entry, span, extent in zip(entries, spans, entry_slices(self.text, inner, spans), strict=True):
            imported = self.import_of(entry) if entry.type == "variable_declarator" else None
            role = Role.IMPORT if imported is not None else Role.STATEMENT
            line = self.tree.line_of(entry)
            self.add(Unit(0, extent, span, line, role, owner=owner, source=imported), entry)

    def of_jsx(self, unit: Unit, index: int) -> Iterator[Need]:
        """Give the needs that JSX has without saying so: React, or what a `@jsx` comment names."""
        names = {"React", *re.findall(r"@jsx(?:Frag)?\s+(\w+)", self.text)} & self.scopes.module.values.keys()
        if names and any(child.type in _JSX for child in walk(self.nodes[index])):
            for name in sorted(names):
                yield Need(name, (unit.span[0], unit.span[0]), unit.line, When.LATER, False, False, False)

    def metas(self, index: int) -> Iterator[tuple[Span, str]]:
        if "import.meta" in self.text:
            for node in walk(self.nodes[index]):
                if node.type == "meta_property" and self.tree.code(node) == "import.meta":
                    yield self.tree.span(node), "import.meta"

    def import_of(self, declarator: Node) -> Imported | None:
        if self.scopes.module.lookup("require", Space.VALUE) is not None:
            return None
        return read_require(self.tree, declarator)

    def unit_at(self, place: int) -> int:
        """Give the innermost unit that holds a place: an entry, or the statement around it."""
        low, high = 0, len(self._starts) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._starts[middle][0] <= place:
                low = middle
            else:
                high = middle - 1
        owner = self._starts[low][1]
        index = owner + 1
        while index < len(self.units) and self.units[index].owner == owner:
            if self.units[index].span[0] <= place < self.units[index].span[1]:
                return index
            index += 1
        return owner

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        return [(unit.extent[0], unit.index) for unit in self.units if unit.owner < 0]

    # -- one unit ---------------------------------------------------------------------------------------------------

    def finished(
        self, unit: Unit, own: dict[str, None], needs: list[Need], rebinds: set[str], specifiers: list[Specifier]
    ) -> Unit:
        """Say what a unit is, now that it is known what it binds and needs."""
        node = self.nodes[unit.index]
        unit = replace(unit, needs=tuple(needs), rebinds=frozenset(rebinds), specifiers=tuple(specifiers))
        if unit.role in (Role.DIRECTIVE, Role.INTRO):
            return unit
        if unit.role in (Role.IMPORT, Role.LIST):
            return replace(unit, binds=tuple(own), type_only=_is_type_import(node))
        exports = tuple(self.exports_of(unit, node, own))
        made = {f"exports.{export.name}": None for export in exports if not export.local and export.name != WHOLE}
        whole = {WHOLE: None} if any(export.name == WHOLE for export in exports) else {}
        names = tuple({**own, **made, **whole})
        statement = self.nodes[unit.owner] if unit.owner >= 0 else node
        inside = statement.child_by_field_name("declaration") if statement.type == "export_statement" else statement
        role = Role.DEFINITION if names else Role.EXPORT if exports else Role.STATEMENT
        if node.type == "export_statement" and _is_star(node):
            role = Role.STAR
        elif node.id in self.exporting.marks:
            role = Role.MARK
        elif exports and all(export.local for export in exports) and not own:
            role = Role.EXPORT
        plain = inside is not None and inside is statement and statement.type in _DECLARATIONS
        return replace(
            unit,
            role=role,
            binds=names,
            exports=exports,
            subject=self.subject(node) if role is Role.STATEMENT else "",
            keyword=self.tree.span(statement)[0] if plain else -1,
            type_only=inside is not None and inside.type in _TYPES,
            hoisted=inside is not None and inside.type in _FUNCTIONS,
            decorated=any(child.type == "decorator" for child in walk(node)) if _may_be_decorated(node) else False,
            asks_this=self.asked_of_this(node) if not self.esm else frozenset(),
        )

    def exports_of(self, unit: Unit, node: Node, own: dict[str, None]) -> Iterator[Export]:
        """Give what a statement or an entry exports."""
        tree = self.tree
        owner = self.nodes[unit.owner] if unit.owner >= 0 else None
        if owner is not None and owner.type == "export_statement" and node.type == "export_specifier":
            name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
            if name is None:
                return
            typed = any(child.type == "type" for child in (*owner.children, *node.children))
            exported = _name(tree, alias or name)
            local = "" if owner.child_by_field_name("source") is not None else tree.code(name)
            yield Export(exported, local, typed or (local != "" and self.is_type(local)))
        elif owner is not None and owner.type == "export_statement":
            yield from (Export(bound, bound, self.is_type(bound)) for bound in own)
        elif owner is not None and owner.id in self.exporting.lists:
            yield from self.member(node)
        elif node.type == "export_statement":
            yield from self.exports_of_statement(node, own)
        else:
            for assigned, value in self.exporting.assigned.get(node.id, ()):
                yield Export(assigned, value if self.is_own(value) else "")

    def exports_of_statement(self, node: Node, own: dict[str, None]) -> Iterator[Export]:
        tree = self.tree
        if any(child.type == "default" for child in node.children):
            value = node.child_by_field_name("value")
            if value is not None and value.type == "identifier" and self.is_own(tree.code(value)):
                yield Export("default", tree.code(value), self.is_type(tree.code(value)))
            else:
                yield Export("default", next(iter(own), ""))
        elif _gives_one_value(node):
            yield Export(WHOLE, "")
        elif (
            namespace := next((child for child in node.children if child.type == "namespace_export"), None)
        ) is not None:
            yield Export(_name(tree, namespace.named_children[-1]), "")
        else:
            yield from (Export(name, name, self.is_type(name)) for name in own)

    def member(self, node: Node) -> Iterator[Export]:
        """Read one member of `module.exports = {…}`."""
        tree = self.tree
        if node.type == "shorthand_property_identifier":
            name = tree.code(node)
            yield Export(name, name if self.is_own(name) else "")
        elif node.type in ("pair", "method_definition"):
            key = node.child_by_field_name("key") or node.child_by_field_name("name")
            value = node.child_by_field_name("value")
            if key is not None and key.type in ("property_identifier", "string", "number"):
                local = tree.code(value) if value is not None and value.type == "identifier" else ""
                yield Export(_name(tree, key), local if self.is_own(local) else "")

    def is_own(self, name: str) -> bool:
        return bool(name) and self.scopes.module.lookup(name, Space.BOTH) is not None

    def is_type(self, name: str) -> bool:
        bindings = [*self.scopes.module.values.get(name, ()), *self.scopes.module.types.get(name, ())]
        return bool(bindings) and all(binding.type_only for binding in bindings)

    def need(self, use: Use, when: When) -> Need:
        callee = (
            _same(use.parent.child_by_field_name("function"), use.node)
            if use.parent.type == "call_expression"
            else False
        )
        return Need(
            name=use.name,
            span=self.tree.span(use.node),
            line=self.tree.line_of(use.node),
            when=when,
            called=self.load_time.may_call(use.node, use.parent),
            shorthand=use.shorthand,
            callee=callee,
        )

    def subject(self, node: Node) -> str:
        """Give the name a bare statement acts upon: `X` of `X.prototype.a = …`, `X.use(f)`, `Object.assign(X, …)`."""
        inner: Node | None = (
            node.named_children[0] if node.type == "expression_statement" and node.named_children else None
        )
        if inner is None:
            return ""
        if inner.type in ("assignment_expression", "augmented_assignment_expression"):
            inner = inner.child_by_field_name("left")
        elif inner.type == "call_expression":
            function, arguments = inner.child_by_field_name("function"), inner.child_by_field_name("arguments")
            root = _root(function)
            first = (
                next((child for child in arguments.named_children if child.type != "comment"), None)
                if arguments
                else None
            )
            own = root is not None and self.is_defined(self.tree.code(root))
            inner = root if own or first is None or _root(first) is None else _root(first)
        root = _root(inner)
        name = self.tree.code(root) if root is not None else ""
        if name in ("exports", "module") and root is not None:
            touched = [touch.name for touch in self.exporting.touches if self.within(touch.span, node)]
            return f"exports.{touched[0]}" if touched else ""
        return name if self.is_own(name) else ""

    def within(self, span: Span, node: Node) -> bool:
        start, end = self.tree.span(node)
        return start <= span[0] and span[1] <= end

    def is_defined(self, name: str) -> bool:
        found = self.scopes.module.lookup(name, Space.VALUE)
        return found is not None and found.how is not How.IMPORT

    def asked_of_this(self, node: Node) -> frozenset[str]:
        """Give the names that functions look up in `this`, which may be the exports of the module."""
        found: set[str] = set()
        stack = [node]
        while stack:
            here = stack.pop()
            if here.type in ("class_body", "class"):
                continue
            if here.type == "member_expression":
                inner, name = here.child_by_field_name("object"), here.child_by_field_name("property")
                if inner is not None and inner.type == "this" and name is not None:
                    found.add(f"exports.{self.tree.code(name)}")
            stack += here.children
        return frozenset(found)


_PLACES = frozenset(("__dirname", "__filename"))
_JSX = frozenset(("jsx_element", "jsx_self_closing_element", "jsx_fragment"))
_FUNCTIONS = frozenset(("function_declaration", "generator_function_declaration", "function_signature"))
_TYPES = frozenset(("interface_declaration", "type_alias_declaration", "ambient_declaration", "function_signature"))
_DECLARATIONS = (
    _FUNCTIONS
    | _TYPES
    | frozenset(
        (
            *("lexical_declaration", "variable_declaration", "class_declaration", "abstract_class_declaration"),
            *("enum_declaration", "import_alias", "internal_module"),
        )
    )
)

# Comments that belong to a file as such, and so to each part.
_OF_THE_FILE = re.compile(
    r"copyright|licen[sc]e|SPDX-|@preserve|@lic|/\*!|eslint|@ts-|@flow|prettier|istanbul|c8 ignore|v8 ignore|"
    r"@jest-environment|@jsx|biome|oxlint|tslint|jshint|jslint|globals?\s|^#!|/// *<",
    re.IGNORECASE,
)


def _is_esm(scopes: Scopes) -> bool:
    """Say whether a module has `import` or `export` of ES modules; TypeScript's own forms of CommonJS count as such."""
    return bool(scopes.imports or scopes.exports) or scopes.tree.path.endswith((".mjs", ".mts"))


def _statements(tree: SyntaxTree) -> list[tuple[Node, int]]:
    """Give the top-level statements, each with the end of what belongs to it on its last line."""
    found: list[tuple[Node, int]] = []
    for child in tree.root.children:
        if child.type == "hash_bang_line":
            continue
        start, end = tree.span(child)
        beside = bool(found) and not re.search(r"[\r\n]", tree.text[found[-1][1] : start])
        if child.type in ("comment", "html_comment", "empty_statement", ";"):
            if beside:
                found[-1] = found[-1][0], end
            elif child.type in ("empty_statement", ";"):
                pass  # `;(…)` and `;[…]`: it leads the statement below
            continue
        found.append((child, end))
    return found


def _line_end(text: str, end: int, following: int) -> int:
    """Give the end of the line on which a statement ends; the next statement may begin on it."""
    found = re.compile(r"[ \t]*(?:\r\n|\r|\n)").match(text, end, following)
    return found.end() if found else following if not text[end:following].strip() else end


def _is_blank(gap: str) -> bool:
    """Say whether a blank line stands between two things."""
    return len(re.findall(r"\r\n|\r|\n", gap)) > 1


def _is_directive(node: Node) -> bool:
    return node.type == "expression_statement" and bool(node.named_children) and node.named_children[0].type == "string"


def _is_star(node: Node) -> bool:
    kinds = [child.type for child in node.children]
    return "*" in kinds and "namespace_export" not in kinds


def _gives_one_value(node: Node) -> bool:
    """Say whether a statement is `export = a`."""
    return node.type == "export_statement" and any(child.type == "=" for child in node.children)


def _is_type_import(node: Node) -> bool:
    return node.type == "import_statement" and any(child.type == "type" for child in node.children)


def _may_be_decorated(node: Node) -> bool:
    return node.type in ("class_declaration", "abstract_class_declaration", "export_statement")


def _name(tree: SyntaxTree, node: Node) -> str:
    return string_value(tree, node) or tree.code(node)


def _root(node: Node | None) -> Node | None:
    """Give `a` of `a.b[c].d`; None where it does not begin with a name."""
    while node is not None and node.type in ("member_expression", "subscript_expression", "non_null_expression"):
        node = node.child_by_field_name("object") or (node.named_children[0] if node.named_children else None)
    return node if node is not None and node.type == "identifier" else None


def _same(one: Node | None, other: Node) -> bool:
    return one is not None and one.id == other.id


def _all_bound(scopes: Scopes) -> frozenset[str]:
    found: set[str] = set()
    for node in walk(scopes.tree.root):
        if node.type in ("identifier", "type_identifier", "shorthand_property_identifier_pattern"):
            found.add(scopes.tree.code(node))
    return frozenset(found)
