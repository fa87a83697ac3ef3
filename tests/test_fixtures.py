"""What every fixture promises: the diff is as shown, the tree is as shown, nothing is lost, programs run as before.

A folder of fixtures/<language>/ is one case. With `error.txt` the migration is refused; with `expected.json` half of it
was done by hand, and `check` must see it; all others are migrated, and `--snapshot-update` writes what is shown.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shutil
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_snapshot.plugin import Snapshot

import scripts
from tool import Result, committed, git, run, spawn, unmix
from trees import picture, plant
from unmix.migration import Split
from unmix.migration_file import read_migration

Files = dict[str, bytes]

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDERS = {folder.relative_to(FIXTURES).as_posix(): folder for folder in sorted(FIXTURES.glob("*/*/"))}
REFUSED = [name for name, folder in FOLDERS.items() if (folder / "error.txt").exists()]
REPLAYED = [name for name, folder in FOLDERS.items() if (folder / "expected.json").exists()]
MIGRATED = [name for name in FOLDERS if name not in {*REFUSED, *REPLAYED}]

# Programs of a fixture, and its suite: what has to run before, between and after.
PROGRAMS = ("run.py", "run.js", "run.cjs")
SUITES = {"python/incident": "41 passed", "javascript/incident": "# pass 3"}

# Files that say which modules are installed.
CHANGED_WITH_PARTS = {
    "modules_shipped_by_name": {"setup.py", "setup.cfg", "pyproject.toml"},
    "types_of_declarations": {"lib/wire.d.ts", "lib/kinds.d.ts", "lib/packet.d.ts"},
}

# Definitions whose code is not the old code: an import of another part stands inside, or they read a name late.
CHANGED_INSIDE = {
    "function_called_too_early": {"attrib"},
    "lambda_called_too_early": {"required"},
    "incident": {"RetryableClient"},
    "late_need_of_an_inner_function": {"logged", "required"},
    "later_needs_circle": {"parse"},
    "module_patched_by_its_own_name": {"Client"},
    "patches_follow_the_look_up": {"Boat", "sail"},
    "overloads_and_conditional_definitions": {"words"},
    "patched_import_lives_where_order_allows": {"note", "pause"},
    "rebound_global": {"ticket", "waiting"},
    "relative_imports_other_depth": {"read_settings", "write_power"},
    "star_import_without_all": {"load"},
    "type_checking_of_its_own": {"clock"},
    "types_from_a_guarded_import": {"open_door"},
}


@dataclass(frozen=True)
class Case:
    """One fixture, and what `diff` and `migrate` made of it."""

    folder: Path
    before: Path
    diff: Result
    migrated: Path
    migration: Result

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def is_python(self) -> bool:
        return self.folder.parent.name == "python"

    @property
    def old_module(self) -> str:
        """The path of the old module."""
        return module_path(self.before, self._split.module)

    @property
    def parts(self) -> list[str]:
        """The paths of the parts."""
        return [module_path(self.migrated, part.module) for part in self._split.parts]

    @property
    def _split(self) -> Split:
        migration, _ = read_migration(self.before / "unmix.toml")
        (split,) = migration.splits
        return split


@pytest.fixture(scope="module")
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = FIXTURES / request.param
    root = tmp_path_factory.mktemp(folder.name)
    before = copy_of(folder / "before", root / "before")
    diff = unmix(before, "diff", "--format", "patch")
    migrated = copy_of(folder / "before", root / "migrated")
    return Case(folder, before, diff, migrated, unmix(migrated, "migrate"))


@pytest.fixture
def shown(case: Case, snapshot: Snapshot) -> Snapshot:
    snapshot.snapshot_dir = case.folder
    return snapshot


migrated = pytest.mark.parametrize("case", MIGRATED, indirect=True)


# --- what is shown, what is written ----------------------------------------------------------------------------------


@migrated
def test_diff_is_as_shown(case: Case, shown: Snapshot) -> None:
    assert case.diff.code == 0, case.diff.errors
    shown.assert_match(case.diff.output, "plan.diff")


@migrated
def test_diff_leaves_bytes_and_times_alone(case: Case, tmp_path: Path) -> None:
    root = copy_of(case.folder / "before", tmp_path / "root")
    age(root)
    seen = picture(root), times(root)
    for form in ("text", "patch"):
        assert unmix(root, "diff", "--format", form).code == 0
    assert unmix(root, "diff", "--exit-code").code == 1
    assert (picture(root), times(root)) == seen


@migrated
def test_tree_is_as_shown(case: Case, shown: Snapshot) -> None:
    left = json.loads(unmix(case.migrated, "check", "--format", "json").output)["counts"]["error"]
    assert (case.migration.code, case.migration.output) == (1 if left else 0, b""), case.migration.errors
    assert_tree(shown, files(case.migrated))


@migrated
def test_files_that_need_no_change_are_not_written(case: Case, tmp_path: Path) -> None:
    root = copy_of(case.folder / "before", tmp_path / "root")
    age(root)
    old = times(root)
    unmix(root, "migrate")
    before, after = files(case.before), files(root)
    assert all(times(root)[path] == old[path] for path in before if after[path] == before[path])


@migrated
def test_git_applies_the_patch_to_the_same_bytes(case: Case, tmp_path: Path) -> None:
    root = copy_of(case.folder / "before", tmp_path / "root")
    patch = tmp_path / "plan.diff"
    patch.write_bytes(case.diff.output)
    git(root, "apply", "--whitespace=nowarn", str(patch))
    assert files(root) == files(case.migrated)


@migrated
def test_second_run_changes_nothing_and_says_so(case: Case, tmp_path: Path) -> None:
    root = copy_of(case.migrated, tmp_path / "root")
    age(root)
    seen = picture(root), times(root)
    again = unmix(root, "migrate")
    assert (again.code, again.output) == (case.migration.code, b"")
    assert "Nothing to change" in again.errors
    assert unmix(root, "diff", "--format", "patch", "--exit-code").output == b""
    assert (picture(root), times(root)) == seen


@migrated
def test_two_phases_are_one_migration(case: Case, tmp_path: Path) -> None:
    root = copy_of(case.folder / "before", tmp_path / "root")
    assert unmix(root, "migrate", "--phase", "add").code == 0
    changed = {path for path, content in files(root).items() if files(case.before).get(path) != content}
    written = {case.old_module, *case.parts}
    written |= {f"{path}i" for path in written if f"{case.old_module}i" in files(case.before)}
    assert changed == written | CHANGED_WITH_PARTS.get(case.name, set())
    assert unmix(root, "migrate", "--phase", "rewrite", "--allow-dirty").code == case.migration.code
    assert files(root) == files(case.migrated)


@migrated
def test_crlf_copy_gives_the_crlf_result(case: Case, tmp_path: Path) -> None:
    before = files(case.folder / "before")
    if any(b"\r" in content or not is_utf8(content) for content in before.values()):
        pytest.skip("the fixture is about line ends and encodings itself")
    root = committed(plant(tmp_path / "root", with_crlf(before)))
    assert unmix(root, "diff").code == 0
    assert unmix(root, "migrate").code == case.migration.code
    assert files(root) == with_crlf(files(case.migrated))


@pytest.mark.parametrize("case", ["python/incident", "python/crlf_latin1_tabs", "javascript/incident"], indirect=True)
def test_a_real_process_does_the_same(case: Case, tmp_path: Path) -> None:
    root = copy_of(case.folder / "before", tmp_path / "root")
    assert spawn(root, "diff", "--format", "patch").output == case.diff.output
    assert spawn(root, "migrate").code == case.migration.code
    assert files(root) == files(case.migrated)


# --- what check says -------------------------------------------------------------------------------------------------


@migrated
def test_check_finds_something_before(case: Case) -> None:
    checked = unmix(case.before, "check")
    assert checked.code == 1
    assert "UNM00" in checked.text


@migrated
def test_check_is_clean_after(case: Case, shown: Snapshot) -> None:
    checked = unmix(case.migrated, "check")
    assert checked.code == case.migration.code, checked.text
    expected = case.folder / "check.txt"
    if checked.text.endswith((" warning.\n", " warnings.\n")) or expected.exists():  # something is left, and shown
        shown.assert_match(checked.text, expected.name)
    else:
        assert checked.text == "No legacy reference is left.\n"


# --- nothing is lost -------------------------------------------------------------------------------------------------


@migrated
def test_definitions_are_the_same_in_their_parts(case: Case) -> None:
    if not case.is_python:
        moved = sorted(text for part in case.parts for text in scripts.definitions(case.migrated / part))
        assert scripts.definitions(case.before / case.old_module) == moved
        return
    before = [(case.before / case.old_module, case.old_module)]
    after = [(case.migrated / part, part) for part in case.parts]
    late = {alias for part in case.parts for alias in (Path(part).stem, f"_{Path(part).stem}")}
    assert definitions(before, late) == definitions(after, late)
    exact, moved = definitions(before), definitions(after)
    assert {name for name in exact if exact[name] != moved[name]} == CHANGED_INSIDE.get(case.name, set())


@migrated
def test_no_comment_of_the_old_module_is_lost(case: Case) -> None:
    moved = Counter[str]()
    for part in case.parts:
        moved += comments(case.migrated / part)
    assert not comments(case.before / case.old_module) - moved


@migrated
def test_no_comment_of_a_call_site_is_lost(case: Case) -> None:
    for path in files(case.before):
        if path.endswith((".py", *scripts.SUFFIXES)) and path != case.old_module:
            assert not comments(case.before / path) - comments(case.migrated / path), path


# --- programs run as before ------------------------------------------------------------------------------------------


@migrated
def test_programs_run_as_before(case: Case, tmp_path: Path) -> None:
    if not any((case.before / program).exists() for program in PROGRAMS):
        pytest.skip("has a suite of tests instead")
    states = {state: play(root) for state, root in planted_states(case, tmp_path)}
    printed = states.pop("before")
    assert printed
    assert states == dict.fromkeys(states, printed)


@pytest.mark.parametrize("case", SUITES, indirect=True)
@pytest.mark.parametrize("state", ["before", "only shim", "migrated", "tests untouched", "old module deleted"])
def test_suite_passes_in_every_state(case: Case, state: str, tmp_path: Path) -> None:
    root = dict(planted_states(case, tmp_path))[state]
    result = run_suite(root)
    assert result.code == 0, result.text
    assert SUITES[f"{case.folder.parent.name}/{case.name}"] in result.text


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["diff", "migrate"])
@pytest.mark.parametrize("name", REFUSED)
def test_refusal_says_why_and_touches_nothing(name: str, command: str, tmp_path: Path) -> None:
    root = copy_of(FIXTURES / name / "before", tmp_path / "root")
    age(root)
    seen = picture(root), times(root)
    refused = unmix(root, command)
    assert (refused.code, refused.output) == (2, b"")
    for line in (FIXTURES / name / "error.txt").read_text().splitlines():
        assert line in refused.errors
    assert (picture(root), times(root)) == seen


@pytest.mark.parametrize("name", REFUSED)
def test_refused_programs_run(name: str, tmp_path: Path) -> None:
    assert play(copy_of(FIXTURES / name / "before", tmp_path / "root"))


# --- what check sees of a migration by hand --------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPLAYED)
def test_check_names_every_place_and_no_other(name: str, tmp_path: Path) -> None:
    root = copy_of(FIXTURES / name / "before", tmp_path / "root")
    expected = json.loads((FIXTURES / name / "expected.json").read_text())
    checked = unmix(root, "check", "--format", "json")
    assert checked.code == 1
    assert "`unmix explain UNM" in checked.errors
    found = json.loads(checked.output)["findings"]
    assert sorted((one["path"], one["line"], one["code"]) for one in found) == sorted(
        (one["path"], one["line"], one["code"]) for one in expected
    )
    named = {(one["path"], one["line"], name) for one in found for name in re.findall(r"[\w$]+", one["message"])}
    assert all((one["path"], one["line"], one["name"]) in named for one in expected)


@pytest.mark.parametrize("name", REPLAYED)
def test_its_own_tests_saw_nothing(name: str, tmp_path: Path) -> None:
    result = run_suite(copy_of(FIXTURES / name / "before", tmp_path / "root"))
    assert result.code == 0, result.text


# --- trees -----------------------------------------------------------------------------------------------------------


def copy_of(folder: Path, root: Path) -> Path:
    """Copy a tree as it is and commit it."""
    shutil.copytree(folder, root, symlinks=True, ignore=shutil.ignore_patterns(".git", "__pycache__"))
    return committed(root)


def files(root: Path) -> Files:
    return {path: content for path, (_, content) in picture(root).items() if isinstance(content, bytes)}


def times(root: Path) -> dict[str, int]:
    return {path: (root / path).lstat().st_mtime_ns for path in picture(root)}


def age(root: Path) -> None:
    """Set every time of the tree back, so that no write can hide in the clock's grain."""
    for path in picture(root):
        os.utime(root / path, ns=(10**18, 10**18))


