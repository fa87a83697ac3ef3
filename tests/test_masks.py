"""What is hidden of a file changes nothing of what is found in it, and moves nothing that is left."""

from __future__ import annotations

import ast
import re
import symtable
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unmix.python.concern import Concern, lines_in_question
from unmix.python.masks import mask_statements
from unmix.python.modules import ModuleName
from unmix.python.scoping import read_scopes
from unmix.python.syntax import parse
from unmix.python.unbound import is_unbound

STDLIB = Path(ast.__file__).parent
HERE = ModuleName("app.here", is_package=False)


def concern(*, watched: str = "", lacking: str = "") -> Concern:
    lacks = set(lacking.split())
    return Concern(
        frozenset({"app.old"}),
        frozenset(),
        frozenset(watched.split()),
        lambda module, name: f"{module}.{name}" in lacks,
    )


def hidden(text: str, **about: str) -> list[str]:
    """Give the names of the functions of which a text hides something."""
    tree = ast.parse(text)
    shown = mask_statements(text, tree, lines_in_question(text, tree, HERE, concern(**about)))
    assert [len(line) for line in shown.splitlines()] == [len(line) for line in text.splitlines()]
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    seen = {ast.unparse(node) for node in ast.walk(ast.parse(shown)) if isinstance(node, type(functions[0]))}
    return [function.name for function in functions if ast.unparse(function) not in seen]


BODY = "\n    return [1, 2, 3]\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(x):" + BODY, ["f"]),
        ("@mark(\n    [1, 2],\n)\ndef f(x):" + BODY, ["f"]),
        ("async def f(\n    x,\n    y=1,\n) -> int:" + BODY, ["f"]),
        ("def f(x): return [1, 2, 3]\n", ["f"]),
        ("class A:\n    def f(self):\n        return [1, 2, 3]\n    def g(self):\n        return app.old\n", ["f"]),
        ("if x:\n\t@y.setter\n\tdef f(x):\n\t\treturn [1, 2]\nelse:\n\tdef f(x):\n\t\treturn [3, 4]\n", ["f", "f"]),
        # Of the outer function only what is inside.
        ("def f(x):\n    def g():\n        return [1, 2, 3]\n    return app.old, g\n", ["f", "g"]),
        ("def äöü(x):\n    return 'ßßß€€€'; x = 'ß'\n", ["äöü"]),
        ("def f(x):\r\n    return [1,\r\n        2]\r\n", ["f"]),
        ("def f(): 1\n@a\ndef g():\n    x()\n@abc\nasync def h(): pass\n", ["f", "g", "h"]),
        ("if x:\n    @abcdef\n    def f():\n        return 1\n    def g(): 1\n", ["f", "g"]),
        # Too short to be hidden, dunder or far-reaching.
        ("@a\ndef f():\n    return 1\n", []),
        ("def __getattr__(x):\n    return [1, 2, 3]\n", []),
        ("def f():\n    global x\n    x = [1, 2, 3]\n", []),
        # What is in question.
        ("def f(x):  # see app.old for more\n    y = 1\n", []),
        ("def f(x):\n    return import_module('app' + '.old')\n", []),
        ("from app import old as o\ndef f(x):\n    return o.size\n", []),
        ("from app.old import size as s\ndef f(x):\n    return s(x, 1)\n", []),
        ("from .old import size\nother = size\ndef f(x):\n    return other(x)\n", []),
        ("import app.old as o\nclass A:\n    def f(self):\n        return self.mod.x\nA.mod = o\n", []),
        ("from app import old\nif (m := old) is not None:\n    def f(x):\n        return m.size(x)\n", []),
        ("m = import_module('app.old')\ndef f(x):\n    return m.size(x)\n", []),
        ("for m in (sys, old):\n    def f(x):\n        return m.size(x)\n", []),
        ("from app.old import size\ntotal = size(1)\ndef f(x):\n    return total + 1\n", ["f"]),
    ],
)
def test_functions_without_a_word_in_question_are_hidden(text: str, names: list[str]) -> None:
    assert hidden(text) == names


