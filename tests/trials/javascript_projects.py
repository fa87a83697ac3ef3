"""Split a module of a real project at random, and run that project's own tests in every state of the migration.

    python tests/trials/javascript_projects.py FOLDER MODULE --test "npx mocha" [--seed N] [--parts N] [--into NAME]

FOLDER is a project whose dependencies are installed, MODULE a script in it with several names. A copy is split, in a
git repository of its own; the project is left alone. The states: *before*, *shim* (the phase `add`), *migrated*, and
*deleted* (the old module removed). Prints one line a state; exits 1 when a state differs from the first.
It is no part of the test suite: it runs what it is given, and that takes as long as it takes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from unmix.javascript.outline import outline_module
from unmix.javascript.scopes import Scopes
from unmix.javascript.syntax import parse

UNMIX = [sys.executable, "-m", "unmix"]
_COUNTS = re.compile(r"(\d+) (passing|failing|pending|passed|failed|skipped|todo|errors?)\b|^# (pass|fail) (\d+)", re.M)


@dataclass(frozen=True)
class Outcome:
    """What a project's tests said: the exit code, and how many passed and failed."""

    code: int
    counts: tuple[str, ...]
    output: str

    def __str__(self) -> str:
        return f"exit {self.code}  {', '.join(self.counts)}"


def main() -> int:
    """Run the trial that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("module")
    parser.add_argument("--test", required=True, help="the command that runs the project's tests")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="leave the copy where it is, and say where")
    arguments = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="unmix-trial-")) / arguments.folder.name
    try:
        return trial(arguments.folder.resolve(), root, arguments)
    finally:
        if arguments.keep:
            print(f"the copy: {root}")
        else:
            shutil.rmtree(root.parent, ignore_errors=True)


def trial(folder: Path, root: Path, arguments: argparse.Namespace) -> int:
    """Copy the project, split its module, and compare the outcomes of its tests."""
    copy_project(folder, root)
    before = run_tests(root, arguments.test)
    print(f"before    {before}", flush=True)
    for seed in range(arguments.seed, arguments.seed + 20):
        into = choose(root / arguments.module, arguments.module, arguments.parts, random.Random(seed))
        (root / "unmix.toml").write_text(migration_file(arguments.module, into))
        added = unmix(root, "migrate", "--phase", "add")
        if added.returncode != 2:
            break
        print(f"seed {seed} refused: {added.stderr.splitlines()[0] if added.stderr else ''}", flush=True)
    print(f"seed {seed}: {json.dumps(into)}", flush=True)
    if added.returncode not in (0, 1):
        print(added.stderr)
        return 1
    outcomes = {"shim": run_tests(root, arguments.test)}
    print(f"shim      {outcomes['shim']}", flush=True)
    rewritten = unmix(root, "migrate", "--phase", "rewrite", "--allow-dirty")
    print(rewritten.stdout + rewritten.stderr.strip())
    outcomes["migrated"] = run_tests(root, arguments.test)
    print(f"migrated  {outcomes['migrated']}", flush=True)
    checked = unmix(root, "check")
    print("check: " + (checked.stdout.strip() or checked.stderr.strip()))
    (root / arguments.module).unlink()
    for declared in (root / arguments.module).parent.glob(Path(arguments.module).stem + ".d.*ts"):
        declared.unlink()
    outcomes["deleted"] = run_tests(root, arguments.test)
    print(f"deleted   {outcomes['deleted']}", flush=True)
    bad = [
        state for state, outcome in outcomes.items() if (outcome.code, outcome.counts) != (before.code, before.counts)
    ]
    for state in bad:
        print(f"----- {state}\n{outcomes[state].output[-6000:]}")
    return 1 if bad else 0


def copy_project(folder: Path, root: Path) -> None:
    """Copy a project into a git repository of one commit; its dependencies are linked to, file by file.

    So links among the packages of a workspace lead into the copy, and no tool sees a path of the project itself.
    """

    def copy(path: str, place: str) -> None:
        if "/node_modules/" in path:
            os.link(path, place)
        else:
            shutil.copy2(path, place)

    shutil.copytree(folder, root, symlinks=True, ignore=shutil.ignore_patterns(".git"), copy_function=copy)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], cwd=root, check=True)
    (root / ".git/info/exclude").write_text("node_modules\n")
    subprocess.run([*git, "add", "-A"], cwd=root, check=True)
    subprocess.run([*git, "commit", "-qm", "before"], cwd=root, check=True)


def choose(path: Path, module: str, count: int, chance: random.Random) -> dict[str, list[str]]:
    """Deal the exported names of a module out to parts beside it."""
    outline = outline_module(Scopes(parse(module, path.read_text())))
    names = [export.local or name for name, export in outline.exported.items()]
    names = list(dict.fromkeys(name for name in names if name not in outline.imports))
    stem, suffix = os.path.splitext(module)
    parts = [f"{stem}_{word}{suffix}" for word in ("one", "two", "three", "four")[:count]]
    into: dict[str, list[str]] = {part: [] for part in parts}
    chance.shuffle(names)
    for number, name in enumerate(names):
        into[parts[number] if number < count - 1 else chance.choice(parts)].append(name)
    into[parts[-1]].append("*")
    return into


def migration_file(module: str, into: dict[str, list[str]]) -> str:
    """Write the migration file of a split."""
    rows = "".join(f"{json.dumps(part)} = {json.dumps(names)}\n" for part, names in into.items())
    return f"[[split]]\nmodule = {json.dumps(module)}\n[split.into]\n{rows}"


def run_tests(root: Path, command: str) -> Outcome:
    """Run the project's tests and read off what they count."""
    environment = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0", "CI": "1"}
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    output = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout + result.stderr)
    counts = tuple(dict.fromkeys(" ".join(filter(None, found.groups())) for found in _COUNTS.finditer(output)))
    return Outcome(result.returncode, counts, output)


def unmix(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run unmix in the copy."""
    print(f"$ unmix {shlex.join(words)}", flush=True)
    return subprocess.run([*UNMIX, *words], cwd=root, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
