from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from trees import plant
from unmix.python.import_order import order_imports
from unmix.python.import_settings import ISORT, RUFF, ImportSettings, read_import_settings
from unmix.workspace import memory_workspace, open_workspace

PATH = "src/app/db/use.py"

TREE: dict[str, bytes] = {
    "src/app/__init__.py": b"",
    "src/app/db/__init__.py": b"",
    "src/app/db/client.py": b"",
    "src/app/db/retry.py": b"",
    "src/ns/part/leaf.py": b"",
    "tools/gear.py": b"",
    "local.py": b"",
}

RUFF_CONFIGS = {
    "plain": "[lint]\nselect = ['I']\n",
    "rule_and_length": "line-length = 60\n[lint]\nextend-select = ['I001']\n",
    "legacy": "line-length = 100\nselect = ['ALL']\n[isort]\ncombine-as-imports = true\n",
    "by_itself": "line-length = 100\n",
    "single": "[lint]\nselect = ['I']\n[lint.isort]\nforce-single-line = true\nsingle-line-exclusions = ['typing']\n",
    "within": "[lint]\nselect = ['I']\n[lint.isort]\nforce-sort-within-sections = true\nlines-between-types = 1\n",
    "types": "[lint]\nselect = ['I']\n[lint.isort]\nlines-between-types = 1\nlines-after-imports = 2\n",
    "by_case": "[lint]\nselect = ['I']\n[lint.isort]\norder-by-type = false\ncase-sensitive = true\n",
    "no_sections": "[lint]\nselect = ['I']\n[lint.isort]\nno-sections = true\nfrom-first = true\n",
    "known": (
        "[lint]\nselect = ['I']\n[lint.isort]\nknown-first-party = ['req*']\nknown-third-party = ['app']\n"
        "known-local-folder = ['local']\nforce-to-top = ['zlib']\n"
    ),
    "sections": (
        "[lint]\nselect = ['I']\n[lint.isort]\nno-lines-before = ['local-folder']\n"
        "section-order = ['future', 'first-party', 'standard-library', 'third-party', 'local-folder', 'nums']\n"
        "[lint.isort.sections]\nnums = ['numpy', 'app.db']\n"
    ),
    "wrapped": (
        "line-length = 70\n[lint]\nselect = ['I']\n[lint.isort]\ncombine-as-imports = true\nforce-wrap-aliases = true\n"
        "split-on-trailing-comma = false\nrelative-imports-order = 'closest-to-furthest'\n"
    ),
    "src": "src = ['tools', 'src']\n[lint]\nselect = ['I']\n[lint.isort]\ndetect-same-package = false\n",
    "length": "[lint]\nselect = ['I']\n[lint.isort]\nlength-sort = true\nforced-separate = ['app', 'numpy']\n",
}

ISORT_CONFIGS = {
    "black": (".isort.cfg", "[settings]\nprofile = black\n"),
    "plain": ("setup.cfg", "[isort]\nline_length = 79\n"),
    "google": ("pyproject.toml", "[tool.isort]\nprofile = 'google'\n"),
    "django": ("tox.ini", "[isort]\nprofile = django\n"),
    "known": (
        "pyproject.toml",
        "[tool.isort]\nprofile = 'black'\nknown_third_party = ['app']\nknown_first_party = ['requests']\n"
        "combine_as_imports = true\nlines_after_imports = 2\n",
    ),
    "hanging": ("setup.cfg", "[tool:isort]\nmulti_line_output = 3\ninclude_trailing_comma = True\nline_length = 60\n"),
    "within": (".isort.cfg", "[settings]\nforce_sort_within_sections = true\nprofile = black\nsrc_paths = src,tools\n"),
    "types": ("pyproject.toml", "[tool.isort]\nlines_between_types = 1\nforce_single_line = true\n"),
}