def test_names_that_may_be_missing_are_in_question() -> None:
    assert hidden("def f(x):\n    return size(x)\n", watched="size") == []
    assert hidden("def f(x):\n    return other.size(x)\n", watched="size") == ["f"]
    assert hidden("import size\ndef f(x):\n    return size(x)\n", watched="size") == ["f"]
    assert hidden("import size\ndel size\ndef f(x):\n    return size(x)\n", watched="size") == []
    assert hidden("from app.old import *\nsize = 1\ndef f(x):\n    return size(x)\n", watched="size") == []
    # A variable of functions is nobody's name, unless a string may say it as a type.
    assert hidden("def f(size):\n    return [size, 1, 2]\n", watched="size") == ["f"]
    assert hidden("def f(x):\n    return x, lambda size: size\n", watched="size") == ["f"]
    assert hidden("def f(x):\n    return [size for size in x]\n", watched="size") == ["f"]
    assert hidden("def f(x):\n    return (lambda size: size), size\n", watched="size") == []
    assert hidden("def f(x=size):\n    size = x\n    return size\n", watched="size") == []
    assert hidden("def f(x):\n    for size in x:\n        y: 'list[size]' = size\n", watched="size") == []
    assert hidden("@mark('size', [1, 2, 3])\ndef f(size):\n    return size\n", watched="size") == ["f"]
    about = {"watched": "size", "lacking": "app.other.size"}
    assert hidden("from app import other\nsize = 1\ndef f(x):\n    return other.size(x)\n", **about) == []
    assert hidden("size = 1\ndef f(x):\n    from .other import size\n    return size(x)\n", **about) == []
    assert hidden("from app import more as other\nsize = 1\ndef f(x):\n    return other.size(x)\n", **about) == ["f"]


@pytest.mark.parametrize("name", ["argparse.py", "ast.py", "dataclasses.py", "typing.py", "fractions.py"])
def test_what_is_left_of_a_real_file_stands_where_it_stood(name: str) -> None:
    text = (STDLIB / name).read_text(encoding="utf-8")
    shown = mask_statements(text, ast.parse(text), [])
    assert re.sub(r"[^\n]", " ", shown) == re.sub(r"[^\n]", " ", text)
    tree, part = parse(name, text), parse(name, text, shown)
    assert part.shown != text, "nothing was hidden, or LibCST could not read it"
    whole, scopes = read_scopes(tree), read_scopes(part)
    assert list(scopes.module.bindings) == [name for name in whole.module.bindings if name in scopes.module.bindings]
    lost = set(whole.module.bindings) - set(scopes.module.bindings)
    assert not [name for name in lost if any(b.origin is whole.module for b in whole.module.bindings[name])]
    uses = {(tree.span(use.node), use.name) for use in whole.uses}
    assert {(part.span(use.node), use.name) for use in scopes.uses} <= uses
    assert all(isinstance(use.node, cst.Name) for use in scopes.uses)


def test_long_expressions_are_hidden_unless_they_bind_names() -> None:
    table = "[\n    1000,\n    2000,\n    3000,\n]\n"
    kept = f"__all__ = {table}a.b = {table}"
    text = f"a = {table}{kept}@mark(\n    1,\n    2,\n    3,\n)\n@other\ndef f(x):\n    return a\n"
    shown = mask_statements(text, ast.parse(text), [text[: text.index("return")].count("\n") + 1])
    assert [ast.unparse(node) for node in ast.walk(ast.parse(shown)) if isinstance(node, ast.List)] == [
        "[' \\n         \\n     ']",
        "[1000, 2000, 3000]",
        "[1000, 2000, 3000]",
    ]
    assert kept in shown
    assert "@other\ndef f(x):\n    return a\n" in shown
    assert "mark" not in shown
    bound = text.replace("2000,", "(c := 2),", 1)
    assert "(c := 2)" in mask_statements(bound, ast.parse(bound), [])


@pytest.mark.parametrize("name", ["argparse.py", "ast.py", "dataclasses.py", "enum.py", "typing.py", "inspect.py"])
def test_python_calls_no_name_a_variable_that_may_be_unbound(name: str) -> None:
    text = (STDLIB / name).read_text(encoding="utf-8")
    tree = ast.parse(text)
    tables = [symtable.symtable(text, name, "exec")]
    reads, local = set(), set()
    for table in tables:
        tables += table.get_children()
        for symbol in table.get_symbols():
            (reads if symbol.is_global() and symbol.is_referenced() else local).add(symbol.get_name())
    plain = [each for each in reads | local if not each.startswith("__")]  # those of classes have other names inside
    lines = [*range(1, text.count("\n") + 2)]
    unbound = {each for each in plain if is_unbound(each, tree.body, lines)}
    assert reads & set(plain) <= unbound
    assert local - unbound, "nothing was found to be a variable of functions alone"


def span_of(node: ast.stmt) -> range:
    """Give the lines of a statement: a comment between two of them is nobody's."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


@given(st.lists(st.integers(1, 400), unique=True))
def test_any_choice_of_lines_leaves_the_same_lines(lines: list[int]) -> None:
    text = (STDLIB / "textwrap.py").read_text(encoding="utf-8")
    shown = mask_statements(text, ast.parse(text), sorted(lines))
    before, after = text.split("\n"), shown.split("\n")
    assert [len(line) for line in before] == [len(line) for line in after]
    held = {line for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt) for line in span_of(node)}
    assert all(before[line - 1] == after[line - 1] for line in lines if line in held)
    assert parse("textwrap.py", text, shown).shown == shown
