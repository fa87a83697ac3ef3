"""Measure unmix beside other tools, on the same generated trees, in one run: medians, and ratios to the first tool.

    python tests/bench/compare.py [--check 1000,10000,100000] [--migrate 5000] [--runs 5] [--write docs/speed.md]

The trees are git repositories of modules of 150 lines (seeded), of which 50 import the module that is split. Tools take
turns, so that a busy machine slows them alike. Peers are installed into a virtual environment of their own (--peers).
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

IMPORTERS = 50
PEERS = ("ast-grep-cli", "libcst", "rope", "ruff")
OLD = "app.core.retry_wrapper"
MIXED = '''"""Two concerns in one module."""

import time

RETRIES = 3


class Wrapper:
    """Wrap a client."""

    def __init__(self, client):
        self.client = client


def create_wrapper(client):
    return Wrapper(client)


def with_retry(function):
    for _ in range(RETRIES):
        try:
            return function()
        except OSError:
            time.sleep(0)
    return None
'''
MIGRATION = f"""[[split]]
module = "{OLD}"
[split.into]
"app.core.client_wrapper" = ["Wrapper", "create_wrapper"]
"app.core.retry_utils" = ["*"]
"""
RENAME = "rename.RenameCommand"
ROPE = """
from rope.base.project import Project
from rope.refactor.rename import Rename
project = Project(".", ropefolder=None)
project.do(Rename(project, project.get_resource("app/core/retry_wrapper.py")).get_changes("retry_utils"))
"""
PARSE = """
import sys, libcst
for path in sys.argv[1:]:
    libcst.parse_module(open(path).read())
