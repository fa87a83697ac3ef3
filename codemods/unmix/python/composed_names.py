"""Find the longer names that are put together from an expression for a module's name and a literal.

    f"{MODULE}.time"     MODULE + ".Client.query"     "%s.time" % MODULE     "{}.time".format(old.__name__)

Takes the expression in its tree, gives what is made of it, and the edit that writes it out; knows nothing of modules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import libcst as cst

from unmix.edit import Edit
from unmix.python.strings import patches_argument
from unmix.python.syntax import SyntaxTree, literal_string

# What follows the module: `.name`, and perhaps more behind it.
_NAMES = re.compile(r"[.:]([A-Za-z_]\w*)((?:\.\w+)*)(?!\w)")


@dataclass(eq=False, slots=True)
class ComposedName:
    """A module's name with `behind` after it, which is `.name` and `rest`, and perhaps more; the whole is `node`.

    `literal` has what is behind, None in an f-string; `patches` when a patch aims at the whole.
    """

    node: cst.BaseExpression
    literal: cst.SimpleString | None
    behind: str
    name: str
    rest: str
    patches: bool


def composed_name(tree: SyntaxTree, part: cst.BaseExpression) -> ComposedName | None:
    """Give the name that begins with the value of `part`; None where nothing is made of it, or who knows what."""
    above = tree.parent(part)
    if isinstance(above, cst.FormattedStringExpression):
        return _in_f_string(tree, above)
    if isinstance(above, cst.BinaryOperation) and not above.lpar:
        if isinstance(above.operator, cst.Add) and above.left is part:
            return _composed(tree, above, above.right, ("",), "")
        if isinstance(above.operator, cst.Modulo) and above.right is part:
            return _composed(tree, above, above.left, ("%s",), "%")
    call = tree.parent(above) if isinstance(above, cst.Arg) and above.keyword is None and not above.star else None
    if isinstance(call, cst.Call) and len(call.args) == 1:
        method = call.func
        if isinstance(method, cst.Attribute) and method.attr.value == "format":
            return _composed(tree, call, method.value, ("{}", "{0}"), "{}")
    return None


def write_out(tree: SyntaxTree, composed: ComposedName, module: str) -> Edit:
    """Write a composed name with its module in it; of an f-string with more fields only the first is written out.

    f"{MODULE}.b"  →  "app.two.b"       f"{MODULE}.b.{x}"  →  f"app.two.b.{x}"       MODULE + ".b"  →  "app.two.b"
    """
    whole, literal = composed.node, composed.literal
    if literal is not None:
        return Edit(*tree.span(whole), f"{literal.prefix}{literal.quote}{module}{composed.behind}{literal.quote}")
    assert isinstance(whole, cst.FormattedString), "_in_f_string() takes no other"
    field = tree.span(whole.parts[0])
    behind = tree.text[field[1] : tree.span(whole)[1]]
    if re.search(r"[{}]", behind):
        return Edit(*field, module)
    return Edit(*tree.span(whole), re.sub("[fF]", "", whole.start) + module + behind)


def _in_f_string(tree: SyntaxTree, field: cst.FormattedStringExpression) -> ComposedName | None:
    whole = tree.parent(field)
    if field.conversion is not None or field.format_spec is not None or field.equal is not None:
        return None
    if not isinstance(whole, cst.FormattedString) or whole.parts[0] is not field:
        return None
    behind = "".join(part.value for part in whole.parts[1:2] if isinstance(part, cst.FormattedStringText))
    names = _NAMES.match(behind)
    if names is None or (len(whole.parts) > 2 and names.end() == len(behind)):
        return None  # f"{MODULE}.name{more}": who knows what it is called.
    return ComposedName(whole, None, behind, names[1], names[2], patches_argument(tree, whole))


def _composed(
    tree: SyntaxTree, whole: cst.BaseExpression, literal: cst.BaseExpression, fields: tuple[str, ...], special: str
) -> ComposedName | None:
    """Read a literal that begins with one of `fields`, where the module's name comes to stand, and has no other."""
    if not isinstance(literal, cst.SimpleString) or literal_string(literal) != literal.raw_value:
        return None
    field = next((each for each in fields if literal.raw_value.startswith(each)), None)
    if field is None or "\n" in tree.code(whole):
        return None
    behind = literal.raw_value[len(field) :]
    names = _NAMES.match(behind)
    if names is None or any(letter in behind for letter in special):
        return None
    return ComposedName(whole, literal, behind, names[1], names[2], patches_argument(tree, whole))
