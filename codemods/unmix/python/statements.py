"""Read one statement at the top of a module: what it imports, binds, exports, acts upon, and where an import fits in.

Takes LibCST nodes of a SyntaxTree, gives names and places. It knows nothing of the other statements.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from unmix.python.conditions import is_type_checking
from unmix.python.examples import names_in_examples
from unmix.python.global_enums import members_made_global
from unmix.python.outline import Body, Guard, RelativeImport
from unmix.python.syntax import SyntaxTree, children, dotted_name, literal_string


def guarded_statements(tree: SyntaxTree) -> Iterator[tuple[cst.CSTNode, Guard | None]]:
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


def imports_at_top(statement: cst.CSTNode) -> Iterator[cst.Import | cst.ImportFrom]:
    """Give the import nodes of a statement that bind module-level names."""
    if isinstance(statement, (cst.Import, cst.ImportFrom)):
        yield statement
    elif not isinstance(statement, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
        for child in children(statement):
            yield from imports_at_top(child)


def sets_type_checking(statement: cst.BaseSmallStatement) -> bool:
    """Say whether a statement is `TYPE_CHECKING = False`, which is as good as the import of it, and quicker."""
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target: cst.BaseExpression = statement.targets[0].target
    elif isinstance(statement, cst.AnnAssign):
        target = statement.target
    else:
        return False
    return dotted_name(target) == "TYPE_CHECKING" and dotted_name(statement.value) == "False"


def only_imports(statement: cst.CSTNode, imported: set[str]) -> bool:
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
        return all(only_imports(small, imported) for small in statement.body)
    if isinstance(statement, (cst.If, cst.Else, cst.Try, cst.Finally)):
        below = [statement.body, *getattr(statement, "handlers", ())]
        below += [part for part in (getattr(statement, "orelse", None), getattr(statement, "finalbody", None)) if part]
        return all(only_imports(part, imported) for part in below)
    if isinstance(statement, cst.ExceptHandler):
        return only_imports(statement.body, imported)
    return False


def surely_bound(statement: cst.CSTNode) -> set[str]:
    """Give the names that a statement binds whatever way it takes."""
    if isinstance(statement, cst.ClassDef):
        return {statement.name.value, *(member.value for member in members_made_global(statement))}
    if isinstance(statement, cst.FunctionDef):
        return {statement.name.value}
    if isinstance(statement, (cst.Import, cst.ImportFrom)):
        if isinstance(statement.names, cst.ImportStar):
            return set()
        return {alias.evaluated_alias or alias.evaluated_name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, (cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.IndentedBlock)):
        return set().union(*map(surely_bound, statement.body))
    if isinstance(statement, (cst.With, cst.Else, cst.Finally)):
        return surely_bound(statement.body)
    if isinstance(statement, cst.If):
        return surely_bound(statement.body) & surely_bound(statement.orelse) if statement.orelse else set()
    if isinstance(statement, (cst.Try, cst.TryStar)):
        ways = [surely_bound(statement.body) | (surely_bound(statement.orelse) if statement.orelse else set())]
        ways += [surely_bound(handler.body) for handler in statement.handlers if not _ends_in_raise(handler.body)]
        finally_ = surely_bound(statement.finalbody) if statement.finalbody else set()
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


def relative_imports(tree: SyntaxTree, statement: cst.CSTNode) -> Iterator[RelativeImport]:
    """Give the relative imports of a statement, at any depth."""
    if isinstance(statement, cst.ImportFrom):
        if statement.relative:
            start = tree.span(statement.relative[0])[0]
            end = tree.span(statement.module if statement.module is not None else statement.relative[-1])[1]
            yield RelativeImport((start, end), len(statement.relative), dotted_name(statement.module) or "")
    elif not isinstance(statement, cst.BaseExpression):
        for child in children(statement):
            yield from relative_imports(tree, child)


def doctest_names(statement: cst.CSTNode) -> frozenset[str]:
    """Give the names that the doctests in a statement's docstrings, or in `__test__`, use without defining them."""
    found: set[str] = set()
    tests = "__test__" in surely_bound(statement)
    stack = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Expr) or tests:
            text = literal_string(node.value if isinstance(node, cst.Expr) else node)
            found |= {name.partition(".")[0] for name in names_in_examples(text or "")}
        if not isinstance(node, cst.BaseExpression) or tests:
            stack.extend(children(node))
    return frozenset(found)


def pickled_as(statement: cst.CSTNode) -> frozenset[str]:
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


def subject_of(statement: cst.CSTNode) -> str:
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


def runs_its_methods_when_subclassed(node: cst.ClassDef) -> bool:
    """Say whether to derive from a class may run code of it, or of its metaclass."""
    if any(keyword.keyword is not None and keyword.keyword.value == "metaclass" for keyword in node.keywords):
        return True
    return any(
        isinstance(child, cst.FunctionDef) and child.name.value in ("__init_subclass__", "__set_name__", "__new__")
        for child in node.body.body
    )


def body_of(tree: SyntaxTree, function: cst.FunctionDef | cst.If) -> Body:
    """Find the place behind a function's docstring, or at the beginning of an `if` block.

    def f(): return x   →  the blank behind the colon becomes a line break, the import, and another line break
    """
    newline = tree.module.default_newline
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
    if is_docstring(first) and len(statements) > 1:
        first = statements[1]
    elif is_docstring(first):
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


def is_string(node: cst.CSTNode) -> bool:
    """Say whether a node is a string literal, and no f-string."""
    return isinstance(node, (cst.SimpleString, cst.ConcatenatedString))


def is_docstring(statement: cst.CSTNode) -> bool:
    """Say whether a statement begins with a bare string."""
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and is_string(statement.body[0].value)
    )


def _indent_at(text: str, offset: int) -> str:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())]
