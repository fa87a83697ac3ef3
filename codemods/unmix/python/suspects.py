"""Tell the files that may concern a migration from those that surely do not, without LibCST.

Takes a text and the names in question, says yes or no; a yes is only a reason to look closer, a no is final.
The standard library's parser is some fifteen times faster than LibCST, and knowing no place is enough here.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Collection, Mapping
from itertools import repeat

from unmix.python.left_alone import without_migration
from unmix.python.modules import resolve_relative
from unmix.python.own_parser import NOT_PARSED, tree_of
from unmix.python.plain_imports import plainly_imports
from unmix.python.words import words_of

# The functions that strings.py and callsites.py know to patch what they are given, whatever stands before the bracket.
_PATCHES = re.compile(r"\b(?:patch|setattr|delattr|spy|stub|multiple|dict|object)\b[\s\\]*\(")
_SETS_SEVERAL = re.compile(r"\bmultiple\b[\s\\]*\(")
_RELATIVE = re.compile(r"^[ \t]*from[ \t]+(\.+)[ \t]*([\w.]*)[ \t]+import[ \t]+[^#\n(;]*$", re.MULTILINE)
# Where the last name of a module may be enough.
_LOOSE = frozenset(("import_module", "__import__", "attach", "__all__"))
_LOGGERS = ("getLogger", "get_logger", "getChild")


def is_suspect(text: str, names: Collection[str], parts: Mapping[str, Collection[str]]) -> bool:
    """Say whether a file may use or export one of `names` without defining it, or import one from elsewhere.

    `parts` gives, by the last name of a part, all that it holds: whoever takes something else from it is suspect, too.
    """
    words = words_of(text)
    mentioned = words.intersection(names)
    used_parts = words.intersection(parts)
    if not mentioned and not used_parts:
        return False
    if plainly_imports(text, mentioned, used_parts, parts):
        return False
    tree = tree_of(text)
    if tree is None:
        return True
    used: set[str] = set()
    bound: set[str] = set()
    aliases = {leaf: leaf for leaf in used_parts}
    exports = "__all__" in text
    nodes = _nodes(tree)
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                leaf = alias.name.rpartition(".")[2]
                if leaf in used_parts and alias.asname:
                    aliases[alias.asname] = leaf
    for node in nodes:
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
        elif exports and isinstance(node, ast.Constant) and isinstance(node.value, str):
            used.add(node.value)
    return bool((used - bound) & mentioned)


def _imports_one(text: str, modules: Collection[str]) -> bool:
    """Say whether code in a text may import one of `modules` from its package."""
    return any(
        re.search(rf"\bfrom[ \t]+{re.escape(package)}[ \t]+import\b[^\n]*\b{re.escape(leaf)}\b", text)
        for package, _, leaf in (module.rpartition(".") for module in modules)
        if package
    )


def names_module(text: str, modules: Collection[str], package: str | None = None) -> bool:
    """Say whether a text that no parser reads seems to name one of `modules`, more than by its last word alone.

    from pkg import old    import old    from pkg import (a, old)    pkg.old.a

    Where it is known in which `package` the text stands, relative imports that lead elsewhere are none.
    """

    def leads_elsewhere(match: re.Match[str]) -> str:
        reached = resolve_relative(package or "", len(match[1]), match[2])
        return match[0] if reached in reachable else ""

    reachable = {path for module in modules for path in (module, module.rpartition(".")[0])}
    if package is not None:
        text = _RELATIVE.sub(leads_elsewhere, text)
    for module in modules:
        leaf = re.escape(module.rpartition(".")[2])
        if re.search(rf"\b{re.escape(module)}\b|\.{leaf}\s*\.\s*\w|\bimport\b[^#\n]*\b{leaf}\b", text):
            return True
        if re.search(rf"\bfrom\b[^#\n]*\b{leaf}\s+import\b|\bimport\s*\([^)]*\b{leaf}\b", text):
            return True
    return False


def bound_names(text: str) -> frozenset[str] | None:
    """Give every name that a module binds; None when more may be than its text shows, or it cannot be read."""
    if re.search(r"\bimport[ \t]*\*|\b__getattr__\b|\bglobal_enum\b", text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = symtable.symtable(text, "file", "exec")
    except NOT_PARSED:
        return None
    found = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    tables = module.get_children()
    for table in tables:
        tables += table.get_children()
        declared = [symbol for symbol in table.get_symbols() if symbol.is_declared_global()]
        found |= {symbol.get_name() for symbol in declared if symbol.is_assigned() or symbol.is_imported()}
    return frozenset(found)


def code_may_refer(text: str, olds: Collection[str], called: Collection[str]) -> bool:
    """Say whether Python code may reach a module of `olds`, or call a function of one of the names in `called`.

    Whatever reaches a module imports it, or reads it as an attribute of a package, or names it in a string.
    """
    words = words_of(text)
    if not words.isdisjoint(called):
        return True
    leaves = {old.rpartition(".")[2] for old in olds}
    spelled = "|".join(map(re.escape, sorted(leaves)))
    if words.isdisjoint(leaves):
        return False
    if re.search(rf"^[ \t]*(?:from|import)\b[^#;\n]*\b(?:{spelled})\b", text, re.MULTILINE):
        return True
    if comments_may_mention(text, olds):
        return True
    if not words.isdisjoint(_LOOSE) and re.search(rf"[\"'](?:[\w.]*\.)?(?:{spelled})[\"']", text):
        return True
    tree = tree_of(text)
    if tree is None:
        return True
    nodes = _nodes(tree)
    loggers = _names_of_loggers(nodes)
    return any(_may_refer(node, olds, leaves) for node in nodes if id(node) not in loggers)


def comments_may_mention(text: str, olds: Collection[str]) -> bool:
    """Say whether a comment may have the dotted name of a module of `olds`, its path, or its import."""
    spellings = []
    for old in olds:
        package, _, leaf = old.rpartition(".")
        spellings += [re.escape(old), re.escape(old.replace(".", "/"))]
        spellings.append(rf"{re.escape(package)}[ \t]+import\b[^\r\n]*\b{re.escape(leaf)}")
    return bool(spellings) and re.search(rf"#[^\r\n]*(?:{'|'.join(spellings)})", text) is not None


def may_patch(text: str, names: Collection[str], leaves: Collection[str]) -> bool:
    """Say whether Python code may set, delete or patch one of `names` in a module whose last name is in `leaves`.

    old.name = 1    del old.name    patch("pkg.old.name")    setattr(old, "name", 1)    (old, "name")
    patch(f"{old.__name__}.name")    patch.multiple(old, name=1)
    """
    spelled, modules = ("|".join(map(re.escape, sorted(words))) for words in (names, leaves))
    if re.search(rf"[\"'](?:{spelled})[\"']", text):
        return True
    if _PATCHES.search(text) and ("__name__" in text or re.search(rf"[\"']\.?(?:\w+\.)*(?:{modules})\b", text)):
        return True
    if _SETS_SEVERAL.search(text) and re.search(rf"\b(?:{spelled})[ \t]*=", text):
        return True
    # What is called, or read from, is not assigned to.
    if not re.search(rf"[.\\]\s*(?:{spelled})\b(?!\s*[(.\[])", text):
        return False
    tree = tree_of(text)
    return tree is None or any(
        isinstance(node, ast.Attribute) and node.attr in names and not isinstance(node.ctx, ast.Load)
        for node in _nodes(tree)
    )


def document_may_refer(path: str, text: str, olds: Collection[str]) -> bool:
    """Say whether a text that is no Python may name a module of `olds`: by its name, its path, or in an import."""
    text = without_migration(path, text)
    if re.search(r"\bimport[ \t]", text):
        return any(old.rpartition(".")[2] in text for old in olds)
    return any(spelling in text for old in olds for spelling in (old, old.replace(".", "/")))


def _nodes(tree: ast.Module) -> list[ast.AST]:
    """List a tree's nodes as ast.walk() does, in a third of the time."""
    nodes: list[ast.AST] = [tree]
    for node in nodes:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                nodes += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                nodes.append(value)
    return nodes


