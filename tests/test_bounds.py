"""Files that are made to break a parser are named, and break nothing; nobody waits for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from unmix.errors import UnreadableSource
from unmix.migration import read_migration
from unmix.python.code_blocks import find_code_blocks
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
    "elif": b"if x: pass\n" + b"elif x: pass\n" * 900,
    "less deep calls": b"x = f" + b"()" * 900,
}


@pytest.mark.parametrize("case", DEEP)
def test_code_that_is_nested_too_deeply_is_named(case: str, tmp_path: Path) -> None:
    (tmp_path / "unmix.toml").write_bytes(MIGRATION)
    migration, _ = read_migration(tmp_path / "unmix.toml")
    text = b"from shop.old import price\n" + DEEP[case] + b"\n"
    workspace = memory_workspace({"shop/__init__.py": b"", "shop/old.py": OLD, "deep.py": text})
    engine = PythonEngine(migration)
    with pytest.raises(UnreadableSource, match=r"nested too deeply|not as Python 2 either"):
        engine.survey("deep.py", engine.relocations(migration.splits, workspace), workspace)


def test_deep_quotations_take_no_time() -> None:
    # Each `>` doubled the time once: this would not end.
    assert find_code_blocks("> " * 3000 + "`shop.pricing`\n") == ()
    (block,) = find_code_blocks("> > ```python\n> > import a\n> > ```\n")
    assert [line.text for line in block.lines] == ["import a\n"]
