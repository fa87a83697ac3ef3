"""Resolve names by the language's own rules: scopes, what they bind, and where each name is used.

Takes a SyntaxTree, gives Scopes: one walk over the tree, which also notes the statements, strings and comments that
other modules look at, so that nobody has to walk it again. Knows nothing of files or of old modules.

How to use it:
    scopes = Scopes(tree)
    scopes.module.values["a"]        the bindings of the module-level name `a`, in the order of the text
    scopes.resolve(use)              the Binding that a Use reaches, None for globals and names that nothing defines
    scopes.uses_of(binding)          every Use that reaches it

- *Two spaces*: TypeScript looks types up apart from values. `Scope.values` and `Scope.types` hold what each can see;
  classes, enums, namespaces and imports stand in both. `Use.space` says where a use looks.
- *Hoisting*: `var` goes to the nearest function, module, namespace or static block; functions, classes, `let` and
  `const` to their block. Parameters have a scope of their own around that of the body, so a default value does not see
  the body's names.
- *When* a use is evaluated: LOAD while the module is evaluated (also static fields and blocks, decorators, heritage,
  computed keys, functions that are called where they stand), LATER inside functions, methods and instance fields,
  TYPING where only the compiler looks. This is what the text shows: a callback that a call at load runs at once, or a
  function that is called further down, counts as LATER; who needs to know more follows the calls.
- A Use is a *name*, never a property: in `a.b.c` only `a` is one. `Use.parent` is the node right above it, so
  `ns.member` is a use of `ns` whose parent is a `member_expression` with it as `object`.
- JSX: `<Name>` and `<ns.Name>` are uses, `<div>` is none; a closing tag counts as a use of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from tree_sitter import Node

from unmix.javascript.syntax import SyntaxTree


class When(IntEnum):
    """When a use is evaluated."""

    LOAD = 0
    LATER = 1
    TYPING = 2


class Space(Enum):
    """Where a use is looked up: among values, among types, or (export lists) in both."""

    VALUE = "value"
    TYPE = "type"
    BOTH = "both"


class How(Enum):
    """How a name is bound."""

    IMPORT = "import"
    VAR = "var"
    LEXICAL = "let, const or using"
    FUNCTION = "function"
    CLASS = "class"
    ENUM = "enum"
    NAMESPACE = "namespace"
    TYPE = "type"
    TYPE_PARAMETER = "type parameter"
    PARAMETER = "parameter"
    CATCH = "catch"
    SELF = "own name of an expression"


_TYPES_ONLY = frozenset((How.TYPE, How.TYPE_PARAMETER))
_VALUES_ONLY = frozenset((How.VAR, How.LEXICAL, How.FUNCTION, How.PARAMETER, How.CATCH))


@dataclass(eq=False, slots=True)
class Binding:
    """One declaration of a name.

    `node` is the name where it is declared, `site` the node that declares it: a variable_declarator, a declaration, a
    parameter, or for imports the import_specifier, namespace_import, import_require_clause or (default) import_clause.
    `statement` is the import_statement of an import, else None; `type_only` when an import or declaration leaves no
    trace in what runs (`import type`, `interface`, `declare`).
    """

    name: str
    how: How
    node: Node
    site: Node
    scope: Scope
    statement: Node | None = None
    type_only: bool = False


@dataclass(eq=False, slots=True)
class Scope:
    """One scope: `kind` is module, function, body, block, class, namespace, enum or type; `name` that of its owner."""

    kind: str
    node: Node
    parent: Scope | None
    name: str = ""
    values: dict[str, list[Binding]] = field(default_factory=dict)
    types: dict[str, list[Binding]] = field(default_factory=dict)

    def lookup(self, name: str, space: Space) -> Binding | None:
        """Give the first binding of `name` that is visible here; in both spaces a value comes before a type."""
        scope: Scope | None = self
        while scope is not None:
            if space is not Space.TYPE and (found := scope.values.get(name)):
                return found[0]
            if space is not Space.VALUE and (found := scope.types.get(name)):
                return found[0]
            scope = scope.parent
        return None

    def above(self) -> Iterator[Scope]:
        """Give this scope, the one around it, and so on to the module."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @property
    def qualified_name(self) -> str:
        """The dotted name of the functions and classes around; empty at module level."""
        return ".".join(reversed([scope.name for scope in self.above() if scope.name]))

    @property
    def bindings(self) -> list[Binding]:
        """Every binding of this scope, each once."""
        found = {id(one): one for names in (self.values, self.types) for many in names.values() for one in many}
        return list(found.values())


