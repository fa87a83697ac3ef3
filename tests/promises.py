"""The promises of the Python shim: small programs of its users, and the package that they are run on.

Each stands in a file of shim_promises/ below its title; the shop that they use is in shop.txt there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from unmix_shims.python import PythonShim, render_shim

PROMISES = Path(__file__).parent / "shim_promises"

PRICING = "__version__ CONST NOTHING TABLE counter loads Money _private bump tax total exact now main".split()
STORAGE = "ShopError Store later read report save where".split()
BOTH = ("shop.pricing", "shop.storage")

LEGACY = PythonShim(
    module="shop.legacy",
    parts=BOTH,
    moved={
        **dict.fromkeys(("json", "time"), BOTH),
        "D": ("shop.pricing",),
        **dict.fromkeys(PRICING, ("shop.pricing",)),
        **dict.fromkeys(STORAGE, ("shop.storage",)),
        **dict.fromkeys(("CONST", "Money", "tax"), BOTH),
    },
    exported=tuple(
        "CONST Money NOTHING ShopError Store TABLE bump counter json later now read report save tax time total".split()
    ),
    homes={
        "json": "json",
        "time": "time",
        "D": "decimal.Decimal",
        **{name: f"shop.pricing.{name}" for name in PRICING},
        **{name: f"shop.storage.{name}" for name in STORAGE},
    },
    functions=frozenset("bump tax total exact now main later read report save where".split()),
    rebound=frozenset({"counter"}),
    main="shop.pricing",
    since="2.4",
    remove_in="3.0",
    preamble="# Copyright The Shop.\n",
    docstring="Everything the shop needs.\n\n>>> tax(1)\n10\n",
)


def _moved_as_a_whole(module: str, part: str, names: str, **homes: str) -> PythonShim:
    moved = dict.fromkeys([*names.split(), *homes], (part,))
    return PythonShim(module, (part,), moved, None, {name: f"{part}.{name}" for name in names.split()} | homes)


SHIMS = {
    "shop/legacy.py": LEGACY,
    "shop/plain.py": replace(
        _moved_as_a_whole("shop.plain", "shop.plain_parts", "LIMIT _hidden dump", json="json"), main="shop.plain_parts"
    ),
    "shop/kit/__init__.py": replace(
        _moved_as_a_whole(
            "shop.kit", "shop.kit.parts", "report helped", helper="shop.kit.inner.helper", inner="shop.kit.inner"
        ),
        package=True,
    ),
    "shop/ring.py": PythonShim(
        "shop.ring",
        ("shop.ring_first", "shop.ring_second"),
        {
            "shop": ("shop.ring_first",),
            "first": ("shop.ring_first",),
            "second": ("shop.ring_second", "shop.ring_first"),
        },
        None,
        {"shop": "shop", "first": "shop.ring_first.first", "second": "shop.ring_second.second"},
    ),
    "shop/nameless.py": _moved_as_a_whole("shop.nameless", "shop.nameless_parts", "__getattr__ __dir__ plain"),
    "shop/plugin.py": _moved_as_a_whole("shop.plugin", "shop.plugin_parts", "thing pytest_configure", pytest="pytest"),
    "shop/slow.py": _moved_as_a_whole("shop.slow", "shop.slow_part", "value"),
    "shop/second.py": _moved_as_a_whole("shop.second", "shop.third", "value"),
    "shop/first.py": _moved_as_a_whole("shop.first", "shop.second", "value"),
}

PROMISE_MODULE = '''
import os, sys, warnings

class told:
    """The warnings that the block causes: file, line and text of each, in a list."""
    def __enter__(self):
        self.caught, self.seen = warnings.catch_warnings(record=True), []
        self.records = self.caught.__enter__()
        warnings.simplefilter("always")
        return self.seen
    def __exit__(self, *error):
        self.caught.__exit__(*error)
        self.seen += [(os.path.basename(w.filename), w.lineno, str(w.message)) for w in self.records]

def line_of(mark):
    with open(sys.argv[0]) as script:
        return next(n for n, line in enumerate(script, 1) if line.rstrip().endswith("# " + mark))
'''


@dataclass(frozen=True)
class Promise:
    title: str
    options: list[str]
    script: str


def sections(file: str) -> dict[str, str]:
    """Give the texts of a file of this folder by their titles, which stand on lines like `== title ==`."""
    _, *rest = re.split(r"^== (.*) ==\n", (PROMISES / file).read_text(), flags=re.MULTILINE)
    return dict(zip(rest[::2], rest[1::2], strict=True))


def read_promises(file: str) -> list[Promise]:
    promises = []
    for title, text in sections(file).items():
        options, script = text.split("\n", 1) if text.startswith("$ ") else ("$", text)
        promises.append(Promise(title, options.split()[1:], script))
    return promises


def find_interpreters() -> dict[tuple[int, int], str]:
    """Find an interpreter of each version from 3.8 on, among those of pyenv and on the PATH, oldest first."""
    folders = [*(Path.home() / ".pyenv/versions").glob("*/bin"), *map(Path, os.get_exec_path())]
    found: dict[tuple[int, int], str] = {sys.version_info[:2]: sys.executable}
    for candidate in [path for folder in folders for path in sorted(folder.glob("python3.*"))]:
        version = (3, int(candidate.suffix[1:])) if re.fullmatch(r"python3\.\d+", candidate.name) else (0, 0)
        if version >= (3, 8) and version not in found and _runs(candidate, version):
            found[version] = str(candidate)
    return dict(sorted(found.items()))


def _runs(candidate: Path, version: tuple[int, int]) -> bool:
    ask = [str(candidate), "-c", f"import sys; sys.exit(sys.version_info[:2] != {version})"]
    return subprocess.run(ask, stderr=subprocess.DEVNULL).returncode == 0


def plant_trees(root: Path) -> Path:
    """Write `before/`, the package as it was, and `after/`, its parts and the shims, and a pickle from before."""
    files = sections("shop.txt") | {f"after/{path}": render_shim(shim) for path, shim in SHIMS.items()}
    files |= {f"{tree}/promise.py": PROMISE_MODULE for tree in ("before", "after")}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    dump = "import pickle, shop.legacy; pickle.dump(shop.legacy.Money(7), open('money.pickle', 'wb'), 2)"
    subprocess.run([sys.executable, "-c", dump], cwd=root, env=environment(root / "before"), check=True)
    return root


def environment(*folders: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    return kept | {"PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONHASHSEED": "0"}


def run_promise(
    promise: Promise, interpreter: str, trees: Path, tree: str, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a promise in `folder`, in an interpreter of its own; it is kept when that exits with 0."""
    (folder / "script.py").write_text(promise.script)
    shutil.copy(trees / "money.pickle", folder)
    return subprocess.run(
        [interpreter, *promise.options, "script.py"],
        cwd=folder,
        env=environment(trees / tree),
        capture_output=True,
        text=True,
        timeout=60,
    )
