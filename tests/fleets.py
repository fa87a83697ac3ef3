"""Fleets for tests: a library that is split, repositories that use it, a git server that stalls."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tool import Result, committed, unmix
from trees import plant

TOML = b"""[[split]]
module = "corp.db.old"
[split.into]
"corp.db.client" = ["Client", "make"]
"corp.db.retry" = ["*"]

[shim]
since = "2.0"
"""
LIBRARY: dict[str, bytes | str] = {
    "unmix.toml": TOML,
    "src/corp/__init__.py": b"",
    "src/corp/db/__init__.py": b"VERSION = 2\n",
    "src/corp/db/other.py": b"def other(): ...\n",
    "src/corp/db/old.py": (
        b"import time\n\nATTEMPTS = 3\n\n\nclass Client:\n    pass\n\n\ndef make():\n    return Client()\n\n\n"
        b"def retry(call):\n    time.sleep(0)\n    return call()\n"
    ),
}
USER = (
    b"from corp.db.old import make, retry as again  # both\nimport corp.db.old as old\n\n\n"
    b"def go():\n    return type(again(make)).__name__, old.ATTEMPTS, old.time.__name__\n"
)
# Whoever commits in a test; no settings of whoever runs it.
IDENTITY = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def repository(root: Path, files: Mapping[str, bytes | str]) -> Path:
    """Make a git repository of one commit."""
    root.parent.mkdir(parents=True, exist_ok=True)
    return committed(plant(root, files))


def user(name: str) -> dict[str, bytes | str]:
    """Give the files of a project that uses the library."""
    return {f"{name}/__init__.py": b"", f"{name}/go.py": USER}


def fleet(folder: Path, what: str, repositories: Sequence[object], *arguments: str) -> tuple[Result, dict[str, Any]]:
    """Run `unmix fleet`, and read its report by the last names of the repositories."""
    (folder / "list.txt").write_text("".join(f"{each}\n" for each in repositories))
    result = unmix(folder, "fleet", what, "list.txt", "--format", "json", "--jobs", "1", *arguments)
    return result, rows_of(result)


def rows_of(result: Result) -> dict[str, Any]:
    if not result.output:
        return {}
    rows = json.loads(result.output)["repositories"]
    named = {row["repository"].rpartition("/")[2]: row for row in rows}
    assert len(named) == len(rows)
    return named


@contextmanager
def git_server(folder: Path, stall: Callable[[int, str], bool]) -> Iterator[str]:
    """Serve the repositories below a folder on loopback; those for which `stall(number, name)` hang for ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        open_sockets: list[socket.socket] = []

        def serve(connection: socket.socket, number: int) -> None:
            # 0034git-upload-pack /shop3<nul>host=127.0.0.1:8000<nul>
            request = b""
            while b"\0" not in request:
                request = connection.recv(1000, socket.MSG_PEEK)
                if not request:
                    return
            if stall(number, request.partition(b"\0")[0].rpartition(b"/")[2].decode()):
                return
            command = ["git", "daemon", "--inetd", "--export-all", f"--base-path={folder}", str(folder)]
            with connection:
                subprocess.run(command, stdin=connection, stdout=connection, check=False)

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                open_sockets.append(connection)
                threading.Thread(target=serve, args=(connection, len(open_sockets)), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield f"git://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in open_sockets:
                connection.close()


def children(process: int) -> list[int]:
    """List the processes that a process has started and that still run (Linux)."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*"):
        with suppress(OSError):
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def command_of(process: int) -> bytes:
    """Give a process's command line, its words ended by NUL; empty when it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
