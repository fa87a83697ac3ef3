"""Say what runs while a module loads: which uses of names, and which values may be called at that time.

Takes Scopes. scopes.py says what the text shows; here functions are followed that are handed to what calls them.
"""

from __future__ import annotations

from tree_sitter import Node

from unmix.javascript.scopes import How, Scope, Scopes, Space, Use, When

# Methods and functions of the language that call what they are given before they return.
_CALLING = frozenset(
    "map forEach filter reduce reduceRight some every find findIndex findLast findLastIndex flatMap sort toSorted from "
    "apply call replace replaceAll groupBy".split()
)
_FUNCTIONS = frozenset(("function_expression", "arrow_function"))


class LoadTime:
    """What of one module runs while it loads."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self._runs: dict[int, bool] = {}

    def when(self, use: Use) -> When:
        """Say when a use is evaluated."""
        if use.when is not When.LATER:
            return use.when
        return When.LOAD if self.all_run(use.scope) else When.LATER

    def all_run(self, scope: Scope) -> bool:
        """Say whether every function around a scope runs while the module loads."""
        functions = [each.node for each in scope.above() if each.kind == "function"]
        return bool(functions) and all(self.runs(node) for node in functions)

    def runs(self, function: Node) -> bool:
        """Say whether a function runs where it stands: it is called there, or handed to what calls it."""
        if function.id not in self._runs:
            parent = function.parent
            child = function
            while parent is not None and parent.type == "parenthesized_expression":
                child, parent = parent, parent.parent
            runs = False
            if parent is not None and function.type in _FUNCTIONS:
                callee = parent.child_by_field_name("function")
                if parent.type == "call_expression" and callee is not None and callee.id == child.id:
                    runs = True
                elif parent.type == "member_expression":
                    runs = self.may_call(function, parent)
                elif parent.type == "arguments":
                    runs = self.calls_its_arguments(parent.parent)
            self._runs[function.id] = runs
        return self._runs[function.id]

    def may_call(self, node: Node, parent: Node) -> bool:
        """Say whether the value of a name may be called where it stands."""
        above: Node | None = parent
        while above is not None and above.type in (
            "member_expression",
            "parenthesized_expression",
            "non_null_expression",
        ):
            inner = above.child_by_field_name("object")
            if above.type == "member_expression" and (inner is None or inner.id != node.id):
                return False
            node, above = above, above.parent
        if above is None:
            return False
        if above.type == "arguments":
            return self.calls_its_arguments(above.parent)
        if above.type in ("decorator", "extends_clause"):
            return above.type == "decorator"
        field = {"call_expression": "function", "new_expression": "constructor"}.get(above.type)
        called = above.child_by_field_name(field) if field else None
        return (called is not None and called.id == node.id) or above.type.startswith("jsx_")

    def calls_its_arguments(self, call: Node | None) -> bool:
        """Say whether a call may at once call what it is given: one of this module's functions, or `list.map(f)`."""
        if call is None:
            return False
        function = call.child_by_field_name("function") or call.child_by_field_name("constructor")
        if function is None:
            return False
        tree = self.scopes.tree
        if function.type == "member_expression":
            name = function.child_by_field_name("property")
            if name is not None and tree.code(name) in _CALLING:
                return True
        root: Node | None = function
        while root is not None and root.type == "member_expression":
            root = root.child_by_field_name("object")
        if root is None or root.type != "identifier":
            return False
        found = self.scopes.module.lookup(tree.code(root), Space.VALUE)
        if found is None:
            return tree.code(root) == "Promise" and call.type == "new_expression"
        # What is imported, or made by a call (`router.get(path, f)`), keeps its callbacks for later as a rule.
        return found.how in (How.FUNCTION, How.CLASS) or _is_function_value(found.site)


def _is_function_value(site: Node) -> bool:
    value = site.child_by_field_name("value")
    return value is not None and value.type in _FUNCTIONS
