"""Run `unmix fleet` over generated repositories, on every back end, through kills: is each done, and done once?

    python tests/trials/fleet.py [--repositories 200] [--files 20000] [--write docs/fleet.md] [--keep FOLDER]

Makes a library, repositories that use it (seeded: 30 modules each, three of them importers), and one huge repository.
Processors are shared with whatever else runs, so each table has the processor time beside the time by the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

MIGRATION = """[[split]]
module = "corp.db.retry_wrapper"
[split.into]
"corp.db.client_wrapper" = ["Wrapper", "create_wrapper"]
"corp.db.retry_utils" = ["*"]
"""
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
IMPORTS = (
    "from corp.db.retry_wrapper import RETRIES, create_wrapper, with_retry as again\n",
    "import corp.db.retry_wrapper as wrapper\n\nagain, create_wrapper = wrapper.with_retry, wrapper.create_wrapper\n",
    "from corp.db import retry_wrapper\n\nagain, create_wrapper = retry_wrapper.with_retry, retry_wrapper.Wrapper\n",
)
CONFIG = ("-c", "library/unmix.toml")
IDENTITY = {
    **{f"GIT_{who}_{what}": "trial@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
}


@dataclass(frozen=True)
class Run:
    """One run: how it exited, its report, how long it took."""

    code: int
    rows: dict[str, dict[str, object]]
    seconds: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", type=int, default=200)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--write", type=Path, help="Put the tables between the marks of this file.")
    parser.add_argument("--keep", type=Path, help="Work in this folder, and leave it.")
    arguments = parser.parse_args()
    os.environ.update(IDENTITY)
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="unmix-fleet-"))
    folder.mkdir(exist_ok=True)
    try:
        lines = []
        for line in try_all(folder, arguments.repositories, arguments.files):
            print(line, flush=True)
            lines.append(line)
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder)
    text = "\n".join(lines)
    if arguments.write is not None:
        page = arguments.write.read_text()
        marks = r"(<!-- measured -->\n).*?(\n<!-- end -->)"
        arguments.write.write_text(
            re.sub(marks, lambda found: f"{found[1]}\n{text}\n{found[2]}", page, flags=re.DOTALL)
        )


def try_all(folder: Path, repositories: int, files: int) -> Iterator[str]:
    yield from describe_machine()
    yield ""
    make_fleet(folder, repositories)
    yield from try_fleet(folder, repositories)
    yield ""
    make_huge(folder / "huge", files)
    yield from try_huge(folder, files)


def describe_machine() -> list[str]:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    python, git = platform.python_version(), command(Path.cwd(), "git", "--version").removeprefix("git version ")
    return [f"{os.cpu_count()} processors (load {load} at the beginning), Python {python}, git {git.strip()}."]


# Repositories.


def make_fleet(folder: Path, number: int) -> None:
    write(folder / "library", {"unmix.toml": MIGRATION, "corp/db/retry_wrapper.py": MIXED, "corp/db/__init__.py": ""})
    commit(folder / "library")
    for each in range(number):
        place = folder / "repositories" / f"service{each:03}"
        if not place.exists():
            write(place, service(each))
            commit(place)
    names = [f"repositories/service{each:03}\n" for each in range(number)]
    (folder / "list.txt").write_text("".join(names))


def service(seed: int) -> dict[str, str]:
    """Give the files of one repository; every fifth does not use the library at all."""
    dice = random.Random(seed)
    files = {"README.md": f"# Service {seed}\n", "service/__init__.py": ""}
    importers = dice.sample(range(30), 3) if seed % 5 else []
    for number in range(30):
        head = dice.choice(IMPORTS) if number in importers else "import json\n"
        files[f"service/module{number}.py"] = head + module(dice, number in importers)
    return files


def module(dice: random.Random, uses: bool) -> str:
    functions = []
    for number in range(20):
        body = "again(create_wrapper(value))" if uses and number % 5 == 0 else f"value + {dice.randrange(1000)}"
        functions.append(
            f'\n\ndef step{number}(value, key="{number}"):\n    """Do step {number}."""\n    return {body}\n'
        )
    return "".join(functions)


def make_huge(place: Path, number: int) -> None:
    """Make one repository in which every fiftieth file uses the module, which it holds itself."""
    dice = random.Random(number)
    files = {"unmix.toml": MIGRATION, "corp/db/retry_wrapper.py": MIXED, "corp/db/__init__.py": ""}
    for each in range(number):
        uses = each % 50 == 0
        head = dice.choice(IMPORTS) if uses else "import json\n"
        files[f"code/part{each // 100}/module{each}.py"] = head + module(dice, uses)
    if not place.exists():
        write(place, files)
        commit(place)


def write(place: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def commit(place: Path) -> None:
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "made")):
        command(place, "git", *words)


def command(folder: Path, *words: str) -> str:
    return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout


# Trials of many repositories.


def try_fleet(folder: Path, number: int) -> Iterator[str]:
    yield f"### {number} repositories of 30 modules, four fifths of them with three importers"
    yield ""
    yield "| | s | processor s | processor s a repository | |"
    yield "|---|---|---|---|---|"
    runs = {}
    for jobs in (1, 2):
        runs[count(jobs, "process")] = fleet(folder, "check", "--jobs", str(jobs))
    for workers in (1, 2):
        runs[count(workers, "Dask worker")] = on_cluster(folder, workers, "check")
    first = next(iter(runs.values()))
    for name, run in runs.items():
        same = all(run.rows[each]["findings"] == first.rows[each]["findings"] for each in first.rows)
        assert same, f"{name} found something else"
        assert len(run.rows) == number
        yield f"| check, {name} | {seconds(run, number)} | the same findings |"
    yield f"| check again | {seconds(fleet(folder, 'check', fresh=False), number)} | nothing is done twice |"
    yield f"| diff, 2 processes | {seconds(fleet(folder, 'diff', '--jobs', '2'), number)} | a patch each |"
    run = fleet(folder, "migrate", "--jobs", "2", "--commit", "--branch", "plain")
    yield f"| migrate, 2 processes | {seconds(run, number)} | {account(folder, run, 'plain', number)} |"
    run = with_a_worker_killed(folder, number)
    yield f"| migrate, 2 Dask workers, one killed | {seconds(run, number)} | {account(folder, run, 'worker', number)} |"
    for branch, options in (("local", ("--jobs", "2")), ("dask", ("--cluster", "2"))):
        run, done = killed_and_resumed(folder, number, branch, options)
        what = f"{account(folder, run, branch, number)}; killed after {done}, the rest then"
        yield f"| migrate, `{' '.join(options)}`, killed and run again | {seconds(run, number)} | {what} |"


def with_a_worker_killed(folder: Path, number: int) -> Run:
    before = processor()
    with cluster(folder, 2) as (address, workers):
        options = ("--scheduler", address, "--commit", "--branch", "worker")
        running = start(folder, "migrate", *options)
        wait_for_lines(folder, number // 4)
        workers[0].send_signal(signal.SIGKILL)
        run = finish(running)
    return replace(run, processor=processor() - before)


def killed_and_resumed(folder: Path, number: int, branch: str, options: Sequence[str]) -> tuple[Run, int]:
    running = start(folder, "migrate", *options, "--commit", "--branch", branch)
    wait_for_lines(folder, number // 2)
    running[0].kill()
    running[0].communicate()
    done = len(state(folder))
    return fleet(folder, "migrate", *options, "--commit", "--branch", branch, fresh=False), done


def account(folder: Path, run: Run, branch: str, number: int) -> str:
    """Say that every repository is accounted for once: in the report, in the state, and by its own branch."""
    written = [row["repository"] for row in state(folder) if row["outcome"]["status"] != "failed"]
    assert len(run.rows) == number
    assert sorted(written) == sorted(row["repository"] for row in run.rows.values()), "lost, or done twice"
    migrated = [row for row in run.rows.values() if row["state"] == "migrated"]
    assert len(migrated) + sum(row["state"] == "clean" for row in run.rows.values()) == number, run.rows
    for row in migrated:
        commits = command(Path(str(row["repository"])), "git", "rev-list", "--count", f"HEAD..{branch}").strip()
        assert commits == "1", (row, commits)
    return f"{number} of {number} once, {len(migrated)} branches"


def state(folder: Path) -> list[dict[str, dict[str, object]]]:
    text = (folder / "unmix-fleet/state.jsonl").read_bytes()
    return [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]


def wait_for_lines(folder: Path, number: int) -> None:
    while not (folder / "unmix-fleet/state.jsonl").exists() or len(state(folder)) < number:
        time.sleep(0.1)


# Trials of one huge repository.


def try_huge(folder: Path, number: int) -> Iterator[str]:
    yield f"### One repository of {number:,} files, {number // 50:,} of them with references"
    yield ""
    yield "| | s | processor s |"
    yield "|---|---|---|"
    runs = {}
    for name, options in (
        ("in one piece", ("--jobs", "1", "--shard", str(number))),
        ("pieces of 50, 1 process", ("--jobs", "1", "--shard", "50")),
        ("pieces of 50, 2 processes", ("--jobs", "2", "--shard", "50")),
    ):
        runs[name] = fleet(folder, "check", *options, named="huge", config=())
    runs["pieces of 50, 2 Dask workers"] = on_cluster(folder, 2, "check", "--shard", "50", named="huge", config=())
    first = next(iter(runs.values())).rows["huge"]
    assert first["errors"], first
    for name, run in runs.items():
        assert run.rows["huge"]["findings"] == first["findings"], f"{name} found something else"
        yield f"| check, {name} | {run.seconds:.1f} | {run.processor:.1f} |"


# Running.


def fleet(
    folder: Path, what: str, *options: str, fresh: bool = True, named: str = "list.txt", config: Sequence[str] = CONFIG
) -> Run:
    return finish(start(folder, what, *options, fresh=fresh, named=named, config=config))


def on_cluster(
    folder: Path, workers: int, what: str, *options: str, named: str = "list.txt", config: Sequence[str] = CONFIG
) -> Run:
    """Run with workers of Dask; the processor time is also theirs, with that of starting them."""
    before = processor()
    with cluster(folder, workers) as (address, _):
        run = fleet(folder, what, "--scheduler", address, *options, named=named, config=config)
    return replace(run, processor=processor() - before)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "es" if noun.endswith("s") else "s")


def start(
    folder: Path,
    what: str,
    *options: str,
    fresh: bool = True,
    named: str = "list.txt",
    config: Sequence[str] = CONFIG,
) -> tuple[subprocess.Popen[bytes], float, float]:
    if fresh:
        shutil.rmtree(folder / "unmix-fleet", ignore_errors=True)
    words = (sys.executable, "-m", "unmix", "fleet", what, named, *config, "--format", "json", *options)
    before = processor(), time.monotonic()
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE), *before


def finish(running: tuple[subprocess.Popen[bytes], float, float]) -> Run:
    process, used, begun = running
    output, _ = process.communicate()
    document = json.loads(output)
    rows = {row["repository"].rpartition("/")[2]: row for row in document["repositories"]}
    assert process.returncode in (0, 1), (process.returncode, document["totals"])
    return Run(process.returncode, rows, time.monotonic() - begun, processor() - used)


def processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds(run: Run, number: int) -> str:
    return f"{run.seconds:.1f} | {run.processor:.1f} | {run.processor / number:.2f}"


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and workers as Dask's own commands do."""
    where = folder / "scheduler.json"
    where.unlink(missing_ok=True)
    with ExitStack() as stack:
        words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where))
        stack.enter_context(dask(folder, "scheduler", *words))
        # It is there before it is written.
        while not where.exists() or not where.read_text().rstrip().endswith("}"):
            time.sleep(0.1)
        address = json.loads(where.read_text())["address"]
        options = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard")
        scratch = ("--local-directory", str(folder / "dask"))
        started = [stack.enter_context(dask(folder, "worker", address, *options, *scratch)) for _ in range(workers)]
        yield address, started


@contextmanager
def dask(folder: Path, what: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{what}.log").open("ab") as log:
        command = (sys.executable, "-m", f"distributed.cli.dask_{what}", *words)
        running = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            yield running
        finally:
            running.terminate()
            running.wait()


if __name__ == "__main__":
    main()
