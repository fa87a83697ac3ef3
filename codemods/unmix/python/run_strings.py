"""Tell the strings of a file that are run as Python code.

    [sys.executable, "-c", "import old"]    exec("import old")    pytester.makepyfile("import old")

Takes scopes and a string, says whether all that becomes of it is to be run: where it stands, through a variable, or
through a parameter of a function or a method of the same file. What is done with it elsewhere is not known, and then it
says no.
"""

from __future__ import annotations

from enum import IntEnum

import libcst as cst

from unmix.python.context import Hidden
from unmix.python.scopes import How, Scopes
from unmix.python.strings import follows_option
from unmix.python.syntax import dotted_name, literal_string

# What a string may be passed through: a variable of a variable, a function that hands it on.
_LONGEST_WAY = 4


class Run(IntEnum):
    """How a string is run: not at all as far as can be seen, beside other code, or as a program by itself."""

    NO = 0
    WITH_OTHERS = 1
    ALONE = 2


_EVERY = range(100)
# The arguments that are code, by their places and their names.
_WITH_OTHERS = {
    "exec": ((0,), ()),
    "eval": ((0,), ()),
    "compile": ((0,), ("source",)),
    "builtins.exec": ((0,), ()),
    "builtins.eval": ((0,), ()),
    "builtins.compile": ((0,), ("source",)),
    "timeit": ((0, 1), ("stmt", "setup")),
    "timeit.timeit": ((0, 1), ("stmt", "setup")),
    "timeit.repeat": ((0, 1), ("stmt", "setup")),
    "timeit.Timer": ((0, 1), ("stmt", "setup")),
    "Timer": ((0, 1), ("stmt", "setup")),
}
# Methods of pytest's own fixture for tests of plugins; `**{"name": code}` has any name.
_ALONE = {
    "makepyfile": _EVERY,
    "makeconftest": (0,),
    "inline_runsource": (0,),
    "runpython_c": (0,),
    "getmodulecol": (0,),
    "getitems": (0,),
    "getitem": (0,),
}
_SAME_CODE = frozenset("dedent cleandoc textwrap.dedent inspect.cleandoc".split())
_STRIPS = frozenset("strip lstrip rstrip".split())


def how_run(scopes: Scopes, node: cst.BaseExpression, way: int = 0) -> Run:
    """Say how the string, or variable, `node` is run. Raises Hidden where all of the file has to be seen."""
    tree = scopes.tree
    above = tree.parent(node)
    while isinstance(above, cst.ConcatenatedString):
        node, above = above, tree.parent(above)
    if way > _LONGEST_WAY:
        return Run.NO
    if isinstance(above, (cst.Arg, cst.Element)):
        if follows_option(tree, above, "-c"):
            return Run.ALONE
        call = tree.parent(above)
        return (
            _passed(scopes, call, above, way) if isinstance(above, cst.Arg) and isinstance(call, cst.Call) else Run.NO
        )
    if isinstance(above, cst.Attribute) and above.attr.value in _STRIPS:
        call = tree.parent(above)
        return how_run(scopes, call, way) if isinstance(call, cst.Call) and call.func is above else Run.NO
    if isinstance(above, cst.Assign) and len(above.targets) == 1:
        return _bound(scopes, above.targets[0].target, way)
    return _bound(scopes, above.target, way) if isinstance(above, cst.AnnAssign) else Run.NO


def _passed(scopes: Scopes, call: cst.Call, argument: cst.Arg, way: int) -> Run:
    """Say how an argument of a call is run."""
    if argument.star:
        return Run.NO
    function = dotted_name(call.func) or ""
    place = call.args.index(argument)
    name = argument.keyword.value if argument.keyword is not None else ""
    if function in _SAME_CODE:
        return how_run(scopes, call, way)
    places, names = _WITH_OTHERS.get(function, ((), ()))
    if name in names or (not name and place in places):
        return Run.WITH_OTHERS
    if isinstance(call.func, cst.Attribute):
        method = call.func.attr.value
        if method in _ALONE and (place in _ALONE[method] if not name else method == "makepyfile"):
            return Run.ALONE
        if method in ("write_text", "write") and place == 0 and not name:
            return Run.ALONE if _is_python_file(scopes, call.func.value) else Run.NO
    param = _parameter(scopes, call, place, name)
    return _bound(scopes, param.name, way) if param is not None else Run.NO


