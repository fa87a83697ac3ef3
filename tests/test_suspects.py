"""What is not looked into, or hidden of a file, nothing would have been found in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tool import committed, unmix
from unmix.errors import UnreadableSource
from unmix.migration_file import read_migration
from unmix.python.callsites import find_call_sites
from unmix.python.context import Hidden
from unmix.python.engine import PythonEngine
from unmix.python.modules import is_python
from unmix.python.plain_imports import plainly_imports
from unmix.python.rewrite import survey_module
from unmix.python.strings import find_strings
from unmix.python.suspects import bound_names, code_may_refer, document_may_refer, is_suspect, may_patch
from unmix.reference import Relocation
from unmix.workspace import Workspace, open_workspace

FIXTURES = Path(__file__).parent.parent / "fixtures" / "python"
FOLDERS = sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "before" / "unmix.toml").exists())


@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_with_a_reference_is_looked_into(tmp_path: Path, name: str) -> None:
    root = tmp_path / "tree"
    shutil.copytree(FIXTURES / name / "before", root)
    committed(root)
    compare(root)
    unmix(root, "migrate", "--phase", "add")
    compare(root)


def compare(root: Path) -> None:
    migration, mistakes = read_migration(root / "unmix.toml")
    assert not mistakes
    engine = PythonEngine(migration)
    workspace = open_workspace(root, migration.exclude)
    relocations = engine.relocations(migration.splits, workspace)
    looked_into = set(engine.candidates(relocations, workspace, by_name=True))
    # What `migrate` looks into is less by the files that only use a moved name, and has every reference as well.
    looked_into &= set(engine.candidates(relocations, workspace, by_name=False))
    leaves = tuple(relocation.module.rpartition(".")[2] for relocation in relocations)
    for path in workspace.containing(leaves):
        if path not in looked_into and engine.reads(path):
            try:
                survey = engine.survey(path, relocations, workspace)
            except UnreadableSource as error:
                pytest.fail(f"{path} was not looked into, and cannot be read: {error}")
            assert not survey.references, path
            assert not survey.findings, path
    for path in filter(is_python, looked_into if relocations else ()):
        assert_same_without_hidden_functions(path, relocations, engine, PythonEngine(migration), workspace)


def assert_same_without_hidden_functions(
    path: str, relocations: Sequence[Relocation], engine: PythonEngine, other: PythonEngine, workspace: Workspace
) -> None:
    context = engine.memory.context(tuple(relocations), workspace)
    try:
        part = engine.memory.module_in_question(path, workspace, context.watched)
        whole = other.memory.module(path, workspace)
    except UnreadableSource:
        return
    expected = survey_module(whole, other.memory.context(tuple(relocations), workspace))
    try:
        assert survey_module(part, context) == expected, path
    except Hidden:
        assert not part.is_whole


@pytest.mark.parametrize(
    "text",
    [
        "import app.old",
        "import app.old as o",
        "from app import old as o",
        "from app.old import (\n  a,\n)",
        "from .old import a",
        "from . import old",
        "import app; app.old.a",
        "f = 'app.old.a'",
        "f'app.old.{name}'",
        "import_module('.old', 'app')",
        "getLogger('app.old', a)",
        "getLogger(name='app.old')",
        "def f(: old",
        "# app.old was here",
        "x = 1  # as app/old.py has it",
        "# from app import a, old",
    ],
)
def test_code_that_may_refer(text: str) -> None:
    assert code_may_refer(text, ("app.old",), ())


@pytest.mark.parametrize(
    "text",
    [
        "old = 1; print(old)",
        "# the old app was here",
        "import logging; logging.getLogger('app.old').info('x')",
        "from other import older",
        "class A:\n    def old(self, app): ...",
        "x = 'an old thing'",
        r"x = '\d old'",
    ],
)
def test_code_that_does_not(text: str) -> None:
    assert not code_may_refer(text, ("app.old",), ())


def test_code_that_calls_what_is_replaced_may_refer() -> None:
    assert code_may_refer("from elsewhere import create\ncreate(1)", ("app.old",), ("create",))


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("README.md", "the old days", False),
        ("README.md", "see `app.old.a`", True),
        ("README.md", "see src/app/old.py", True),
        ("README.md", "```\nfrom app import old\n```", True),
        ("pytest.ini", "filterwarnings = default:app\\.old\\.:DeprecationWarning", False),
        ("pyproject.toml", '[[tool.unmix.split]]\nmodule = "app.old"\n[tool.unmix.shim]\nsince = "1"\n', False),
        ("pyproject.toml", '[[tool.unmix.split]]\nmodule = "app.old"\n[project.scripts]\nx = "app.old:a"\n', True),
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\n# old', False),
    ],
)
def test_documents(path: str, text: str, *, expected: bool) -> None:
    assert document_may_refer(path, text, ("app.old",)) is expected


def test_names_that_a_module_binds() -> None:
    text = """
import os.path as p, sys
def f(x):
    global g
    g = local = 1
    def inner(): global h; h = 2
