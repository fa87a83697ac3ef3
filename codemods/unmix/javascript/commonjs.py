"""Find where a CommonJS module speaks of its exports: what it assigns, reads, and does with the object itself.

Takes Scopes, gives plain data and the nodes of the statements concerned. Decides nothing; what no text can tell (names
made at run time, the object handed on) is a refusal with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tree_sitter import Node

from unmix.javascript.scopes import How, Scopes, Space, Use, When
from unmix.javascript.syntax import Span, SyntaxTree, string_value

WHOLE = "module.exports"


@dataclass(frozen=True, slots=True)
class Touch:
    """One place that names a property of the exports: `exports.x` or `module.exports.x`; `span` is what comes before.

    `defines` when it is assigned while the module loads, `writes` when it is assigned at all.
    """

    name: str
    span: Span
    line: int
    use: Use
    defines: bool
    writes: bool
    called: bool


@dataclass(frozen=True)
class Exporting:
    """All that a module does with its exports.

    `lists` has the object of each `module.exports = {…}` by the id of its statement, `refusals` places and reasons;
    `assigned` the exports of the other statements: each name (WHOLE: the object itself) with the identifier assigned;
    `marks` the statements that only say `__esModule`; `closed` when the whole may be a value that takes no properties.
    """

    touches: tuple[Touch, ...] = ()
    lists: Mapping[int, Node] = field(default_factory=dict)
    refusals: tuple[tuple[int, str], ...] = ()
    assigned: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    marks: frozenset[int] = frozenset()
    closed: bool = False


def find_touches(scopes: Scopes) -> Exporting:
    """Find what a CommonJS module does with its exports."""
    return _Finder(scopes).find()


class _Finder:
    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.tree: SyntaxTree = scopes.tree
        self.touches: list[Touch] = []
        self.lists: dict[int, Node] = {}
        self.refusals: list[tuple[int, str]] = []
        self.assigned: dict[int, list[tuple[str, str]]] = {}
        self.marks: set[int] = set()
        self.closed = False

    def find(self) -> Exporting:
        for use in self.scopes.uses:
            if use.name in ("exports", "module") and self.scopes.resolve(use) is None:
                self.look_at(use)
        return Exporting(
            tuple(self.touches),
            self.lists,
            tuple(self.refusals),
            {key: tuple(pairs) for key, pairs in self.assigned.items()},
            frozenset(self.marks),
            self.closed,
        )

    def look_at(self, use: Use) -> None:
        tree = self.tree
        here: Node = use.node
        above: Node | None = use.parent
        if use.name == "module":
            name = _property(tree, use.parent, here)
            if name != "exports":
                if name in ("parent", None) and use.parent.type != "unary_expression":
                    shown = f"module.{name}" if name else "module"
                    why = f"`{shown}` is asked here, as by what starts a program, and each part would get its own"
                    self.refusals.append((self.tree.start(here), f"{why}; move that statement to a file of its own"))
                return
            here, above = use.parent, use.parent.parent
        if above is None:
            return
        name = _property(tree, above, here)
        if name is not None:
            self.touch(use, here, above, name)
        elif above.type == "assignment_expression" and _is(above.child_by_field_name("left"), here):
            self.assign_whole(use, above)
        elif above.type in ("assignment_expression", "variable_declarator"):
            self.alias(use, above)
        elif above.type == "arguments" and (defined := self.defined_property(above, here)) is not None:
            self.define(use, here, above, defined)
        else:
            self.refuse(
                here, "the exports are handed on as an object here, so what they hold is not known from the text"
            )

    def touch(self, use: Use, here: Node, member: Node, name: str) -> None:
        above = member.parent
        assigns = (
            above is not None
            and above.type == "assignment_expression"
            and _is(above.child_by_field_name("left"), member)
        )
        writes = assigns or (
            above is not None
            and above.type in ("update_expression", "augmented_assignment_expression", "unary_expression")
            and (above.type != "unary_expression" or self.tree.code(above).startswith("delete"))
            and (above.type != "augmented_assignment_expression" or _is(above.child_by_field_name("left"), member))
        )
        statement = self.statement_of(member)
        defines = assigns and use.when is When.LOAD and statement is not None
        called = (
            above is not None
            and above.type in ("call_expression", "new_expression")
            and (
                _is(above.child_by_field_name("function"), member)
                or _is(above.child_by_field_name("constructor"), member)
            )
        )
        self.touches.append(Touch(name, self.tree.span(here), self.tree.line_of(here), use, defines, writes, called))
        if defines and statement is not None and above is not None:
            self.add(statement, name, self.value_of(above))

    def assign_whole(self, use: Use, assignment: Node) -> None:
        """Read `module.exports = value`, also inside `exports = module.exports = value`."""
        value = self.last_value(assignment)
        statement = self.statement_of(assignment)
        if statement is None or use.when is not When.LOAD or statement.type not in _PLAIN:
            self.refuse(assignment, "`module.exports` is assigned in a condition or function, so it is not known which")
            return
        if use.name == "exports":
            if (
                value is not None
                and self.tree.code(value) not in (WHOLE, "exports")
                and WHOLE not in self.tree.code(assignment)
            ):
                self.refuse(assignment, "`exports` is assigned, which no other module sees")
            return
        direct = _is_direct(statement, assignment)
        if value is not None and value.type == "object" and statement.type == "expression_statement" and direct:
            if any(self.has_no_name(member) for member in value.named_children):
                self.refuse(
                    value, "`module.exports` has members whose names are not known from the text (`...`, `[…]`)"
                )
            self.lists[statement.id] = value
            return
        self.closed = self.closed or not self.is_open(value)
        named = value if direct and value is not None and value.type == "identifier" else None
        if named is None and direct and statement.type != "expression_statement":
            # const api = module.exports = {…}
            named = statement.named_children[0].child_by_field_name("name")
            named = named if named is not None and named.type == "identifier" else None
        self.add(statement, WHOLE, self.tree.code(named) if named is not None else "")

    def is_open(self, value: Node | None) -> bool:
        """Say whether a value surely takes further properties: a function, a class, a plain object."""
        if value is not None and value.type == "identifier":
            found = self.scopes.module.lookup(self.tree.code(value), Space.VALUE)
            if found is None or found.how is How.IMPORT:
                return False
            value = found.site if found.how in (How.FUNCTION, How.CLASS) else found.site.child_by_field_name("value")
        return value is not None and value.type in _OPEN

    def has_no_name(self, member: Node) -> bool:
        key = member.child_by_field_name("key") or member.child_by_field_name("name")
        if key is not None and self.tree.code(key).strip("\"'") == "__proto__":
            return True  # It sets what the exports inherit from.
        return member.type == "spread_element" or (key is not None and key.type == "computed_property_name")

    def alias(self, use: Use, above: Node) -> None:
        """`const api = module.exports` makes what follows go by another name: all of it is one value then."""
        statement = self.statement_of(above)
        if above.type == "assignment_expression" and _root_name(self.tree, above.child_by_field_name("left")) in (
            "exports",
            "module",
        ):
            return  # exports = module.exports
        if statement is None or use.when is not When.LOAD:
            self.refuse(
                above, "the exports are kept under another name here, so what they hold is not known from the text"
            )
            return
        self.add(statement, WHOLE, "")

    def defined_property(self, arguments: Node, here: Node) -> str | None:
        """Give the name in `Object.defineProperty(exports, "name", …)`."""
        call = arguments.parent
        function = call.child_by_field_name("function") if call is not None else None
        given = [child for child in arguments.named_children if child.type != "comment"]
        if function is None or self.tree.code(function) != "Object.defineProperty" or not _is(given[0], here):
            return None
        return string_value(self.tree, given[1]) if len(given) > 1 else None

    def define(self, use: Use, here: Node, arguments: Node, name: str) -> None:
        statement = self.statement_of(arguments)
        if statement is None or use.when is not When.LOAD:
            self.refuse(
                here, "the exports are handed on as an object here, so what they hold is not known from the text"
            )
        elif name == "__esModule":
            self.marks.add(statement.id)
        else:
            line = self.tree.line_of(here)
            self.touches.append(Touch(name, self.tree.span(here), line, use, defines=True, writes=True, called=False))
            self.add(statement, name, "")

    def add(self, statement: Node, name: str, local: str) -> None:
        self.assigned.setdefault(statement.id, []).append((name, local))

    def value_of(self, assignment: Node) -> str:
        value = self.last_value(assignment)
        return self.tree.code(value) if value is not None and value.type == "identifier" else ""

    def last_value(self, assignment: Node) -> Node | None:
        value = assignment.child_by_field_name("right")
        while value is not None and value.type == "assignment_expression":
            value = value.child_by_field_name("right")
        return value

    def statement_of(self, node: Node) -> Node | None:
        """Give the top-level statement around a node."""
        here: Node | None = node
        while here is not None and here.parent is not None:
            if here.parent.id == self.tree.root.id:
                return here
            here = here.parent
        return None

    def refuse(self, node: Node, reason: str) -> None:
        self.refusals.append((self.tree.start(node), f"{reason}; write the exports as plain names"))


_OPEN = frozenset(
    (
        *("function_declaration", "generator_function_declaration", "class_declaration"),
        *("function_expression", "generator_function", "arrow_function", "class", "object"),
    )
)
_PLAIN = frozenset(("expression_statement", "lexical_declaration", "variable_declaration"))


def _property(tree: SyntaxTree, member: Node, inner: Node) -> str | None:
    """Give `b` of `a.b` and `a["b"]`, when `inner` is `a`."""
    if not _is(member.child_by_field_name("object"), inner):
        return None
    if member.type == "member_expression":
        name = member.child_by_field_name("property")
        return tree.code(name) if name is not None else None
    if member.type == "subscript_expression":
        return string_value(tree, member.child_by_field_name("index"))
    return None


def _is_direct(statement: Node, assignment: Node) -> bool:
    """Say whether an assignment is all that a statement does: `a = b`, `x = a = b`, `const x = a = b`."""
    here: Node | None = statement.named_children[0] if statement.named_children else None
    if here is not None and here.type == "variable_declarator":
        here = here.child_by_field_name("value") if statement.named_child_count == 1 else None
    while here is not None and here.type == "assignment_expression":
        if here.id == assignment.id:
            return True
        here = here.child_by_field_name("right")
    return False


def _is(one: Node | None, other: Node) -> bool:
    return one is not None and one.id == other.id


def _root_name(tree: SyntaxTree, node: Node | None) -> str:
    while node is not None and node.type == "member_expression":
        node = node.child_by_field_name("object")
    return tree.code(node) if node is not None else ""
