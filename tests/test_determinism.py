"""The same tree gives the same bytes, whatever the order in which a process meets the members of a set."""

from __future__ import annotations

from pathlib import Path

from tool import committed, spawn
from trees import plant

NAMES = [f"name_{number}" for number in range(12)]
TREE: dict[str, bytes | str] = {
    "app/__init__.py": b"",
    "app/events.py": "".join(f"def {name}():\n    return 1\n\n\n" for name in NAMES).encode(),
    "app/old.py": b"""from app.events import *


def one():
    return name_1()


def two():
    return name_2()
""",
    "app/user.py": b"from app import old\n\nFOUND = [old.one(), old.two(), old.name_3()]\n",
    "unmix.toml": b'[[split]]\nmodule = "app.old"\n[split.into]\n"app.first" = ["one"]\n"app.second" = ["*"]\n',
}


def test_the_order_of_sets_is_nowhere_to_be_seen(tmp_path: Path) -> None:
    root = committed(plant(tmp_path / "root", TREE))
    seeds = ("1", "2", "3", "4")
    results = [spawn(root, "diff", "--format", "patch", variables={"PYTHONHASHSEED": seed}) for seed in seeds]
    assert results[0].code == 0
    assert len({result.output for result in results}) == 1