def _names_of_loggers(nodes: list[ast.AST]) -> set[int]:
    """Give the strings that name a logger: those keep the name of the old module."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Call) and len(node.args) == 1:
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if function in _LOGGERS:
                found.add(id(node.args[0]))
    return found


def _is_of_table(key: ast.expr | None, value: ast.expr, leaves: Collection[str]) -> bool:
    """Say whether an entry of a table may be about a module: by its key, its value, or in a list that is its value."""
    words: list[ast.expr | None] = [*value.elts, key] if isinstance(value, (ast.List, ast.Tuple, ast.Set)) else [value]
    said = (word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str))
    return any(text.rpartition(".")[2] in leaves for text in said)


def _may_refer(node: ast.AST, olds: Collection[str], leaves: Collection[str]) -> bool:
    match node:
        case ast.Import(names=names):
            return any(leaf in alias.name.split(".") for alias in names for leaf in leaves)
        case ast.ImportFrom(module=None):
            # from . import name        THE PACKAGE itself may be an old module
            return True
        case ast.ImportFrom(module=module, names=names):
            words = {*str(module).split("."), *(alias.name for alias in names)}
            return not words.isdisjoint(leaves)
        case ast.Attribute(attr=name):
            return name in leaves
        case ast.Constant(value=str(text)):
            said = any(old in text or old.replace(".", "/") in text for old in olds)
            return said or (text[:1] == "." and text[1:] in leaves) or ("import" in text and _imports_one(text, olds))
        case ast.Dict(keys=keys, values=values):
            # {"old": ["name"]}    {"name": "old"}    {"name": (package, "old")}
            return any(map(_is_of_table, keys, values, repeat(leaves)))
    return False
