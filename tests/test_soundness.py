"""The second opinion on a plan: what would fail at once is found before it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from unmix.change import FileChange
from unmix.migration import Migration, ShimSettings
from unmix.python.engine import PythonEngine
from unmix.soundness import find_damage
from unmix.workspace import memory_workspace

BEFORE = {
    "app/__init__.py": b"",
    "app/a.py": b"x = 1\nfor y in ():\n    pass\nif x:\n    import json as z\n",
    "app/lazy.py": b"def __getattr__(name):\n    return name\n",
    "app/star.py": b"from app.a import *\n",
    "app/use.py": b"from app.a import x\n",
    "app/broken.py": b"from app.a import never\n",
    "app/two.py": b"print 'two'\n",
    "a.json": b"{}",
    "a.toml": b"a = 1\n",
}


def damage(**after: bytes) -> list[str]:
    before = memory_workspace(BEFORE)
    files = {path.replace("__", "/").replace("_dot_", "."): content for path, content in after.items()}
    changes = [FileChange(path, BEFORE.get(path), content) for path, content in files.items()]
    engine = PythonEngine(Migration(Path("unmix.toml"), Path(), None, (), (), ShimSettings(), (), ()))
    found = find_damage(changes, before, before.with_changes(files), (engine,))
    return [f"{finding.path} {finding.code}" for finding in found]


@pytest.mark.parametrize(
    "content",
    [
        b"from app.a import x, y, z\n",
        b"from .a import x\nfrom . import a\nfrom app import lazy\n",
        b"from app.lazy import anything\n",
        b"from app.star import anything\n",
        b"from nowhere import anything\nfrom app.nowhere import anything\n",
    ],
)
def test_what_may_work_is_left(content: bytes) -> None:
    assert damage(app__use_dot_py=content) == []


@pytest.mark.parametrize(
    "content",
    [b"from app.a import gone\n", b"def f():\n    from .a import gone\n", b"from app import gone\n"],
)
def test_an_import_of_nothing_is_found(content: bytes) -> None:
    assert damage(app__use_dot_py=content) == ["app/use.py UNM004"]


def test_a_syntax_error_is_found() -> None:
    assert damage(app__use_dot_py=b"from app.a import (\n") == ["app/use.py UNM009"]
    assert damage(app__new_dot_py=b"def f(:\n") == ["app/new.py UNM009"]


def test_data_that_is_none_any_more_is_found() -> None:
    assert damage(a_dot_json=b"{", a_dot_toml=b"a = \n") == ["a.json UNM009", "a.toml UNM009"]


def test_what_was_wrong_before_is_no_damage() -> None:
    assert damage(app__broken_dot_py=b"from app.a import never\nimport os\n") == []
    assert damage(app__two_dot_py=b"print 'three'\n", app__new_dot_py=b"print 'part'\n") == []
