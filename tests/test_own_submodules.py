"""A package that uses a submodule which others load has it after a migration, too, also where it stays on the shim."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tool import committed, run, unmix
from trees import plant

MIGRATION = b'[[split]]\nmodule = "shop.prices"\n[split.into]\n"shop.sums" = ["total"]\n"shop.coins" = ["*"]\n'
TREE = {
    "unmix.toml": MIGRATION,
    "shop/prices.py": b"def total(coins):\n    return sum(coins)\n\n\ndef coin(text):\n    return int(text)\n",
    "shop/tills.py": b"from .prices import total\n",
}
PACKAGES = {
    "at once": b"from .tills import total\n\nKNOWN = total([prices.coin('5')])\n",
    "in a block": b"try:\n    from .tills import total\n    KNOWN = total([prices.coin('5')])\nfinally:\n    pass\n",
    "later": b"def known():\n    return prices.coin('5')\n\n\nfrom .tills import total\n\nKNOWN = known()\n",
    "as a whole": b"from .tills import total\n\nMODULES = {'prices': prices}\nKNOWN = MODULES['prices'].coin('5')\n",
}


@pytest.mark.parametrize("case", PACKAGES)
def test_the_package_has_what_it_uses(case: str, tmp_path: Path) -> None:
    committed(plant(tmp_path, {**TREE, "shop/__init__.py": PACKAGES[case]}))
    assert unmix(tmp_path, "migrate").code == (1 if case == "as a whole" else 0)
    result = run(tmp_path, sys.executable, "-c", "import shop; print(shop.KNOWN)")
    assert (result.output, result.errors) == (b"5\n", "")
    again = unmix(tmp_path, "migrate", "--allow-dirty")
    assert "Nothing to change" in again.errors + again.text


def test_a_builtin_is_no_submodule(tmp_path: Path) -> None:
    files = {path.replace("prices", "sum"): data.replace(b"prices", b"sum") for path, data in TREE.items()}
    committed(plant(tmp_path, {**files, "shop/__init__.py": b"FOUR = sum([1, 3])\n"}))
    assert unmix(tmp_path, "migrate").code == 0
    assert unmix(tmp_path, "check").code == 0


READERS = {
    "loaded after it": (b"from .tills import total\nfrom .lists import KNOWN\n", b"import shop\n"),
    "loaded with it": (b"from .lists import KNOWN\n", b"from .tills import total\nimport shop as shop\n"),
}


@pytest.mark.parametrize("case", READERS)
def test_a_module_that_stays_on_the_shim_has_it_while_the_package_is_imported(case: str, tmp_path: Path) -> None:
    package, imports = READERS[case]
    reader = imports + b"\nKNOWN = [shop.prices][0].coin('5')\n"
    committed(plant(tmp_path, {**TREE, "shop/__init__.py": package, "shop/lists.py": reader}))
    assert "UNM010" in unmix(tmp_path, "migrate").errors
    result = run(tmp_path, sys.executable, "-c", "import shop; print(shop.KNOWN)")
    assert (result.output, result.errors) == (b"5\n", "")


def test_a_module_in_cython_has_it_while_the_package_is_imported(tmp_path: Path) -> None:
    package = b"from .tills import total\nfrom ._counting import count\n"
    counting = b"import shop\n\nprices = shop.prices\n\ndef count(coins):\n    return prices.total(coins)\n"
    files = {"shop/__init__.py": package, "shop/_counting.pyx": counting}
    committed(plant(tmp_path, {**TREE, **files}))
    unmix(tmp_path, "migrate")
    (tmp_path / "shop/_counting.py").write_bytes(counting)  # As the compiler would.
    result = run(tmp_path, sys.executable, "-c", "import shop; print(shop.count([2, 3]))")
    assert (result.output, result.errors) == (b"5\n", "")
