"""Files that are made to break a parser are named, and break nothing; nobody waits for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tool import unmix
from trees import plant
from unmix.errors import UnreadableSource
from unmix.migration_file import read_migration
from unmix.python.code_blocks import find_code_blocks
from unmix.python.depth import refuse_depth
from unmix.python.engine import PythonEngine
from unmix.workspace import memory_workspace

MIGRATION = b'[[split]]\nmodule = "shop.old"\n[split.into]\n"shop.money" = ["label"]\n"shop.tax" = ["*"]\n'
OLD = b"def price(c):\n    return c\n\n\ndef label(c):\n    return c\n"

DEEP = {
    "brackets": b"x = " + b"(" * 3000 + b"1" + b")" * 3000,
    "brackets in Python 2": b"print 1\nx = " + b"(" * 3000 + b"1" + b")" * 3000,
    "a sum": b"x = 1" + b" + 1" * 30_000,
    "attributes": b"x = a" + b".b" * 30_000,
    "calls": b"x = f" + b"()" * 30_000,
    "negations": b"x = " + b"not " * 30_000 + b"1",
    "elif": b"if x: pass\n" + b"elif x: pass\n" * 10_000,
    "a condition, which is flat for Python": b"x = a" + b" and a" * 10_000,
    "a condition on many lines": b"x = (a" + b"\n    and a" * 10_000 + b")",
    "a condition in Python 2": b"x = a" + b" and a" * 10_000 + b"\nprint 1",
    "negations in Python 2": b"x = " + b"not " * 10_000 + b"1\nprint 1",
    "elif in Python 2": b"if x: pass\n" + b"elif x: pass\n" * 10_000 + b"print 1",
    "a sum in a class": b"class A:\n    a = 1\n    @f\n    def m(self):\n        return 1" + b" + 1" * 30_000,
    "a decorator in a class": b"class A:\n    a = 1\n    @f" + b"()" * 30_000 + b"\n    def m(self): pass",
    "the bases of a class": b"class A(a" + b".b" * 30_000 + b"):\n    a = 1\n    b = 2",
    "the second on a line": b"y = 1; x = a" + b".b" * 30_000,
    "loops in a list": b"x = [a" + b" for a in b" * 10_000 + b"]",
}

FLAT = {
    "a table": b"x = [\n" + b"    (-1, a.b, not c),\n" * 3000 + b"]",
    "statements": b"x = -a.b + f(1)(2)\n" * 3000,
    "methods": b"class A:\n" + b"    def m(self): return -self.a.b(1)\n" * 3000,
    "words in a text": b"x = '''" + b"a and b or (\n" * 3000 + b"'''",
}


@pytest.fixture
def _python_s_own_limit() -> Iterator[None]:
    """The command allows more, and may have run in this process before."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("_python_s_own_limit")
@pytest.mark.parametrize("case", DEEP)
def test_code_that_is_nested_too_deeply_is_named(case: str, tmp_path: Path) -> None:
    (tmp_path / "unmix.toml").write_bytes(MIGRATION)
    migration, _ = read_migration(tmp_path / "unmix.toml")
    text = b"from shop.old import price\n" + DEEP[case] + b"\n"
    workspace = memory_workspace({"shop/__init__.py": b"", "shop/old.py": OLD, "deep.py": text})
    engine = PythonEngine(migration)
    with pytest.raises(UnreadableSource, match=r"nested too deeply|not as Python 2 either"):
        engine.survey("deep.py", engine.relocations(migration.splits, workspace), workspace)


@pytest.mark.parametrize("case", FLAT)
def test_long_code_is_not_taken_for_deep_code(case: str) -> None:
    refuse_depth("flat.py", FLAT[case].decode())


def test_what_the_parser_bears_is_migrated(tmp_path: Path) -> None:
    strings = b"words = (\n" + b"    'word'\n" * 1200 + b")\n"
    caller = b"from shop.old import price\n" + strings + b"total = 0" + b" + price(1)" * 1000 + b"\n"
    tree = {"unmix.toml": MIGRATION, "shop/__init__.py": b"", "shop/old.py": OLD + strings, "many.py": caller}
    migrated = unmix(plant(tmp_path / "root", tree), "migrate")
    assert migrated.code == 0, migrated.errors
    assert (tmp_path / "root/many.py").read_bytes() == caller.replace(b"shop.old", b"shop.tax")


def test_deep_quotations_take_no_time() -> None:
    # Each `>` doubled the time once: this would not end.
    assert find_code_blocks("> " * 3000 + "`shop.pricing`\n") == ()
    (block,) = find_code_blocks("> > ```python\n> > import a\n> > ```\n")
    assert [line.text for line in block.lines] == ["import a\n"]


ALIASES = b"a0: &a0 [shop.old.price]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (level, level, b", ".join([b"*a%d" % (level - 1)] * 10)) for level in range(1, 12)
)
BOMBS = {
    "aliases of aliases": ("a.yaml", ALIASES),
    "one long line": ("a.yaml", b"a: [" + b"shop.old.price, " * 3000 + b"]\n"),
    "many settings": ("a.toml", b"[tool]\n" + b'[[tool.x]]\nk = "shop.old:price"\n' * 1000),
    "deep tables": ("a.toml", b"a = " + b"[" * 5000 + b"'shop.old.price'" + b"]" * 5000 + b"\n"),
    "deep objects": ("a.json", b'{"shop.old.price": ' * 2000 + b"1" + b"}" * 2000 + b"\n"),
    "many words": ("a.md", b"`shop.old.price` and shop.old\n" * 3000),
    "many imports": ("a.py", b"from shop.old import price\n" * 2000),
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_among_the_settings_is_read_in_one_go(case: str, tmp_path: Path) -> None:
    """Each of these took time by the square of its size, or would for who follows aliases and builds trees."""
    path, content = BOMBS[case]
    root = plant(
        tmp_path / "root", {"unmix.toml": MIGRATION, "shop/__init__.py": b"", "shop/old.py": OLD, path: content}
    )
    assert unmix(root, "migrate").code == 0
    assert (root / path).read_bytes() == content.replace(b"shop.old.", b"shop.tax.").replace(
        b"shop.old:", b"shop.tax:"
    ).replace(b"shop.old import", b"shop.tax import")


DEEP_NOTEBOOK = b'{"cells": ' + b"[" * 20_000 + b'"shop.old"' + b"]" * 20_000 + b"}"


def test_a_notebook_that_is_nested_too_deeply_is_named(tmp_path: Path) -> None:
    tree = {"unmix.toml": MIGRATION, "shop/__init__.py": b"", "shop/old.py": OLD, "a.ipynb": DEEP_NOTEBOOK}
    migrated = unmix(plant(tmp_path / "root", tree), "migrate")
    assert migrated.code == 1
    assert "a.ipynb:1:1: UNM009" in migrated.text + migrated.errors
