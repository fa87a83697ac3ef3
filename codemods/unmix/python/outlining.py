"""Make the outline of a parsed module: sort its uses and bindings by the statements they stand in.

Takes the scopes of a module, gives its Outline. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import libcst as cst

from unmix.python.conditions import is_dunder_main
from unmix.python.exports import ExportList, read_export_list, sets_exports
from unmix.python.imports import ImportStatement, read_import
from unmix.python.outline import Body, Guard, Need, Outline, Role, Unit
from unmix.python.purposes import (
    is_acted_on,
    is_filled,
    is_looked_into,
    is_place_of_import,
    makes_names,
    may_call_its_arguments,
    purpose_of_name,
)
from unmix.python.scopes import Binding, How, Scope, Scopes, Use, When
from unmix.python.statements import (
    body_of,
    doctest_names,
    guarded_statements,
    imports_at_top,
    is_docstring,
    is_string,
    only_imports,
    pickled_as,
    relative_imports,
    runs_its_methods_when_subclassed,
    sets_type_checking,
    subject_of,
    surely_bound,
)
from unmix.python.syntax import dotted_name

# Statements whose bodies may not run.
_CONDITIONAL = (cst.If, cst.Else, cst.For, cst.While, cst.ExceptHandler)


def outline_module(scopes: Scopes) -> Outline:
    """Outline a parsed module."""
    return _Outliner(scopes).outline()


class _Outliner:
    """The tables that sort scopes' uses and bindings by unit."""

    def __init__(self, scopes: Scopes) -> None:
        self.tree = scopes.tree
        self.scopes = scopes
        self.statements = list(guarded_statements(self.tree))
        self.unit_of: dict[int, int] = {}
        for index, (statement, _) in enumerate(self.statements):
            self.unit_of[id(statement)] = index

    def outline(self) -> Outline:
        tree, module = self.tree, self.scopes.module
        uses: dict[int, list[Use]] = {}
        for use in self.scopes.uses:
            uses.setdefault(self.unit_index(use.node), []).append(use)
        binds: dict[int, dict[str, None]] = {}
        rebinds: dict[int, set[str]] = {}
        rebound: dict[str, list[int]] = {}
        deleted: dict[str, bool] = {}
        for name, bindings in module.bindings.items():
            for binding in bindings:
                index = self.unit_index(binding.node)
                if binding.origin is module or not _in_function(binding):
                    binds.setdefault(index, {})[name] = None
                else:
                    rebinds.setdefault(index, set()).add(name)
                    rebound.setdefault(name, []).append(tree.line_of(binding.node))
            at_top = [binding for binding in bindings if binding.origin is module]
            deleted[name] = bool(at_top) and self.surely_deletes(at_top[-1])
        units = tuple(
            self.unit(
                index, statement, guard, uses.get(index, []), tuple(binds.get(index, ())), rebinds.get(index, set())
            )
            for index, (statement, guard) in enumerate(self.statements)
        )
        end_of_header = units[0].guard.header[0] if units and units[0].guard else (units[0].extent[0] if units else 0)
        start_of_footer = units[-1].extent[1] if units else 0
        return Outline(
            path=tree.path,
            text=tree.text,
            newline=tree.module.default_newline,
            header=(0, end_of_header if units else len(tree.text)),
            footer=(start_of_footer if units else len(tree.text), len(tree.text)),
            units=units,
            names=frozenset(name for name in module.bindings if not deleted[name]),
            rebound={name: tuple(lines) for name, lines in rebound.items()},
            assigned=frozenset(
                name for name, bindings in module.bindings.items() if any(b.how is How.ASSIGNMENT for b in bindings)
            ),
            all_names=frozenset(use.name for use in self.scopes.uses)
            | frozenset(name for scope in self.scopes.scopes for name in scope.bindings),
            has_relative_imports=any(unit.relative for unit in units),
            docstring=tree.module.get_docstring() or "",
        )

    def unit_index(self, node: cst.CSTNode) -> int:
        here: cst.CSTNode | None = node
        while here is not None:
            if id(here) in self.unit_of:
                return self.unit_of[id(here)]
            here = self.tree.parent(here)
        return -1

    def unit(
        self,
        index: int,
        statement: cst.CSTNode,
        guard: Guard | None,
        uses: list[Use],
        binds: tuple[str, ...],
        rebinds: set[str],
    ) -> Unit:
        tree = self.tree
        span = tree.span(statement)
        if isinstance(statement, (cst.FunctionDef, cst.ClassDef)) and statement.decorators:
            span = tree.span(statement.decorators[0])[0], span[1]
        imports = tuple(read_import(tree, node) for node in imports_at_top(statement))
        role, exports = self.role(statement, index, binds, imports)
        needs, unresolved, name_uses = [], set(), []
        for use in uses:
            scope = self.scopes.resolve(use)
            if scope is self.scopes.module:
                need = self.need(use)
                if role is Role.MAIN and need.body is None and isinstance(statement, cst.If):
                    # The guarded block runs as late as a function does, and can import as one does.
                    need = replace(need, when=max(need.when, When.LATER), body=body_of(self.tree, statement))
                needs.append(need)
            elif scope is None:
                if not is_place_of_import(self.scopes, use):
                    unresolved.add(use.name)
                if use.name in ("__name__", "__file__"):
                    name_uses.append((tree.span(use.node), purpose_of_name(self.scopes, use)))
        if guard is not None and isinstance(parent := self.guard_statement(statement), cst.If):
            needs += [self.need(use) for use in self.scopes.uses if self.within(use.node, parent.test)]
        chooses = role is Role.IMPORT and any(
            need.when is When.IMPORT and need.name not in binds and self.is_defined(need.name) for need in needs
        )
        start, end = tree.extent(statement)
        if guard is not None and (index + 1 == len(self.statements) or self.statements[index + 1][1] is not guard):
            end = guard.body_end
        return Unit(
            index=index,
            extent=(start, min(end, len(tree.text))),
            span=span,
            line=tree.place(span[0])[0],
            role=Role.DEFINITION if chooses else role,
            binds=binds,
            needs=tuple(needs),
            rebinds=frozenset(rebinds),
            imports=imports,
            relative=tuple(relative_imports(tree, statement)),
            name_uses=tuple(name_uses),
            doctest_names=doctest_names(statement),
            pickled_as=pickled_as(statement),
            unresolved=frozenset(unresolved),
            exports=exports,
            subject=subject_of(statement) or self.described(index),
            guard=guard,
            compound=not isinstance(statement, cst.SimpleStatementLine),
            chooses=chooses,
            loop=isinstance(statement, (cst.For, cst.While, cst.With)),
            type_only=guard is not None,
            surely_binds=frozenset(surely_bound(statement)),
            makes_names=any(
                use.when is When.IMPORT and self.scopes.resolve(use) is None and makes_names(self.scopes, use)
                for use in uses
            ),
            eager_class=isinstance(statement, cst.ClassDef) and runs_its_methods_when_subclassed(statement),
        )

    def is_defined(self, name: str) -> bool:
        """Say whether the module binds a name in another way than by importing it, with a fallback maybe."""
        for binding in self.scopes.module.bindings.get(name, ()):
            statement = self.statements[self.unit_index(binding.node)][0]
            if binding.how is not How.IMPORT and not only_imports(statement, {name}):
                return True
        return False

    def role(
        self, statement: cst.CSTNode, index: int, binds: tuple[str, ...], imports: tuple[ImportStatement, ...]
    ) -> tuple[Role, ExportList | None]:
        if isinstance(statement, cst.SimpleStatementLine):
            first = statement.body[0]
            if index == 0 and len(statement.body) == 1 and isinstance(first, cst.Expr) and is_string(first.value):
                return Role.DOCSTRING, None
            if isinstance(first, cst.ImportFrom) and dotted_name(first.module) == "__future__":
                return Role.FUTURE, None
            if len(statement.body) == 1 and sets_type_checking(first):
                return Role.IMPORT, None
            if len(statement.body) == 1 and sets_exports(first):
                return Role.EXPORTS, read_export_list(self.tree, first)
        if isinstance(statement, cst.If) and is_dunder_main(statement.test):
            return Role.MAIN, None
        if imports and only_imports(statement, {name.bound for found in imports for name in found.names}):
            return Role.IMPORT, None
        return (Role.DEFINITION if binds else Role.STATEMENT), None

    def need(self, use: Use) -> Need:
        tree = self.tree
        parent = tree.parent(use.outer)
        base = isinstance(parent, cst.Arg) and isinstance(tree.parent(parent), cst.ClassDef)
        called = isinstance(parent, cst.Decorator) or (isinstance(parent, cst.Call) and parent.func is use.outer)
        if isinstance(parent, cst.Arg) and isinstance(call := tree.parent(parent), cst.Call):
            called = may_call_its_arguments(self.scopes, call)
        return Need(
            name=use.name,
            span=tree.span(use.node),
            line=tree.line_of(use.node),
            when=use.when,
            called=called,
            base=base,
            attributes=use.attributes,
            body=self.body_around(use),
            quoted=use.quoted,
            fills=is_filled(tree, use.outer),
            acted_on=use.when is When.IMPORT and is_acted_on(self.scopes, use),
            looked_into=use.when is When.IMPORT and is_looked_into(self.scopes, use),
            field=use.field,
            frozen=isinstance(parent, cst.FormattedStringExpression) and parent.equal is not None,
        )

    def surely_deletes(self, binding: Binding) -> bool:
        """Say whether a binding is a `del` that runs whenever the module is imported: not one below an `if`."""
        if binding.how is not How.DELETION or binding.when is not When.IMPORT:
            return False
        return not any(isinstance(above, _CONDITIONAL) for above in self.tree.ancestors(binding.node))

    def described(self, index: int) -> str:
        """Give the name that a bare string behind an assignment describes: `A = 1`, then the string about A."""
        if index == 0 or not is_docstring(self.statements[index][0]):
            return ""
        above = self.statements[index - 1][0]
        return next(iter(sorted(surely_bound(above))), "") if isinstance(above, cst.SimpleStatementLine) else ""

    def guard_statement(self, statement: cst.CSTNode) -> cst.CSTNode | None:
        block = self.tree.parent(statement)
        return self.tree.parent(block) if block is not None else None

    def within(self, node: cst.CSTNode, above: cst.CSTNode) -> bool:
        return node is above or any(ancestor is above for ancestor in self.tree.ancestors(node))

    def body_around(self, use: Use) -> Body | None:
        """Give the function that has to import a name for `use`: the outermost around it that reads the name itself.

        What only an inner function reads may not be bound yet when the outer one runs: decorators run at import time.
        """
        readers = self.readers.get(use.name, ())
        reading = [scope.node for scope in _functions_around(use.scope) if scope in readers]
        return body_of(self.tree, reading[-1]) if reading and isinstance(reading[-1], cst.FunctionDef) else None

    @cached_property
    def readers(self) -> dict[str, set[Scope]]:
        """The functions that read each name in their own code, or in lambdas and comprehensions there."""
        found: dict[str, set[Scope]] = {}
        for use in self.scopes.uses:
            functions = (scope for scope in _functions_around(use.scope) if isinstance(scope.node, cst.FunctionDef))
            function = next(functions, None)
            if function is not None and use.when is not When.TYPING:
                found.setdefault(use.name, set()).add(function)
        return found


def _in_function(binding: Binding) -> bool:
    return next(_functions_around(binding.origin), None) is not None


def _functions_around(scope: Scope | None) -> Iterator[Scope]:
    """Give the scopes of the functions and lambdas around a place, from the inside out."""
    while scope is not None:
        if scope.kind == "function":
            yield scope
        scope = scope.parent
