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