MODULES = ["os", "sys", "zlib", "os.path", "typing", "numpy", "requests", "app", "app.db.client", "ns.part.leaf", "ns"]
MODULES += ["ns.none", "gear", "local", "Zoo", "m2", "m10", "m010", "_private"]
RELATIVE = [".", "..", ".client", "..db", "...x"]
NAMES = ["a", "b", "Client", "RetryConfig", "LIMIT", "with_retry", "x1", "x10", "x2", "_z", "Zed", "SVC", "a_long_name"]


def settings(config: str, file: str = "ruff.toml", path: str = PATH) -> ImportSettings:
    found = read_import_settings(memory_workspace({**TREE, file: config.encode(), path: b""}), path)
    assert found is not None
    return found


def write_import(chance: random.Random, indent: str, pool: list[str], *, plain: bool) -> str:
    """Write some import statement, of names that no other binds; a plain one has no comments inside."""
    if chance.random() < 0.35 or not pool:
        modules = chance.sample(MODULES, 1 if plain else chance.choice([1, 1, 1, 2]))
        text = ", ".join(name + chance.choice(["", "", " as x_" + name.replace(".", "_")]) for name in modules)
        return f"{indent}import {text}" + chance.choice(["", "", f"  # why {chance.random()}"]) + "\n"
    module = chance.choice(MODULES + RELATIVE)
    picked = [pool.pop() for _ in range(min(len(pool), chance.choice([1, 1, 2, 3, 7])))]
    names = [name + chance.choice(["", "", "", f" as {name}_2"]) for name in picked]
    head = f"{indent}from {module} import "
    kind = chance.random()
    if kind < 0.6:
        return head + ", ".join(names) + chance.choice(["", "", f"  # noqa: F{chance.randrange(10**6)}"]) + "\n"
    if kind < 0.7:
        return f"{head}({', '.join(names)})\n"
    if plain:
        return f"{head}(\n" + "".join(f"{indent}    {name},\n" for name in names) + f"{indent})\n"
    lines = [f"{head}(" + chance.choice(["", "  # open"])]
    for name in names:
        lines += [f"{indent}    # above {name}"] * (chance.random() < 0.2)
        lines.append(f"{indent}    {name}," + chance.choice(["", "", f"  # behind {name}"]))
    lines += [f"{indent}    # below"] * (chance.random() < 0.2)
    return "\n".join([*lines, f"{indent})" + chance.choice(["", "  # close"]), ""])


def write_block(chance: random.Random, indent: str = "", *, plain: bool = False) -> str:
    text = ""
    pool = chance.sample(NAMES, len(NAMES))
    for number in range(chance.choice([1, 2, 4, 7])):
        if not plain and number and chance.random() < 0.2:
            text += f"{indent}# comment {number}\n"
        text += write_import(chance, indent, pool, plain=plain)
        text += chance.choice(["", "", "", "\n"])
    return text


def write_module(seed: int, *, plain: bool = False) -> str:
    chance = random.Random(seed)
    text = chance.choice(['"""Doc."""\n', '"""Doc."""\n\n', "", "# Licence\n\n", "x = 1\n"])
    text += write_block(chance, plain=plain)
    text += chance.choice(["", "\n", "\n\n\n"]) + chance.choice(["", "# note\n", "# note\n\n"])
    text += chance.choice(["x = 2\n", "def g():\n    pass\n", "class A:\n    pass\n", "@dec\ndef h():\n    pass\n"])
    text += "\n\ndef f():\n" + write_block(chance, "    ", plain=plain) + "    return 1\n"
    text += "\n\nif x:\n" + write_block(chance, "    ", plain=plain) + "\n"
    text += "\ntry:\n" + write_block(chance, "    ", plain=plain) + "except ImportError:\n    pass\n"
    return text


def run_tool(root: Path, files: dict[str, str], *command: str) -> dict[str, str]:
    """Give what a tool makes of files, each written into its own place below src/app/db/."""
    plant(root, {name: text.encode() for name, text in files.items()})
    subprocess.run([sys.executable, "-m", *command], cwd=root, check=False, capture_output=True)
    return {name: (root / name).read_bytes().decode() for name in files}


RUFF_COMMAND = ("ruff", "check", "--select", "I001", "--fix", "--no-cache", "-q", ".")


