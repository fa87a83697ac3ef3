"""Verify a migration by executing the project's code: the one place of unmix that does.

Takes the programs that the language engines write, runs them with the project's own interpreters, gives results.
`prepare` executes nothing and says what `carry_out` will.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from unmix.engine import Engine
from unmix.errors import UsageError
from unmix.interpreter import find_node, find_python
from unmix.migration import Migration
from unmix.verification import Program, Request
from unmix.workspace import Workspace


class Outcome(str, Enum):
    """How one check ended. Only FAILED makes the verification fail."""

    OK = "ok"
    FAILED = "failed"
    AS_BEFORE = "as before"  # failed before the migration in the same way
    SKIPPED = "skipped"  # cannot be checked here: something that is not the project's own is missing
    DIFFERS = "differs"  # works, but an import does something else than it did


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check: `kind` is module, old, effects, smoke or program; `what` was executed."""

    kind: str
    what: str
    path: str
    line: int
    outcome: Outcome
    detail: str
    seconds: float
    output: str = ""


@dataclass(frozen=True, slots=True)
class Interpreters:
    """What the user named on the command line; None: to be found."""

    python: str | None = None
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What is to be executed: each program with its interpreter; `says` tells it to people, `missing` what is not."""

    root: Path
    programs: tuple[tuple[str, Program], ...]
    says: tuple[str, ...]
    missing: tuple[str, ...]


def prepare(
    migration: Migration, workspace: Workspace, engines: Sequence[Engine], request: Request, named: Interpreters
) -> Verification:
    """Work out what to execute. Raises UsageError when an interpreter that was named is none."""
    programs: list[tuple[str, Program]] = []
    missing: list[str] = []
    for program in write_programs(migration, workspace, engines, request):
        interpreter = find_python(migration.root, named.python) if program.language == "python" else None
        if program.language == "javascript":
            interpreter = find_node(named.node)
        if interpreter is None:
            missing.append(f"{program.language}: no interpreter here, so nothing of it was verified; name one (--node)")
        else:
            programs.append((interpreter, program))
    says = [f"in {migration.root}:"]
    for interpreter, program in programs:
        says += [f"with {interpreter}, each in a fresh interpreter:", *program.says]
    return Verification(migration.root, tuple(programs), tuple(says), tuple(missing))


def write_programs(
    migration: Migration,
    workspace: Workspace,
    engines: Sequence[Engine],
    request: Request,
    *,
    smoke_in_each: bool = False,
) -> tuple[Program, ...]:
    """Let each language that the migration is about write its program; the last one runs the smoke commands, or each.

    Raises UsageError when there is none.
    """
    about = [
        engine
        for engine in engines
        if any(engine.owns(split.module) for split in migration.splits) or (migration.replaces and not migration.splits)
    ]
    programs: list[Program] = []
    for index, engine in enumerate(about):
        splits = [split for split in migration.splits if engine.owns(split.module)]
        own = request if smoke_in_each or index == len(about) - 1 else replace(request, smoke=())
        program = engine.verification(engine.relocations(splits, workspace), workspace, own)
        if program is not None:
            programs.append(program)
    if not programs:
        raise UsageError(f"{migration.path}: nothing that can be verified; no language of it can be loaded")
    return tuple(programs)


def carry_out(verification: Verification) -> Iterator[Result]:
    """Execute everything, and give each result as it comes."""
    for interpreter, program in verification.programs:
        with tempfile.TemporaryDirectory(prefix="unmix-verify-") as folder:
            place = Path(folder, f"verify_migration{program.suffix}")
            place.write_text(program.text, encoding="utf-8")
            yield from _run(interpreter, place, program.language, verification.root)


def _run(interpreter: str, place: Path, language: str, root: Path) -> Iterator[Result]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                [interpreter, os.fspath(place), "--json"],
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
        except OSError as error:
            raise UsageError(f"{interpreter}: {error.strerror}; name another interpreter") from error
        with process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    yield _read_result(line)
                code = process.wait()
            finally:
                if process.poll() is None:
                    process.kill()
        complaints.seek(0)
        told = complaints.read().decode("utf-8", "replace").strip()
    if code not in (0, 1):
        detail = told.splitlines()[-1] if told else f"exit code {code}"
        yield Result("program", f"the verification program for {language}", "", 0, Outcome.FAILED, detail, 0, told)


def _read_result(line: bytes) -> Result:
    fields = json.loads(line)
    fields["outcome"] = Outcome(fields["outcome"])
    return Result(**fields)
