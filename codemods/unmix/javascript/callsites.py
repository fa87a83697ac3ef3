"""Find every place in one file that means an old module.

Takes a SourceModule and a Context, gives the loads of the file; decides nothing about what they become (rewrite.py
does). Every reference begins with a string that means the old module, so the strings of a file are looked through, and
from each the module object is followed to the names that are read from it (following.py).
"""

from __future__ import annotations

import posixpath
import re

from tree_sitter import Node

from unmix.javascript.context import Context, SourceModule
from unmix.javascript.following import Follower
from unmix.javascript.loads import Form, Load, Reach, callee_name, first_argument, parent_of
from unmix.javascript.scopes import Placed
from unmix.javascript.syntax import Span, string_value

# Calls that give the module object for a path: at once, or as a promise.
_LOADERS = frozenset(("require", "requireActual", "requireMock", "proxyquire", "rewire"))
_PROMISING_LOADERS = frozenset(("import", "importActual", "importMock", "importModule"))
_MOCKING = frozenset(
    (
        *("mock", "doMock", "unmock", "dontMock", "setMock", "deepUnmock", "doUnmock", "unstable_mockModule"),
        *("mockModule", "module"),
    )
)
# Calls that load a file with stand-ins for what it loads, by paths.
_SUBSTITUTING = frozenset(("rewiremock", "esmock"))
_MOCKERS = frozenset(("jest", "vi", "vitest", "mock", "rstest", "bun", "t"))
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
        self.follower = Follower(source, context)
        self.loads: list[Load] = []

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
        if form is Form.TEXT and not self.is_path(placed, written):
            return
        load = Load(form, old, written, span, node, above, placed.scope)
        self.loads.append(load)
        if form in (Form.IMPORT, Form.EXPORT, Form.IMPORT_EQUALS):
            self.follower.read_statement(load)
        elif form in (Form.REQUIRE, Form.DYNAMIC, Form.TYPE):
            awaited = _awaited_callee(node) is not None
            self.follower.follow(load, node, above, promise=form is Form.DYNAMIC and not awaited)

    def is_path(self, placed: Placed, written: str) -> bool:
        """Say whether a string that nothing loads may be a path at all: most dots are only dots.

        version.split(".")    "name/" + version    against    proxyquire("..", stubs)
        """
        above = placed.parent
        if written.strip("./"):
            # A folder that more is added to is not the module of the folder.
            return not (written.endswith("/") and above.type == "binary_expression")
        callee = parent_of(above).child_by_field_name("function") if above.type == "arguments" else None
        return callee is not None and (
            callee.type == "identifier" or (callee_name(self.tree, callee) in _LOADERS | _PROMISING_LOADERS)
        )

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
        return callee is not None and (callee.type == "import" or callee_name(self.tree, callee) in _LOADERS)

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
            statement = parent_of(parent)
            return Form.IMPORT_EQUALS, statement, parent_of(statement)
        if parent.type == "import_statement":
            return Form.IMPORT, parent, parent_of(parent)
        if parent.type == "export_statement":
            kinds = {child.type for child in parent.children}
            form = (
                Form.EXPORT if "export_clause" in kinds else Form.STAR_AS if "namespace_export" in kinds else Form.STAR
            )
            return form, parent, parent_of(parent)
        if parent.type == "module" and parent.child_by_field_name("name") == string:
            return Form.AUGMENT, parent, parent_of(parent)
        if parent.type == "pair" and parent.child_by_field_name("key") == string and self.is_stand_in(parent):
            return Form.STUBS, parent, parent_of(parent)
        if parent.type == "arguments" and first_argument(parent) == string:
            call = parent_of(parent)
            above = parent_of(call)
            if above.type == "arguments" and first_argument(above) == call and self.is_mock(parent_of(above)):
                # vi.mock(import("./old"), …)
                return Form.MOCK, parent_of(above), parent_of(parent_of(above))
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
        name = callee_name(self.tree, callee)
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

    def is_stand_in(self, pair: Node) -> bool:
        """Say whether a key, seen from this file, is that of a stand-in for what a call loads.

        esmock("./user.js", { "./old.js": { … } })    rewiremock.proxy(() => require("./user"), (r) => ({ "./old": … }))
        """
        above = parent_of(pair)
        while above.type in ("object", "pair", "parenthesized_expression", "arrow_function"):
            above = parent_of(above)
        loaded = first_argument(above) if above.type == "arguments" else None
        if loaded is None or _holds(loaded, pair):
            return False
        callee = parent_of(above).child_by_field_name("function")
        by = re.match(r"[\w$]+", self.tree.code(callee)) if callee is not None else None
        written = string_value(self.tree, loaded)
        target = self.context.finder.resolve(written, self.source.path) if written else None
        if by is not None and by.group() == "proxyquire":
            # Its keys are seen from the file that is loaded.
            key = string_value(self.tree, pair.child_by_field_name("key")) or ""
            return target is not None and self.context.old_of(key, target) is not None
        if by is not None and by.group() in _SUBSTITUTING:
            return True
        if loaded.type in ("arrow_function", "function_expression"):
            return re.search(r"\b(?:require|import)\s*\(", self.tree.code(loaded)) is not None
        return target is not None

    def is_mock(self, call: Node) -> bool:
        callee = call.child_by_field_name("function")
        return (
            callee is not None
            and callee.type == "member_expression"
            and callee_name(self.tree, callee) in _MOCKING
            and self.callee_owner(callee).split(".")[0] in _MOCKERS
        )

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
        loaded = self.context.loaded_file(written, self.source.path)
        if loaded is not None:
            self.loads.append(Load(Form.FILE, loaded, written, span, placed.node, placed.parent, placed.scope))
            return
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
        first = first_argument(arguments) if arguments is not None else None
        user = string_value(self.tree, first) or ""
        target = self.context.finder.resolve(user, self.source.path) if user else None
        old = self.context.old_of(written, target) if target else None
        if old is not None:
            load = Load(Form.STUBS, old, written, span, placed.parent, parent_of(placed.parent), placed.scope)
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
            load = Load(Form.TYPE, old, match["written"], span, comment, parent_of(comment), self.scopes.module, True)
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
        load = Load(Form.TYPE, old, match["written"], span, node, parent_of(node), self.scopes.module, True)
        name = match["name"] or match["index"]
        place = offset + match.start(), offset + match.end()
        why = "" if name else "the type of the whole module is asked for"
        load.reaches.append(Reach(name or "", place, typing=True, why=why))
        self.loads.append(load)


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


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def _is_left_of_type(call: Node, above: Node) -> bool:
    """Say whether `import("./old")` stands where only a type can: `x as import("./old")`."""
    return above.type in ("as_expression", "satisfies_expression") and above.named_children[0] != call