"""


@dataclass(frozen=True)
class Tool:
    """One line of a table: a command that is run in a tree. `exits` are the exit codes of a run that did its work."""

    name: str
    command: Sequence[str | Path]
    exits: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Run:
    """What one run took: seconds by the clock, seconds of processor, megabytes at its peak."""

    seconds: float
    processor: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--check", default="1000,10000,100000", help="sizes of the trees to check, in files")
    parser.add_argument("--migrate", default="5000", help="sizes of the trees to migrate")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peers", type=Path, help="a virtual environment that has the peers, or is made there")
    parser.add_argument("--write", type=Path, help="a Markdown file whose tables are replaced")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        peers = install_peers(options.peers or Path(folder, "peers"))
        tables = [*check_tables(sizes(options.check), options.runs, Path(folder), peers)]
        tables += migrate_tables(sizes(options.migrate), options.runs, Path(folder), peers)
    text = "\n".join([machine(), "", *tables])
    print(text)
    if options.write:
        before = options.write.read_text()
        inside = re.compile(r"(<!-- measured -->\n).*?(<!-- end -->)", re.DOTALL)
        options.write.write_text(inside.sub(lambda match: f"{match[1]}\n{text}\n{match[2]}", before))


def sizes(words: str) -> list[int]:
    return [int(word) for word in words.split(",") if word]


def install_peers(place: Path) -> Path:
    if not (place / "bin" / "ruff").exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin" / "python", "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return place / "bin"


def machine() -> str:
    model = next(
        (line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "name" in line), ""
    )
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    python = platform.python_version()
    name = model or platform.machine()
    return f"{name}, {os.cpu_count()} processors (load {load} at the end), Python {python}, git {git}."


def check_tables(files: Sequence[int], runs: int, folder: Path, peers: Path) -> Iterator[str]:
    """What a CI job does on each push: nothing legacy is left, and everybody has to make sure of it."""
    banned = f'lint.flake8-tidy-imports.banned-api."{OLD}".msg = "moved"'
    for number in files:
        root = folder / f"check{number}"
        make_tree(root, number)
        unmix = [sys.executable, "-m", "unmix"]
        subprocess.run([*unmix, "migrate"], cwd=root, check=True, stderr=subprocess.DEVNULL, env=environment())
        commit(root)
        tools = [
            Tool("`git grep -lF`", ["git", "grep", "-lF", "retry_wrapper"]),
            Tool("`unmix check`", [*unmix, "check"]),
            Tool(
                "`ruff check --select TID251`",
                [peers / "ruff", "check", "--isolated", "--no-cache", "--select", "TID251", "--config", banned, "."],
            ),
            Tool('`python -c "import click"`', [sys.executable, "-c", "import click"]),
            Tool("`unmix --help`", [*unmix, "--help"]),
        ]
        yield table(f"Checking {number:,} files, none of them legacy", take_turns(tools, runs, root, lambda tree: None))


def migrate_tables(files: Sequence[int], runs: int, folder: Path, peers: Path) -> Iterator[str]:
    """Moving the call sites, as each tool can: only unmix splits the module, writes the shim and does both parts."""
    for number in files:
        root = folder / f"migrate{number}"
        importers = make_tree(root, number)
        rename = ["--old_name", f"{OLD}.with_retry", "--new_name", "app.core.retry_utils.with_retry"]
        pattern = ["--pattern", f"from {OLD} import $$$NAMES", "--rewrite", "from app.core.retry_utils import $$$NAMES"]
        (root / ".libcst.codemod.yaml").write_text("modules: ['libcst.codemod.commands']\nrepo_root: '.'\n")
        commit(root)
        tools = [
            Tool("`unmix migrate`: everything", [sys.executable, "-m", "unmix", "migrate"]),
            Tool("LibCST, only parsing the importers", [peers / "python", "-c", PARSE, *importers]),
            Tool(
                "LibCST `RenameCommand`: one name, told the importers",
                [peers / "python", "-m", "libcst.tool", "codemod", "--no-format", RENAME, *rename, *importers],
            ),
            Tool("rope: renaming the module", [peers / "python", "-c", ROPE]),
            Tool(
                "ast-grep: a textual rule for imports", [peers / "ast-grep", "run", "--lang", "py", *pattern, "-U", "."]
            ),
        ]
        rows = take_turns(tools, runs, root, restore)
        yield table(f"Rewriting {len(importers)} importers among {number:,} files", rows)


def take_turns(
    tools: Sequence[Tool], runs: int, root: Path, restore: Callable[[Path], None]
) -> list[tuple[Tool, list[Run]]]:
    measured: list[tuple[Tool, list[Run]]] = [(tool, []) for tool in tools]
    for _ in range(runs):
        for tool, found in measured:
            found.append(measure(tool, root))
            restore(root)
    return measured


def measure(tool: Tool, root: Path) -> Run:
    with tempfile.TemporaryFile() as complaints:
        start = time.perf_counter()
        process = subprocess.Popen(
            tool.command, cwd=root, stdout=subprocess.DEVNULL, stderr=complaints, env=environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (*tool.exits, *([1] if tool.command[0] == "git" else [])):
            complaints.seek(0)
            sys.exit(f"{tool.name} exited with {process.returncode}:\n{complaints.read().decode()}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def environment() -> dict[str, str]:
    here = Path(__file__).parent.parent.parent
    # Installed tools are compiled once; where nothing may be written, each run would compile unmix again.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**variables, "PYTHONPATH": os.pathsep.join(str(here / name) for name in ("codemods", "shims"))}


def table(title: str, rows: Sequence[tuple[Tool, list[Run]]]) -> str:
    first = statistics.median(run.seconds for run in rows[0][1])
    lines = [
        f"### {title}",
        "",
        "| | median s | ratio | fastest s | processor s | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    for tool, runs in rows:
        seconds = statistics.median(run.seconds for run in runs)
        processor = statistics.median(run.processor for run in runs)
        lines.append(
            f"| {tool.name} | {seconds:.2f} | {seconds / first:.2f} | {min(run.seconds for run in runs):.2f} "
            f"| {processor:.2f} | {max(run.megabytes for run in runs):.0f} |"
        )
    return "\n".join([*lines, ""])


def make_tree(root: Path, files: int) -> list[str]:
    """Write a git repository of `files` modules, and give the paths of those that import the mixed module."""
    rng = random.Random(1)
    core = root / "app" / "core"
    core.mkdir(parents=True)
    for package in (root / "app", core):
        (package / "__init__.py").write_text("")
    (core / "retry_wrapper.py").write_text(MIXED)
    (root / "unmix.toml").write_text(MIGRATION)
    legacy = set(rng.sample(range(files), IMPORTERS))
    importers = []
    for number in range(files):
        package = root / "app" / f"area{number // 100:04}"
        if not package.exists():
            package.mkdir()
            (package / "__init__.py").write_text("")
        head = f"from {OLD} import create_wrapper, with_retry\n" if number in legacy else "import json\n"
        body = "".join(
            f"\n\ndef handle_{n}(request, limit={rng.randrange(100)}):\n"
            f'    """Handle one kind of request."""\n'
            f"    rows = [row for row in request if row.id > limit]\n"
            f'    return {{"count": len(rows), "rows": sorted(rows)}}\n'
            for n in range(24)
        )
        use = "\n\ndef connect(raw):\n    return with_retry(lambda: create_wrapper(raw))\n" if number in legacy else ""
        place = package / f"module{number:06}.py"
        place.write_text(head + body + use)
        if number in legacy:
            importers.append(place.relative_to(root).as_posix())
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    commit(root)
    return importers


def commit(root: Path) -> None:
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    author = ["-c", "user.name=n", "-c", "user.email=e", "-c", "gc.auto=0"]
    subprocess.run(["git", *author, "commit", "-qm", "tree"], cwd=root, check=True)


def restore(root: Path) -> None:
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=root, check=True)
    subprocess.run(["git", "clean", "-fdq"], cwd=root, check=True)


if __name__ == "__main__":
    main()
