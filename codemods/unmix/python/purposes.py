"""Tell what the code around a use does with the value: fills it, acts on it, reads what it holds, calls it.

Takes the scopes of a module and a use in it. Values are not known, so names have to tell: `append` fills, `len` reads.
"""

from __future__ import annotations

import re

import libcst as cst

from unmix.python.scopes import How, Scopes, Use
from unmix.python.syntax import SyntaxTree, dotted_name, literal_string

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

# Builtins (and one that is often imported) that call the functions they are given.
_CALLING = frozenset("sorted min max map filter reduce".split())


def is_filled(tree: SyntaxTree, outer: cst.BaseExpression) -> bool:
    """Say whether an expression is changed in place where it stands."""
    above = tree.parent(outer)
    if isinstance(above, cst.Subscript) and above.value is outer:
        return isinstance(tree.parent(above), (cst.AssignTarget, cst.AugAssign, cst.Del))
    if not isinstance(outer, cst.Attribute):
        return False
    if outer.attr.value in _FILLING and not isinstance(getattr(outer.value, "value", None), cst.Attribute):
        return isinstance(above, cst.Decorator) or (isinstance(above, cst.Call) and above.func is outer)
    return isinstance(above, (cst.AssignTarget, cst.AugAssign, cst.Del))


def is_acted_on(scopes: Scopes, use: Use) -> bool:
    """Say whether a statement is there for what it does to the value of `use`, as far as can be seen.

    @app.route("/")     @receiver(signal)     app.include(api)     setup(app)
    """
    parent = scopes.tree.parent(use.outer)
    given = isinstance(parent, cst.Arg)
    call = scopes.tree.parent(parent) if isinstance(parent, cst.Arg) else parent
    whole = scopes.tree.parent(call) if isinstance(call, cst.Call) else call
    if isinstance(parent, cst.Arg) and (parent.keyword is not None or not _is_object(scopes, use.name)):
        return False
    if isinstance(whole, cst.Decorator):
        return given or isinstance(use.outer, cst.Attribute)
    if not isinstance(whole, cst.Expr) or not isinstance(call, cst.Call):
        return False
    function = (dotted_name(call.func) or "").rpartition(".")[2]
    return function not in _TELLING and (given or isinstance(use.outer, cst.Attribute))


def is_looked_into(scopes: Scopes, use: Use) -> bool:
    """Say whether what the value holds by then is read: `len(TABLE)`, `for k in TABLE`, `TABLE.items()`."""
    parent = scopes.tree.parent(use.outer)
    if isinstance(parent, (cst.For, cst.CompFor)):
        return parent.iter is use.outer
    if isinstance(parent, cst.Call):
        return isinstance(use.outer, cst.Attribute) and use.outer.attr.value in _READING
    if not isinstance(parent, cst.Arg):
        return isinstance(parent, (cst.StarredElement, cst.StarredDictElement))
    call = scopes.tree.parent(parent)
    reads = isinstance(call, cst.Call) and dotted_name(call.func) in _READERS
    return reads or bool(parent.star) or is_acted_on(scopes, use)


def may_call_its_arguments(scopes: Scopes, call: cst.Call) -> bool:
    """Say whether a call may at once call what it is given: one of this module's functions, or `sorted(key=…)`."""
    root = (dotted_name(call.func) or "").partition(".")[0]
    bindings = scopes.module.bindings.get(root, [])
    return root in _CALLING or any(binding.how is not How.IMPORT for binding in bindings)


def makes_names(scopes: Scopes, use: Use) -> bool:
    """Say whether a use is `globals()[name] = …`, `globals().update(…)` or `exec(…)`: names that no text shows."""
    call = scopes.tree.parent(use.node)
    if not isinstance(call, cst.Call) or call.func is not use.node:
        return False
    if use.name == "exec":
        return len(call.args) == 1 and not _is_known_code(scopes, call.args[0].value)
    if use.name not in ("globals", "vars", "locals") or call.args:
        return False
    above = scopes.tree.parent(call)
    if isinstance(above, cst.Subscript):
        return isinstance(scopes.tree.parent(above), (cst.AssignTarget, cst.AugAssign, cst.Del))
    return isinstance(above, cst.Attribute) and above.attr.value in ("update", "setdefault", "pop", "__setitem__")


def purpose_of_name(scopes: Scopes, use: Use) -> str:
    """Say what `__name__` is used for: the function it is passed to, or `main` in a comparison."""
    parent = scopes.tree.parent(use.node)
    if isinstance(parent, cst.Comparison):
        return "main"
    call = scopes.tree.parent(parent) if isinstance(parent, cst.Arg) else None
    return (dotted_name(call.func) or "").rpartition(".")[2] if isinstance(call, cst.Call) else ""


def is_place_of_import(scopes: Scopes, use: Use) -> bool:
    """Say whether `globals()` only tells `__import__` which package asks; names are not looked up there."""
    call = scopes.tree.parent(use.node)
    argument = scopes.tree.parent(call) if isinstance(call, cst.Call) and call.func is use.node else None
    outer = scopes.tree.parent(argument) if isinstance(argument, cst.Arg) else None
    return isinstance(outer, cst.Call) and dotted_name(outer.func) == "__import__"


def _is_object(scopes: Scopes, name: str) -> bool:
    """Say whether a name of the module stands for what some call made: an application, a signal, a registry."""
    bindings = scopes.module.bindings.get(name, [])
    above = [scopes.tree.parent(scopes.tree.parent(b.node) or b.node) for b in bindings if isinstance(b.node, cst.Name)]
    values = [assign.value for assign in above if isinstance(assign, cst.Assign)]
    made = {dotted_name(value.func) or "" for value in values if isinstance(value, cst.Call)}
    return any(function.rpartition(".")[2] not in _MAKING_VALUES for function in made)


def _is_known_code(scopes: Scopes, code: cst.BaseExpression) -> bool:
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
    plain = scopes.module.bindings
    return bool(made) and all((function or variable) in plain for function, variable, _ in made)
