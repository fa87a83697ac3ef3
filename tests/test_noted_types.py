"""What a part cannot have without a circle, and somebody may evaluate, is told when the module is split."""

from __future__ import annotations

import shutil
from pathlib import Path

from tool import committed, unmix

FIXTURE = Path(__file__).parent.parent / "fixtures/python/field_types_in_a_circle/before"


def test_a_type_of_a_field_that_only_type_checkers_see(tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / "tree")
    result = unmix(committed(tmp_path / "tree"), "migrate")
    assert result.code == 0
    assert "app/one.py:1:1: UNM010 a field of `Order` has the type `Line` of app.two" in result.errors
    assert "`Bigger`" not in result.errors
