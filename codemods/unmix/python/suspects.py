"""Tell the files that may use a name nothing defines from those that surely do not, without parsing them whole.

Takes a text and the names in question, says yes or no; a yes is only a reason to look closer (missing.py does).
The standard library's parser is some fifteen times faster than LibCST, and knowing no place is enough here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection


def is_suspect(text: str, names: Collection[str]) -> bool:
    """Say whether a file may use or export one of `names` without defining it, or import one from elsewhere."""
    mentioned = {name for name in names if re.search(rf"\b{re.escape(name)}\b", text)}
    if not mentioned:
        return False
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return True
    used: set[str] = set()
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.Attribute):
            if node.attr in mentioned and isinstance(node.value, (ast.Name, ast.Attribute)):
                return True
        elif isinstance(node, ast.ImportFrom):
            if any(alias.name in mentioned for alias in node.names):
                return True
            bound.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            bound.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            used.add(node.value)
    return bool((used - bound) & mentioned)
