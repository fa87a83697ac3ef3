"""The Python shim keeps its promises under the oldest, a middle and the newest interpreter of this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unmix_shims.python import PythonShim, read_shim, render_shim

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
    rebound=frozenset({"counter"}),
    main="shop.pricing",
    since="2.4",
    remove_in="3.0",
    preamble="# Copyright The Shop.\n",
    docstring="Everything the shop needs.",
)


def _moved_as_a_whole(module: str, part: str, names: str, **homes: str) -> PythonShim:
    moved = {name: (part,) for name in [*names.split(), *homes]}
    return PythonShim(module, (part,), moved, None, {name: f"{part}.{name}" for name in names.split()} | homes)


SHIMS = {
    "shop/legacy.py": LEGACY,
    "shop/plain.py": _moved_as_a_whole("shop.plain", "shop.plain_parts", "LIMIT _hidden dump", json="json"),
    "shop/kit/__init__.py": replace(
        _moved_as_a_whole(
            "shop.kit", "shop.kit.parts", "report helped", helper="shop.kit.inner.helper", inner="shop.kit.inner"
        ),
        package=True,
    ),
    "shop/ring.py": PythonShim(
        "shop.ring",
        ("shop.ring_first", "shop.ring_second"),
        {"shop": ("shop.ring_first",), "first": ("shop.ring_first",), "second": ("shop.ring_second", "shop.ring_first")},
        None,
        {"shop": "shop", "first": "shop.ring_first.first", "second": "shop.ring_second.second"},
    ),
    "shop/nameless.py": _moved_as_a_whole("shop.nameless", "shop.nameless_parts", "__getattr__ plain"),
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


def _sections(file: str) -> dict[str, str]:
    """Give the texts of a file of this folder by their titles, which stand on lines like `== title ==`."""
    _, *rest = re.split(r"^== (.*) ==\n", (PROMISES / file).read_text(), flags=re.MULTILINE)
    return dict(zip(rest[::2], rest[1::2], strict=True))


def _promises(file: str) -> list[Promise]:
    promises = []
    for title, text in _sections(file).items():
        options, script = text.split("\n", 1) if text.startswith("$ ") else ("$", text)
        promises.append(Promise(title, options.split()[1:], script))
    return promises


def _find_interpreters() -> list[str]:
    """Find the oldest, a middle and the newest interpreter of 3.8 or later, among those of pyenv and on the PATH."""
    folders = [*(Path.home() / ".pyenv/versions").glob("*/bin"), *map(Path, os.get_exec_path())]
    found = {sys.version_info[:2]: sys.executable}
    for candidate in [path for folder in folders for path in sorted(folder.glob("python3.*"))]:
        version = (3, int(candidate.suffix[1:])) if re.fullmatch(r"python3\.\d+", candidate.name) else (0, 0)
        if version >= (3, 8) and version not in found and _runs(candidate, version):
            found[version] = str(candidate)
    versions = sorted(found)
    return [found[version] for version in dict.fromkeys((versions[0], versions[len(versions) // 2], versions[-1]))]


def _runs(candidate: Path, version: tuple[int, int]) -> bool:
    ask = [str(candidate), "-c", f"import sys; sys.exit(sys.version_info[:2] != {version})"]
    return subprocess.run(ask, stderr=subprocess.DEVNULL).returncode == 0


INTERPRETERS = _find_interpreters()


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `before/`, the package as it was, and `after/`, its parts and the shims."""
    root = tmp_path_factory.mktemp("trees")
    files = _sections("shop.txt") | {f"after/{path}": render_shim(shim) for path, shim in SHIMS.items()}
    files |= {f"{tree}/promise.py": PROMISE_MODULE for tree in ("before", "after")}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    dump = "import pickle, shop.legacy; pickle.dump(shop.legacy.Money(7), open('money.pickle', 'wb'), 2)"
    subprocess.run([sys.executable, "-c", dump], cwd=root, env=_environment(root / "before"), check=True)
    return root


def _environment(*folders: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    return kept | {"PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONHASHSEED": "0"}


def _keep(promise: Promise, interpreter: str, trees: Path, tree: str, folder: Path) -> None:
    (folder / "script.py").write_text(promise.script)
    shutil.copy(trees / "money.pickle", folder)
    run = subprocess.run(
        [interpreter, *promise.options, "script.py"],
        cwd=folder,
        env=_environment(trees / tree),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("interpreter", INTERPRETERS)
@pytest.mark.parametrize("promise", [*_promises("as_before.txt"), *_promises("with_warnings.txt")], ids=lambda p: p.title)
def test_shim_keeps_its_promise(promise: Promise, interpreter: str, trees: Path, tmp_path: Path) -> None:
    _keep(promise, interpreter, trees, "after", tmp_path)


@pytest.mark.parametrize("promise", _promises("as_before.txt"), ids=lambda promise: promise.title)
def test_what_is_promised_as_before_was_so_before(promise: Promise, trees: Path, tmp_path: Path) -> None:
    _keep(promise, sys.executable, trees, "before", tmp_path)


def test_there_are_interpreters_to_keep_promises_under() -> None:
    if len(INTERPRETERS) == 1:
        pytest.skip("only the running interpreter was found: no older and no newer one keeps the promises here")
