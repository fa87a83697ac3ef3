"""Find every place in one file that reaches an old module: what loads it, and which of its names each load reaches.

Takes a SourceModule and a Context, gives plain facts about nodes; decides nothing about what they become (rewrite.py
does). Every reference begins with a string that means the old module, so the strings of a file are looked through, and
from each the module object is followed to the names that are read from it.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from enum import Enum

from tree_sitter import Node

from unmix.javascript.commonjs import WHOLE
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.index import specifier_names
from unmix.javascript.scopes import Binding, Placed, Scope, Space, Use
from unmix.javascript.syntax import Span, string_value


class Form(Enum):
    """What a load is."""

    IMPORT = "import … from"
    EXPORT = "export { … } from"
    STAR = "export * from"
    STAR_AS = "export * as … from"
    IMPORT_EQUALS = "import … = require()"
    REQUIRE = "require()"
    DYNAMIC = "import()"
    TYPE = "import() of a type"
    MOCK = "mock"
    STUBS = "stubs by path"
    AUGMENT = "declare module"
    FILE = "path of the file"
    TEXT = "another string"
    COMPUTED = "computed path"


@dataclass(frozen=True, slots=True)
class Reach:
    """One name that a load reaches, at `span`.

    `holder` is the expression there that is the module object (the identifier of `ns.name`), None for a name in
    braces; `entry` the entry in braces that holds the name. `called`, `writes` and `typing` say what happens to it.
    `why` is not empty where the object goes on to a place where its names cannot be followed; the name is "" then.
    """

    name: str
    span: Span
    holder: Node | None = None
    entry: Node | None = None
    called: bool = False
    writes: bool = False
    typing: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Take:
    """`const { a, b } = old`: a pattern that takes names out of `holder`, a name of the module object."""

    declarator: Node
    braces: Node
    holder: Node


@dataclass(eq=False, slots=True)
class Load:
    """One place that means an old module: `written` at `span`, without the quotes.

    `node` is the statement, the call or the string. `binding` is the name that holds the module object, `braces` the
    pattern or clause that takes names out of it, `declarator` what declares either, `parameter` the one of
    the function that a promise is given to, `assignment` what sets a name declared elsewhere; `takes` are the patterns
    that take names out of the bound object, `spreads` holds each `...` that
    copies it, with the expression that is the module object; `alone` when only its effects matter; `owner` is the mock
    that it stands in, or the load whose type it says; `seen_from` the other file from which the specifier is read.
    """

    form: Form
    old: str
    written: str
    span: Span
    node: Node
    parent: Node
    scope: Scope
    type_only: bool = False
    reaches: list[Reach] = field(default_factory=list)
    binding: Binding | None = None
    braces: Node | None = None
    declarator: Node | None = None
    parameter: Node | None = None
    assignment: Node | None = None
    takes: list[Take] = field(default_factory=list)
    spreads: list[tuple[Node, Node]] = field(default_factory=list)
    alone: bool = False
    owner: Load | None = None
    seen_from: str = ""

    @property
    def escape(self) -> Reach | None:
        """The first place where the module object goes on as a whole."""
        return next((reach for reach in self.reaches if reach.why), None)


# Calls that give the module object for a path: at once, or as a promise.
_LOADERS = frozenset(("require", "requireActual", "requireMock", "proxyquire", "rewire"))
_PROMISING_LOADERS = frozenset(("import", "importActual", "importMock", "importModule"))
_MOCKING = frozenset(
    (
        *("mock", "doMock", "unmock", "dontMock", "setMock", "deepUnmock", "doUnmock", "unstable_mockModule"),
        *("mockModule", "module"),
    )
)
_MOCKERS = frozenset(("jest", "vi", "vitest", "mock", "rstest", "bun", "t"))
# What gives back the very object it is given.
_PASSING = frozenset(
    ("mocked", "__importStar", "_interopRequireWildcard", "interopRequireWildcard", "__toESM", "__importDefault")
)
_LAZY = frozenset(("lazy", "dynamic", "defineAsyncComponent", "loadable", "asyncComponent"))
_TRANSPARENT = frozenset(
    ("parenthesized_expression", "non_null_expression", "as_expression", "satisfies_expression", "type_assertion")
)
_TYPE_PARENTS = frozenset(
    (
        *("type_query", "type_arguments", "type_annotation", "union_type", "intersection_type", "array_type"),
        *("type_alias_declaration", "parenthesized_type", "lookup_type", "index_type_query", "generic_type"),
        *("readonly_type", "tuple_type", "conditional_type", "constraint", "default_type", "rest_type"),
    )
)


def find_loads(source: SourceModule, context: Context) -> list[Load]:
    """Find every load of an old module in one file, in the order of the text."""
    text = source.tree.text
    if not context.has_index and not context.mentions.search(text) and "${" not in text and "glob" not in text:
        return []
    finder = _Finder(source, context)
    for placed in source.scopes.strings:
        finder.read_string(placed)
    for start, end in source.tree.hidden:
        finder.read_hidden(start, end)
    for comment in source.scopes.comments:
        finder.read_comment(comment)
    loads = sorted(finder.loads, key=lambda load: load.span)
    mocks = [load for load in loads if load.form is Form.MOCK]
    for load in loads:
        load.owner = next((mock for mock in mocks if mock is not load and _holds(mock.node, load.node)), None)
        if load.owner is None and load.form is Form.TYPE and load.escape is not None:
            load.owner = next((other for other in loads if _types(other, load)), None)
    return loads


def _types(load: Load, other: Load) -> bool:
    """Say whether a type of the whole module says what a load gives: `load<typeof import("./old")>("./old")`."""
    if load.form not in (Form.REQUIRE, Form.DYNAMIC) or load.old != other.old:
        return False
    return _holds(load.node, other.node) or (load.declarator is not None and _holds(load.declarator, other.node))


class _Finder:
    def __init__(self, source: SourceModule, context: Context) -> None:
        self.source = source
        self.tree = source.tree
        self.scopes = source.scopes
        self.context = context
        self.loads: list[Load] = []

    # -- what loads the module --------------------------------------------------------------------------------------

    def read_string(self, placed: Placed) -> None:
        written = string_value(self.tree, placed.node)
        if written is None and placed.node.type == "template_string":
            self.read_template(placed)
        if written and "*" in written:
            self.read_glob(placed, written)
        if not written or not self.context.mentions.search(written):
            return
        old = self.context.old_of(written, self.source.path)
        start, end = self.tree.span(placed.node)
        span = start + 1, end - 1
        parent = placed.parent
        if old is None:
            self.read_other_string(placed, written, span)
            return
        form, node, above = self.form_of(placed.node, parent)
        load = Load(form, old, written, span, node, above, placed.scope)
        self.loads.append(load)
        if form in (Form.IMPORT, Form.EXPORT, Form.IMPORT_EQUALS):
            self.read_statement(load)
        elif form in (Form.REQUIRE, Form.DYNAMIC, Form.TYPE):
            awaited = _awaited_callee(node) is not None
            self.follow(load, node, above, promise=form is Form.DYNAMIC and not awaited)

    def read_template(self, placed: Placed) -> None:
        """`import(`./lib/${name}.js`)`: a path that is computed, and may be that of an old module."""
        call = placed.parent.parent
        if placed.parent.type != "arguments" or call is None or not self.is_loading(call):
            return
        first = next(iter(placed.node.named_children), None)
        if first is None or not self.tree.code(first).startswith((".", "/")):
            return
        pieces = [
            "[^/]*" if child.type == "template_substitution" else re.escape(self.tree.code(child))
            for child in placed.node.named_children
        ]
        self.add_computed(placed, "".join(pieces).replace(r"\[\^/\]\*", "[^/]*"))

    def read_glob(self, placed: Placed, written: str) -> None:
        """`import.meta.glob("./lib/*.js")`."""
        call = placed.parent.parent
        while call is not None and call.type in ("array", "arguments"):
            call = call.parent
        callee = call.child_by_field_name("function") if call is not None else None
        if callee is None or "glob" not in self.tree.code(callee).lower():
            return
        pattern = re.escape(written).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        self.add_computed(placed, pattern)

    def is_loading(self, call: Node) -> bool:
        callee = call.child_by_field_name("function")
        return callee is not None and (callee.type == "import" or self.callee_name(callee) in _LOADERS)

    def add_computed(self, placed: Placed, pattern: str) -> None:
        folder = posixpath.dirname(self.source.path) or "."
        for old in sorted(self.context.olds):
            relative = posixpath.relpath(old, folder)
            spelled = relative if relative.startswith("../") else f"./{relative}"
            stem = posixpath.splitext(spelled)[0]
            if any(re.fullmatch(pattern, way) for way in (spelled, stem, f"{stem}.js", f"/{old}")):
                start, end = self.tree.span(placed.node)
                span = start + 1, end - 1
                written = self.tree.text[start + 1 : end - 1]
                self.loads.append(Load(Form.COMPUTED, old, written, span, placed.node, placed.parent, placed.scope))

    def form_of(self, string: Node, parent: Node) -> tuple[Form, Node, Node]:
        """Say what kind of load a string is part of, with the statement or call, and the node above that."""
        if parent.type == "import_require_clause":
            statement = _above(parent)
            return Form.IMPORT_EQUALS, statement, _above(statement)
        if parent.type == "import_statement":
            return Form.IMPORT, parent, _above(parent)
        if parent.type == "export_statement":
            kinds = {child.type for child in parent.children}
            form = (
                Form.EXPORT if "export_clause" in kinds else Form.STAR_AS if "namespace_export" in kinds else Form.STAR
            )
            return form, parent, _above(parent)
        if parent.type == "module" and parent.child_by_field_name("name") == string:
            return Form.AUGMENT, parent, _above(parent)
        if parent.type == "arguments" and _first_argument(parent) == string:
            call = _above(parent)
            above = _above(call)
            if above.type == "arguments" and _first_argument(above) == call and self.is_mock(_above(above)):
                # vi.mock(import("./old"), …)
                return Form.MOCK, _above(above), _above(_above(above))
            form = self.form_of_call(call, above)
            return form, call if form is not Form.FILE else string, above if form is not Form.FILE else parent
        return Form.TEXT, string, parent

    def form_of_call(self, call: Node, above: Node) -> Form:
        if call.type == "new_expression":
            return Form.FILE
        callee = _awaited_callee(call) or call.child_by_field_name("function")
        if callee is None:
            return Form.TEXT
        if callee.type == "import":
            member = above.child_by_field_name("property") if above.type == "member_expression" else None
            if above.type in _TYPE_PARENTS or _is_left_of_type(call, above):
                return Form.TYPE
            if member is not None and self.tree.code(member) not in ("then", "catch", "finally"):
                return Form.TYPE
            return Form.DYNAMIC
        name = self.callee_name(callee)
        if name == "require" and callee.type == "identifier":
            return Form.REQUIRE
        owner = self.callee_owner(callee)
        if owner == "require" or (owner.endswith("meta") and name == "resolve"):
            return Form.FILE
        if owner in ("jest", "vi", "vitest", "rstest") and name in _LOADERS:
            return Form.REQUIRE
        if owner in ("jest", "vi", "vitest", "rstest") and name in _PROMISING_LOADERS:
            return Form.DYNAMIC
        if self.is_mock(call):
            return Form.MOCK
        return Form.TEXT

    def is_mock(self, call: Node) -> bool:
        callee = call.child_by_field_name("function")
        return (
            callee is not None
            and callee.type == "member_expression"
            and self.callee_name(callee) in _MOCKING
            and self.callee_owner(callee).split(".")[0] in _MOCKERS
        )

    def callee_name(self, callee: Node) -> str:
        if callee.type == "member_expression":
            name = callee.child_by_field_name("property")
            return self.tree.code(name) if name is not None else ""
        return self.tree.code(callee) if callee.type == "identifier" else ""

    def callee_owner(self, callee: Node) -> str:
        """Give `jest` for `jest.mock`, also in a chain: `jest.mock("a").mock("b")`."""
        if callee.type != "member_expression":
            return ""
        owner = callee.child_by_field_name("object")
        while owner is not None and owner.type == "call_expression":
            function = owner.child_by_field_name("function")
            owner = function.child_by_field_name("object") if function is not None else None
        return self.tree.code(owner) if owner is not None else ""

    def read_other_string(self, placed: Placed, written: str, span: Span) -> None:
        """A key of stubs (`proxyquire("./user", { "./old": … })`) is seen from the file that is loaded with them."""
        call = placed.parent.parent
        while call is not None and call.type in ("object", "pair", "arguments"):
            call = call.parent
        if placed.parent.type != "pair" or call is None or call.type != "call_expression":
            # A path from the root, in a setting or a message.
            path = written.removeprefix("./")
            if path in self.context.olds and "/" in written:
                self.loads.append(Load(Form.TEXT, path, written, span, placed.node, placed.parent, placed.scope))
            return
        arguments = call.child_by_field_name("arguments")
        first = _first_argument(arguments) if arguments is not None else None
        loaded = string_value(self.tree, first) or ""
        target = self.context.finder.resolve(loaded, self.source.path) if loaded else None
        old = self.context.old_of(written, target) if target else None
        if old is not None:
            load = Load(Form.STUBS, old, written, span, placed.parent, _above(placed.parent), placed.scope)
            load.seen_from = target or ""
            self.loads.append(load)

    def read_hidden(self, start: int, end: int) -> None:
        """`import("./old").T` in a type that the grammar cannot read."""
        text = self.tree.text
        match = _TYPE_IMPORT.match(text, start)
        if match is not None:
            self.add_type_import(match, self.tree.node_at(start, end) or self.tree.root, 0)

    def read_comment(self, comment: Node) -> None:
        """`/** @type {import("./old").T} */`, `/** @import { T } from "./old" */`, `/// <reference path="./old" />`."""
        text = self.tree.code(comment)
        if not self.context.mentions.search(text):
            return
        start = self.tree.start(comment)
        for match in _TYPE_IMPORT.finditer(text):
            self.add_type_import(match, comment, start)
        for match in _COMMENT_IMPORT.finditer(text):
            old = self.context.old_of(match["written"], self.source.path)
            if old is None:
                continue
            span = start + match.start("written"), start + match.end("written")
            load = Load(Form.TYPE, old, match["written"], span, comment, _above(comment), self.scopes.module, True)
            names = match["names"]
            for name in re.finditer(r"(?P<name>[\w$]+)(?:\s+as\s+[\w$]+)?", names or ""):
                place = start + match.start("names") + name.start("name")
                load.reaches.append(Reach(name["name"], (place, place + len(name["name"])), typing=True))
            if not load.reaches:
                load.reaches.append(Reach("", span, why="a comment imports the whole module", typing=True))
            self.loads.append(load)
        for match in _REFERENCE_PATH.finditer(text):
            old = self.context.old_of(match["written"], self.source.path)
            if old is not None:
                span = start + match.start("written"), start + match.end("written")
                self.loads.append(Load(Form.FILE, old, match["written"], span, comment, comment, self.scopes.module))

    def add_type_import(self, match: re.Match[str], node: Node, offset: int) -> None:
        old = self.context.old_of(match["written"], self.source.path)
        if old is None:
            return
        span = offset + match.start("written"), offset + match.end("written")
        load = Load(Form.TYPE, old, match["written"], span, node, _above(node), self.scopes.module, True)
        name = match["name"] or match["index"]
        place = offset + match.start(), offset + match.end()
        why = "" if name else "the type of the whole module is asked for"
        load.reaches.append(Reach(name or "", place, typing=True, why=why))
        self.loads.append(load)

    # -- statements -------------------------------------------------------------------------------------------------

    def read_statement(self, load: Load) -> None:
        statement = load.node
        load.type_only = any(child.type in ("type", "typeof") for child in statement.children)
        clause = next((child for child in statement.children if child.type in _CLAUSES), None)
        if clause is None:
            load.alone = True
            return
        if clause.type == "import_require_clause":
            name = clause.named_children[0]
            load.declarator = clause
            self.follow_name(load, name, load.scope)
            if any(child.type == "export" for child in statement.children):
                load.reaches.append(Reach("", self.tree.span(name), why="the module object is exported"))
            return
        if clause.type == "export_clause":
            load.braces = clause
            self.read_specifiers(load, clause)
            return
        for child in clause.named_children:
            if child.type == "identifier":
                if self.context.is_commonjs(load.old):
                    load.declarator = child
                    self.follow_name(load, child, load.scope)
                else:
                    load.reaches.append(Reach("default", self.tree.span(child), entry=child, typing=load.type_only))
            elif child.type == "namespace_import":
                load.declarator = child
                self.follow_name(load, child.named_children[-1], load.scope)
            elif child.type == "named_imports":
                load.braces = child
                self.read_specifiers(load, child)

    def read_specifiers(self, load: Load, braces: Node) -> None:
        for item in braces.named_children:
            if item.type not in ("import_specifier", "export_specifier"):
                continue
            name, alias = specifier_names(self.tree, item)
            typing = load.type_only or any(child.type in ("type", "typeof") for child in item.children[:-1])
            if name == "default" and load.form is Form.IMPORT and self.context.is_commonjs(load.old):
                node = item.child_by_field_name("alias")
                if node is not None and alias:
                    load.reaches.append(
                        Reach("", self.tree.span(item), entry=item, why="`default` of CommonJS is the whole module")
                    )
                    continue
            load.reaches.append(Reach(name, self.tree.span(item), entry=item, typing=typing))

    # -- following the module object --------------------------------------------------------------------------------

    def follow_name(self, load: Load, name: Node, scope: Scope) -> None:
        """Follow every use of the name that holds the module object."""
        text = self.tree.code(name)
        binding = scope.lookup(text, Space.VALUE) or scope.lookup(text, Space.BOTH)
        if binding is None:
            load.reaches.append(Reach("", self.tree.span(name), why="the module object is kept in a global"))
            return
        load.binding = binding
        for use in self.scopes.uses_of(binding):
            if use.writes:
                if use.node != name and not self.is_set_to_old(use, load.old):
                    why = f"`{use.name}` may also be something else here"
                    load.reaches.append(Reach("", self.tree.span(use.node), why=why))
            elif use.exported or use.shorthand:
                why = "the module object is exported" if use.exported else "the module object is passed on"
                self.escape(load, use.node, why)
            else:
                self.follow(load, use.node, use.parent, promise=False)
        if self.source.path.endswith((".vue", ".svelte", ".astro")):
            self.check_markup(load, text)

    def is_set_to_old(self, use: Use, old: str) -> bool:
        """Say whether a name is set to the same module once more, as before each of several tests."""
        value = use.parent.child_by_field_name("right") if use.parent.type == "assignment_expression" else None
        while value is not None and value.type in (*_TRANSPARENT, "await_expression"):
            value = value.named_children[0]
        arguments = value.child_by_field_name("arguments") if value is not None else None
        written = string_value(self.tree, _first_argument(arguments)) if arguments is not None else None
        return bool(written) and self.context.old_of(written or "", self.source.path) == old

    def check_markup(self, load: Load, name: str) -> None:
        """What stands in the markup of a component is not parsed: a name that is used there must stay what it is."""
        source = self.tree.source.decode()
        for match in re.finditer(rf"(?<![\w$.]){re.escape(name)}(?![\w$])", self.tree.text):
            if source[match.start() : match.end()] != match.group():
                load.reaches.append(Reach("", match.span(), why=f"the markup uses the module object `{name}`"))

    def escape(self, load: Load, node: Node, why: str) -> None:
        homes = self.context.relocation(load.old).homes
        # A function whose properties went elsewhere may still be called; who gets it whole may ask for any of them.
        if WHOLE in homes and (
            _above(node).type in _CALLS or all(home.module == homes[WHOLE].module for home in homes.values())
        ):
            load.reaches.append(Reach(WHOLE, self.tree.span(node), holder=node))
        else:
            load.reaches.append(Reach("", self.tree.span(node), holder=node, why=why))

    def reach(self, load: Load, name: str, node: Node, holder: Node) -> None:
        """Note `holder.name`; where `default` is the whole of a CommonJS module, go on with that."""
        above = _above(node)
        if name == "default" and self.context.is_commonjs(load.old):
            self.follow(load, node, above, promise=False)
            return
        called = above.type in ("call_expression", "new_expression") and above.child_by_field_name("function") == node
        called = called or (above.type == "new_expression" and above.child_by_field_name("constructor") == node)
        left = above.child_by_field_name("left")
        writes = above.type.endswith("assignment_expression") and left == node
        typing = node.type in ("nested_type_identifier", "nested_identifier") or above.type == "type_query"
        load.reaches.append(
            Reach(name, self.tree.span(node), holder=holder, called=called, writes=writes, typing=typing)
        )

    def follow(self, load: Load, node: Node, parent: Node, *, promise: bool, holder: Node | None = None) -> None:
        """Follow the module object, which is the value of `node`, to what is done with it."""
        holder = holder or node
        kind = parent.type
        if kind in _TRANSPARENT:
            self.follow(load, parent, _above(parent), promise=promise, holder=holder)
        elif kind == "await_expression":
            self.follow(load, parent, _above(parent), promise=False, holder=holder)
        elif kind == "expression_statement" or (kind == "unary_expression" and self.tree.code(parent)[:4] == "void"):
            load.alone = True
        elif promise:
            self.follow_promise(load, node, parent, holder)
        elif kind == "member_expression" and parent.child_by_field_name("object") == node:
            name = parent.child_by_field_name("property")
            self.reach(load, self.tree.code(name) if name is not None else "", parent, holder)
        elif kind == "nested_type_identifier" and parent.child_by_field_name("module") == node:
            name = parent.child_by_field_name("name")
            self.reach(load, self.tree.code(name) if name is not None else "", parent, holder)
        elif kind == "nested_identifier" and parent.child_by_field_name("object") == node:
            name = parent.child_by_field_name("property")
            self.reach(load, self.tree.code(name) if name is not None else "", parent, holder)
        elif kind == "subscript_expression" and parent.child_by_field_name("object") == node:
            index = string_value(self.tree, parent.child_by_field_name("index"))
            if index is None:
                self.escape(load, node, "the name is computed")
            else:
                self.reach(load, index, parent, holder)
        elif kind == "variable_declarator" and parent.child_by_field_name("value") == node:
            target = parent.child_by_field_name("name")
            if load.binding is not None and target is not None and target.type == "object_pattern":
                load.takes.append(Take(parent, target, holder))
                self.read_pattern(load, target, holder)
            elif load.binding is not None:
                self.escape(load, node, "the module object gets another name")
            else:
                self.follow_target(load, target, parent)
        elif kind == "assignment_expression" and parent.child_by_field_name("right") == node:
            left = parent.child_by_field_name("left")
            if left is not None and left.type in ("identifier", "object_pattern") and _is_statement(parent):
                load.assignment = parent
                self.follow_target(load, left, None)
            else:
                self.escape(load, node, "the module object is passed on")
        elif kind == "arguments":
            self.follow_argument(load, node, parent, holder)
        elif kind == "spread_element" and _above(parent).type == "object":
            load.spreads.append((parent, holder))
        elif kind == "binary_expression" and parent.child_by_field_name("right") == node:
            left_text = string_value(self.tree, parent.child_by_field_name("left"))
            operator = parent.child_by_field_name("operator")
            if left_text is not None and operator is not None and operator.type == "in":
                load.reaches.append(Reach(left_text, self.tree.span(parent), holder=holder))
            else:
                self.escape(load, node, "the module object is passed on")
        elif kind in ("type_query", "parenthesized_type", "lookup_type"):
            self.follow_type(load, node, parent, holder)
        else:
            self.escape(load, node, "the module object is passed on")

    def follow_type(self, load: Load, node: Node, parent: Node, holder: Node) -> None:
        """`(typeof import("./old"))["name"]`."""
        while parent.type in ("type_query", "parenthesized_type"):
            node, parent = parent, _above(parent)
        if parent.type == "lookup_type" and parent.named_children[0] == node:
            index = parent.named_children[-1]
            name = string_value(self.tree, index.named_children[0]) if index.type == "literal_type" else None
            if name is not None:
                load.reaches.append(Reach(name, self.tree.span(parent), holder=holder, typing=True))
                return
        span = self.tree.span(node)
        load.reaches.append(Reach("", span, holder, typing=True, why="the type of the whole module is asked for"))

    def follow_promise(self, load: Load, node: Node, parent: Node, holder: Node) -> None:
        """`import("./old")` without `await`."""
        call = _above(parent)
        name = parent.child_by_field_name("property") if parent.type == "member_expression" else None
        method = self.tree.code(name) if name is not None else ""
        if method == "then" and call.type == "call_expression":
            arguments = call.child_by_field_name("arguments")
            callback = _first_argument(arguments) if arguments is not None else None
            parameter = _first_parameter(callback)
            if parameter is None:
                self.escape(load, node, "the module object is passed on")
            elif callback is not None:
                load.parameter = parameter
                self.follow_target(load, parameter, None, inside=callback)
        elif method in ("catch", "finally") and call.type == "call_expression":
            self.follow(load, call, _above(call), promise=True, holder=holder)
        elif parent.type == "arrow_function" and self.is_lazy(parent):
            load.reaches.append(Reach("default", self.tree.span(node), holder=node))
        elif parent.type == "array" and (place := self.place_in_all(node, parent)) is not None:
            self.follow_target(load, place, None)
        else:
            self.escape(load, node, "the promise of the module is passed on")

    def is_lazy(self, arrow: Node) -> bool:
        """Say whether a function is given to `React.lazy` or one of its kind, which take the default export."""
        call = _above(_above(arrow))
        callee = call.child_by_field_name("function") if call.type == "call_expression" else None
        return callee is not None and self.callee_name(callee) in _LAZY

    def place_in_all(self, node: Node, array: Node) -> Node | None:
        """`const [here] = await Promise.all([import("./old")])`."""
        call = _above(_above(array))
        callee = call.child_by_field_name("function") if call.type == "call_expression" else None
        if callee is None or self.tree.code(callee) != "Promise.all":
            return None
        waiting = _above(call)
        declarator = _above(waiting)
        if waiting.type != "await_expression" or declarator.type != "variable_declarator":
            return None
        pattern = declarator.child_by_field_name("name")
        if pattern is None or pattern.type != "array_pattern" or "," in _holes(self.tree.code(pattern)):
            return None
        index = [child.id for child in array.named_children if child.type != "comment"].index(node.id)
        places = [child for child in pattern.named_children if child.type != "comment"]
        return places[index] if index < len(places) and places[index].type != "rest_pattern" else None

    def follow_target(
        self, load: Load, target: Node | None, declarator: Node | None, inside: Node | None = None
    ) -> None:
        """Follow what the module object is assigned to: a name, or names in braces."""
        if target is None:
            return
        if declarator is not None:
            load.declarator = declarator
        if target.type in ("required_parameter", "optional_parameter"):
            target = target.child_by_field_name("pattern") or target
        if target.type == "identifier":
            self.follow_name(load, target, self.scope_at(load, inside))
        elif target.type == "object_pattern":
            load.braces = target
            self.read_pattern(load, target)
        else:
            self.escape(load, target, "the module object is passed on")

    def scope_at(self, load: Load, function: Node | None) -> Scope:
        """Give the scope of the parameters of `function`, else that of the load."""
        return load.scope if function is None else self.scopes.functions[function.id]

    def read_pattern(self, load: Load, pattern: Node, holder: Node | None = None) -> None:
        """Note the names that a pattern takes out of the module object, or out of `holder`, a name that has it."""
        for item in pattern.named_children:
            if item.type == "comment":
                continue
            value: Node | None = None
            name: str | None = None
            if item.type == "shorthand_property_identifier_pattern":
                name = self.tree.code(item)
            elif item.type == "object_assignment_pattern":
                left = item.child_by_field_name("left")
                name = self.tree.code(left) if left is not None else None
            elif item.type == "pair_pattern":
                key = item.child_by_field_name("key")
                value = item.child_by_field_name("value")
                name = string_value(self.tree, key)
                if name is None and key is not None and key.type == "property_identifier":
                    name = self.tree.code(key)
            if name == "default" and value is not None and self.context.is_commonjs(load.old):
                self.follow_default(load, value)
            elif name is not None:
                load.reaches.append(Reach(name, self.tree.span(item), holder=holder, entry=item))
            else:
                why = "the rest of the module is taken" if item.type == "rest_pattern" else "the name is computed"
                load.reaches.append(Reach("", self.tree.span(item), why=why))

    def follow_default(self, load: Load, target: Node) -> None:
        """`const { default: old } = await import("./old.cjs")`: the whole module, under `default`."""
        declarator, braces = load.declarator, load.braces
        self.follow_target(load, target, declarator)
        load.braces = braces if load.braces is None else load.braces

    def follow_argument(self, load: Load, node: Node, arguments: Node, holder: Node) -> None:
        call = _above(arguments)
        callee = call.child_by_field_name("function") if call.type == "call_expression" else None
        given = [child for child in arguments.named_children if child.type != "comment"]
        named = string_value(self.tree, given[1]) if len(given) > 1 and given[0] == node else None
        if callee is not None and self.callee_name(callee) in _PASSING and len(given) == 1:
            self.follow(load, call, _above(call), promise=False, holder=holder)
        elif named is not None and named in self.context.relocation(load.old).homes:
            # As in `spyOn(old, "name")`, `stub(old, "name")`, `Reflect.get(old, "name")`.
            load.reaches.append(Reach(named, self.tree.span(given[1]), holder=holder, writes=True))
        else:
            self.escape(load, node, "the module object is passed on")


_CLAUSES = ("import_clause", "export_clause", "import_require_clause")
_TYPE_IMPORT = re.compile(
    r"import\(\s*(?P<quote>['\"])(?P<written>[^'\"\r\n]*)(?P=quote)\s*(?:,[^()]*)?\)"
    r"(?:\s*\.\s*(?P<name>[\w$]+)|\)?\[\s*['\"](?P<index>[\w$]+)['\"]\s*\])?"
)
_COMMENT_IMPORT = re.compile(
    r"@import\s+(?:type\s+)?(?:\{(?P<names>[^{}]*)\}|[^'\"{}\r\n]*?)\s*from\s*(?P<quote>['\"])(?P<written>[^'\"\r\n]*)(?P=quote)"
)
_REFERENCE_PATH = re.compile(r"<reference\s+path\s*=\s*(['\"])(?P<written>[^'\"\r\n]*)\1")


def _awaited_callee(call: Node) -> Node | None:
    """Give `f` of `await f<T>(x)`, which the grammar reads as `(await f)<T>(x)`."""
    callee = call.child_by_field_name("function")
    if callee is None or callee.type != "await_expression" or call.child_by_field_name("type_arguments") is None:
        return None
    return callee.named_children[0]


_CALLS = frozenset(("call_expression", "new_expression", "class_heritage", "extends_clause"))


def _above(node: Node) -> Node:
    """Give the node above; the root is above itself."""
    return node.parent or node


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def _first_argument(arguments: Node) -> Node | None:
    return next((child for child in arguments.named_children if child.type != "comment"), None)


def _first_parameter(function: Node | None) -> Node | None:
    """Give the only parameter of a function written in place; None for anything else."""
    if function is None or function.type not in ("arrow_function", "function_expression"):
        return None
    single = function.child_by_field_name("parameter")
    if single is not None:
        return single
    parameters = function.child_by_field_name("parameters")
    given = [child for child in parameters.named_children if child.type != "comment"] if parameters is not None else []
    return given[0] if len(given) == 1 else None


def _is_statement(node: Node) -> bool:
    above = _above(node)
    while above.type == "parenthesized_expression":
        above = _above(above)
    return above.type == "expression_statement"


def _is_left_of_type(call: Node, above: Node) -> bool:
    """Say whether `import("./old")` stands where only a type can: `x as import("./old")`."""
    return above.type in ("as_expression", "satisfies_expression") and above.named_children[0] != call


def _holes(pattern: str) -> str:
    return pattern if re.search(r"\[\s*,|,\s*,", pattern) else ""