@pytest.mark.parametrize("name", RUFF_CONFIGS)
def test_equals_ruff(name: str, tmp_path: Path) -> None:
    config = RUFF_CONFIGS[name]
    root = plant(tmp_path / "p", {**TREE, "ruff.toml": config.encode()})
    files = {f"src/app/db/use_{seed}.py": write_module(seed) for seed in range(60)}
    theirs = run_tool(root, files, *RUFF_COMMAND)
    workspace = open_workspace(root)
    for path, before in files.items():
        found = read_import_settings(workspace, path)
        assert found is not None
        assert found.tool == RUFF
        assert order_imports(None, before, found) == theirs[path]
        assert order_imports(None, theirs[path], found) == theirs[path]


@pytest.mark.parametrize("name", ISORT_CONFIGS)
def test_equals_isort(name: str, tmp_path: Path) -> None:
    file, config = ISORT_CONFIGS[name]
    root = plant(tmp_path / "p", {**TREE, file: config.encode()})
    files = {f"src/app/db/use_{seed}.py": write_module(seed, plain=True) for seed in range(60)}
    theirs = run_tool(root, files, "isort", "-q", ".")
    workspace = open_workspace(root)
    for path, before in files.items():
        found = read_import_settings(workspace, path)
        assert found is not None
        assert found.tool == ISORT
        assert order_imports(None, before, found) == theirs[path]


UNSORTED = "import zlib\nimport app\nimport os\n\n\nx = 1\n"


@examples(deadline=None)  # machines are busy
@given(seed=st.integers(0, 10**6), crlf=st.booleans(), bare=st.booleans(), file=st.sampled_from(["ruff.toml", "i"]))
def test_touches_changed_blocks_only(seed: int, *, crlf: bool, bare: bool, file: str) -> None:
    text = write_module(seed)
    config, name = ("[lint]\nselect = ['I']\n", "ruff.toml") if file != "i" else ("[isort]\nprofile=black\n", "tox.ini")
    found = settings(config, name)
    before = order_imports(None, text, found)
    head, mark, tail = before.rpartition("\ntry:\n")
    after = head + mark + tail.replace("except", "    from zlib import crc32\n    import abc\nexcept", 1)
    if bare:
        before, after = before.rstrip("\n"), after.rstrip("\n")
    if crlf:
        before, after, head = (each.replace("\n", "\r\n") for each in (before, after, head))
    result = order_imports(before, after, found)
    assert result.startswith(head)
    assert result.endswith(
        "\r\n    pass" if crlf and bare else "\n    pass" if bare else "pass\r\n" if crlf else "pass\n"
    )
    assert ("\r\n" in result) is crlf
    assert "\n" not in result.replace("\r\n", "") or not crlf
    assert order_imports(before, before, found) == before
    assert order_imports(before, result, found) == result


RUFF_PLAIN = "[lint]\nselect = ['I']\n"

KEPT = {
    "unsorted_before": ("import os\nimport abc\n", "import os\nimport abc\nimport app.db.retry\n"),
    "semicolon": ("import abc\nimport os; x = 1\n", "import zlib\nimport os; x = 1\n"),
    "one_line_if": ("if x: import abc\n", "if x: import zlib; import abc\n"),
    "skip_file": ("# isort: skip_file\nimport os\n", "# isort: skip_file\nimport os\nimport abc\n"),
    "off": ("# isort: off\nimport abc\n# isort: on\n", "# isort: off\nimport os\nimport abc\n# isort: on\n"),
    "noqa": ("import abc  # noqa: I001\nimport os\n", "import os  # noqa: I001\nimport abc\n"),
    "last_one_wins": ("from abc import x\n", "from os import x\nfrom abc import x\n"),
    "order_of_stars": ("from abc import *\n", "from os import *\nfrom abc import *\n"),
    "python_2": ("import os\nprint 1\n", "import os\nimport abc\nprint 1\n"),
    "not_edited": ("import os\nimport abc\n", "import os\nimport abc\n"),
    "statement_between": ("import abc\nx = 1\nimport abc\n", "import os\nx = 1\nimport abc\n"),
}