def with_crlf(tree: Files) -> Files:
    return {path: content.replace(b"\n", b"\r\n") for path, content in tree.items()}


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def module_path(root: Path, module: str) -> str:
    if module.endswith(scripts.SUFFIXES):
        return module
    path = module.replace(".", "/")
    return f"{path}.py" if (root / f"{path}.py").exists() else f"{path}/__init__.py"


def assert_tree(snapshot: Snapshot, tree: Files) -> None:
    """Compare a tree with `after/`, byte for byte."""
    nested: dict[str, object] = {}
    for path, content in tree.items():
        *folders, name = path.split("/")
        place = nested
        for folder in folders:
            place = place.setdefault(folder, {})  # type: ignore[assignment]
        place[name] = content
    snapshot.assert_match_dir(nested, "after")


def planted_states(case: Case, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Give the tree in each state that a program must not tell apart."""
    before, after = files(case.before), files(case.migrated)
    new = {path: content for path, content in after.items() if path in {case.old_module, *case.parts}}
    tests = {path: content for path, content in before.items() if path.startswith("tests/")}
    states = {
        "before": before,
        "only shim": {**before, **new},
        "migrated": after,
        "tests untouched": {**after, **tests},
        "old module deleted": {path: content for path, content in after.items() if path != case.old_module},
    }
    if case.migration.code:
        del states["old module deleted"]  # Somebody has to do the rest by hand first.
    for number, (state, tree) in enumerate(states.items()):
        yield state, plant(tmp_path / str(number), tree)


# --- programs --------------------------------------------------------------------------------------------------------


def play(root: Path) -> bytes:
    """Give what the program prints in a fresh interpreter; what interpreters warn of goes to standard error."""
    program = next(program for program in PROGRAMS if (root / program).exists())
    if program == "run.py":
        result = run(root, sys.executable, "-W", "default", program)
    else:
        result = run(root, scripts.node(), program)
    assert result.code == 0, result.errors
    return result.output


def run_suite(root: Path) -> Result:
    if (root / "package.json").exists():
        return run(root, scripts.node(), "--test", "test/")
    return run(root, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")


# --- code ------------------------------------------------------------------------------------------------------------


def comments(path: Path) -> Counter[str]:
    if path.suffix in scripts.SUFFIXES:
        return scripts.comments(path)
    tokens = tokenize.tokenize(io.BytesIO(path.read_bytes()).readline)
    texts = (token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT)
    # The module that a type in a comment comes from moves.
    return Counter(re.sub(r"(# type: )(?!ignore).*?(?= +#|$)", r"\1", text) for text in texts)


def definitions(modules: list[tuple[Path, str]], late: set[str] | None = None) -> dict[str, list[str]]:
    """Give what each function and class at the top of `modules` is, also below `if` and `try`.

    With the names of parts in `late`, what a split may change inside is taken away: relative imports are made absolute,
    imports of a part inside a function go, and `part.name` is `name`.
    """
    found: dict[str, list[str]] = {}
    for path, name in modules:
        for node in top_definitions(ast.parse(path.read_bytes())):
            if late is not None:
                node = _WithoutTheSplit(late, name.split("/")[:-1]).visit(node)
            found.setdefault(node.name, []).append(ast.dump(node))
    return {name: sorted(dumps) for name, dumps in found.items()}


def top_definitions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child
        else:
            yield from top_definitions(child)


class _WithoutTheSplit(ast.NodeTransformer):
    def __init__(self, late: set[str], package: list[str]) -> None:
        self.late = late
        self.package = package

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if node.level:
            folders = self.package[: len(self.package) - node.level + 1]
            node.module, node.level = ".".join([*folders, *filter(None, [node.module])]), 0
        of_parts = {alias.asname or alias.name for alias in node.names} <= self.late
        return None if of_parts or (node.module or "").rpartition(".")[2] in self.late else node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        for alias in sorted(self.late, key=len, reverse=True) if isinstance(node.value, str) else ():
            node.value = node.value.replace(f"{alias}.", "")
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id in self.late:
            return ast.Name(node.attr, node.ctx)
        return node
