"""Whole splits of generated modules: a migrated tree prints what the tree printed before, or nothing was migrated.

The committed profile is short; `UNMIX_EXAMPLES=5000 pytest tests/test_properties.py` looks deeper.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings

from generated import Tree, trees
from unmix.check import check_tree
from unmix.errors import UnsafeSplit
from unmix.finding import Finding
from unmix.plan import Phase as Step
from unmix.plan import Plan, find_mistakes, make_plan
from unmix.python.engine import PythonEngine
from unmix.workspace import Workspace, memory_workspace

# Forks one fresh interpreter for each tree: modules of the standard library are loaded once, not once a tree.
_RUNNER = """
import asyncio, atexit, dataclasses, decimal, enum, functools, importlib.util, json, logging, os, runpy, signal, sys
import threading, typing, unittest.mock, warnings
sys.dont_write_bytecode = True
for line in sys.stdin:
    children = []
    for folder in json.loads(line):
        child = os.fork()
        if not child:
            signal.alarm(20)
            for descriptor, name in ((1, "stdout"), (2, "stderr")):
                os.dup2(os.open(folder + "." + name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), descriptor)
            os.chdir(folder)
            sys.path.insert(0, folder)
            sys.argv[:] = ["main.py"]
            status = 0
            try:
                runpy.run_path("main.py", run_name="__main__")
            except BaseException:
                import traceback
                traceback.print_exc()
                status = 1
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        children.append(child)
    print(json.dumps([os.waitpid(child, 0)[1] for child in children]), flush=True)
"""


@dataclass(frozen=True)
class Outcome:
    """What running a tree's main.py came to."""

    printed: str
    complaints: str
    failed: bool


class Runner:
    """An interpreter that runs trees in children of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self.process = subprocess.Popen(
            [sys.executable, "-c", _RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, *forest: Mapping[str, bytes]) -> list[Outcome]:
        """Run several trees at once."""
        places = [self.plant(files) for files in forest]
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(places) + "\n")
        self.process.stdin.flush()
        states = json.loads(self.process.stdout.readline())
        return [
            Outcome(Path(place + ".stdout").read_text(), Path(place + ".stderr").read_text(), state != 0)
            for place, state in zip(places, states, strict=True)
        ]

    def plant(self, files: Mapping[str, bytes]) -> str:
        self.count += 1
        root = self.folder / str(self.count)
        for path, data in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return str(root)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(Path(folder))
        yield runner
        runner.close()


class Refused(Exception):
    """The split was refused: the command would end with exit code 2."""


@dataclass(frozen=True)
class Migrated:
    """A tree after its migration, and after each half of it."""

    plan: Plan
    added: dict[str, bytes]
    files: dict[str, bytes]
    findings: tuple[Finding, ...]


def migrated(tree: Tree) -> Migrated:
    """Migrate a tree in memory. Raises Refused."""
    before = memory_workspace(tree.files)
    try:
        plan = _plan(tree, before)
        added = _plan(tree, before, Step.ADD)
    except UnsafeSplit as error:
        raise Refused(str(error)) from error
    files = _changed(tree.files, plan)
    again = _plan(tree, memory_workspace(files))
    assert not again.changes, f"a second run changes {[change.path for change in again.changes]}"
    findings = check_tree(tree.migration, memory_workspace(files), (PythonEngine(tree.migration),))
    return Migrated(plan, _changed(tree.files, added), files, findings)


def _plan(tree: Tree, workspace: Workspace, *steps: Step) -> Plan:
    engines = (PythonEngine(tree.migration),)
    if mistakes := find_mistakes(tree.migration, workspace, engines):
        raise Refused("; ".join(mistake.message for mistake in mistakes))
    return make_plan(tree.migration, workspace, engines, steps or (Step.ADD, Step.REWRITE))


def _changed(files: Mapping[str, bytes], plan: Plan) -> dict[str, bytes]:
    changed = {**files, **{change.path: change.after for change in plan.changes}}
    return {path: data for path, data in changed.items() if data is not None}


def check_migration(tree: Tree, runner: Runner) -> None:
    """Fail unless a migration keeps what a tree does. Raises Refused."""
    result = migrated(tree)
    parts = [change.path for change in result.plan.changes if change.before is None]
    assert len(parts) == len(tree.parts)
    for path, data in result.files.items():
        compile(data, path, "exec", dont_inherit=True)
    unlisted = {change.path for change in result.plan.changes} - {*parts, tree.old_path}
    assert "bystander.py" not in unlisted
    assert {path for path in result.added if result.added[path] != tree.files.get(path)} == {*parts, tree.old_path}
    lost = _comments(tree.files[tree.old_path]) - set().union(*(_comments(result.files[path]) for path in parts))
    assert not lost, f"comments of the old module are lost: {lost}"
    for path in unlisted:
        lost = _comments(tree.files[path]) - _comments(result.files[path])
        assert not lost, f"comments of {path} are lost: {lost}"
    forest = [tree.files, result.added, result.files]
    if not result.findings:
        without = dict(result.files)
        if tree.old_path.endswith("/__init__.py"):
            without[tree.old_path] = b""
        else:
            del without[tree.old_path]
        forest.append(without)
    first, *others = runner.run(*forest)
    assume(not first.failed)
    for what, other in zip(("the shim alone", "the migrated tree", "the tree without the shim"), others, strict=False):
        if other.printed != first.printed or other.failed:
            for path in sorted(result.files):
                if result.files[path] != tree.files.get(path) and path != tree.old_path:
                    note(f"+++ {path}\n{result.files[path].decode()}")
            note("\n".join(map(str, result.findings)))
        assert not other.failed, f"{what} fails: {other.complaints[-1500:]}"
        assert other.printed == first.printed, f"{what} prints something else"


def _comments(data: bytes) -> set[str]:
    return {
        token.string
        for token in tokenize.tokenize(io.BytesIO(data).readline)
        if token.type == tokenize.COMMENT and "note" in token.string
    }


EXAMPLES = int(os.environ.get("UNMIX_EXAMPLES", "0"))


@settings(
    max_examples=EXAMPLES or 150,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(tree=trees())
def test_a_split_keeps_what_the_tree_does(tree: Tree, runner: Runner) -> None:
    try:
        check_migration(tree, runner)
    except Refused:
        pass
