"""The Python shim keeps its promises under the oldest, a middle and the newest interpreter of this machine."""

from __future__ import annotations

import ast
import keyword
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promises import (
    LEGACY,
    SHIMS,
    Promise,
    environment,
    find_interpreters,
    plant_trees,
    read_promises,
    run_promise,
    sections,
)
from unmix_shims.python import PythonShim, read_shim, render_shim

RUFF = (
    "-m ruff check --isolated --ignore-noqa --line-length=120 --target-version=py38 --select=E,F,W,B,UP,SIM "
    "--stdin-filename=shim.py -"
)


def _chosen() -> list[str]:
    """Choose the oldest, a middle and the newest interpreter of this machine."""
    found = list(find_interpreters().values())
    return list(dict.fromkeys((found[0], found[len(found) // 2], found[-1])))


INTERPRETERS = _chosen()


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant_trees(tmp_path_factory.mktemp("trees"))


def _keep(promise: Promise, interpreter: str, trees: Path, tree: str, folder: Path) -> None:
    run = run_promise(promise, interpreter, trees, tree, folder)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("interpreter", INTERPRETERS)
@pytest.mark.parametrize(
    "promise", [*read_promises("as_before.txt"), *read_promises("with_warnings.txt")], ids=lambda p: p.title
)
def test_shim_keeps_its_promise(promise: Promise, interpreter: str, trees: Path, tmp_path: Path) -> None:
    _keep(promise, interpreter, trees, "after", tmp_path)


@pytest.mark.parametrize("promise", read_promises("as_before.txt"), ids=lambda promise: promise.title)
def test_what_is_promised_as_before_was_so_before(promise: Promise, trees: Path, tmp_path: Path) -> None:
    _keep(promise, sys.executable, trees, "before", tmp_path)


def test_there_are_interpreters_to_keep_promises_under() -> None:
    if len(INTERPRETERS) == 1:
        pytest.skip("only the running interpreter was found: no older and no newer one keeps the promises here")


@pytest.mark.parametrize("tree", ["before", "after"])
def test_a_suite_that_knows_nothing_of_the_split_passes(tree: str, trees: Path, tmp_path: Path) -> None:
    for path, text in sections("suite.txt").items():
        (tmp_path / path).write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=tmp_path,
        env=environment(trees / tree),
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


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(shims())
def test_what_was_rendered_is_read_back(shim: PythonShim) -> None:
    text = render_shim(shim)
    read = read_shim(text)
    assert read == shim
    assert render_shim(read) == text
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
