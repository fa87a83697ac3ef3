"""What tests ask of scripts: their comments, their definitions, and an interpreter to run them."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from unmix.javascript.syntax import SCRIPT_SUFFIXES, SyntaxTree, parse, walk

SUFFIXES = SCRIPT_SUFFIXES
_DEFINITIONS = ("function_declaration", "generator_function_declaration", "class_declaration")


def node() -> str:
    """Give Node's program; skips the test on a machine without it."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no Node here")
    return found


def comments(path: Path) -> Counter[str]:
    tree = _tree(path)
    texts = (tree.code(each).rstrip() for each in walk(tree.root) if each.type == "comment")
    # The module that a type in a comment comes from moves, or is another.
    return Counter(re.sub(r"import\([^()]*\)\.?|(?<=from )'[^']*'(?= \*/)", "", text) for text in texts)


def definitions(path: Path) -> list[str]:
    """Give the text of each function and class at the top, sorted."""
    tree = _tree(path)
    nodes = [each.child_by_field_name("declaration") or each for each in tree.root.named_children]
    return sorted(tree.code(each) for each in nodes if each.type in _DEFINITIONS)


def _tree(path: Path) -> SyntaxTree:
    return parse(path.name, path.read_bytes().decode())
