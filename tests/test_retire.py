"""Phase `retire`: the shim goes with all that was added for its sake, and never while something needs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tool import Result, committed, git, run, unmix
from trees import picture, plant

TREE: dict[str, bytes | str] = {
    "shop/__init__.py": b'"""A shop."""\n',
    "shop/pricing.py": b'''"""Prices and labels."""

RATE = 2


def price(count):
    return count * RATE


def label(count):
    return f"{count} EUR"
''',
    "shop/cart.py": b"from shop.pricing import label, price\n\nprint(label(price(3)))\n",
    "unmix.toml": b"""[[split]]
module = "shop.pricing"

[split.into]
"shop.money" = ["label"]
"shop.tax" = ["*"]
""",
}


def migrated(root: Path, more: dict[str, bytes | str] | None = None) -> Path:
    committed(plant(root, {**TREE, **(more or {})}))
    assert unmix(root, "migrate").code == 0
    return commit(root)


def commit(root: Path) -> Path:
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "more")
    return root


def retire(root: Path) -> Result:
    return unmix(root, "migrate", "--phase", "retire")


def assert_retired(root: Path) -> None:
    """Retire; then `check` is clean, and a second run has nothing to do."""
    retired = retire(root)
    assert (retired.code, retired.output) == (0, b""), retired.errors
    assert unmix(root, "check").text == "No legacy reference is left.\n"
    seen = picture(root)
    again = unmix(root, "migrate", "--phase", "retire", "--allow-dirty")
    assert (again.code, again.errors) == (0, "Nothing to change: the migration is done.\n")
    assert unmix(root, "migrate", "--allow-dirty").errors == "Nothing to change: the migration is done.\n"
    assert picture(root) == seen


def test_the_shim_goes_and_nothing_else(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root")
    before = picture(root)
    shown = unmix(root, "diff", "--phase", "retire", "--format", "patch")
    assert shown.code == 0
    assert b"deleted file mode 100644\n--- a/shop/pricing.py\n+++ /dev/null\n" in shown.output
    assert picture(root) == before
    assert_retired(root)
    del before["shop/pricing.py"]
    assert picture(root) == before
    assert run(root, sys.executable, "-m", "shop.cart").output == b"6 EUR\n"


def test_retiring_can_be_undone(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root")
    before = picture(root)
    assert retire(root).code == 0
    assert unmix(root, "undo").code == 0
    assert picture(root) == before


def test_what_was_never_split_cannot_retire(tmp_path: Path) -> None:
    root = committed(plant(tmp_path / "root", TREE))
    before = picture(root)
    refused = retire(root)
    assert refused.code == 2
    assert "shop.pricing is not split yet" in refused.errors
    assert picture(root) == before


LEFT: dict[str, tuple[str, bytes, str]] = {
    "import": ("late.py", b"import sys\nfrom shop.pricing import price\n", "late.py:2:26: UNM001"),
    "attribute": ("late.py", b"import shop.pricing\n\nprint(shop.pricing.RATE)\n", "late.py:3:7: UNM002"),
    "patch target": ("t.py", b"from unittest.mock import patch\npatch('shop.pricing.RATE', 3)\n", "t.py:2:7: UNM003"),
    "module name": ("m.py", b"import importlib\nprint(importlib.import_module('shop.pricing'))\n", "m.py:2:31: UNM010"),
    "module imported for its effects": (
        "m.py",
        b"import importlib\nimportlib.import_module('shop.pricing')\n",
        "m.py:2:25: UNM003",
    ),
    "setting": ("conf.yaml", b"job: shop.pricing.price\n", "conf.yaml:1:6: UNM003"),
    "module in a setting": ("conf.yaml", b"job: 'shop.pricing'\n", "conf.yaml:1:7: UNM010"),
    "ignored": ("late.py", b"from shop.pricing import price  # unmix: ignore[UNM001]\n", "late.py:1:26: UNM001"),
    "unreadable": ("late.py", b"from shop.pricing import (\n", "late.py:2:1: UNM009"),
    "Python 2": ("old.py", b"from shop.pricing import price\nprint price(1)\n", "old.py:1:26: UNM001"),
}


@pytest.mark.parametrize("case", LEFT)
def test_refused_while_something_needs_it(case: str, tmp_path: Path) -> None:
    path, content, place = LEFT[case]
    root = commit(plant(migrated(tmp_path / "root"), {path: content}))
    before = picture(root)
    for refused in (retire(root), unmix(root, "diff", "--phase", "retire")):
        assert (refused.code, refused.output) == (2, b"")
        assert place.rpartition(":")[0].rpartition(":")[0] in refused.errors
        assert place.rpartition(" ")[2] in refused.errors
        assert "nothing was retired" in refused.errors
    assert picture(root) == before


def test_every_place_is_named(tmp_path: Path) -> None:
    more: dict[str, bytes | str] = dict.fromkeys(("a.py", "b.py"), b"from shop.pricing import price, label\n")
    root = commit(plant(migrated(tmp_path / "root"), more))
    refused = retire(root)
    assert refused.code == 2
    named = [line.split(" ")[0] for line in refused.errors.splitlines()[:-1]]
    assert named == ["a.py:1:26:", "a.py:1:33:", "b.py:1:26:", "b.py:1:33:"]


def test_prose_that_is_not_decided_is_not_in_the_way(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", {"README.md": b"`shop.pricing` is history.\n"})
    assert retire(root).code == 0


def test_what_somebody_added_to_the_shim_is_not_thrown_away(tmp_path: Path) -> None:
    root = migrated(tmp_path / "root")
    shim = root / "shop/pricing.py"
    shim.write_bytes(shim.read_bytes() + b"\n\ndef mine():\n    return 1\n")
    commit(root)
    before = picture(root)
    refused = retire(root)
    assert refused.code == 2
    assert "shop/pricing.py:" in refused.errors
    assert "was added to the shim by hand" in refused.errors
    assert picture(root) == before


def test_a_stub_goes_with_its_shim(tmp_path: Path) -> None:
    stub = b"RATE: int\ndef price(count: int) -> int: ...\ndef label(count: int) -> str: ...\n"
    root = migrated(tmp_path / "root", {"shop/pricing.pyi": stub})
    assert (root / "shop/money.pyi").exists()
    assert_retired(root)
    assert not (root / "shop/pricing.pyi").exists()
    assert (root / "shop/money.pyi").exists()


@pytest.mark.parametrize(
    "init",
    [
        b"",
        b'"""A shop."""\n',
        b"from shop.pricing import price\n",
        b"from shop import pricing\n\n\ndef __getattr__(name):\n    raise AttributeError(name)\n",
        b"from typing import TYPE_CHECKING\n\nfrom shop import pricing\n\n"
        b"if not TYPE_CHECKING:\n\n    def __getattr__(name):\n        raise AttributeError(name)\n",
        b"from shop import pricing\r\n\r\nVERSION = 1\r\n",
    ],
)
def test_a_package_answers_no_more_for_what_is_gone(init: bytes, tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", {"shop/__init__.py": init})
    between = (root / "shop/__init__.py").read_bytes()
    if init.startswith(b"from"):
        told = "import inspect, shop; dict(inspect.getmembers(shop))['pricing']; print(dir(shop).count('pricing'))"
        assert run(root, sys.executable, "-W", "error", "-c", told).output == b"1\n"
    assert_retired(root)
    after = (root / "shop/__init__.py").read_bytes()
    assert b"unmix" not in after
    assert b"\n\n\n\n" not in after
    assert (b"def __getattr__" in after) is (b"def __getattr__" in init)
    assert b"def __dir__" not in after
    if b"unmix: keeps" not in between:
        assert after == between


PYTEST: tuple[tuple[str, bytes], ...] = (
    ("pytest.toml", b"[pytest]\nfilterwarnings = ['error']\n"),
    ("pyproject.toml", b'[tool.pytest.ini_options]\nfilterwarnings = [\n  "error",  # strict\n  "ignore:x",\n]\n'),
    ("pytest.ini", b"[pytest]\nfilterwarnings =\n    error\n    ignore:x\naddopts = -q\n"),
    ("setup.cfg", b"[tool:pytest]\r\nfilterwarnings = error\r\n"),
    ("tox.ini", b"[pytest]\nfilterwarnings = error\n    ignore:x"),
    ("pyproject.toml", b'[tool.pytest]\nminversion = "9.0"\nfilterwarnings = ["error"]\n'),
)


@pytest.mark.parametrize(("path", "settings"), PYTEST)
def test_the_filter_of_the_shim_goes(path: str, settings: bytes, tmp_path: Path) -> None:
    root = migrated(tmp_path / "root", {path: settings})
    assert b"shop" in (root / path).read_bytes()
    assert_retired(root)
    assert (root / path).read_bytes() == settings


@pytest.mark.parametrize("init", [b"from . import pricing", b"from .pricing import label as pricing"])
def test_what_unmix_writes_into_a_package_makes_no_word_a_name(init: bytes, tmp_path: Path) -> None:
    init += b'\n\nKIND = "pricing"\n'
    root = migrated(tmp_path / "root", {"shop/__init__.py": init})
    assert b"unmix: keeps" in (root / "shop/__init__.py").read_bytes()
    assert unmix(root, "check").text == "No legacy reference is left.\n"
    assert_retired(root)
    assert b'KIND = "pricing"' in (root / "shop/__init__.py").read_bytes()


SHIPPED = {
    "setup.py": b"""setup(py_modules=["mixed", 'other'], entry_points={"console_scripts": ["mix = mixed:two"]})\n""",
    "setup.cfg": b"[options]\npy_modules =\n    other\n    mixed\nzip_safe = no\n",
    "pyproject.toml": b'[tool.setuptools]\r\npy-modules = [\r\n  "mixed",  # both\r\n  "other"\r\n]\r\n',
}


def test_what_is_installed_follows(tmp_path: Path) -> None:
    code = b"def one():\n    return 1\n\n\ndef two():\n    return one() + 1\n"
    table = b'[[split]]\nmodule = "mixed"\n[split.into]\nmixed_core = ["one"]\nmixed_extra = ["*"]\n'
    root = committed(plant(tmp_path / "root", {**SHIPPED, "mixed.py": code, "other.py": b"", "unmix.toml": table}))
    assert unmix(root, "migrate").code == 0
    commit(root)
    assert (root / "setup.cfg").read_bytes() == SHIPPED["setup.cfg"].replace(
        b"    mixed\n", b"    mixed\n    mixed_core\n    mixed_extra\n"
    )
    assert_retired(root)
    assert (root / "setup.py").read_bytes() == (
        SHIPPED["setup.py"].replace(b'"mixed"', b'"mixed_core", "mixed_extra"').replace(b"mixed:", b"mixed_extra:")
    )
    assert (root / "setup.cfg").read_bytes() == (
        SHIPPED["setup.cfg"].replace(b"    mixed\n", b"    mixed_core\n    mixed_extra\n")
    )
    assert (root / "pyproject.toml").read_bytes() == (
        SHIPPED["pyproject.toml"].replace(b'"mixed",  # both', b'"mixed_core",\r\n  "mixed_extra",')
    )


PACKAGE: dict[str, bytes | str] = {
    "pkg/__init__.py": b'''# A licence.
"""A package that is a mixed module."""

from pkg import plain
from pkg.plain import START

SEEN = [START]


def register(name):
    SEEN.append(name)


class Client:
    def run(self):
        return plain.twice(3)


register("itself")
''',
    "pkg/plain.py": b"START = 'start'\n\n\ndef twice(x):\n    return 2 * x\n",
    "run.py": b"from pkg import SEEN, Client, register\n\nregister('run')\nprint(SEEN, Client().run())\n",
    "quiet.py": b"import pkg\n\nprint(pkg.plain.START)\n",
    "unmix.toml": b'[[split]]\nmodule = "pkg"\n[split.into]\n"pkg.client" = ["Client"]\n"pkg.registry" = ["*"]\n',
}


def test_a_package_stays_a_package(tmp_path: Path) -> None:
    root = committed(plant(tmp_path / "root", PACKAGE))
    printed = [run(root, sys.executable, name).output for name in ("run.py", "quiet.py")]
    assert unmix(root, "migrate").code == 0
    commit(root)
    assert_retired(root)
    assert [run(root, sys.executable, name).output for name in ("run.py", "quiet.py")] == printed
    left = (root / "pkg/__init__.py").read_text()
    assert left.startswith('# A licence.\n\n"""A package that is a mixed module."""\n')
    assert "_unmix" not in left
    gone = run(root, sys.executable, "-c", "import pkg; print([n for n in ('Client', 'SEEN') if hasattr(pkg, n)])")
    assert gone.output == b"[]\n"


def test_importing_a_package_does_what_it_did(tmp_path: Path) -> None:
    loud = b"print('loaded')\n"
    root = committed(plant(tmp_path / "root", {**PACKAGE, "pkg/plain.py": b"START = 1\n" + loud}))
    assert unmix(root, "migrate").code == 0
    commit(root)
    assert retire(root).code == 0
    assert run(root, sys.executable, "-c", "import pkg").output == b"loaded\n"


def test_what_strings_say_to_people_needs_no_shim(tmp_path: Path) -> None:
    said = b"print('shop.pricing is gone', 'see shop/pricing.py', f'{1} from shop.pricing.label.')\n"
    root = migrated(tmp_path / "tree", {"shop/told.py": said})
    assert unmix(root, "check").text.count("told.py") == 3
    assert retire(root).code == 0
    assert not (root / "shop/pricing.py").exists()


@pytest.mark.parametrize(
    "said", ["'shop.pricing.%s' % name", "'python -m shop.pricing'", "'shop/pricing.py'", "'from shop import pricing'"]
)
def test_what_a_program_may_do_with_a_string_keeps_the_shim(tmp_path: Path, said: str) -> None:
    root = migrated(tmp_path / "tree", {"shop/told.py": f"name = 'label'\nprint({said}, 'or else')\n".encode()})
    refused = retire(root)
    assert refused.code == 2
    assert "shop/told.py:2:" in refused.errors
