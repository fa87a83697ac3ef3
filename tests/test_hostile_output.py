"""What a tree says about itself reaches people and machines as text: no escape codes, no workflow commands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from test_retire import TREE
from tool import committed, spawn
from trees import plant

# A name that is a line of its own: red, and a command for CI.
NAME = "a\x1b[31m\n::set-output name=x::y\n##[command]z\u202e.py"
TEXT = "from shop.pricing import price, gone\nold = __import__('shop.pricing')  # \x1b[31m\x9b31m\u202e ::error::x\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("diff",),
        ("migrate",),
        ("check",),
        ("migrate", "--phase", "retire"),
        ("verify",),
        ("verify", "--list"),
        ("inspect", "shop.pricing"),
        ("diff", "--format", "markdown"),
        ("check", "--format", "github"),
    ],
)
def test_names_and_texts_steer_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    more: dict[str, bytes | str] = {
        NAME: TEXT.encode(),
        f"shop/broken{NAME}": b"from shop.pricing import (\n",
        os.fsdecode(b"shop/\xff\x1b]0;title\x07.py"): TEXT.encode(),
    }
    root = committed(plant(tmp_path / "root", {**TREE, **more}))
    if arguments[0] in ("verify",) or "retire" in arguments:
        assert spawn(root, "migrate").code == 1
    told = spawn(root, *arguments)
    assert told.code in (0, 1, 2)
    text = told.text + told.errors
    assert "Traceback" not in text
    hidden = {character for character in text if not (character.isprintable() or character == "\n")}
    assert hidden <= {"\t"}, hidden
    commands = [line for line in text.splitlines() if line.lstrip().startswith(("::", "##["))]
    assert [line for line in commands if "set-output" in line.partition(" ")[0] or line.startswith("##[")] == []