def _parameter(scopes: Scopes, call: cst.Call, place: int, name: str) -> cst.Param | None:
    """Give the parameter that takes an argument, of a function of the same file, or of a method of the same class."""
    function, own = _function(scopes, call.func)
    if function is None:
        return None
    params = function.params
    placed = [*params.posonly_params, *params.params][own:]
    if name:
        return next((each for each in (*params.params, *params.kwonly_params) if each.name.value == name), None)
    return placed[place] if place < len(placed) else None


def _function(scopes: Scopes, called: cst.BaseExpression) -> tuple[cst.FunctionDef | None, int]:
    """Give the function that a name stands for, or `self.name`, and how many arguments it is called with unseen."""
    if (
        isinstance(called, cst.Attribute)
        and isinstance(called.value, cst.Name)
        and called.value.value in ("self", "cls")
    ):
        around = (node for node in scopes.tree.ancestors(called) if isinstance(node, cst.ClassDef))
        body = next((node.body.body for node in around), ())
        methods = [m for m in body if isinstance(m, cst.FunctionDef) and m.name.value == called.attr.value]
        if len(methods) != 1:
            return None, 0
        static = any(dotted_name(decorator.decorator) == "staticmethod" for decorator in methods[0].decorators)
        return methods[0], 0 if static else 1
    uses = [use for use in scopes.uses if use.node is called]
    bindings = scopes.bindings_reached(uses[0]) if uses else []
    function = bindings[0].node if len(bindings) == 1 else None
    return (function if isinstance(function, cst.FunctionDef) else None), 0


def _bound(scopes: Scopes, target: cst.BaseExpression, way: int) -> Run:
    """Say how what is bound to a name is run: as each of its uses runs it."""
    if not isinstance(target, cst.Name):
        return Run.NO
    if scopes.tree.shown != scopes.tree.text:
        raise Hidden
    own = [
        binding
        for scope in scopes.scopes
        for binding in scope.bindings.get(target.value, ())
        if binding.node is target or (binding.how is How.PARAMETER and _name_of(binding.node) is target)
    ]
    if len(own) != 1 or len(own[0].scope.bindings[target.value]) != 1:
        return Run.NO
    uses = [use for use in scopes.uses if use.name == target.value and own[0] in scopes.bindings_reached(use)]
    read = [use for use in uses if use.node is not target]
    return min((how_run(scopes, use.node, way + 1) for use in read), default=Run.NO)


def _name_of(node: cst.CSTNode) -> cst.CSTNode:
    return node.name if isinstance(node, cst.Param) else node


def _is_python_file(scopes: Scopes, node: cst.BaseExpression) -> bool:
    """Say whether an expression is the path of a Python file: `folder / "use.py"`, `folder.join("use.py")`."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Divide):
        return (literal_string(node.right) or "").endswith(".py")
    if isinstance(node, cst.Call) and node.args:
        return (literal_string(node.args[-1].value) or "").endswith(".py")
    uses = [use for use in scopes.uses if use.node is node]
    bindings = scopes.bindings_reached(uses[0]) if uses else []
    above = scopes.tree.parent(bindings[0].node) if len(bindings) == 1 else None
    assign = scopes.tree.parent(above) if isinstance(above, cst.AssignTarget) else None
    if not isinstance(assign, cst.Assign) or isinstance(assign.value, cst.Name):
        return False
    return _is_python_file(scopes, assign.value)
