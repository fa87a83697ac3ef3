"""Run unmix as people run it: in a folder, with arguments, reading what it prints and how it exits."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from unmix.cli import main

ROOTS = [str(Path(__file__).parent.parent / name) for name in ("codemods", "shims")]


@dataclass(frozen=True)
class Result:
    """What a command left behind: its exit code, the bytes of standard output, the text of standard error."""

    code: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        return self.output.decode("utf-8", "surrogateescape")


def unmix(folder: Path, *arguments: str) -> Result:
    """Run the command in this process, for speed; arguments, streams and exit code are those of a real one."""
    code: object = 0
    output, errors = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with working_in(folder), contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            main(list(arguments), prog_name="unmix")
        except SystemExit as leaving:
            code = leaving.code
    assert isinstance(code, int), code
    output.flush()
    errors.flush()
    return Result(code, output.buffer.getvalue(), errors.buffer.getvalue().decode())  # type: ignore[attr-defined]


def spawn(
    folder: Path, *arguments: str, prefix: tuple[str, ...] = (), variables: Mapping[str, str] | None = None
) -> Result:
    """Run the command in a process of its own."""
    return run(folder, *prefix, sys.executable, "-m", "unmix", *arguments, variables={**paths(), **(variables or {})})


def run(folder: Path, *command: str, variables: Mapping[str, str] | None = None) -> Result:
    """Run any program in `folder`; it leaves no byte code there."""
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(variables or {})},
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Result(result.returncode, result.stdout, result.stderr.decode("utf-8", "surrogateescape"))


def paths() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(ROOTS)}


def git(folder: Path, *arguments: str) -> bytes:
    """Run git with an identity, and without anybody's settings."""
    settings = ("user.name=a", "user.email=a@example.org", "core.autocrlf=false", "commit.gpgsign=false")
    options = [word for setting in settings for word in ("-c", setting)]
    variables = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    result = run(folder, "git", *options, *arguments, variables=variables)
    assert result.code == 0, result.errors
    return result.output


def committed(folder: Path) -> Path:
    """Make `folder` a git repository whose one commit is everything in it."""
    git(folder, "init", "-q")
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "before")
    return folder


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    old = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(old)
