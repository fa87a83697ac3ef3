"""Code in string literals: each character of the value stands where the file writes it."""

from __future__ import annotations

import ast
import textwrap

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unmix.edit import Edit, apply_edits
from unmix.python.excerpt import Excerpt
from unmix.python.scoping import read_scopes
from unmix.python.string_code import read_string_code
from unmix.python.syntax import SyntaxTree, parse

LETTERS = st.text(st.sampled_from("ab {}\n\t\"'\\é\0☃ \x0b"), min_size=1, max_size=30)


def literal_of(text: str) -> tuple[SyntaxTree, cst.BaseString]:
    tree = parse("use.py", text)
    statement = tree.module.body[0]
    assert isinstance(statement, cst.SimpleStatementLine)
    value = statement.body[0]
    assert isinstance(value, cst.Assign)
    assert isinstance(value.value, cst.BaseString)
    read_scopes(tree)
    return tree, value.value


def spelled(values: list[str], *, ascii_only: bool) -> str:
    return "x = " + " ".join(ascii(value) if ascii_only else repr(value) for value in values) + "\n"


@given(st.lists(LETTERS, min_size=1, max_size=3), st.booleans())
def test_value_and_places(values: list[str], ascii_only: bool) -> None:
    text = spelled(values, ascii_only=ascii_only)
    tree, literal = literal_of(text)
    code = read_string_code(tree, literal)
    assert code is not None
    value = "".join(values)
    excerpt = Excerpt(code.lines, code.escape)
    assert excerpt.text.rstrip() == textwrap.dedent(value).rstrip() or not value.strip(" \t\n")
    for line in code.lines:
        for character, start, end in zip(line.text, line.starts, line.ends, strict=True):
            if start < end:
                assert ast.literal_eval(f'"""{text[start:end]} """')[:-1] == character


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 'import old\\nold.a()'\n", "x = 'import new\\nnew.a()'\n"),
        ("x = ('import '\n     'old;' ' old.a()')\n", "x = ('import '\n     'new;' ' new.a()')\n"),
        ('x = """\n    import old\n    old.a()\n    """\n', 'x = """\n    import new\n    new.a()\n    """\n'),
        ('x = """import old\r\nold.a()"""\r\n', 'x = """import new\r\nnew.a()"""\r\n'),
        ("x = f'import old; {y!r} {{}}; old.a()'\n", "x = f'import new; {y!r} {{}}; new.a()'\n"),
        (r"x = '\151mport old; \x6fld.a()'" + "\n", r"x = '\151mport new; new.a()'" + "\n"),
    ],
)
def test_edits(before: str, after: str) -> None:
    tree, literal = literal_of(before)
    code = read_string_code(tree, literal)
    assert code is not None
    excerpt = Excerpt(code.lines, code.escape)
    places = [start for start in range(len(excerpt.text)) if excerpt.text.startswith("old", start)]
    edits = [excerpt.edit(Edit(start, start + 3, "new")) for start in places]
    assert all(map(code.can_take, edits))
    assert apply_edits(before, edits) == after


def test_what_a_literal_cannot_take() -> None:
    tree, literal = literal_of('x = r"import old"\n')
    code = read_string_code(tree, literal)
    assert code is not None
    start = code.pieces[0][0]
    assert not code.can_take(Edit(start, start + 1, "\n"))
    assert not code.can_take(Edit(start - 1, start, ""))
    assert not code.can_take(Edit(start, start, "{"))


@pytest.mark.parametrize("text", ["x = b'import old'\n", "x = 'import old\\r\\n'\n", "x = ''\n"])
def test_what_is_no_code(text: str) -> None:
    assert read_string_code(*literal_of(text)) is None
