"""Read Python 2 syntax with Bowler: which tokens have to be written otherwise so that LibCST reads the file.

Takes decoded text, gives Edits over it; what comes of them says the same of every name, and has as many lines.
It is never run and never written: rewrite.py looks at it, and legacy.py carries what it found back to the real text.

    except Error, error:           →  except Error as error:
        print >>log, `error`, 017  →      (0),   log, (error), (0)
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from unmix.edit import Edit
from unmix.python.legacy_query import LegacyQuery, Places


@dataclass(frozen=True, slots=True)
class LegacyAlias:
    """`name as asname` of a plain import statement, and the span of `name`."""

    name: str
    asname: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LegacyImport:
    """An import without dots, which in Python 2 looks in the file's own package first.

    Of `from module import …` there is `module` with its span, of `import …` the aliases.
    """

    start: int
    end: int
    aliases: tuple[LegacyAlias, ...]
    module: LegacyAlias | None


@dataclass(frozen=True, slots=True)
class LegacySyntax:
    """What Bowler found in one text: the edits that make newer syntax of it, and its imports.

    `executes` says where `exec` runs text among the names of the file itself.
    """

    edits: tuple[Edit, ...]
    imports: tuple[LegacyImport, ...]
    executes: tuple[int, ...]
    absolute_imports: bool


def read_legacy_syntax(path: str, text: str) -> LegacySyntax:
    """Parse `text` with Bowler's Python 2 grammar. Raises UnreadableSource when that cannot read it either."""
    query = LegacyQuery(path, text)
    nodes = {pattern: query.select(pattern) for pattern in (*_CONSTRUCTS, *_FACTS)}
    places = query.run()
    found = {edit for pattern, write in _CONSTRUCTS.items() for node in nodes[pattern] for edit in write(node, places)}
    modules = [_read_from_import(node, places) for node in nodes[_FROM_IMPORT]]
    imports = [_read_import(node, places) for node in nodes[_IMPORT]]
    return LegacySyntax(
        tuple(sorted(found | set(_even_indents(places)))),
        tuple(sorted((*imports, *(module for module in modules if module)), key=lambda read: read.start)),
        tuple(places.start(node) for node in nodes[_EXEC] if _runs_among_own_names(node)),
        "absolute_import" in places.root.future_features,
    )


# -- constructs ------------------------------------------------------------------------------------------------------


def _print(node: Any, places: Places) -> Iterator[Edit]:
    """`print >>file, value` → `(0),   file, value`: a statement that has the same names, and a tuple of any length."""
    yield _replace(places, node.children[0], "(0), ")
    if _is(node.children[1], ">>"):
        yield _replace(places, node.children[1], "  ")


def _bare_print(leaf: Any, places: Places) -> Iterator[Edit]:
    if _kind(leaf.parent) == "simple_stmt":
        yield _replace(places, leaf, "(0), ")


def _exec(node: Any, places: Places) -> Iterator[Edit]:
    """`exec code in names` → `(0), code in names`."""
    yield _replace(places, node.children[0], "(0),")


def _raise(node: Any, places: Places) -> Iterator[Edit]:
    """`raise Error, value` → `raise Error or value`."""
    yield from (_replace(places, child, " or ") for child in node.children if _is(child, ","))


def _except(node: Any, places: Places) -> Iterator[Edit]:
    """`except Error, error` → `except Error as error`; with more than a name `except (Error, ((a:=0), b.c))`."""
    _, error, comma, bound = node.children
    if _is_name(bound):
        yield _replace(places, comma, " as ")
        return
    yield Edit(places.start(error), places.start(error), "(")
    yield Edit(places.end(bound), places.end(bound), ")")
    for leaf in bound.leaves():
        if _is_name(leaf) and _kind(leaf.parent) not in ("power", "trailer"):
            yield _replace(places, leaf, f"({leaf.value}:=0)")


def _backticks(node: Any, places: Places) -> Iterator[Edit]:
    """`` `value` `` → `(value)`."""
    yield _replace(places, node.children[0], "(")
    yield _replace(places, node.children[-1], ")")


def _unequal(leaf: Any, places: Places) -> Iterator[Edit]:
    """`<>` → `!=`."""
    yield _replace(places, leaf, "!=")


def _number(leaf: Any, places: Places) -> Iterator[Edit]:
    """`0777`, `1L` → `(0)`: no number says where a name goes, but `1L.real` reads one of its attributes."""
    if re.fullmatch(r"0[0-9_]*[1-9][0-9_]*|.*[lL]", leaf.value):
        yield _replace(places, leaf, "(0)")


def _string(leaf: Any, places: Places) -> Iterator[Edit]:
    r"""`ur"text"` → `r"text"`, `b"text"` → `"text"`; what is no string in Python 3, `"\u12"`, becomes empty."""
    prefix, body = re.fullmatch(r"([a-zA-Z]*)(.*)", leaf.value, re.DOTALL).groups()  # type: ignore[union-attr]
    raw = "r" in prefix.lower()
    if "\\" in body and not raw:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                ast.literal_eval(body)
            except (SyntaxError, ValueError, Warning):
                yield _replace(places, leaf, '"""' + "".join(re.findall(r"\r?\n", body)) + '"""')
                return
    if prefix.lower() not in ("", "r", "u") and "f" not in prefix.lower():
        start = places.start(leaf)
        yield Edit(start, start + len(prefix), "r" if raw else "")


