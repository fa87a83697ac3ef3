"""Measure how much `unmix diff` and `unmix check` cost on a tree where few files matter, as ratios to `git grep -lF`.

Run by hand: python tests/bench/prefilter.py [FILES] [IMPORTERS]. Medians of five runs on one generated tree.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

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
MIGRATION = """[[split]]
module = "app.core.retry_wrapper"
[split.into]
"app.core.client_wrapper" = ["Wrapper", "create_wrapper"]
"app.core.retry_utils" = ["*"]
"""


def main() -> None:
    files, importers = (int(word) for word in [*sys.argv[1:], "5000", "50"][:2])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_tree(root, files, importers)
        commands = {
            "git grep -lF": ["git", "grep", "-lF", "retry_wrapper"],
            "unmix --help": [sys.executable, "-m", "unmix", "--help"],
            "unmix diff": [sys.executable, "-m", "unmix", "diff", "--format", "patch", "-o", os.devnull],
            "unmix check": [sys.executable, "-m", "unmix", "check"],
        }
        runs = {name: [measure(lambda c=command: run(c, root)) for _ in range(5)] for name, command in commands.items()}
        print(f"{files} files, {importers} importers; seconds are of this machine, ratios are what counts")
        base = statistics.median(runs["git grep -lF"])
        start = statistics.median(runs["unmix --help"])
        for name, seconds in runs.items():
            median = statistics.median(seconds)
            print(f"{name:14} {median:7.3f} s {median / base:6.1f} x git grep {median - start:7.3f} s above start-up")


def make_tree(root: Path, files: int, importers: int) -> None:
    """Write a git repository of `files` modules of 150 lines, of which `importers` import the mixed module."""
    rng = random.Random(1)
    core = root / "app" / "core"
    core.mkdir(parents=True)
    for package in (root / "app", core):
        (package / "__init__.py").write_text("")
    (core / "retry_wrapper.py").write_text(MIXED)
    (root / "unmix.toml").write_text(MIGRATION)
    legacy = set(rng.sample(range(files), importers))
    for number in range(files):
        package = root / "app" / f"area{number // 100:03}"
        if not package.exists():
            package.mkdir()
            (package / "__init__.py").write_text("")
        legacy_head = "from app.core.retry_wrapper import create_wrapper, with_retry\n"
        head = legacy_head if number in legacy else "import json\n"
        body = "".join(
            f"\n\ndef handle_{n}(request, limit={rng.randrange(100)}):\n"
            f'    """Handle one kind of request."""\n'
            f"    rows = [row for row in request if row.id > limit]\n"
            f'    return {{"count": len(rows), "rows": sorted(rows)}}\n'
            for n in range(24)
        )
        use = "\n\ndef connect(raw):\n    return with_retry(lambda: create_wrapper(raw))\n" if number in legacy else ""
        (package / f"module{number:05}.py").write_text(head + body + use)
    author = ["-c", "user.name=n", "-c", "user.email=e"]
    for command in (["init", "-q"], ["add", "-A"], [*author, "commit", "-qm", "tree"]):
        subprocess.run(["git", *command], cwd=root, check=True)


def run(command: list[str], root: Path) -> None:
    subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def measure(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