@dataclass(eq=False, slots=True)
class Use:
    """One place that uses a name.

    `writes` when the name is assigned there (`a = 1`, `a++`, `[a] = …`, `for (a of …)`), `shorthand` when it stands
    for a property of the same name, too (`{ a }`, also as a target), `exported` in `export { a }` and `export = a`.
    """

    name: str
    node: Node
    parent: Node
    scope: Scope
    when: When
    space: Space
    writes: bool = False
    shorthand: bool = False
    exported: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with the node right above it, and the scope it stands in."""

    node: Node
    parent: Node
    scope: Scope


class Scopes:
    """The scopes, uses and noted nodes of one tree.

    `imports` and `exports` are the statements of that kind, `strings` every string literal and template, `comments` the
    comments, `calls` every call and `new`; all in the order of the text. `functions` gives the scope of a function's
    parameters by the id of its node, `bound` every name that any scope binds.
    """

    def __init__(self, tree: SyntaxTree) -> None:
        self.tree = tree
        self.module = Scope("module", tree.root, None)
        self.uses: list[Use] = []
        self.imports: list[Placed] = []
        self.exports: list[Placed] = []
        self.strings: list[Placed] = []
        self.calls: list[Placed] = []
        self.comments: list[Node] = []
        self.functions: dict[int, Scope] = {}
        self.bound: set[str] = set()
        self._by_binding: dict[int, list[Use]] | None = None
        _Walk(self).run()

    def resolve(self, use: Use) -> Binding | None:
        """Give the binding that a use reaches; None for globals and names that nothing defines."""
        return use.scope.lookup(use.name, use.space)

    def uses_of(self, binding: Binding) -> list[Use]:
        """Give every use that reaches `binding`, in the order of the text."""
        if self._by_binding is None:
            self._by_binding = {}
            for use in self.uses:
                reached = self.resolve(use)
                if reached is not None:
                    self._by_binding.setdefault(id(reached), []).append(use)
        return self._by_binding.get(id(binding), [])


_Context = tuple[Scope, When]


class _Walk:
    """The walk: a stack of nodes to visit, each with the node above it, its scope and when it is evaluated."""

    def __init__(self, result: Scopes) -> None:
        self.result = result
        self.tree = result.tree
        self.stack: list[tuple[Node, Node, Scope, When]] = []
        self.immediate: set[int] = set()  # functions that are called where they stand

    def run(self) -> None:
        root = self.tree.root
        self.push_children(root, self.result.module, When.LOAD)
        handlers = _HANDLERS
        stack = self.stack
        while stack:
            node, parent, scope, when = stack.pop()
            handler = handlers.get(node.type)
            if handler is not None:
                handler(self, node, parent, scope, when)
            elif node.named_child_count:
                # Signs and keywords bind and use nothing.
                stack.extend([(child, node, scope, when) for child in reversed(node.named_children)])
        result = self.result
        result.uses.sort(key=lambda use: use.node.start_byte)
        for noted in (result.imports, result.exports, result.strings, result.calls):
            noted.sort(key=lambda placed: placed.node.start_byte)

    def push(self, node: Node | None, parent: Node, scope: Scope, when: When) -> None:
        if node is not None:
            self.stack.append((node, parent, scope, when))

    def push_children(self, node: Node, scope: Scope, when: When, *, but: tuple[Node | None, ...] = ()) -> None:
        children = node.named_children
        if but:
            skipped = {child.id for child in but if child is not None}
            children = [child for child in children if child.id not in skipped]
        self.stack.extend([(child, node, scope, when) for child in reversed(children)])

    # -- binding and using ------------------------------------------------------------------------------------------

    def bind(
        self,
        node: Node,
        how: How,
        site: Node,
        scope: Scope,
        *,
        statement: Node | None = None,
        type_only: bool = False,
    ) -> None:
        name = self.tree.code(node)
        if node.type == "string":
            name = name[1:-1]
        self.result.bound.add(name)
        binding = Binding(name, how, node, site, scope, statement, type_only or how in _TYPES_ONLY)
        if how not in _TYPES_ONLY:
            scope.values.setdefault(name, []).append(binding)
        if how not in _VALUES_ONLY:
            scope.types.setdefault(name, []).append(binding)

    def use(
        self,
        node: Node,
        parent: Node,
        scope: Scope,
        when: When,
        space: Space = Space.VALUE,
        *,
        writes: bool = False,
        exported: bool = False,
    ) -> None:
        shorthand = node.type.startswith("shorthand_")
        self.result.uses.append(
            Use(self.tree.code(node), node, parent, scope, when, space, writes, shorthand, exported)
        )

    def bind_pattern(self, node: Node, parent: Node, how: How, site: Node, scope: Scope, at: _Context) -> None:
        """Bind the names of a pattern; default values and computed keys are visited `at` another scope and time."""
        kind = node.type
        if kind in ("identifier", "shorthand_property_identifier_pattern"):
            self.bind(node, how, site, scope)
        elif kind in ("object_pattern", "array_pattern", "rest_pattern"):
            for child in node.named_children:
                self.bind_pattern(child, node, how, site, scope, at)
        elif kind == "pair_pattern":
            self.push(node.child_by_field_name("key"), node, *at)
            value = node.child_by_field_name("value")
            if value is not None:
                self.bind_pattern(value, node, how, site, scope, at)
        elif kind in ("assignment_pattern", "object_assignment_pattern"):
            self.push(node.child_by_field_name("right"), node, *at)
            left = node.child_by_field_name("left")
            if left is not None:
                self.bind_pattern(left, node, how, site, scope, at)
        elif kind != "this":
            self.push(node, parent, *at)

    def assign(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        """Note the names of an assignment target as uses that write."""
        kind = node.type
        if kind in ("identifier", "shorthand_property_identifier_pattern"):
            self.use(node, parent, scope, when, writes=True)
        elif kind in ("object_pattern", "array_pattern", "rest_pattern", "parenthesized_expression"):
            for child in node.named_children:
                self.assign(child, node, scope, when)
        elif kind == "pair_pattern":
            self.push(node.child_by_field_name("key"), node, scope, when)
            value = node.child_by_field_name("value")
            if value is not None:
                self.assign(value, node, scope, when)
        elif kind in ("assignment_pattern", "object_assignment_pattern"):
            self.push(node.child_by_field_name("right"), node, scope, when)
            left = node.child_by_field_name("left")
            if left is not None:
                self.assign(left, node, scope, when)
        else:
            self.push(node, parent, scope, when)

    def visit_identifier(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        # The grammar reads comparisons in `f<Partial<T>[]>(await g())`.
        compared = parent.type == "binary_expression" and {"<", ">"} & {child.type for child in parent.children}
        self.use(node, parent, scope, when, Space.BOTH if compared else Space.VALUE)

    def visit_type_identifier(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.use(node, parent, scope, When.TYPING, Space.TYPE)

    def visit_nested_type_identifier(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.use_head(node.child_by_field_name("module"), node, scope, Space.TYPE)

    def use_head(self, node: Node | None, parent: Node, scope: Scope, space: Space) -> None:
        """Note `A` of `A.B.C` in a type."""
        while node is not None and node.type in ("nested_identifier", "member_expression", "nested_type_identifier"):
            parent, node = node, node.child_by_field_name("object") or node.child_by_field_name("module")
        if node is not None and node.type == "identifier":
            self.use(node, parent, scope, When.TYPING, space)
        elif node is not None:
            self.push(node, parent, scope, When.TYPING)

    def visit_type_query(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.push_children(node, scope, When.TYPING)

    # -- what others look at ----------------------------------------------------------------------------------------

    def visit_string(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.result.strings.append(Placed(node, parent, scope))
        if node.type == "template_string":
            self.push_children(node, scope, when)

    def visit_comment(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.result.comments.append(node)

    def visit_call(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.result.calls.append(Placed(node, parent, scope))
        callee = _inside_parentheses(node.child_by_field_name("function"))
        if callee is not None and callee.type == "member_expression":
            # (function () { … }).call(this)
            method = callee.child_by_field_name("property")
            if method is not None and self.tree.code(method) in ("call", "apply"):
                callee = _inside_parentheses(callee.child_by_field_name("object"))
        if callee is not None and callee.type in _FUNCTION_EXPRESSIONS:
            self.immediate.add(callee.id)
        self.push_children(node, scope, when)

    # -- imports and exports ----------------------------------------------------------------------------------------

    def visit_import(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.result.imports.append(Placed(node, parent, scope))
        all_types = any(child.type == "type" for child in node.children)
        for child in node.children:
            if child.type == "import_require_clause":
                self.bind(child.named_children[0], How.IMPORT, child, scope, statement=node, type_only=all_types)
            elif child.type == "import_clause":
                self.bind_import_clause(child, node, scope, all_types)
            elif child.type != "import_attribute":
                self.push(child, node, scope, when)
            if child.type == "import_require_clause":
                self.push(child.child_by_field_name("source"), child, scope, when)

    def bind_import_clause(self, clause: Node, statement: Node, scope: Scope, all_types: bool) -> None:
        for child in clause.named_children:
            if child.type == "identifier":
                self.bind(child, How.IMPORT, clause, scope, statement=statement, type_only=all_types)
            elif child.type == "namespace_import":
                name = child.named_children[-1]
                self.bind(name, How.IMPORT, child, scope, statement=statement, type_only=all_types)
            elif child.type == "named_imports":
                for item in child.named_children:
                    name_node = item.child_by_field_name("alias") or item.child_by_field_name("name")
                    if item.type == "import_specifier" and name_node is not None:
                        one = any(part.type in ("type", "typeof") for part in item.children if not part.is_named)
                        self.bind(name_node, How.IMPORT, item, scope, statement=statement, type_only=all_types or one)

    def visit_import_alias(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        first, *rest = [child for child in node.named_children if child.type != "comment"]
        self.bind(first, How.NAMESPACE, node, scope)
        for child in rest:
            self.use_head(child, node, scope, Space.BOTH)

    def visit_export(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.result.exports.append(Placed(node, parent, scope))
        has_source = node.child_by_field_name("source") is not None
        kinds = {child.type for child in node.children}
        for child in reversed(node.children):
            if child.type == "export_clause":
                for item in child.named_children:
                    name = item.child_by_field_name("name")
                    if item.type == "comment":
                        self.push(item, child, scope, when)
                    elif not has_source and name is not None and name.type == "identifier":
                        self.use(name, item, scope, when, Space.BOTH, exported=True)
            elif child.type == "identifier":
                # `export = a`, `export default a`; but `export as namespace a` declares a global.
                if "namespace" not in kinds:
                    self.use(child, node, scope, when, Space.BOTH, exported=True)
            elif child.type not in ("namespace_export", "import_attribute"):
                self.push(child, node, scope, when)

    # -- declarations -----------------------------------------------------------------------------------------------

    def visit_declarator(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        name = node.child_by_field_name("name")
        self.push_children(node, scope, when, but=(name,))
        if name is not None:
            var = parent.type == "variable_declaration"
            holder = _var_scope(scope) if var else scope
            how = How.VAR if var else How.LEXICAL
            self.bind_pattern(name, node, how, node, holder, (scope, when))

    def visit_for_in(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        inner = Scope("block", node, scope)
        kind, left = node.child_by_field_name("kind"), node.child_by_field_name("left")
        self.push_children(node, inner, when, but=(left,))
        if left is None:
            return
        if kind is None and left.type == "subscript_expression" and self.tree.code(left.children[0]) == "let":
            # The grammar takes `for await (let [a] of b)` for the member `a` of something called `let`.
            for child in _flat(left.named_children[1:]):
                self.bind_pattern(child, left, How.LEXICAL, node, inner, (inner, when))
        elif kind is None:
            self.assign(left, node, inner, when)
        elif kind.type == "var":
            self.bind_pattern(left, node, How.VAR, node, _var_scope(scope), (inner, when))
        else:
            self.bind_pattern(left, node, How.LEXICAL, node, inner, (inner, when))

    def visit_labeled(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        """A label; in Svelte `$: total = price * 2` declares `total`."""
        body = node.child_by_field_name("body")
        inner = body.named_children[0] if body is not None and body.named_child_count else None
        label = node.child_by_field_name("label")
        if inner is not None and label is not None and self.tree.code(label) == "$":
            target = inner.child_by_field_name("left") if inner.type == "assignment_expression" else None
            if target is not None and target.type == "identifier" and self.tree.path.endswith(".svelte"):
                self.bind(target, How.LEXICAL, inner, scope)
        self.push(body, node, scope, when)

    def visit_block(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.push_children(node, Scope("block", node, scope), when)

    def visit_static_block(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.push_children(node, Scope("body", node, scope), when)

    def visit_catch(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        inner = Scope("block", node, scope)
        parameter = node.child_by_field_name("parameter")
        self.push_children(node, inner, when, but=(parameter,))
        if parameter is not None:
            self.bind_pattern(parameter, node, How.CATCH, node, inner, (inner, when))

    def is_declared(self, node: Node) -> bool:
        """Say whether a statement tells of what is elsewhere: `declare function a(): void`, or in a `.d.ts`."""
        above = node.parent
        return _DECLARATIONS.search(self.tree.path) is not None or (
            above is not None and above.type == "ambient_declaration"
        )

    def visit_function(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        plain = name is not None and name.type == "identifier"
        inner = Scope("function", node, scope, self.tree.code(name) if name is not None else "")
        self.result.functions[node.id] = inner
        if name is not None and plain and node.type in _FUNCTION_DECLARATIONS:
            # One that stands for itself, as in declarations, is a value; else the function itself follows.
            overload = node.type == "function_signature" and not self.is_declared(node)
            self.bind(name, How.FUNCTION, node, scope, type_only=overload)
        elif name is not None and plain:
            self.bind(name, How.SELF, node, inner)
        elif name is not None:
            self.push(name, node, scope, when)
        inside = when if node.id in self.immediate else max(when, When.LATER)
        if node.type in _SIGNATURES:
            inside = When.TYPING
        if body is not None:
            if body.type == "statement_block":
                self.push_children(body, Scope("body", body, inner), inside)
            else:
                self.push(body, node, inner, inside)
        parameter = node.child_by_field_name("parameter")
        if parameter is not None:
            self.bind_pattern(parameter, node, How.PARAMETER, node, inner, (inner, inside))
        done = {part.id for part in (name, body, parameter) if part is not None}
        for child in reversed(node.named_children):
            if child.id in done:
                continue
            self.push(child, node, *((scope, when) if child.type == "decorator" else (inner, inside)))

    def visit_parameters(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        for child in reversed(node.named_children):
            if child.type in _PATTERNS:
                self.bind_pattern(child, node, How.PARAMETER, child, scope, (scope, when))
            else:
                self.push(child, node, scope, when)

    def visit_typed_parameter(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        pattern = node.child_by_field_name("pattern") or node.child_by_field_name("name")
        self.push_children(node, scope, when, but=(pattern,))
        if pattern is not None:
            self.bind_pattern(pattern, node, How.PARAMETER, node, scope, (scope, when))

    def visit_class(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        name = node.child_by_field_name("name")
        inner = Scope("class", node, scope, self.tree.code(name) if name is not None else "")
        if name is not None:
            if node.type == "class":
                self.bind(name, How.SELF, node, inner)
            else:
                self.bind(name, How.CLASS, node, scope)
        for child in reversed(node.named_children):
            if name is None or child.id != name.id:
                self.push(child, node, scope if child.type == "decorator" else inner, when)

    def visit_field(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        value = node.child_by_field_name("value")
        static = any(child.type == "static" for child in node.children)
        self.push_children(node, scope, when, but=(value,))
        self.push(value, node, scope, when if static else max(when, When.LATER))

    def visit_enum(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None:
            self.bind(name, How.ENUM, node, scope, type_only=when is When.TYPING)
        if body is None:
            return
        inner = Scope("enum", node, scope)
        for child in body.named_children:
            member = child.child_by_field_name("name") if child.type == "enum_assignment" else child
            if member is not None and member.type in ("property_identifier", "string"):
                self.bind(member, How.LEXICAL, child, inner)
            if child.type == "enum_assignment":
                self.push(child.child_by_field_name("value"), child, inner, when)
            elif child.type == "comment":
                self.push(child, body, inner, when)

    def visit_namespace(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        while name is not None and name.type in ("nested_identifier", "member_expression"):
            name = name.child_by_field_name("object")
        if name is not None and name.type == "identifier":
            self.bind(name, How.NAMESPACE, node, scope, type_only=when is When.TYPING)
        if name is not None and name.type == "string":
            self.push(name, node, scope, when)
        if body is not None:
            inner = When.TYPING if name is not None and name.type == "string" else when
            self.push_children(body, Scope("namespace", node, scope, self.tree.code(name) if name else ""), inner)

    def visit_interface(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self.bind(name, How.TYPE, node, scope)
        self.push_children(node, Scope("type", node, scope), When.TYPING, but=(name,))

    def visit_ambient(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        self.push_children(node, scope, When.TYPING)

    # -- types that bind --------------------------------------------------------------------------------------------

    def visit_type_scope(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        """A tuple with named elements, or a conditional type that infers: what it binds is seen inside only."""
        self.push_children(node, Scope("type", node, scope), When.TYPING)

    def visit_index_signature(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        inner = Scope("type", node, scope)
        name = node.child_by_field_name("name")
        if name is not None:
            self.bind(name, How.PARAMETER, node, inner)
        self.push_children(node, inner, When.TYPING, but=(name,))

    def visit_type_parameter(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self.bind(name, How.TYPE_PARAMETER, node, scope)
        self.push_children(node, scope, When.TYPING, but=(name,))

    def visit_infer(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        first, *rest = node.named_children
        self.bind(first, How.TYPE_PARAMETER, node, scope)
        for child in rest:
            self.push(child, node, scope, When.TYPING)

    # -- expressions that write, JSX --------------------------------------------------------------------------------

    def visit_assignment(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        left = node.child_by_field_name("left")
        self.push_children(node, scope, when, but=(left,))
        if left is not None:
            self.assign(left, node, scope, when)

    def visit_update(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        argument = node.child_by_field_name("argument")
        if argument is not None:
            self.assign(argument, node, scope, when)

    def visit_jsx_tag(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        name = node.child_by_field_name("name")
        intrinsic = name is not None and name.type == "identifier" and self.tree.code(name)[:1].islower()
        self.push_children(node, scope, when, but=(name,) if intrinsic else ())

    def skip(self, node: Node, parent: Node, scope: Scope, when: When) -> None:
        """Nothing in it is a name that is looked up."""


_FUNCTION_EXPRESSIONS = frozenset(("function_expression", "arrow_function", "generator_function"))
_DECLARATIONS = re.compile(r"\.d\.[cm]?ts$")
_FUNCTION_DECLARATIONS = frozenset(("function_declaration", "generator_function_declaration", "function_signature"))
_SIGNATURES = frozenset(
    (
        *("function_signature", "method_signature", "abstract_method_signature", "function_type"),
        *("constructor_type", "call_signature", "construct_signature"),
    )
)
_PATTERNS = frozenset(("identifier", "object_pattern", "array_pattern", "rest_pattern", "assignment_pattern"))
_VAR_SCOPES = frozenset(("module", "body", "function", "namespace"))

_Handler = Callable[[_Walk, Node, Node, Scope, When], None]
_HANDLERS: dict[str, _Handler] = {
    "identifier": _Walk.visit_identifier,
    "shorthand_property_identifier": _Walk.visit_identifier,
    "type_identifier": _Walk.visit_type_identifier,
    "nested_type_identifier": _Walk.visit_nested_type_identifier,
    "type_query": _Walk.visit_type_query,
    "string": _Walk.visit_string,
    "template_string": _Walk.visit_string,
    "comment": _Walk.visit_comment,
    "html_comment": _Walk.visit_comment,
    "call_expression": _Walk.visit_call,
    "new_expression": _Walk.visit_call,
    "import_statement": _Walk.visit_import,
    "import_alias": _Walk.visit_import_alias,
    "export_statement": _Walk.visit_export,
    "variable_declarator": _Walk.visit_declarator,
    "for_in_statement": _Walk.visit_for_in,
    "labeled_statement": _Walk.visit_labeled,
    **dict.fromkeys(("statement_block", "for_statement", "switch_body"), _Walk.visit_block),
    "class_static_block": _Walk.visit_static_block,
    "catch_clause": _Walk.visit_catch,
    **dict.fromkeys((*_FUNCTION_EXPRESSIONS, *_FUNCTION_DECLARATIONS, *_SIGNATURES), _Walk.visit_function),
    "method_definition": _Walk.visit_function,
    "formal_parameters": _Walk.visit_parameters,
    **dict.fromkeys(("required_parameter", "optional_parameter"), _Walk.visit_typed_parameter),
    **dict.fromkeys(("class", "class_declaration", "abstract_class_declaration"), _Walk.visit_class),
    **dict.fromkeys(("field_definition", "public_field_definition"), _Walk.visit_field),
    "enum_declaration": _Walk.visit_enum,
    **dict.fromkeys(("internal_module", "module"), _Walk.visit_namespace),
    **dict.fromkeys(("interface_declaration", "type_alias_declaration"), _Walk.visit_interface),
    "ambient_declaration": _Walk.visit_ambient,
    **dict.fromkeys(("tuple_type", "conditional_type"), _Walk.visit_type_scope),
    "index_signature": _Walk.visit_index_signature,
    **dict.fromkeys(("type_parameter", "mapped_type_clause"), _Walk.visit_type_parameter),
    "infer_type": _Walk.visit_infer,
    **dict.fromkeys(("assignment_expression", "augmented_assignment_expression"), _Walk.visit_assignment),
    "update_expression": _Walk.visit_update,
    **dict.fromkeys(("jsx_opening_element", "jsx_closing_element", "jsx_self_closing_element"), _Walk.visit_jsx_tag),
    "jsx_namespace_name": _Walk.skip,
}


def _flat(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield from _flat(node.named_children) if node.type == "sequence_expression" else (node,)


def _var_scope(scope: Scope) -> Scope:
    while scope.kind not in _VAR_SCOPES and scope.parent is not None:
        scope = scope.parent
    return scope


def _inside_parentheses(node: Node | None) -> Node | None:
    while node is not None and node.type == "parenthesized_expression" and node.named_child_count == 1:
        node = node.named_children[0]
    return node
