"""An edited file is read by what differs: that gives the statements which reading all of it gives."""

from __future__ import annotations

import ast

from hypothesis import example, given
from hypothesis import strategies as st

from unmix.python.same_statements import read_again, unchanged_end

LINES = st.sampled_from(
    [
        "import a\n",
        "from a import (\n",
        "    b,\n",
        ")\n",
        "@dec\n",
        "def f(x):\n",
        "    return x\n",
        "class A:\n",
        "    import c\n",
        "if x:\n",
        "else:\n",
        "    pass\n",
        'text = """\n',
        '"""\n',
        "x = 1; y = 2\n",
        "z = \\\n",
        "    3\n",
        "# comment\n",
        "\n",
        "\x0c\n",
        "p = 'é'; import q\n",
        "last = a",
    ]
)
TEXTS = st.lists(LINES, max_size=14)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """Give a text and what one edit makes of it."""
    lines = draw(TEXTS)
    start = draw(st.integers(0, len(lines)))
    end = draw(st.integers(start, len(lines)))
    return "".join(lines), "".join([*lines[:start], *draw(st.lists(LINES, max_size=3)), *lines[end:]])


def read(text: str) -> list[ast.stmt] | None:
    try:
        return ast.parse(text).body
    except SyntaxError:
        return None


@given(edited())
@example(("x = 1\ndef f(x):\n    return x\n", "x = 1\n@dec\ndef f(x):\n    return x\n"))
@example(("if x:\n    pass\nx = 1; y = 2\n", "if x:\n    pass\nelse:\n    pass\nx = 1; y = 2\n"))
@example(('text = """\n"""\nimport a\n', 'text = """\nimport a\n"""\n"""\nimport a\n'))
@example(("import a\r\nx = 1\r\n", "import a\r\nimport b\r\nx = 1\r\n"))
@example(("import a\rx = 1\n# b\nz = 1\n", "import a\rx = 1\n# c\nz = 1\n"))
def test_is_all_of_it(texts: tuple[str, str]) -> None:
    before, after = texts
    whole = read(after)
    try:
        groups = read_again(before, after)
    except SyntaxError:
        assert whole is None
        return
    assert whole is not None
    assert [ast.dump(node) for _, body in groups for node in body] == [ast.dump(node) for node in whole]
    assert [node.lineno + further for further, body in groups for node in body] == [node.lineno for node in whole]


@given(edited())
def test_end_is_read_alone(texts: tuple[str, str]) -> None:
    before, after = texts
    whole = read(before)
    if whole is None:
        return
    end = unchanged_end(before, after)
    assert before.endswith(end)
    assert after.endswith(end)
    tail = read(end)
    assert tail is not None
    head = read(before.removesuffix(end))
    assert head is not None
    assert [ast.dump(node) for node in (*head, *tail)] == [ast.dump(node) for node in whole]


def test_what_is_parsed() -> None:
    before = "import a\n" + "".join(f"def f{n}():\n    return {n}\n" for n in range(9))
    after = before.replace("return 4", "import b\n    return 4")
    groups = read_again(before, after)
    assert [len(body) for _, body in groups] == [5, 1, 4]
    assert [further for further, _ in groups] == [0, 9, 1]
