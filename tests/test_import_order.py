from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trees import plant
from unmix.python.import_order import ISORT, RUFF, ImportSettings, order_imports, read_import_settings
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
        modules = chance.sample(MODULES, chance.choice([1, 1, 1, 2]))
        text = ", ".join(name + chance.choice(["", "", " as x_" + name.replace(".", "_")]) for name in modules)
        return f"{indent}import {text}" + chance.choice(["", "", "  # why"]) + "\n"
    module = chance.choice(MODULES + RELATIVE)
    picked = [pool.pop() for _ in range(min(len(pool), chance.choice([1, 1, 2, 3, 7])))]
    names = [name + chance.choice(["", "", "", f" as {name}_2"]) for name in picked]
    head = f"{indent}from {module} import "
    kind = chance.random()
    if kind < 0.6:
        return head + ", ".join(names) + chance.choice(["", "", "  # noqa: F401"]) + "\n"
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
