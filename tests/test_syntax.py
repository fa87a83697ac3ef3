"""Places and parents that are found on demand are those that LibCST's own providers find in the whole module."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider, WhitespaceInclusivePositionProvider

from unmix.errors import UnreadableSource
from unmix.python.scoping import read_scopes
from unmix.python.syntax import SyntaxTree, children, parse

STDLIB = Path(ast.__file__).parent
SAMPLE = ("keyword.py", "bisect.py", "json/scanner.py", "textwrap.py", "asyncio/locks.py", "importlib/abc.py")

TRAPS = {
    "twice the same statement": "x = 1\nx = 1\n\n\ndef f():\n    x = 1\n",
    "a docstring quotes a statement": '"""Say\nimport os\nbefore."""\nimport os\nimport re\n',
    "no newline at the end": "import os\nx = os.name",
    "carriage returns": "import os\r\n\r\n\r\nclass A:\r\n    b = 1  # why\r\n",
    "comments lead and trail": "# licence\n\n# about x\nx = (  # one\n    1,\n)\n# the end\n",
    "a semicolon": "a = 1; b = a\nif a: b = 2; a = 3\n",
    "decorated": "@f\n# why\n@g(1)\nasync def h(a, /, b: int = 2, *, c) -> int:\n    return await a\n",
    "beyond ASCII": "x = 'äöü€😀'\ny = f'{x!r:>{10}}'\n",
    "a form feed": "import os\n\x0c\ndef f():\n    return os\n",
    "tabs and a continued line": "if x:\n\ty = 1 + \\\n\t\t2\nz = y\n",
}


@pytest.fixture(params=[*SAMPLE, *TRAPS])
def text(request: pytest.FixtureRequest) -> str:
    if request.param in TRAPS:
        return TRAPS[request.param]
    return (STDLIB / request.param).read_text(encoding="utf-8")


def test_every_node_is_where_the_whole_module_has_it(text: str) -> None:
    tree = parse("m.py", text)
    read_scopes(tree)
    # Each in a tree of its own, since the first question about a statement answers all others about it.
    extents = parse("m.py", text)
    wrapper = MetadataWrapper(tree.module, unsafe_skip_copy=True)
    spans = wrapper.resolve(PositionProvider)
    owned = MetadataWrapper(extents.module, unsafe_skip_copy=True).resolve(WhitespaceInclusivePositionProvider)
    for node in _nodes(tree.module):
        assert _lines_of(tree, tree.span(node)) == _lines(spans[node]), node
    for node in _nodes(extents.module):
        # LibCST counts the line end of the last statement, even where the text has none.
        if extents.extent(node)[1] <= len(text):
            assert _lines_of(extents, extents.extent(node)) == _lines(owned[node]), node


def test_every_node_is_held_by_what_the_whole_module_says(text: str) -> None:
    tree = parse("m.py", text)
    read_scopes(tree)
    parents = MetadataWrapper(tree.module, unsafe_skip_copy=True).resolve(ParentNodeProvider)
    # From the last statement to the first: nothing has been learned before it is asked for.
    for node in reversed(_nodes(tree.module)):
        assert tree.parent(node) is parents[node]
    assert tree.parent(tree.module) is None


def test_nodes_in_a_quoted_annotation_stand_where_its_characters_do() -> None:
    text = "import os\n\n\ndef f(a: 'os.PathLike[str]') -> None:\n    b: \"os.stat_result\" = a\n"
    tree = parse("m.py", text)
    quoted = [use for use in read_scopes(tree).uses if use.quoted]
    assert [tree.code(use.outer) for use in quoted] == ["os.PathLike", "str", "os.stat_result"]
    assert [tree.span(use.node)[0] for use in quoted] == [
        match.start() for match in re.finditer(r"os(?=\.)|str(?=])", text)
    ]


def test_a_blank_that_libcst_forgets_moves_nothing() -> None:
    tree = parse("m.py", "x = 1\ntry:\n    x = 2\nexcept (A, B) :\n    x = 3\ny = x\n")
    uses = [use.node for use in read_scopes(tree).uses]
    assert [tree.code(node) for node in uses] == ["A", "B", "x"]
    assert [tree.span(node)[0] for node in uses] == [tree.text.index("A"), tree.text.index("B"), len(tree.text) - 2]


def test_a_tree_that_does_not_render_to_its_text_has_no_places() -> None:
    tree = SyntaxTree("m.py", "x = 1\nz = 2\n", cst.parse_module("x = 1\ny = 2\n"))
    first, second = tree.module.body
    assert tree.span(first) == (0, 5)
    with pytest.raises(UnreadableSource, match="does not give back the same text"):
        tree.span(second)


def _nodes(module: cst.Module) -> list[cst.CSTNode]:
    """Give every node below the module."""
    found: list[cst.CSTNode] = []
    todo: list[cst.CSTNode] = [module]
    while todo:
        found.append(todo.pop())
        todo += children(found[-1])
    return found[1:]


def _lines_of(tree: SyntaxTree, span: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    return tuple((line, column - 1) for line, column in map(tree.place, span))


def _lines(found: object) -> tuple[tuple[int, int], ...]:
    return tuple((place.line, place.column) for place in (found.start, found.end))  # type: ignore[attr-defined]
