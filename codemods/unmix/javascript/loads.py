"""A load of an old module: one place that means it, and the names that are reached from there.

Plain facts about nodes that callsites.py finds and following.py fills in; what they become is for rewrite.py to decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tree_sitter import Node

from unmix.javascript.scopes import Binding, Scope
from unmix.javascript.syntax import Span, SyntaxTree


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
    that take names out of the bound object, `spreads` holds each `...`, or argument of `Object.assign`, that
    copies it, with the expression that is the module object; `checks` are the names that are only asked whether they
    hold it; `alone` when only its effects matter; `owner` is the mock
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
    checks: list[Node] = field(default_factory=list)
    alone: bool = False
    owner: Load | None = None
    seen_from: str = ""

    @property
    def escape(self) -> Reach | None:
        """The first place where the module object goes on as a whole."""
        return next((reach for reach in self.reaches if reach.why), None)


def callee_name(tree: SyntaxTree, callee: Node) -> str:
    """Give `f` of `f` and of `a.b.f`; "" for anything else that is called."""
    if callee.type == "member_expression":
        name = callee.child_by_field_name("property")
        return tree.code(name) if name is not None else ""
    return tree.code(callee) if callee.type == "identifier" else ""


def first_argument(arguments: Node) -> Node | None:
    """Give the first argument of a call, after the comments that speak to bundlers."""
    return next((child for child in arguments.named_children if child.type != "comment"), None)


def parent_of(node: Node) -> Node:
    """Give the node above; the root is above itself."""
    return node.parent or node
