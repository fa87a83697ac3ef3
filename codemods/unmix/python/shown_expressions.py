"""Keep what f-strings show of their own text.

    f"{old.limit=}"  →  f"old.limit={home.limit!r}"

Takes a node that is to be rewritten, gives the edits around it, by which the string says what it said before.
"""

from __future__ import annotations

import libcst as cst

from unmix.edit import Edit
from unmix.python.syntax import SyntaxTree


def keep_shown(tree: SyntaxTree, node: cst.CSTNode) -> list[Edit] | None:
    """Write out the text that the expression around `node` shows, if it shows any; None where that cannot be done."""
    above = list(tree.ancestors(node))
    expressions = [holder for holder in above if isinstance(holder, cst.FormattedStringExpression)]
    shown = [expression for expression in expressions if expression.equal is not None]
    if not shown:
        return []
    expression = shown[0]
    string = next(holder for holder in above if isinstance(holder, cst.FormattedString))
    if len(expressions) > 1 or expression.equal is None:
        return None
    start, (sign, end) = tree.span(expression)[0], tree.extent(expression.equal)
    said = tree.text[start + 1 : end]
    # Since Python 3.12 an expression may hold what the text of its string may not.
    if "\\" in said or string.quote in said or ("\n" in said and len(string.quote) == 1):
        return None
    is_plain = expression.conversion is None and expression.format_spec is None
    text = said.replace("{", "{{").replace("}", "}}")
    return [Edit(start, start, text), Edit(sign, end, "!r" if is_plain else "")]