@pytest.mark.parametrize("config", [("ruff.toml", RUFF_PLAIN), (".isort.cfg", "[settings]\nprofile = black\n")])
@pytest.mark.parametrize("name", KEPT)
def test_keeps(name: str, config: tuple[str, str]) -> None:
    if name == "noqa" and config[0] != "ruff.toml":
        pytest.skip("a word of ruff's")
    before, after = KEPT[name]
    blank = "x = 1\n" if not after.endswith("x = 1\n") else ""
    before, after = (
        f"{each}\n{blank}" if name not in ("statement_between", "semicolon") else each for each in (before, after)
    )
    expected = after if name != "statement_between" else after.replace("\nx", "\n\nx")
    assert order_imports(before, after, settings(config[1], config[0])) in (after, expected)


def test_tabs_and_inner_blocks() -> None:
    before = "def f():\n\tfrom app.db.old import a, b\n\treturn a\n"
    after = "def f():\n\tfrom app.db.retry import a\n\tfrom app.db.client import b\n\treturn a\n"
    expected = "def f():\n\tfrom app.db.client import b\n\tfrom app.db.retry import a\n\treturn a\n"
    for file, config in (("ruff.toml", RUFF_PLAIN), (".isort.cfg", "[settings]\nprofile = black\n")):
        assert order_imports(before, after, settings(config, file)) == expected


NO_SETTINGS = {
    "nothing": {},
    "other_rules": {"ruff.toml": "[lint]\nselect = ['E', 'IC']\n"},
    "ignored": {"ruff.toml": "[lint]\nselect = ['I']\nignore = ['I001']\n"},
    "ignored_alike": {"pyproject.toml": "[tool.ruff.lint]\nselect = ['I']\nignore = ['I']\n"},
    "ignored_here": {"ruff.toml": "[lint]\nselect = ['I']\n[lint.per-file-ignores]\n'src/**/use.py' = ['I']\n"},
    "ignored_but_there": {"ruff.toml": "select = ['I']\n[per-file-ignores]\n'!tools/*' = ['ALL']\n"},
    "excluded": {"ruff.toml": "extend-exclude = ['db']\n[lint]\nselect = ['I']\n"},
    "nearest_says_no": {"pyproject.toml": "[tool.ruff]\nselect=['I']\n", "src/ruff.toml": "lint.select = ['E']\n"},
    "skipped_by_isort": {"setup.cfg": "[isort]\nskip = src/app\n"},
    "broken": {"pyproject.toml": "[tool.ruff\n", "setup.cfg": "isort\n"},
    "unknown_profile": {"tox.ini": "[isort]\nprofile = ours\n"},
}


@pytest.mark.parametrize("name", NO_SETTINGS)
def test_no_settings(name: str) -> None:
    files = {file: text.encode() for file, text in NO_SETTINGS[name].items()}
    assert read_import_settings(memory_workspace({**TREE, **files}), PATH) is None


TOOLS = {
    "specific_select": ({"ruff.toml": "[lint]\nselect = ['I001']\nignore = ['I']\n"}, RUFF),
    "extends": ({"src/ruff.toml": "extend = '../base.toml'\n", "base.toml": RUFF_PLAIN}, RUFF),
    "ruff_before_isort": ({"ruff.toml": RUFF_PLAIN, "setup.cfg": "[isort]\nprofile = black\n"}, RUFF),
    "isort_before_default": ({"ruff.toml": "line-length = 99\n", "setup.cfg": "[isort]\nprofile = black\n"}, ISORT),
    "isort_beside_other_rules": (
        {"ruff.toml": "lint.select = ['E']\n", ".isort.cfg": "[isort]\nprofile=black\n"},
        ISORT,
    ),
}


@pytest.mark.parametrize("name", TOOLS)
def test_which_tool(name: str) -> None:
    files, tool = TOOLS[name]
    workspace = memory_workspace({**TREE, **{file: text.encode() for file, text in files.items()}})
    found = read_import_settings(workspace, PATH)
    assert found is not None
    assert found.tool == tool
