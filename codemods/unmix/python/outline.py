"""Outline a module: its units, what each binds, and what each needs while the module is imported and later.

Takes a SyntaxTree, gives an Outline: plain data about top-level statements, with spans into the text. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

import libcst as cst

from unmix.python.examples import names_in_examples
from unmix.python.exports import ExportList, read_export_list, sets_exports
from unmix.python.imports import ImportStatement, read_import
from unmix.python.scopes import Binding, How, Scope, Scopes, Use, When, is_dunder_main, is_type_checking
from unmix.python.syntax import Span, SyntaxTree, children, dotted_name, literal_string

# Methods that change their object, as far as their names tell.
_FILLING = frozenset(
    "append add update setdefault insert extend appendleft push pop remove clear discard register connect".split()
)

# Functions and methods that read what a container holds.
_READERS = frozenset("len sorted list tuple dict set frozenset max min sum any all enumerate zip reversed".split())
_READING = frozenset("items keys values copy".split())

# Functions that make plain values, in which nothing registers itself.
_MAKING_VALUES = frozenset(
    "int float str bool tuple frozenset getenv get compile Path timedelta namedtuple getLogger get_logger Lock RLock "
    "TypeVar ParamSpec NewType".split()
)

# Functions that only tell somebody something.
_TELLING = frozenset("print debug info warning error exception critical log warn".split())

# Statements whose bodies may not run.
_CONDITIONAL = (cst.If, cst.Else, cst.For, cst.While, cst.ExceptHandler)

# Builtins (and one that is often imported) that call the functions they are given.
_CALLING = frozenset("sorted min max map filter reduce".split())


class Role(str, Enum):
    """What a unit is for."""

    DOCSTRING = "docstring"
    FUTURE = "future import"
    IMPORT = "import"
    EXPORTS = "export list"
    DEFINITION = "definition"
    STATEMENT = "statement"
    MAIN = "main guard"


@dataclass(frozen=True, slots=True)
class Body:
    """Where an import may be put into a function: in place of `span`, written between `before` and `after`."""

    span: Span
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Need:
    """One place in a unit that needs the module-level name `name`.

    `called` when the value may be called at that place, `base` when a class is derived from it there;
    `attributes` are the names behind it (`a.b.c`: b, c); `frozen` when an f-string shows the expression itself;
    `fills` when the value is changed in place (`TABLE[k] = v`, `HOOKS.append(f)`, `@show.register`);
    `acted_on` when something is done with the value for its effect: `@app.get("/")`, `app.include(api)`, `setup(app)`;
    `looked_into` when what it holds by then is read: `len(TABLE)`, `TABLE.items()`, `app.include(api)` of `api`;
    `field` when it is in the annotation of a class's field;
    `body` is the function in which it is first read, None at module and class level and in lambdas there.
    """

    name: str
    span: Span
    line: int
    when: When
    called: bool
    base: bool
    attributes: tuple[str, ...]
    body: Body | None
    quoted: bool
    frozen: bool
    fills: bool
    acted_on: bool
    looked_into: bool
    field: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """An `if TYPE_CHECKING:` block; its statements are units of their own below this header."""

    header: Span
    body_end: int


@dataclass(frozen=True, slots=True)
class RelativeImport:
    """The dots and module of a relative import somewhere in a unit."""

    span: Span
    level: int
    module: str


@dataclass(frozen=True)
class Unit:
    """One top-level statement with its decorators, the lines that lead to it, and its trailing comment.

    `extent` is the text it owns; extents of all units follow each other without a gap. A `loop` (or `with`) does
    something, and what it binds on the way is seldom what it is for. One that `chooses` only imports, and reads a
    definition of the module first: it stands where that is, or after an import of it.
    """

    index: int
    extent: Span
    span: Span
    line: int
    role: Role
    binds: tuple[str, ...]
    needs: tuple[Need, ...]
    rebinds: frozenset[str]
    imports: tuple[ImportStatement, ...]
    relative: tuple[RelativeImport, ...]
    name_uses: tuple[tuple[Span, str], ...]
    doctest_names: frozenset[str]
    pickled_as: frozenset[str]
    unresolved: frozenset[str]
    exports: ExportList | None
    subject: str
    guard: Guard | None
    compound: bool
    chooses: bool
    loop: bool
    type_only: bool
    makes_names: bool
    surely_binds: frozenset[str]
    eager_class: bool

    @cached_property
    def needed(self) -> frozenset[str]:
        return frozenset(need.name for need in self.needs)

    @property
    def label(self) -> str:
        """What to call the unit in a message."""
        return self.binds[0] if self.binds else f"the statement on line {self.line}"


@dataclass(frozen=True)
class Outline:
    """One module, unit by unit; `assigned` are the names that it binds in another way than by importing them."""

    path: str
    text: str
    newline: str
    header: Span
    footer: Span
    units: tuple[Unit, ...]
    names: frozenset[str]
    rebound: dict[str, tuple[int, ...]]
    assigned: frozenset[str]
    all_names: frozenset[str]
    has_relative_imports: bool
    docstring: str

    @cached_property
    def definitions(self) -> dict[str, tuple[int, ...]]:
        """Each name that the module itself defines (rather than imports), with the units that bind it."""
        found: dict[str, list[int]] = {}
        for unit in self.units:
            if unit.role is not Role.IMPORT:
                for name in unit.binds:
                    found.setdefault(name, []).append(unit.index)
        return {name: tuple(units) for name, units in found.items()}

    @cached_property
    def chosen(self) -> frozenset[str]:
        """The names that are imported as another definition says, and no more: `if PY3: import queue`."""
        definitions = self.definitions.items()
        return frozenset(name for name, units in definitions if all(self.units[index].chooses for index in units))

    @cached_property
    def perhaps_unbound(self) -> frozenset[str]:
        """The names that some way through the module leaves without a value: to import them by name may fail."""
        surely = frozenset().union(*(unit.surely_binds for unit in self.units))
        return frozenset(self.definitions) - surely

    @cached_property
    def for_types_only(self) -> frozenset[str]:
        """The names that only `if TYPE_CHECKING:` blocks define."""
        return frozenset(
            name for name, indices in self.definitions.items() if all(self.units[index].type_only for index in indices)
        )

    @cached_property
    def type_checking(self) -> str:
        """The condition under which this module imports for type checkers."""
        guard = next((unit.guard for unit in self.units if unit.guard is not None), None)
        header = self.text[slice(*guard.header)] if guard is not None else ""
        found = re.search(r"^[ \t]*if[ \t]+([\w.]+)[ \t]*:", header, re.MULTILINE)
        return found[1] if found else "TYPE_CHECKING"

    @cached_property
    def imports(self) -> dict[str, tuple[int, ...]]:
        """Each name that the module imports, with the import units that bind it."""
        found: dict[str, list[int]] = {}
        for unit in self.units:
            if unit.role is Role.IMPORT:
                for name in unit.binds:
                    found.setdefault(name, []).append(unit.index)
        return {name: tuple(units) for name, units in found.items()}

    @cached_property
    def own_names(self) -> frozenset[str]:
        """The names that a part can be asked to take: not those that are imported and nothing else."""
        return frozenset(self.definitions) | frozenset(self.rebound) | (self.assigned & self.imports.keys())

    @cached_property
    def exported(self) -> tuple[str, ...] | None:
        """The strings of `__all__` in order; None when the module has none."""
        lists = [unit.exports for unit in self.units if unit.exports is not None]
        return tuple(entry.name for exports in lists for entry in exports.entries) if lists else None

    @cached_property
    def has_exports(self) -> bool:
        return any(unit.role is Role.EXPORTS for unit in self.units)

    @cached_property
    def star_units(self) -> tuple[int, ...]:
        """The units that hold a star import."""
        return tuple(unit.index for unit in self.units if any(statement.star for statement in unit.imports))


def outline_module(scopes: Scopes) -> Outline:
    """Outline a parsed module."""
    return _Outliner(scopes).outline()


class _Outliner:
    """The tables that sort scopes' uses and bindings by unit."""

    def __init__(self, scopes: Scopes) -> None:
        self.tree = scopes.tree
        self.scopes = scopes
        self.statements = list(_statements(self.tree))
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
        imports = tuple(read_import(tree, node) for node in _imports_at_top(statement))
        role, exports = self.role(statement, index, binds, imports)
        needs, unresolved, name_uses = [], set(), []
        for use in uses:
            scope = self.scopes.resolve(use)
            if scope is self.scopes.module:
                need = self.need(use)
                if role is Role.MAIN and need.body is None and isinstance(statement, cst.If):
                    # The guarded block runs as late as a function does, and can import as one does.
                    need = replace(need, when=max(need.when, When.LATER), body=self.body_of(statement))
                needs.append(need)
            elif scope is None:
                if not self.is_place_of_import(use):
                    unresolved.add(use.name)
                if use.name in ("__name__", "__file__"):
                    name_uses.append((tree.span(use.node), self.purpose_of_name(use)))
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
            relative=tuple(_relative_imports(tree, statement)),
            name_uses=tuple(name_uses),
            doctest_names=_doctest_names(statement),
            pickled_as=_pickled_as(statement),
            unresolved=frozenset(unresolved),
            exports=exports,
            subject=_subject(statement) or self.described(index),
            guard=guard,
            compound=not isinstance(statement, cst.SimpleStatementLine),
            chooses=chooses,
            loop=isinstance(statement, (cst.For, cst.While, cst.With)),
            type_only=guard is not None,
            surely_binds=frozenset(_surely_bound(statement)),
            makes_names=any(
                use.when is When.IMPORT and self.scopes.resolve(use) is None and self.makes_names(use) for use in uses
            ),
            eager_class=isinstance(statement, cst.ClassDef) and _runs_its_methods_when_subclassed(statement),
        )

    def is_defined(self, name: str) -> bool:
        """Say whether the module binds a name in another way than by importing it, with a fallback maybe."""
        for binding in self.scopes.module.bindings.get(name, ()):
            statement = self.statements[self.unit_index(binding.node)][0]
            if binding.how is not How.IMPORT and not _only_imports(statement, {name}):
                return True
        return False

    def role(
        self, statement: cst.CSTNode, index: int, binds: tuple[str, ...], imports: tuple[ImportStatement, ...]
    ) -> tuple[Role, ExportList | None]:
        if isinstance(statement, cst.SimpleStatementLine):
            first = statement.body[0]
            if index == 0 and len(statement.body) == 1 and isinstance(first, cst.Expr) and _is_string(first.value):
                return Role.DOCSTRING, None
            if isinstance(first, cst.ImportFrom) and dotted_name(first.module) == "__future__":
                return Role.FUTURE, None
            if len(statement.body) == 1 and _sets_type_checking(first):
                return Role.IMPORT, None
            if len(statement.body) == 1 and sets_exports(first):
                return Role.EXPORTS, read_export_list(self.tree, first)
        if isinstance(statement, cst.If) and is_dunder_main(statement.test):
            return Role.MAIN, None
        if imports and _only_imports(statement, {name.bound for found in imports for name in found.names}):
            return Role.IMPORT, None
        return (Role.DEFINITION if binds else Role.STATEMENT), None

    def need(self, use: Use) -> Need:
        tree = self.tree
        parent = tree.parent(use.outer)
        base = isinstance(parent, cst.Arg) and isinstance(tree.parent(parent), cst.ClassDef)
        called = isinstance(parent, cst.Decorator) or (isinstance(parent, cst.Call) and parent.func is use.outer)
        if isinstance(parent, cst.Arg) and isinstance(call := tree.parent(parent), cst.Call):
            called = self.may_call_its_arguments(call)
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
            fills=_is_filled(tree, use.outer),
            acted_on=use.when is When.IMPORT and self.is_acted_on(use),
            looked_into=use.when is When.IMPORT and self.is_looked_into(use),
            field=use.field,
            frozen=isinstance(parent, cst.FormattedStringExpression) and parent.equal is not None,
        )

    def surely_deletes(self, binding: Binding) -> bool:
        """Say whether a binding is a `del` that runs whenever the module is imported: not one below an `if`."""
        if binding.how is not How.DELETION or binding.when is not When.IMPORT:
            return False
        return not any(isinstance(above, _CONDITIONAL) for above in self.tree.ancestors(binding.node))

    def is_acted_on(self, use: Use) -> bool:
        """Say whether a statement is there for what it does to the value of `use`, as far as can be seen.

        @app.route("/")     @receiver(signal)     app.include(api)     setup(app)
        """
        parent = self.tree.parent(use.outer)
        given = isinstance(parent, cst.Arg)
        call = self.tree.parent(parent) if isinstance(parent, cst.Arg) else parent
        whole = self.tree.parent(call) if isinstance(call, cst.Call) else call
        if isinstance(parent, cst.Arg) and (parent.keyword is not None or not self.is_object(use.name)):
            return False
        if isinstance(whole, cst.Decorator):
            return given or isinstance(use.outer, cst.Attribute)
        if not isinstance(whole, cst.Expr) or not isinstance(call, cst.Call):
            return False
        function = (dotted_name(call.func) or "").rpartition(".")[2]
        return function not in _TELLING and (given or isinstance(use.outer, cst.Attribute))

    def is_looked_into(self, use: Use) -> bool:
        parent = self.tree.parent(use.outer)
        if isinstance(parent, (cst.For, cst.CompFor)):
            return parent.iter is use.outer
        if isinstance(parent, cst.Call):
            return isinstance(use.outer, cst.Attribute) and use.outer.attr.value in _READING
        if not isinstance(parent, cst.Arg):
            return isinstance(parent, (cst.StarredElement, cst.StarredDictElement))
        call = self.tree.parent(parent)
        reads = isinstance(call, cst.Call) and dotted_name(call.func) in _READERS
        return reads or bool(parent.star) or self.is_acted_on(use)

    def is_object(self, name: str) -> bool:
        """Say whether a name of the module stands for what some call made: an application, a signal, a registry."""
        bindings = self.scopes.module.bindings.get(name, [])
        above = [self.tree.parent(self.tree.parent(b.node) or b.node) for b in bindings if isinstance(b.node, cst.Name)]
        values = [assign.value for assign in above if isinstance(assign, cst.Assign)]
        made = {dotted_name(value.func) or "" for value in values if isinstance(value, cst.Call)}
        return any(function.rpartition(".")[2] not in _MAKING_VALUES for function in made)

    def described(self, index: int) -> str:
        """Give the name that a bare string behind an assignment describes: `A = 1`, then the string about A."""
        if index == 0 or not _is_docstring(self.statements[index][0]):
            return ""
        above = self.statements[index - 1][0]
        return next(iter(sorted(_surely_bound(above))), "") if isinstance(above, cst.SimpleStatementLine) else ""

    def is_place_of_import(self, use: Use) -> bool:
        """Say whether `globals()` only tells `__import__` which package asks; names are not looked up there."""
        call = self.tree.parent(use.node)
        argument = self.tree.parent(call) if isinstance(call, cst.Call) and call.func is use.node else None
        outer = self.tree.parent(argument) if isinstance(argument, cst.Arg) else None
        return isinstance(outer, cst.Call) and dotted_name(outer.func) == "__import__"

    def makes_names(self, use: Use) -> bool:
        """Say whether a use is `globals()[name] = …`, `globals().update(…)` or `exec(…)`: names that no text shows."""
        call = self.tree.parent(use.node)
        if not isinstance(call, cst.Call) or call.func is not use.node:
            return False
        if use.name == "exec":
            return len(call.args) == 1 and not self.is_known_code(call.args[0].value)
        if use.name not in ("globals", "vars", "locals") or call.args:
            return False
        above = self.tree.parent(call)
        if isinstance(above, cst.Subscript):
            return isinstance(self.tree.parent(above), (cst.AssignTarget, cst.AugAssign, cst.Del))
        return isinstance(above, cst.Attribute) and above.attr.value in ("update", "setdefault", "pop", "__setitem__")

    def is_known_code(self, code: cst.BaseExpression) -> bool:
        """Say whether `exec` is given a literal that only defines names which plain statements define as well.

        if PY3:                          else:
            def reraise(error): …            exec("def reraise(error): raise error, None, trace")
        """
        if isinstance(code, cst.Call) and dotted_name(code.func) == "compile" and code.args:
            code = code.args[0].value
        text = literal_string(code)
        if text is None:
            return False
        made = re.findall(r"^(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=|^(\S)", text, re.MULTILINE)
        plain = self.scopes.module.bindings
        return bool(made) and all((function or variable) in plain for function, variable, _ in made)

    def may_call_its_arguments(self, call: cst.Call) -> bool:
        """Say whether a call may at once call what it is given: one of this module's functions, or `sorted(key=…)`."""
        root = (dotted_name(call.func) or "").partition(".")[0]
        bindings = self.scopes.module.bindings.get(root, [])
        return root in _CALLING or any(binding.how is not How.IMPORT for binding in bindings)

    def purpose_of_name(self, use: Use) -> str:
        """Say what `__name__` is used for: the function it is passed to, or `main` in a comparison."""
        parent = self.tree.parent(use.node)
        if isinstance(parent, cst.Comparison):
            return "main"
        call = self.tree.parent(parent) if isinstance(parent, cst.Arg) else None
        return (dotted_name(call.func) or "").rpartition(".")[2] if isinstance(call, cst.Call) else ""

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
        return self.body_of(reading[-1]) if reading and isinstance(reading[-1], cst.FunctionDef) else None

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

    def body_of(self, function: cst.FunctionDef | cst.If) -> Body:
        """Find the place behind a function's docstring, or at the beginning of an `if` block.

        def f(): return x   →  the blank behind the colon becomes a line break, the import, and another line break
        """
        tree, newline = self.tree, self.tree.module.default_newline
        outer = _indent_at(tree.text, tree.span(function)[0])
        if isinstance(function.body, cst.SimpleStatementSuite):
            start = tree.span(function.body.body[0])[0]
            blank = start
            while tree.text[blank - 1] in " \t":
                blank -= 1
            inner = newline + outer + tree.module.default_indent
            return Body((blank, start), inner, inner)
        statements = function.body.body
        first = statements[0]
        if _is_docstring(first) and len(statements) > 1:
            first = statements[1]
        elif _is_docstring(first):
            end = tree.extent(first)[1]
            return Body((end, end), _indent_at(tree.text, tree.span(first)[0]), newline)
        start = tree.extent(first)[0]
        # Blank lines stay above the import, comments that lead to the statement below it.
        while (stop := tree.text.find("\n", start)) >= 0 and not tree.text[start:stop].strip():
            start = stop + 1
        first_span = tree.span(first)[0]
        if isinstance(first, (cst.FunctionDef, cst.ClassDef)) and first.decorators:
            first_span = tree.span(first.decorators[0])[0]
        return Body((start, start), _indent_at(tree.text, first_span), newline)


