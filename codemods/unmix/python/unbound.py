"""Tell whether a name is a variable of functions wherever statements read it, or maybe one of the module or of Python.

Takes statements parsed by Python's own parser and a name that the module does not bind; a yes may be wrong, and only
costs a closer look. Strings are names where they are types. The rules are those of Python's reference, "Naming and
binding".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from unmix.python.line_spans import first_line, has_line

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
# Functions that take types as strings.
_TYPING = frozenset(("cast", "TypeVar", "NewType"))
_WORD = re.compile(r"[^\W\d]\w*")

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def is_unbound(name: str, nodes: Iterable[ast.AST], lines: list[int]) -> bool:
    """Say whether code below `nodes` may read `name` where no function or comprehension around it binds it.

    `lines` are those that have the word, sorted: nothing else is looked at.
    """
    stack = [*nodes]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and node.id == name:
            return True
        if not _is_on(node, lines):
            continue
        if isinstance(node, Comprehension) and _stores((each.target for each in node.generators), name, lines):
            stack.append(node.generators[0].iter)
        elif isinstance(node, Function) and _has_variable(node, name, lines):
            # What stands around its body is run outside.
            stack += [node.args, *getattr(node, "decorator_list", ()), *filter(None, [getattr(node, "returns", None)])]
        else:
            # Functions in a class do not see the class's names.
            stack += ast.iter_child_nodes(node)
    return False


def _is_on(node: ast.AST, lines: list[int]) -> bool:
    """Say whether a node may be on any of the sorted `lines`: what is no statement may.

    Before Python 3.12 the expressions in f-strings are anywhere.
    """
    if not isinstance(node, ast.stmt):
        return True
    return has_line(lines, first_line(node), node.end_lineno or node.lineno)


def is_in_type(name: str, nodes: Iterable[ast.AST], lines: list[int]) -> bool:
    """Say whether a string below `nodes` may be a type with `name` in it: `x: "list[name]"`, `cast("name", x)`."""
    types: list[ast.AST] = []
    stack = [*nodes]
    while stack:
        node = stack.pop()
        match node:
            case ast.arg(annotation=said) | ast.FunctionDef(returns=said) | ast.AsyncFunctionDef(returns=said):
                types += [said] if said is not None else []
            case ast.AnnAssign(annotation=said, value=value):
                types += [said] if value is None else [said, value]
            case ast.Call(func=function) if getattr(function, "attr", getattr(function, "id", "")) in _TYPING:
                types += [*node.args, *(keyword.value for keyword in node.keywords)]
        if _is_on(node, lines):
            stack += ast.iter_child_nodes(node)
    said_in = (each.value for each in types for each in ast.walk(each) if isinstance(each, ast.Constant))
    return any(isinstance(said, str) and name in _WORD.findall(said) for said in said_in)


def _has_variable(function: Function, name: str, lines: list[int]) -> bool:
    arguments = function.args
    named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
    if any(argument is not None and argument.arg == name for argument in named):
        return True
    return not isinstance(function, ast.Lambda) and _stores(function.body, name, lines)


def _stores(nodes: Iterable[ast.AST], name: str, lines: list[int]) -> bool:
    """Say whether code of one scope binds `name`, and does not say that it means the module's."""
    stack = [*nodes]
    found = False
    while stack:
        node = stack.pop()
        match node:
            case ast.Global(names=names) if name in names:
                return False
            case ast.Name(id=bound, ctx=ast.Store() | ast.Del()) | ast.ExceptHandler(name=bound):
                found |= bound == name
            case ast.MatchAs(name=bound) | ast.MatchStar(name=bound) | ast.MatchMapping(rest=bound):
                found |= bound == name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found |= any((alias.asname or alias.name.partition(".")[0]) == name for alias in aliases)
            case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.ClassDef(name=bound):
                found |= bound == name
        if not isinstance(node, Function | Comprehension | ast.ClassDef) and _is_on(node, lines):
            stack += ast.iter_child_nodes(node)
    return found
