"""Measure `unmix history` on a repository of 10,000 commits, made by `git fast-import`.

    python tests/bench/history.py                                  10,000 commits, 2,000 files, 200 of them callers
    python tests/bench/history.py --commits 1000 --points 20

Each commit edits three files; in the first tenth callers come, the old module is split half-way, from then on callers
move to the part, one after the other. Prints the points, the seconds on the clock and those of the processors, without
a cache and then with one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tool import git, paths, unmix
from trees import plant

OLD = b"def price(count):\n    return count * 2\n\n\ndef label(count):\n    return count\n"
MIGRATION = b'[[split]]\nmodule = "shop.old"\n[split.into]\n"shop.money" = ["label"]\n"shop.tax" = ["*"]\n'
BODY = b"".join(b"def f%d(value):\n    return value + %d\n\n\n" % (number, number) for number in range(40))


def commits(number: int, files: int, callers: int, split: dict[str, bytes]) -> Iterator[bytes]:
    """Give the stream that `git fast-import` reads."""
    dice = random.Random(1)
    first = {"shop/__init__.py": b"", "shop/old.py": OLD, "unmix.toml": MIGRATION}
    first |= {f"shop/m{place}.py": BODY for place in range(files)}
    yield commit(0, first)
    for at in range(1, number):
        changed = {f"shop/m{dice.randrange(callers, files)}.py": BODY + b"# %d %d\n" % (at, edit) for edit in range(2)}
        if at == number // 2:
            changed |= split
        coming, going = at * 10 * callers // number, (2 * at - number) * callers // number
        if coming < callers:
            changed[f"shop/m{coming}.py"] = b"from shop.old import price\n\n\n" + BODY
        elif at > number // 2:
            changed[f"shop/m{going}.py"] = b"from shop.tax import price\n\n\n" + BODY
        yield commit(at, changed)


def commit(at: int, files: dict[str, bytes]) -> bytes:
    when = 1_600_000_000 + 3600 * at
    pieces = [b"commit refs/heads/main\ncommitter a <a@example.org> %d +0000\ndata 1\nx\n" % when]
    for path, content in files.items():
        pieces.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
    return b"".join(pieces) + b"\n"


def split_of(folder: Path) -> dict[str, bytes]:
    """Let unmix split the old module, and give the files that it writes."""
    root = plant(folder, {"shop/__init__.py": b"", "shop/old.py": OLD, "unmix.toml": MIGRATION})
    assert unmix(root, "migrate", "--phase", "add").code == 0
    return {f"shop/{name}.py": (root / f"shop/{name}.py").read_bytes() for name in ("old", "money", "tax")}


def measure(root: Path, *arguments: str) -> tuple[float, float, int]:
    """Give the seconds on the clock, those of the processors, and the number of points."""
    started, before = time.monotonic(), os.times()
    command = [sys.executable, "-m", "unmix", "history", "--format", "json", *arguments]
    output = subprocess.run(command, cwd=root, env={**os.environ, **paths()}, capture_output=True, check=True).stdout
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - started, used, len(json.loads(output)["points"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--callers", type=int, default=200)
    parser.add_argument("--points", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        root.mkdir()
        git(root, "init", "-q", "--initial-branch=main")
        stream = b"".join(
            commits(arguments.commits, arguments.files, arguments.callers, split_of(Path(folder, "split")))
        )
        subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=stream, check=True)
        git(root, "reset", "-q", "--hard")
        for title, more in (("without a cache", ["--no-cache"]), ("first run", []), ("second run", [])):
            wall, used, points = measure(root, "--points", str(arguments.points), *more)
            print(f"{title}: {points} points, {wall:.1f} s, {used:.1f} s of the processors", flush=True)


if __name__ == "__main__":
    main()