def _statements(tree: SyntaxTree) -> Iterator[tuple[cst.CSTNode, Guard | None]]:
    """Give the top-level statements, with those of `if TYPE_CHECKING:` blocks one by one."""
    for statement in tree.module.body:
        if (
            isinstance(statement, cst.If)
            and is_type_checking(statement.test)
            and statement.orelse is None
            and isinstance(statement.body, cst.IndentedBlock)
        ):
            start = tree.extent(statement)[0]
            inside = tree.extent(statement.body.body[0])[0]
            guard = Guard((start, inside), min(tree.extent(statement)[1], len(tree.text)))
            for inner in statement.body.body:
                yield inner, guard
        else:
            yield statement, None


def _in_function(binding: Binding) -> bool:
    return next(_functions_around(binding.origin), None) is not None


def _functions_around(scope: Scope | None) -> Iterator[Scope]:
    """Give the scopes of the functions and lambdas around a place, from the inside out."""
    while scope is not None:
        if scope.kind == "function":
            yield scope
        scope = scope.parent


def _imports_at_top(statement: cst.CSTNode) -> Iterator[cst.Import | cst.ImportFrom]:
    """Give the import nodes of a statement that bind module-level names."""
    if isinstance(statement, (cst.Import, cst.ImportFrom)):
        yield statement
    elif not isinstance(statement, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
        for child in children(statement):
            yield from _imports_at_top(child)


def _sets_type_checking(statement: cst.BaseSmallStatement) -> bool:
    """Say whether a statement is `TYPE_CHECKING = False`, which is as good as the import of it, and quicker."""
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target: cst.BaseExpression = statement.targets[0].target
    elif isinstance(statement, cst.AnnAssign):
        target = statement.target
    else:
        return False
    return dotted_name(target) == "TYPE_CHECKING" and dotted_name(statement.value) == "False"


def _only_imports(statement: cst.CSTNode, imported: set[str]) -> bool:
    """Say whether a statement only imports, apart from `pass` and fallbacks for the very names it imports.

    try:
        import orjson
    except ImportError:
        orjson = None
    """
    if isinstance(statement, (cst.Import, cst.ImportFrom, cst.Pass)):
        return True
    if isinstance(statement, cst.Assign):
        constant = isinstance(statement.value, cst.Name) and statement.value.value in (
            "None",
            "True",
            "False",
            *imported,
        )
        return constant and all(dotted_name(target.target) in imported for target in statement.targets)
    if isinstance(statement, (cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.IndentedBlock)):
        return all(_only_imports(small, imported) for small in statement.body)
    if isinstance(statement, (cst.If, cst.Else, cst.Try, cst.Finally)):
        below = [statement.body, *getattr(statement, "handlers", ())]
        below += [part for part in (getattr(statement, "orelse", None), getattr(statement, "finalbody", None)) if part]
        return all(_only_imports(part, imported) for part in below)
    if isinstance(statement, cst.ExceptHandler):
        return _only_imports(statement.body, imported)
    return False


def _surely_bound(statement: cst.CSTNode) -> set[str]:
    """Give the names that a statement binds whatever way it takes."""
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        return {statement.name.value}
    if isinstance(statement, (cst.Import, cst.ImportFrom)):
        if isinstance(statement.names, cst.ImportStar):
            return set()
        return {alias.evaluated_alias or alias.evaluated_name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, (cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.IndentedBlock)):
        return set().union(*map(_surely_bound, statement.body))
    if isinstance(statement, (cst.With, cst.Else, cst.Finally)):
        return _surely_bound(statement.body)
    if isinstance(statement, cst.If):
        return _surely_bound(statement.body) & _surely_bound(statement.orelse) if statement.orelse else set()
    if isinstance(statement, (cst.Try, cst.TryStar)):
        ways = [_surely_bound(statement.body) | (_surely_bound(statement.orelse) if statement.orelse else set())]
        ways += [_surely_bound(handler.body) for handler in statement.handlers if not _ends_in_raise(handler.body)]
        finally_ = _surely_bound(statement.finalbody) if statement.finalbody else set()
        return set.intersection(*ways) | finally_
    if isinstance(statement, (cst.For, cst.While, cst.Match)):
        return set()
    return _names_assigned(statement)


def _names_assigned(statement: cst.CSTNode) -> set[str]:
    """Give the names that one small statement assigns."""
    found: set[str] = set()
    stack: list[cst.CSTNode] = []
    if isinstance(statement, cst.Assign):
        stack += [target.target for target in statement.targets]
    elif isinstance(statement, cst.AugAssign) or (isinstance(statement, cst.AnnAssign) and statement.value is not None):
        stack.append(statement.target)
    elif isinstance(statement, cst.TypeAlias):
        stack.append(statement.name)
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Name):
            found.add(node.value)
        elif isinstance(node, (cst.Tuple, cst.List)):
            stack += [element.value for element in node.elements]
    return found


