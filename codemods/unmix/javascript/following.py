"""Follow the module object of a load to the names that are read from it.

Takes a load, a node whose value is the module object (or a promise of it), and notes what is reached; where the object
goes on to a place where its names cannot be followed, that is noted, too.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from unmix.javascript.commonjs import WHOLE
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.index import specifier_names
from unmix.javascript.loads import Form, Load, Reach, Take, callee_name, first_argument, parent_of
from unmix.javascript.scopes import Scope, Space, Use
from unmix.javascript.syntax import string_value

# What gives back the very object it is given.
_PASSING = frozenset(
    ("mocked", "__importStar", "_interopRequireWildcard", "interopRequireWildcard", "__toESM", "__importDefault")
)
_LAZY = frozenset(("lazy", "dynamic", "defineAsyncComponent", "loadable", "asyncComponent"))
_TRANSPARENT = frozenset(
    ("parenthesized_expression", "non_null_expression", "as_expression", "satisfies_expression", "type_assertion")
)
_CALLS = frozenset(("call_expression", "new_expression", "class_heritage", "extends_clause"))
_CLAUSES = ("import_clause", "export_clause", "import_require_clause")


class Follower:
    """The followed loads of one file."""

    def __init__(self, source: SourceModule, context: Context) -> None:
        self.source = source
        self.tree = source.tree
        self.scopes = source.scopes
        self.context = context

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
        value = use.parent.child_by_field_name("right") if _may_set(use.parent) else None
        while value is not None and value.type in (*_TRANSPARENT, "await_expression"):
            value = value.named_children[0]
        arguments = value.child_by_field_name("arguments") if value is not None else None
        written = string_value(self.tree, first_argument(arguments)) if arguments is not None else None
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
            parent_of(node).type in _CALLS or all(home.module == homes[WHOLE].module for home in homes.values())
        ):
            load.reaches.append(Reach(WHOLE, self.tree.span(node), holder=node))
        else:
            load.reaches.append(Reach("", self.tree.span(node), holder=node, why=why))

    def reach(self, load: Load, name: str, node: Node, holder: Node) -> None:
        """Note `holder.name`; where `default` is the whole of a CommonJS module, go on with that."""
        above = parent_of(node)
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
            self.follow(load, parent, parent_of(parent), promise=promise, holder=holder)
        elif kind == "await_expression":
            self.follow(load, parent, parent_of(parent), promise=False, holder=holder)
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
        elif _may_set(parent) and parent.child_by_field_name("right") == node:
            left = parent.child_by_field_name("left")
            if left is not None and left.type in ("identifier", "object_pattern") and _is_statement(parent):
                load.assignment = parent
                self.follow_target(load, left, None)
            else:
                self.escape(load, node, "the module object is passed on")
        elif kind == "arguments":
            self.follow_argument(load, node, parent, holder)
        elif kind == "spread_element" and parent_of(parent).type == "object":
            load.spreads.append((parent, holder))
        elif kind == "binary_expression" and parent.child_by_field_name("right") == node:
            left_text = string_value(self.tree, parent.child_by_field_name("left"))
            operator = parent.child_by_field_name("operator")
            if left_text is not None and operator is not None and operator.type == "in":
                load.reaches.append(Reach(left_text, self.tree.span(parent), holder=holder))
            else:
                self.escape(load, node, "the module object is passed on")
        elif load.binding is not None and _is_check(parent, self.tree.code(parent)):
            load.checks.append(holder)
        elif kind in ("type_query", "parenthesized_type", "lookup_type"):
            self.follow_type(load, node, parent, holder)
        else:
            self.escape(load, node, "the module object is passed on")

    def follow_type(self, load: Load, node: Node, parent: Node, holder: Node) -> None:
        """`(typeof import("./old"))["name"]`."""
        while parent.type in ("type_query", "parenthesized_type"):
            node, parent = parent, parent_of(parent)
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
        call = parent_of(parent)
        name = parent.child_by_field_name("property") if parent.type == "member_expression" else None
        method = self.tree.code(name) if name is not None else ""
        if method == "then" and call.type == "call_expression":
            arguments = call.child_by_field_name("arguments")
            callback = first_argument(arguments) if arguments is not None else None
            parameter = _first_parameter(callback)
            if parameter is None:
                self.escape(load, node, "the module object is passed on")
            elif callback is not None:
                load.parameter = parameter
                self.follow_target(load, parameter, None, inside=callback)
        elif method in ("catch", "finally") and call.type == "call_expression":
            self.follow(load, call, parent_of(call), promise=True, holder=holder)
        elif parent.type == "arrow_function" and self.is_lazy(parent):
            load.reaches.append(Reach("default", self.tree.span(node), holder=node))
        elif parent.type == "array" and (place := self.place_in_all(node, parent)) is not None:
            self.follow_target(load, place, None)
        else:
            self.escape(load, node, "the promise of the module is passed on")

    def is_lazy(self, arrow: Node) -> bool:
        """Say whether a function is given to `React.lazy` or one of its kind, which take the default export."""
        call = parent_of(parent_of(arrow))
        callee = call.child_by_field_name("function") if call.type == "call_expression" else None
        return callee is not None and callee_name(self.tree, callee) in _LAZY

    def place_in_all(self, node: Node, array: Node) -> Node | None:
        """`const [here] = await Promise.all([import("./old")])`."""
        call = parent_of(parent_of(array))
        callee = call.child_by_field_name("function") if call.type == "call_expression" else None
        if callee is None or self.tree.code(callee) != "Promise.all":
            return None
        waiting = parent_of(call)
        declarator = parent_of(waiting)
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
        call = parent_of(arguments)
        callee = call.child_by_field_name("function") if call.type == "call_expression" else None
        given = [child for child in arguments.named_children if child.type != "comment"]
        named = string_value(self.tree, given[1]) if len(given) > 1 and given[0] == node else None
        if callee is not None and callee_name(self.tree, callee) in _PASSING and len(given) == 1:
            self.follow(load, call, parent_of(call), promise=False, holder=holder)
        elif named is not None and named in self.context.relocation(load.old).homes:
            # As in `spyOn(old, "name")`, `stub(old, "name")`, `Reflect.get(old, "name")`.
            load.reaches.append(Reach(named, self.tree.span(given[1]), holder=holder, writes=True))
        elif callee is not None and self.tree.code(callee) == "Object.assign" and given[0] != node:
            load.spreads.append((node, holder))
        else:
            self.escape(load, node, "the module object is passed on")


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


def _may_set(node: Node) -> bool:
    """Say whether a node is `old = …`, `old ??= …` or `old ||= …`."""
    operator = node.child_by_field_name("operator")
    return node.type == "assignment_expression" or (operator is not None and operator.type in ("??=", "||="))


def _is_check(node: Node, written: str) -> bool:
    """Say whether a node only asks if the module object is there: `!old`, `if (old)`, `old === null`."""
    if node.type == "unary_expression":
        return written.startswith("!")
    if node.type == "binary_expression":
        return re.search(r"[!=]==?\s*(?:null|undefined)$", written) is not None
    return node.type == "if_statement"


def _is_statement(node: Node) -> bool:
    above = parent_of(node)
    while above.type == "parenthesized_expression":
        above = parent_of(above)
    return above.type == "expression_statement"


def _holes(pattern: str) -> str:
    return pattern if re.search(r"\[\s*,|,\s*,", pattern) else ""