def _new_keyword(leaf: Any, places: Places) -> Iterator[Edit]:
    """`async` → `async_`, where it is a name."""
    yield _replace(places, leaf, leaf.value + "_")


def _constant(leaf: Any, places: Places) -> Iterator[Edit]:
    """`True = 1` → `True_ = 1`, `a.None` → `a.None_`."""
    statement = leaf if _kind(leaf.parent) == "expr_stmt" else leaf.parent
    assigned = _kind(statement.parent) == "expr_stmt" and _is(statement.next_sibling, "=")
    if assigned or (_kind(leaf.parent) == "trailer" and _is(leaf.prev_sibling, ".")):
        yield _replace(places, leaf, leaf.value + "_")


def _tuple_parameter(node: Any, places: Places) -> Iterator[Edit]:
    """`def f(a, (b, c)=d)` → `def f(a,  b=0, c =d)`."""
    yield _replace(places, node.children[0], " ")
    yield _replace(places, node.children[-1], " ")
    names = node.children[1]
    if names.children and _is(names.children[-1], ","):
        yield _replace(places, names.children[-1], " ")
    if _is(node.next_sibling, "="):
        for leaf in [leaf for leaf in node.leaves() if _is_name(leaf)][:-1]:
            yield Edit(places.end(leaf), places.end(leaf), "=0")


def _bare_tuple(node: Any, places: Places) -> Iterator[Edit]:
    """`[a for a in b, c]` → `[a for a in (b, c)]`."""
    yield Edit(places.start(node), places.start(node), "(")
    yield Edit(places.end(node), places.end(node), ")")


def _even_indents(places: Places) -> Iterator[Edit]:
    """Write tabs as blanks, up to every eighth column, in a file that indents with both."""
    indents: dict[int, str] = {}
    for leaf in places.root.leaves():
        start = places.start(leaf)
        line = places.text.rfind("\n", 0, start) + 1
        if leaf.value.strip() and not places.text[line:start].strip(" \t"):
            indents.setdefault(line, places.text[line:start])
    if not any("\t" in indent for indent in indents.values()) or not any(" " in indent for indent in indents.values()):
        return
    for line, indent in indents.items():
        if "\t" in indent:
            yield Edit(line, line + len(indent), indent.expandtabs(8))


_EXEC = "exec_stmt< 'exec' any* >"
_IMPORT = "import_name< 'import' any >"
_FROM_IMPORT = "import_from< 'from' any* >"

_CONSTRUCTS: dict[str, Callable[[Any, Places], Iterator[Edit]]] = {
    "print_stmt< 'print' any* >": _print,
    "'print'": _bare_print,
    _EXEC: _exec,
    "raise_stmt< 'raise' any ',' any* >": _raise,
    "except_clause< 'except' any ',' any >": _except,
    "atom< '`' any '`' >": _backticks,
    "'<>'": _unequal,
    "NUMBER": _number,
    "STRING": _string,
    "'async' | 'await'": _new_keyword,
    "'True' | 'False' | 'None'": _constant,
    "tfpdef< '(' any ')' >": _tuple_parameter,
    "vfpdef< '(' any ')' >": _tuple_parameter,
    "testlist_safe< any* >": _bare_tuple,
}
_FACTS = (_IMPORT, _FROM_IMPORT)


# -- facts -----------------------------------------------------------------------------------------------------------


def _read_import(node: Any, places: Places) -> LegacyImport:
    listed = node.children[1]
    items = listed.children[::2] if _kind(listed) == "dotted_as_names" else [listed]
    aliases = [item.children[::2] if _kind(item) == "dotted_as_name" else [item] for item in items]
    read = tuple(_alias(name, "".join(map(str, asname)).strip(), places) for name, *asname in aliases)
    return LegacyImport(places.start(node), places.end(node), read, None)


def _read_from_import(node: Any, places: Places) -> LegacyImport | None:
    module = node.children[1]
    if _is(module, "."):
        return None
    return LegacyImport(places.start(node), places.end(node), (), _alias(module, "", places))


def _alias(name: Any, asname: str, places: Places) -> LegacyAlias:
    return LegacyAlias("".join(leaf.value for leaf in name.leaves()), asname, places.start(name), places.end(name))


def _runs_among_own_names(node: Any) -> bool:
    """Say whether `exec` is given no names of its own: neither `exec code in names` nor `exec(code, names)`."""
    code = node.children[1]
    listed = code.children[1].children if _kind(code) == "atom" and len(code.children) == 3 else ()
    return len(node.children) == 2 and not any(_is(child, ",") for child in listed)


def _replace(places: Places, leaf: Any, text: str) -> Edit:
    return Edit(places.start(leaf), places.end(leaf), text)


def _kind(node: Any) -> str:
    """Give the name of a node's grammar rule; of a leaf the name of its token's number."""
    from fissix.pytree import type_repr

    return str(type_repr(node.type)) if node is not None else ""


def _is_name(node: Any) -> bool:
    from fissix.pgen2 import token

    return bool(node.type == token.NAME)


def _is(node: Any, value: str) -> bool:
    return getattr(node, "value", None) == value
