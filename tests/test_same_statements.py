"""An edited file is read by what differs: that gives the statements which reading all of it gives."""

from __future__ import annotations

import ast

from hypothesis import example, given
from hypothesis import strategies as st

from unmix.python.same_statements import read_again

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


def dumped(body: list[ast.stmt]) -> list[str]:
    return [ast.dump(node) for node in body]


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
    old, new = read(before), read(after)
    if old is None:
        return
    try:
        reread = read_again(before, after)
    except SyntaxError:
        assert new is None
        return
    assert new is not None
    assert "".join(reread.old.lines) + reread.rest == before
    assert "".join(reread.new.lines) + reread.rest == after
    assert dumped([*reread.old.statements, *reread.below]) == dumped(old)
    assert dumped([*reread.new.statements, *reread.below]) == dumped(new)
    assert [node.lineno for node in reread.new.statements] == [
        node.lineno for node in new[: -len(reread.below) or None]
    ]
    assert [node.lineno + reread.further for node in reread.below] == [
        node.lineno for node in new[len(reread.new.statements) :]
    ]


def test_what_is_read_again() -> None:
    before = "import a\n" + "".join(f"def f{n}():\n    return {n}\n" for n in range(9))
    after = before.replace("return 4", "import b\n    return 4")
    reread = read_again(before, after)
    assert reread.rest == "".join(f"def f{n}():\n    return {n}\n" for n in range(6, 9))
    assert reread.new.statements[:5] == reread.old.statements[:5]
    assert reread.further == 1