def _ends_in_raise(body: cst.BaseSuite) -> bool:
    last = body.body[-1] if body.body else None
    return isinstance(last, cst.Raise) or (
        isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Raise)
    )


def _relative_imports(tree: SyntaxTree, statement: cst.CSTNode) -> Iterator[RelativeImport]:
    if isinstance(statement, cst.ImportFrom):
        if statement.relative:
            start = tree.span(statement.relative[0])[0]
            end = tree.span(statement.module if statement.module is not None else statement.relative[-1])[1]
            yield RelativeImport((start, end), len(statement.relative), dotted_name(statement.module) or "")
    elif not isinstance(statement, cst.BaseExpression):
        for child in children(statement):
            yield from _relative_imports(tree, child)


def _doctest_names(statement: cst.CSTNode) -> frozenset[str]:
    """Give the names that the doctests in a statement's docstrings, or in `__test__`, use without defining them."""
    found: set[str] = set()
    tests = "__test__" in _surely_bound(statement)
    stack = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Expr) or tests:
            text = literal_string(node.value if isinstance(node, cst.Expr) else node)
            found |= {name.partition(".")[0] for name in names_in_examples(text or "")}
        if not isinstance(node, cst.BaseExpression) or tests:
            stack.extend(children(node))
    return frozenset(found)


