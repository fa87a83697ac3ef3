"""The Python shim keeps its promises under the oldest, a middle and the newest interpreter of this machine."""

from __future__ import annotations

import ast
import keyword
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

RUFF = (
    "-m ruff check --isolated --ignore-noqa --line-length=120 --target-version=py38 --select=E,F,W,B,UP,SIM "
    "--stdin-filename=shim.py -"
)


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
@pytest.mark.parametrize(
    "promise", [*_promises("as_before.txt"), *_promises("with_warnings.txt")], ids=lambda p: p.title
)
def test_shim_keeps_its_promise(promise: Promise, interpreter: str, trees: Path, tmp_path: Path) -> None:
    _keep(promise, interpreter, trees, "after", tmp_path)


@pytest.mark.parametrize("promise", _promises("as_before.txt"), ids=lambda promise: promise.title)
def test_what_is_promised_as_before_was_so_before(promise: Promise, trees: Path, tmp_path: Path) -> None:
    _keep(promise, sys.executable, trees, "before", tmp_path)


def test_there_are_interpreters_to_keep_promises_under() -> None:
    if len(INTERPRETERS) == 1:
        pytest.skip("only the running interpreter was found: no older and no newer one keeps the promises here")


@pytest.mark.parametrize("tree", ["before", "after"])
def test_a_suite_that_knows_nothing_of_the_split_passes(tree: str, trees: Path, tmp_path: Path) -> None:
    for path, text in _sections("suite.txt").items():
        (tmp_path / path).write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=tmp_path,
        env=_environment(trees / tree),
        capture_output=True,
        text=True,
    )
    assert re.search(r"^13 passed in ", run.stdout, re.MULTILINE), run.stdout + run.stderr


@pytest.mark.parametrize("path", SHIMS)
def test_shim_is_clean_for_ruff(path: str) -> None:
    pytest.importorskip("ruff")
    run = subprocess.run(
        [sys.executable, *RUFF.split()],
        input=render_shim(SHIMS[path]),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout


def test_shim_keeps_within_its_width_and_ends_its_lines_simply() -> None:
    long_names = {f"a_rather_long_name_of_a_function_number_{n}": (f"shop.{'deep.' * 9}part_{n}",) for n in range(30)}
    shim = PythonShim(
        "shop.legacy",
        tuple(parts[0] for parts in long_names.values()),
        long_names,
        tuple(long_names),
        {name: f"{parts[0]}.{name}" for name, parts in long_names.items()},
        docstring='A docstring of many words in one line, \\ and with quotes " """ \' ' * 9,
    )
    text = render_shim(shim)
    assert max(map(len, text.split("\n"))) <= 120
    assert "\r" not in text
    assert text.endswith("\n")
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    assert read_shim(text) == shim


identifiers = st.from_regex(r"[A-Za-zß_][a-z0-9ä_]{0,9}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name) and not name.startswith("__")
)
modules = st.lists(identifiers, min_size=1, max_size=4).map(".".join)
versions = st.text(st.characters(exclude_categories=("C", "Z")), max_size=8)
comments = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=20)


@st.composite
def shims(draw: st.DrawFn) -> PythonShim:
    parts = draw(st.lists(modules, min_size=1, max_size=4, unique=True))
    names = draw(st.lists(identifiers, max_size=8, unique=True))
    holders, homes = {}, {}
    for name in names:
        held = sorted(draw(st.lists(st.sampled_from(parts), min_size=1, unique=True)), key=parts.index)
        home = draw(st.sampled_from([None, *held]))
        holders[name] = tuple(sorted(held, key=lambda part: part != home))
        homes[name] = f"{home}.{name}" if home else draw(modules) + ".elsewhere." + draw(identifiers)
    return PythonShim(
        module=draw(modules),
        parts=tuple(parts),
        moved=holders,
        exported=draw(st.none() | st.lists(identifiers, max_size=20).map(tuple)),
        homes=homes,
        functions=frozenset(name for name in names if homes[name].endswith(f".{name}") and draw(st.booleans())),
        typed={
            name: f"{draw(modules)}.{name}" for name in draw(st.lists(identifiers, max_size=2)) if name not in names
        },
        rebound=frozenset(draw(st.sets(st.sampled_from(names)))) if names else frozenset(),
        main=draw(st.sampled_from(["", *parts])),
        since=draw(versions),
        remove_in=draw(versions),
        preamble="".join(f"#{line}\n" for line in draw(st.lists(comments, max_size=3))),
        docstring=draw(st.text(max_size=200)),
        package=draw(st.booleans()),
    )


@given(shims())
def test_what_was_rendered_is_read_back(shim: PythonShim) -> None:
    text = render_shim(shim)
    assert read_shim(text) == shim
    assert render_shim(shim) == text
    assert read_shim("\ufeff" + text.replace("\n", "\r\n")) == shim
    ast.parse(text, feature_version=(3, 8))


def test_shim_edited_by_hand_is_read() -> None:
    text = render_shim(LEGACY)
    text = text.replace('        "tax": "shop.pricing.tax",\n', "        'tax': 'shop.storage.tax',  # by hand\n")
    text = text.replace('    "since": "2.4",\n', "").replace("def load(part)", "def load_part(part)")
    read = read_shim(text)
    assert read is not None
    assert (read.since, read.homes["tax"], read.parts) == ("", "shop.storage.tax", LEGACY.parts)
    assert read.moved == {**LEGACY.moved, "tax": ("shop.storage",)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import json\n",
        "# unmix shim 1: nothing below\n",
        "# unmix shim 1:\n_unmix_shim = {'module': 'a', 'parts': (), 'homes': {}\n",
        "# unmix shim 1:\n_unmix_shim = dict(module='a', parts=(), homes={})\n",
        "# unmix shim 1:\n_unmix_shim = {'module': 'a', 'parts': 'b', 'homes': {}}\n",
        "_unmix_shim = {'module': 'a', 'parts': (), 'homes': {}}\n",
    ],
)
def test_no_shim_is_read_from_other_text(text: str) -> None:
    assert read_shim(text) is None


def test_names_of_every_module_stay_out_of_the_table() -> None:
    names = ("__all__", "__file__", "__doc__", "tax")
    shim = PythonShim("a.old", ("a.new",), dict.fromkeys(names, ("a.new",)), None, {})
    assert read_shim(render_shim(shim)) == replace(shim, moved={"tax": ("a.new",)}, homes={"tax": "a.new.tax"})
