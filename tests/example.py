"""The migration that the tests of apply and undo carry out, and programs that carry it out and die."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

from trees import picture, plant
from unmix.change import FileChange

BEFORE: dict[str, bytes | str] = {
    "app/mixed.py": b"# caf\xe9\r\nold = 1\r\n",
    "app/gone.py": b"gone\n",
    "app/other.py": b"other\n",
    "run.sh": b"#!/bin/sh\necho old\n",
}

CHANGES = [
    FileChange("app/mixed.py", BEFORE["app/mixed.py"], b"# caf\xe9\r\nnew = 1\r\n"),
    FileChange("app/parts/deep/new.py", None, b"new"),
    FileChange("app/parts/__init__.py", None, b""),
    FileChange("app/gone.py", b"gone\n", None),
    FileChange("app/other.py", b"other\n", b"other\n"),
    FileChange("run.sh", b"#!/bin/sh\necho old\n", b"#!/bin/sh\necho new\n"),
]

AFTER = {
    "app/mixed.py": b"# caf\xe9\r\nnew = 1\r\n",
    "app/parts/deep/new.py": b"new",
    "app/parts/__init__.py": b"",
    "app/other.py": b"other\n",
    "run.sh": b"#!/bin/sh\necho new\n",
}

PLACES = ("app/gone.py", "app/mixed.py", "app/parts/__init__.py", "app/parts/deep/new.py", "run.sh")

START = """
import sys
from pathlib import Path
from example import *
from faults import *
from test_crash import *
root = Path(sys.argv[1])
"""


def planted(root: Path) -> Path:
    plant(root, BEFORE)
    (root / "run.sh").chmod(0o754)
    return root


def files(root: Path) -> dict[str, bytes | str | None]:
    return {path: content for path, (_, content) in picture(root).items() if content and not path.startswith(".unmix")}


def program(code: str, root: Path, *, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run `code` in an interpreter of its own, with `root` and what the tests of crashes know."""
    return subprocess.run(
        [*prefix, *python(code, root)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def python(code: str, root: Path) -> list[str]:
    return [sys.executable, "-c", START + code, str(root)]


def environment() -> dict[str, str]:
    paths = [path for path in sys.path if path] + [os.path.dirname(__file__)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def disk_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupt() -> None:
    raise KeyboardInterrupt


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def without_journal(root: Path) -> dict[str, object]:
    return {path: entry for path, entry in picture(root).items() if not path.startswith(".unmix")}
