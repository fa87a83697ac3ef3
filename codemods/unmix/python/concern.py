"""Say which lines of a file may concern a migration: those with a word for what moves, or for what may be missing.

Takes a file parsed by Python's own parser and what a migration is about, gives line numbers, by which masks.py tells
the functions that need no closer look. A line too many costs time, one too few would lose a reference: what is unsure
is in question.
"""

from __future__ import annotations

import ast
import builtins
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from unmix.python.modules import ModuleName, resolve_relative
from unmix.python.unbound import is_in_type, is_unbound
from unmix.python.words import words_of

_WORD = re.compile(r"[^\W\d]\w*")
_NO_WORD = re.compile(r"\W+")
_LONGEST_NAME = 300
_QUOTE = re.compile(r"[\"']")
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Concern:
    """What a migration is about: `modules` by their dotted names, `names` that matter in any file.

    `watched` are names that matter where nothing defines them, or a star import brings them. `lacks` says whether a
    module of the tree may be without a name.
    """

    modules: frozenset[str]
    names: frozenset[str]
    watched: frozenset[str]
    lacks: Callable[[str, str], bool]


def lines_in_question(text: str, tree: ast.Module, here: ModuleName, concern: Concern) -> list[int]:
    """Give the lines of the file `here` that may concern a migration, counted from 1 and sorted."""
    words = {*concern.names, *(module.rpartition(".")[2] for module in concern.modules)}
    statements = list(statements_of(tree.body))
    imported: dict[str, set[str]] = {}
    for node in statements:
        if isinstance(node, ast.Import):
            words |= {a.asname for a in node.names if a.asname and not words.isdisjoint(a.name.split("."))}
            for alias in node.names:
                first, last = alias.name.partition(".")[0], alias.name.rpartition(".")[2]
                imported.setdefault(alias.asname or first, set()).add(alias.name if alias.asname else first)
                imported.setdefault(last, set()).add(alias.name)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_relative(here.package, node.level, node.module or "") or ""
            for alias in node.names:
                if module in concern.modules or not words.isdisjoint((*module.split("."), alias.name)):
                    words |= concern.watched if alias.name == "*" else {alias.asname or alias.name}
                imported.setdefault(alias.asname or alias.name, set()).add(f"{module}.{alias.name}")
                if alias.name in concern.watched and concern.lacks(module, alias.name):
                    words.add(alias.name)
    for owner, name in _attributes(text, concern.watched & words_of(text)):
        if any(concern.lacks(module, name) for module in imported.get(owner, ())):
            words.add(name)
    _add_what_stands_for_them(words, text, tree, statements)
    present = words_of(text)
    ends = [match.end() for match in re.finditer(r"\r\n|\r|\n", text)]
    found = {bisect_right(ends, place) + 1 for place in _places(text, words & present)}
    undefined = concern.watched - bound_at_top(tree.body) - _BUILTINS
    for name in undefined & present - words:
        places = [place for place in _places(text, [name]) if text[place - 1 : place] != "."]
        lines = sorted({bisect_right(ends, place) + 1 for place in places})
        # What is seen of a variable is seen with what binds it.
        is_seen = not found.isdisjoint(lines) or is_unbound(name, tree.body, lines)
        if is_seen or (any(_may_be_quoted(text, place) for place in places) and is_in_type(name, tree.body, lines)):
            found.update(lines)
    return sorted(found)


def bound_at_top(body: Iterable[ast.stmt]) -> set[str]:
    """Give what the module's own statements bind, and never delete."""
    bound: set[str] = set()
    deleted: set[str] = set()
    stack = [*body]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Delete):
            deleted |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        else:
            bound |= {name for target, _ in _assignments(node) for name in _names_in(target)}
        stack += _below(node)
    return bound - deleted


def statements_of(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Give all statements, at any depth; what stands in expressions is none."""
    stack = [*body]
    while stack:
        node = stack.pop()
        yield node
        stack += _below(node)


def _may_be_quoted(text: str, place: int) -> bool:
    """Say whether quotes stand on both sides of a place in its line."""
    start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
    return bool(_QUOTE.search(text, start, place) and _QUOTE.search(text, place, end if end >= 0 else len(text)))


def _places(text: str, words: Iterable[str]) -> set[int]:
    """Give the offsets at which any of `words` stands.

    Each word is looked for alone, which is several times as fast as one pattern of them all.
    """
    found = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            if not _is_of_word(text[at - 1 : at]) and not _is_of_word(text[end : end + 1]):
                found.add(at)
            at = text.find(word, end)
    return found


def _is_of_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _attributes(text: str, names: Collection[str]) -> set[tuple[str, str]]:
    """Give each of `names` that stands behind a dot, with the name before the dot: they are looked for from the dot."""
    if not names:
        return set()
    found = set()
    for match in re.finditer(rf"\.\s*({'|'.join(map(re.escape, sorted(names)))})\b", text):
        before = text[max(0, match.start() - _LONGEST_NAME) : match.start()].rstrip()
        found.add((_NO_WORD.split(before)[-1], match[1]))
    return found


def _below(node: ast.stmt) -> Iterator[ast.stmt]:
    for clause in (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        for field in ("body", "orelse", "finalbody"):
            yield from getattr(clause, field, ())


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Give each target of a statement or an assignment expression, with what is assigned to it."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=value) | ast.AugAssign(target=target, value=value):
            yield target, value
        case ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
            yield target, value
        case ast.With(items=items) | ast.AsyncWith(items=items):
            yield from ((item.optional_vars, item.context_expr) for item in items if item.optional_vars is not None)


def _names_in(target: ast.expr) -> Iterator[str]:
    """Give the names and attributes that are assigned to."""
    targets = [target]
    while targets:
        here = targets.pop()
        if isinstance(here, ast.Name):
            yield here.id
        elif isinstance(here, ast.Attribute):
            yield here.attr
        elif isinstance(here, (ast.Tuple, ast.List)):
            targets += here.elts
        elif isinstance(here, ast.Starred):
            targets.append(here.value)


def _add_what_stands_for_them(words: set[str], text: str, tree: ast.Module, statements: list[ast.stmt]) -> None:
    """Add the names of what may be a module in question, or a function of it, under another name.

    m = old    self.m = m    for m in (old, other):    m = import_module("pkg.old")    M = "pkg.old"
    """
    assigned = [pair for node in statements for pair in _assignments(node)]
    if ":=" in text:
        assigned += [pair for node in ast.walk(tree) if isinstance(node, ast.NamedExpr) for pair in _assignments(node)]
    grown = True
    while grown:
        grown = False
        for target, value in assigned:
            names = set(_names_in(target))
            if not names <= words and value is not None and _may_be_one(value, words):
                words |= names
                grown = True


def _may_be_one(value: ast.AST, words: set[str]) -> bool:
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in words
        case ast.Constant(value=said):
            return _says(said, words)
        case ast.Call(args=arguments, keywords=keywords):
            given = (*arguments, *(keyword.value for keyword in keywords))
            return any(isinstance(each, ast.Constant) and _says(each.value, words) for each in given)
        case ast.IfExp() | ast.BoolOp() | ast.Tuple() | ast.List() | ast.Set() | ast.Dict() | ast.Await():
            return any(_may_be_one(each, words) for each in ast.iter_child_nodes(value))
        case ast.NamedExpr(value=inner) | ast.Starred(value=inner) | ast.Subscript(value=inner):
            return _may_be_one(inner, words)
    return False


def _says(value: object, words: set[str]) -> bool:
    return isinstance(value, str) and not words.isdisjoint(_WORD.findall(value))
