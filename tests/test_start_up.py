"""What a command imports: nothing heavy before it is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tool import committed, paths, run, unmix
from trees import plant

HEAVY = ("libcst", "bowler", "jinja2", "networkx", "rich", "git", "isort", "numpy", "matplotlib", "multiprocessing")
PROGRAM = """
import json, sys
from unmix.cli import main
try:
    main(sys.argv[1:], prog_name="unmix")
except SystemExit as leaving:
    print(json.dumps([leaving.code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""
SPLIT = '[[{0}split]]\nmodule = "app.old"\n[{0}split.into]\n"app.one" = ["wrap"]\n"app.two_parts" = ["*"]\n'
TREE = {
    "pyproject.toml": '[project]\nname = "app"\n\n' + SPLIT.format("tool.unmix."),
    "pytest.ini": "[pytest]\nfilterwarnings =\n    error\n",
    "CHANGELOG.md": "- app.old.wrap is faster.\n",
    "README.md": "The old days are gone.\n",
    "app/__init__.py": "",
    "app/old.py": (
        "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n"
        "def wrap(client):\n    return client\n\n\ndef retry(call):\n    logger.info('x')\n    return call()\n"
    ),
    "app/user.py": "from app.old import retry, wrap\n\n\ndef go():\n    return retry(wrap)\n",
    "app/older.py": "def old(x):\n    '''Is retry old?'''\n    return 'old'\n",
}


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A project from which nothing refers to the old module any more."""
    root = committed(plant(tmp_path / "tree", {path: text.encode() for path, text in TREE.items()}))
    assert unmix(root, "migrate").code == 0
    return committed(root)


def imported(folder: Path, *arguments: str) -> tuple[int, set[str]]:
    result = run(folder, sys.executable, "-c", PROGRAM, *arguments, variables=paths())
    code, names = json.loads(result.text.splitlines()[-1])
    return code, set(names)


@pytest.mark.parametrize("arguments", [(), ("--format", "github"), ("--format", "junit", "--since", "HEAD")])
def test_checking_a_clean_tree_imports_nothing_heavy(clean: Path, arguments: tuple[str, ...]) -> None:
    code, names = imported(clean, "check", *arguments)
    assert code == 0
    assert names.isdisjoint(HEAVY)


def test_where_something_is_found_libcst_is(clean: Path) -> None:
    (clean / "app" / "user.py").write_text(TREE["app/user.py"])
    code, names = imported(clean, "check")
    assert (code, "libcst" in names) == (1, True)


@pytest.mark.parametrize("arguments", [("--help",), ("check", "--help"), ("migrate", "--help"), ("--version",)])
def test_help_imports_hardly_anything(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, names = imported(tmp_path, *arguments)
    assert code == 0
    assert names.isdisjoint({*HEAVY, "tomlkit", "unmix_shims", "packaging", "subprocess"})


SCRIPTS = {
    "unmix.toml": (
        '[[split]]\nmodule = "old.js"\n[split.into]\n"one.js" = ["wrap"]\n"two.js" = ["*"]\n\n'
        '[[replace]]\ncall = "one.js#wrap($x)"\nwith = "$x"\n'
    ),
    "old.js": "export const wrap = (x) => x\nexport const retry = (x) => x()\n",
    "user.js": "import { retry, wrap } from './old.js'\nretry(wrap)\nwrap(retry)\n",
}
PYTHON = {
    **{path: TREE[path] for path in ("app/__init__.py", "app/old.py", "app/user.py")},
    "unmix.toml": SPLIT.format("") + '\n[[replace]]\ncall = "app.one.wrap($x)"\nwith = "$x"\n',
}


@pytest.mark.parametrize(
    ("files", "foreign"),
    [
        (SCRIPTS, {"libcst", "networkx", "isort", "bowler", "jinja2"}),
        (PYTHON, {"tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript"}),
    ],
)
@pytest.mark.parametrize("command", ["diff", "migrate", "check"])
def test_a_migration_of_one_language_imports_no_parser_of_the_other(
    tmp_path: Path, files: dict[str, str], foreign: set[str], command: str
) -> None:
    root = committed(plant(tmp_path / "tree", {path: text.encode() for path, text in files.items()}))
    code, names = imported(root, command)
    assert code == (1 if command == "check" else 0)
    assert names.isdisjoint(foreign)
