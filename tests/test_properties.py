"""Whole splits of generated modules: a migrated tree prints what the tree printed before, or nothing was migrated.

The committed profile is short; `UNMIX_EXAMPLES=5000 pytest tests/test_properties.py` looks deeper, and with
UNMIX_HAZARDS=1 also at what is known to go wrong: each of those stands below as a case of its own.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings

from generated import HAZARDS, Tree, read_tree, trees
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
    wrong = [str(finding) for finding in result.findings if finding.code in ("UNM004", "UNM005", "UNM009")]
    assert not wrong, f"check finds what is not so: {wrong}"
    forest = [tree.files, result.added, result.files]
    if not result.findings:
        without = dict(result.files)
        if tree.old_path.endswith("/__init__.py"):
            without[tree.old_path] = b""
        else:
            del without[tree.old_path]
        forest.append(without)
    first, *others = runner.run(*forest)
    if first.failed:
        reject()
    for what, other in zip(("the shim alone", "the migrated tree", "the tree without the shim"), others, strict=False):
        if other.printed != first.printed or other.failed:
            for path in sorted(result.files):
                if result.files[path] != tree.files.get(path) and path != tree.old_path:
                    print(f"+++ {path}\n{result.files[path].decode()}")
            print("\n".join(map(str, result.findings)))
        assert not other.failed, f"{what} fails: {other.complaints[-1500:]}"
        assert other.printed == first.printed, f"{what} prints something else"


def _comments(data: bytes) -> set[str]:
    return {
        token.string
        for token in tokenize.tokenize(io.BytesIO(data).readline)
        if token.type == tokenize.COMMENT and "note" in token.string
    }


EXAMPLES = int(os.environ.get("UNMIX_EXAMPLES", "0"))
ALLOWED = HAZARDS if os.environ.get("UNMIX_HAZARDS") else frozenset()


@settings(
    max_examples=EXAMPLES or 150,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(tree=trees(ALLOWED))
def test_a_split_keeps_what_the_tree_does(tree: Tree, runner: Runner) -> None:
    with suppress(Refused):
        check_migration(tree, runner)


# -- what goes wrong, or did ------------------------------------------------------------------------------------------

# Each tree with the reason why it goes wrong, empty once it does not. A refusal is as good where the tree says so.
WRONG = {
    "a_class_attribute_named_like_what_it_is_made_of": (
        "",
        """
old = mixed
part alpha = parse LIMIT
part beta = *
--- mixed.py
LIMIT = 3

def parse(n):
    return n

class Reader:
    LIMIT = LIMIT
    parse = staticmethod(parse)
--- main.py
from mixed import Reader
print(Reader.LIMIT, Reader.parse(1))
""",
    ),
    "a_class_attribute_named_like_the_module": (
        "",
        """
old = mixed
part alpha = LIMIT
part beta = *
--- mixed.py
LIMIT = 3

def load():
    return LIMIT
--- main.py
import mixed

class Settings:
    mixed = mixed.LIMIT

print(Settings.mixed, mixed.load())
""",
    ),
    "an_import_that_a_definition_replaces": (
        "",
        """
# may be refused
old = mixed
part alpha = loads
part beta = *
--- mixed.py
from json import loads
_original = loads

def loads(text):
    return _original(text), 1
--- main.py
from mixed import loads
print(loads("1"))
""",
    ),
    "a_name_bound_again_after_it_was_read": (
        "",
        """
# may be refused
old = mixed
part alpha = SECOND
part beta = *
--- mixed.py
FIRST = 1
SECOND = FIRST
FIRST = 2
--- main.py
from mixed import FIRST, SECOND
print(FIRST, SECOND)
""",
    ),
    "globals_that_only_tell_an_import_where_it_stands": (
        "",
        """
old = mixed
part alpha = load
part beta = *
--- mixed.py
def load(name):
    try:
        return __import__(name, globals(), locals(), [name])
    except ImportError:
        raise Missing(name)

class Missing(ValueError):
    def __init__(self, name):
        super().__init__(name, load("json").__name__)
--- main.py
from mixed import load, Missing
print(load("json").__name__, Missing("x"))
""",
    ),
    "a_list_that_grows_after_it_was_read": (
        "",
        """
# may be refused
old = mixed
part alpha = ITEMS
part beta = *
--- mixed.py
ITEMS = [1]
COUNT = len(ITEMS)
ITEMS.append(2)
--- main.py
from mixed import COUNT, ITEMS
print(COUNT, ITEMS)
""",
    ),
    "a_registry_filled_by_decorators_of_another_part": (
        "",
        """
# may be refused
old = mixed
part alpha = *
part beta = load
--- mixed.py
REGISTRY = {}

def register(function):
    REGISTRY[function.__name__] = function
    return function

@register
def load():
    return 2
--- main.py
from mixed import REGISTRY
print(sorted(REGISTRY))
""",
    ),
    "a_table_filled_by_a_loop": (
        "",
        """
# may be refused
old = mixed
part alpha = TABLE
part beta = *
--- mixed.py
TABLE = {}

def load():
    return 2

for name in ("a", "b"):
    TABLE[name] = load
--- main.py
from mixed import TABLE
print(sorted(TABLE))
""",
    ),
    "a_list_filled_by_a_call": (
        "",
        """
# may be refused
old = mixed
part alpha = ITEMS
part beta = *
--- mixed.py
ITEMS = []

def add(item):
    ITEMS.append(item)

add(1)
--- main.py
from mixed import ITEMS
print(ITEMS)
""",
    ),
    "a_generic_function_with_cases_in_another_part": (
        "",
        """
# may be refused
old = mixed
part alpha = show
part beta = *
--- mixed.py
from functools import singledispatch

@singledispatch
def show(item):
    return "any"