def _pickled_as(statement: cst.CSTNode) -> frozenset[str]:
    """Give the names under which pickle looks up a class's instances in the module of that class.

    def __reduce__(self):
        return "missing"  # THIS NAME, of the module that `type(self).__module__` says
    """
    if not isinstance(statement, cst.ClassDef):
        return frozenset()
    found = set()
    for method in statement.body.body:
        if isinstance(method, cst.FunctionDef) and method.name.value in ("__reduce__", "__reduce_ex__"):
            stack: list[cst.CSTNode] = [method.body]
            while stack:
                node = stack.pop()
                if isinstance(node, cst.Return) and node.value is not None:
                    found.add(literal_string(node.value) or "")
                stack.extend(children(node))
    return frozenset(found - {""})


def _subject(statement: cst.CSTNode) -> str:
    """Give the name a bare statement acts upon: `X` of `X.a = 1`, `X[k] = v`, `X.register(f)`; else nothing."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return ""
    small = statement.body[0]
    node: cst.CSTNode | None = None
    if isinstance(small, cst.Assign):
        node = small.targets[0].target
    elif isinstance(small, (cst.AugAssign, cst.AnnAssign, cst.Del)):
        node = small.target
    elif isinstance(small, cst.Expr) and isinstance(small.value, cst.Call):
        node = small.value.func
        if dotted_name(node) in ("setattr", "delattr") and small.value.args:
            node = small.value.args[0].value
    while isinstance(node, (cst.Attribute, cst.Subscript)):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _runs_its_methods_when_subclassed(node: cst.ClassDef) -> bool:
    if any(keyword.keyword is not None and keyword.keyword.value == "metaclass" for keyword in node.keywords):
        return True
    return any(
        isinstance(child, cst.FunctionDef) and child.name.value in ("__init_subclass__", "__set_name__", "__new__")
        for child in node.body.body
    )


def _is_filled(tree: SyntaxTree, outer: cst.BaseExpression) -> bool:
    """Say whether an expression is changed in place where it stands."""
    above = tree.parent(outer)
    if isinstance(above, cst.Subscript) and above.value is outer:
        return isinstance(tree.parent(above), (cst.AssignTarget, cst.AugAssign, cst.Del))
    if not isinstance(outer, cst.Attribute):
        return False
    if outer.attr.value in _FILLING and not isinstance(getattr(outer.value, "value", None), cst.Attribute):
        return isinstance(above, cst.Decorator) or (isinstance(above, cst.Call) and above.func is outer)
    return isinstance(above, (cst.AssignTarget, cst.AugAssign, cst.Del))


def _is_string(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.SimpleString, cst.ConcatenatedString))


def _is_docstring(statement: cst.CSTNode) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and _is_string(statement.body[0].value)
    )


def _indent_at(text: str, offset: int) -> str:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())]
