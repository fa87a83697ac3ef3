"""Tell the files that may use a name nothing defines from those that surely do not, without parsing them whole.

Takes a text and the names in question, says yes or no; a yes is only a reason to look closer (missing.py does).
The standard library's parser is some fifteen times faster than LibCST, and knowing no place is enough here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping


def is_suspect(text: str, names: Collection[str], parts: Mapping[str, Collection[str]]) -> bool:
    """Say whether a file may use or export one of `names` without defining it, or import one from elsewhere.

    `parts` gives, by the last name of a part, all that it holds: whoever takes something else from it is suspect, too.
    """
    mentioned = {name for name in names if re.search(rf"\b{re.escape(name)}\b", text)}
    used_parts = {leaf for leaf in parts if re.search(rf"\b{re.escape(leaf)}\b", text)}
    if not mentioned and not used_parts:
        return False
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return True
    used: set[str] = set()
    bound: set[str] = set()
    aliases = {leaf: leaf for leaf in used_parts}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                leaf = alias.name.rpartition(".")[2]
                if leaf in used_parts and alias.asname:
                    aliases[alias.asname] = leaf
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", "")
            if node.attr in mentioned and owner:
                return True
            if owner in aliases and node.attr not in parts[aliases[owner]]:
                return True
        elif isinstance(node, ast.ImportFrom):
            held = parts.get((node.module or "").rpartition(".")[2])
            if held is not None and any(alias.name not in held for alias in node.names if alias.name != "*"):
                return True
            if held is None and any(alias.name in mentioned for alias in node.names):
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


def names_module(text: str, modules: Collection[str]) -> bool:
    """Say whether a text that no parser reads seems to name one of `modules`, more than by its last word alone.

    from pkg import old    import old    from pkg import (a, old)    pkg.old.a
    """
    for module in modules:
        leaf = re.escape(module.rpartition(".")[2])
        if re.search(rf"\b{re.escape(module)}\b|\.{leaf}\s*\.\s*\w|\bimport\b[^#\n]*\b{leaf}\b", text):
            return True
        if re.search(rf"\bfrom\b[^#\n]*\b{leaf}\s+import\b|\bimport\s*\([^)]*\b{leaf}\b", text):
            return True
    return False