@show.register
def show_int(item: int):
    return "int"
--- main.py
from mixed import show
print(show(1))
""",
    ),
    "subclasses_that_register_themselves": (
        "",
        """
# may be refused
old = mixed
part alpha = *
part beta = Special
--- mixed.py
class Plain:
    kinds = []

    def __init_subclass__(cls):
        Plain.kinds.append(cls.__name__)

class Special(Plain):
    pass
--- main.py
from mixed import Plain
print(Plain.kinds)
""",
    ),
    "an_export_list_that_becomes_an_empty_tuple": (
        "",
        """
old = mixed
part alpha = *
part beta = load
--- mixed.py
__all__ = ("parse",)

def parse():
    return 1

def load():
    return 2
--- main.py
from mixed import parse
print(parse())
""",
    ),
    "an_export_list_that_becomes_a_tuple_of_one": (
        "",
        """
old = mixed
part alpha = *
part beta = load
--- mixed.py
__all__ = ("parse", "load")

def parse():
    return 1

def load():
    return 2
--- main.py
from mixed import *
print(parse())
""",
    ),
    "names_that_the_old_module_got_by_a_star": (
        "",
        """
old = pkg.mixed
part pkg.alpha = parse
part pkg.beta = *
--- pkg/mixed.py
from .helper import *

def parse(n):
    return LIMIT + n

def load():
    return parse(1)
--- pkg/helper.py
LIMIT = 4
--- main.py
from pkg.mixed import LIMIT, load
print(LIMIT, load())
""",
    ),
    "a_module_handed_on_under_an_alias": (
        "",
        """
old = pkg.mixed
part pkg.alpha = LIMIT
part pkg.beta = *
--- pkg/mixed.py
LIMIT = 3

def load():
    return LIMIT
--- pkg/sub/__init__.py
from .. import mixed as _old

__all__ = ["_old"]
--- main.py
from pkg.sub import *
print(_old.LIMIT, _old.load())
""",
    ),
    "an_attribute_that_a_class_imports": (
        "",
        """
old = pkg.mixed
part pkg.alpha = LIMIT
part pkg.beta = *
--- pkg/mixed.py
LIMIT = 3

def load():
    return LIMIT
--- main.py
class Reader:
    from pkg import mixed

    def read(self):
        return self.mixed.load()

print(Reader().read())
""",
    ),
    "a_setter_of_the_project_itself": (
        "",
        """
old = mixed
part alpha = parse
part beta = *
--- mixed.py
LIMIT = 3

def parse(n):
    return LIMIT * n

def load(n):
    return LIMIT + n
--- main.py
import mixed

def put(module, name, value):
    setattr(module, name, value)

put(mixed, "LIMIT", 10)
print(mixed.parse(1), mixed.load(1))
""",
    ),
    "annotations_that_are_evaluated": (
        "",
        """
old = mixed
part alpha = Box
part beta = *
--- mixed.py
from __future__ import annotations
import typing

class Box:
    inner: Shape

class Shape:
    def box(self):
        return Box()

def hints():
    return sorted(typing.get_type_hints(Box))
--- main.py
from mixed import Shape, hints
print(hints(), type(Shape().box()).__name__)
""",
    ),
    "a_lookup_in_globals_across_a_circle": (
        "",
        """
# may be refused
old = mixed
part alpha = parse
part beta = *
--- mixed.py
LIMIT = 3

def parse():
    return LIMIT

def call(name):
    return globals()[name]()
--- main.py
from mixed import call
print(call("parse"))
""",
    ),
    "a_part_below_the_old_package_named_like_a_function": (
        "",
        """
# may be refused
old = pkg
part pkg.parse = *
part pkg.beta = LIMIT
--- pkg/__init__.py
LIMIT = 1

def parse():
    return 2
--- main.py
import pkg as old_one
print(old_one.parse(), old_one.LIMIT)
""",
    ),
    "a_part_below_the_old_package_used_through_the_package": (
        "",
        """
old = pkg.whole
part pkg.whole.alpha = LIMIT
part pkg.whole.beta = *
--- pkg/whole/__init__.py
LIMIT = 1

def parse():
    return 2
--- main.py
from pkg import whole as old_one
print(old_one.parse(), old_one.LIMIT)
""",
    ),
    "a_comment_behind_a_function_on_one_line": (
        "",
        """
old = mixed
part alpha = parse
part beta = TABLE
part gamma = *
--- mixed.py
def parse(n): return RATE
# note 1

TABLE = {}

RATE = 1
--- main.py
import mixed
print(mixed.parse(1))
""",
    ),
    "a_function_that_is_handed_over_and_not_called": (
        "",
        """
old = mixed
part alpha = Plain close
part beta = *
--- mixed.py
import atexit

class Plain:
    pass

def close():
    return Special()

atexit.register(close)

class Special(Plain):
    pass
--- main.py
from mixed import Special, close
print(type(close()) is Special)
""",
    ),
    "a_statement_that_follows_another_into_its_part": (
        "",
        """
old = mixed
part alpha = K
part beta = *
--- mixed.py
class K:
    pass

def go(self):
    return 1

K.go = go
setattr(K, "went", go)
--- main.py
from mixed import K
print(K().go(), K().went())
""",
    ),
}


def _cases() -> list[object]:
    return [
        pytest.param(text, id=name, marks=[pytest.mark.xfail(strict=True, reason=reason)] if reason else [])
        for name, (reason, text) in WRONG.items()
    ]


@pytest.mark.parametrize("text", _cases())
def test_a_small_split_keeps_what_the_tree_does(text: str, runner: Runner) -> None:
    try:
        check_migration(read_tree(text), runner)
    except Refused:
        assert "# may be refused" in text, "refused, but it can be done"