class C:
    attribute = 1
for i in (): pass
with f(1) as w: pass
a, *b = c = 1, 2
try: pass
except E as e: pass
if (n := 1): late: int = 2
"""
    assert bound_names(text) == {*"pfghCiwabcen", "sys", "late"}
    assert bound_names("from x import *\n") is None
    assert bound_names("def __getattr__(name): ...\n") is None
    assert bound_names("def f(:\n") is None


PARTS = {"retry": {"again", "LIMIT"}, "client": {"Client"}}
NAMES = {"again", "LIMIT", "Client"}


def plain(text: str) -> bool:
    words = set(re.findall(r"\w+", text))
    return plainly_imports(text, words & NAMES, words & PARTS.keys(), PARTS)


@pytest.mark.parametrize(
    "text",
    [
        "from app.retry import again\nagain()\n",
        "# why\n'''Say.\n\nfrom x import y'''\n\nimport os, re as r\n"
        "from .retry import (\n    again,  # note\n)\nagain()\n",
        "from app.retry import again\r\nfrom app.client import Client\r\n\r\n\r\n"
        "def f():\r\n    return again(Client)\r\n",
        "from app.retry import again\n__all__ = ['again']\n",
    ],
)
def test_plain_imports_need_no_parser(text: str) -> None:
    assert plain(text)
    assert not is_suspect(text, NAMES, PARTS)


@pytest.mark.parametrize(
    "text",
    [
        "'''Say.\n\nfrom app.retry import again\n'''\nagain()\n",
        "x = '''\nfrom app.retry import again\n'''\nagain()\n",
        "from app.retry import again\nx = '''\nfrom app.retry import LIMIT\n'''\nagain(LIMIT)\n",
        "from app.retry import again, gone\n",
        "from app.other import again\n",
        "from app.retry import again as LIMIT\nLIMIT()\n",
        "from app.retry import again\nagain.LIMIT\n",
        "from app.retry import again\nimport app.retry\nagain(app.retry.gone)\n",
        "from app.retry import again\ndel again\nagain()\n",
        "from app.retry import again\ndef f():\n    from app.other import LIMIT\n    return LIMIT\n",
        "from app import retry\nretry.gone()\n",
        "from app.retry import *\nagain()\n",
    ],
)
def test_what_is_not_plain_is_looked_at(text: str) -> None:
    assert not plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "from app import old\nold.wrap = 1\n",
        "from app import old\nold.other, old.wrap = 1, 2\n",
        "from app import old\ndel old.wrap\n",
        "from app import old\nfor old.wrap in (1, 2):\n    pass\n",
        "from app import old\nold.\\\nwrap = 1\n",
        "from app import old\nold . wrap += 1\n",
        "import mock\nmock.patch.object(old, 'wrap')\n",
        "import mock\nmock.patch.multiple('old', anything=1)\n",
        "import mock\nmock.patch(\n    'app.old.wrap')\n",
        "import mock\nmock.patch \\\n    ('app.old.anything')\n",
        "from app import old\nCASES = [(old, 'wrap')]\n",
        'from app import old\nswap(old, "wrap")\n',
    ],
)
def test_what_may_patch_is_looked_at(text: str) -> None:
    assert may_patch(text, ("wrap", "retry"), ("old",))


@pytest.mark.parametrize(
    "text",
    [
        "from app.old import wrap\nwrap(1)\n",
        "from app import old\nold.wrap(1)\nwrapped.other = old.retry\n",
        "from app import old\n# wrap is tried\nold.wrap('wrap it')\n",
        "from app import old\nsetattr(other, 'x', old.wrap)\n",
        "from app import old\nmock.patch('app.services.wrap')\n",
    ],
)
def test_what_only_uses_names_patches_none(text: str) -> None:
    assert not may_patch(text, ("wrap", "retry"), ("old",))


@pytest.mark.parametrize("folder", FOLDERS)
def test_where_nothing_may_patch_nothing_does(folder: str) -> None:
    """What the splitting would have learnt from the files that it leaves out."""
    root = FIXTURES / folder / "before"
    migration, workspace = read_migration(root / "unmix.toml")[0], open_workspace(root)
    engine = PythonEngine(migration)
    memory = engine.memory
    for split in memory.own_splits():
        path, leaf = memory.finder(workspace).path_of(split.module), split.module.rpartition(".")[2]
        if path is None:
            continue
        try:
            names = memory.outline(path, workspace).names
        except UnreadableSource:
            continue
        for user in filter(is_python, workspace.paths):
            try:
                if may_patch(workspace.read(user).text, names, (leaf,)):
                    continue
                module = memory.module(user, workspace)
            except UnreadableSource:
                continue
            sites = find_call_sites(module.tree, module.scopes, module.here, (split.module,))
            assert not {use.name for use in sites.uses if use.writes or use.guessed} & names, user
            strings = find_strings(module.scopes, (split.module,))
            assert not {string.name for string in strings if string.patches} & names, user
