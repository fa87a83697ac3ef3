"""Verify from a command: say what will be executed, execute it, show what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from unmix.commands.terminal import count, say
from unmix.review.visible import make_visible

if TYPE_CHECKING:
    from unmix.commands.opening import Project
    from unmix.verify import Interpreters, Result, Verification


def prepare_project(
    project: Project,
    named: Interpreters,
    *,
    seconds: float,
    strict: bool = True,
    allowed: frozenset[str] = frozenset(),
    before: Mapping[str, bytes | None] | None = None,
) -> Verification:
    """Prepare the verification of a project; `before` is looked up when it is not given."""
    from unmix.verification import Request
    from unmix.verify import prepare

    known = find_before_of(project) if before is None else before
    smoke = project.migration.smoke
    request = Request(str(project.migration.root), known, strict, allowed, smoke, seconds=seconds)
    return prepare(project.migration, project.workspace, project.engines, request, named)


def prepare_smoke(project: Project, named: Interpreters, *, seconds: float) -> Verification:
    """Prepare to run the smoke commands alone, to know how they end before anything is changed."""
    from unmix.verification import Request
    from unmix.verify import prepare

    smoke = project.migration.smoke
    request = Request(str(project.migration.root), strict=False, smoke=smoke, only_smoke=True, seconds=seconds)
    return prepare(project.migration, project.workspace, project.engines, request, named)


def find_before_of(project: Project) -> Mapping[str, bytes | None]:
    """Give what the files of the last migration were before it, as far as journal or git know."""
    from unmix.former import find_before

    migration, workspace = project.migration, project.workspace
    owners = {
        relocation.path: (engine, split)
        for engine in project.engines
        for split in migration.splits
        if engine.owns(split.module)
        for relocation in engine.relocations([split], workspace)
    }

    def is_whole(path: str, content: bytes) -> bool:
        engine, split = owners[path]
        return not engine.is_split(split, workspace.with_changes({path: content}))

    return find_before(migration.root, tuple(owners), is_whole)


def run_verification(verification: Verification, show: Callable[[Result], None]) -> tuple[Result, ...]:
    """Say on standard error what is executed, and give each result, to `show` as it comes."""
    from unmix.verify import carry_out

    for line in (f"This executes code of the project {verification.says[0]}", *verification.says[1:]):
        say(line)
    results = []
    for result in carry_out(verification):
        results.append(result)
        show(result)
    for missing in verification.missing:
        say(missing)
    return tuple(results)


def render_result(result: Result) -> str:
    """Give a line (or with output, more) for people; what the project printed is shown without control characters."""
    place = f"{result.path}:{result.line}: " if result.line else f"{result.path}: " if result.path else ""
    text = f"{place}{result.what}: {result.outcome.value}" + (f": {result.detail}" if result.detail else "")
    kept = result.output.rstrip().split("\n")[-20:] if result.output.strip() else []
    return "\n".join([make_visible(text), *(f"    {make_visible(line)}" for line in kept)])


def summarize(results: Sequence[Result]) -> str:
    """Give one sentence that counts."""
    counts = dict.fromkeys(("ok", "failed", "as before", "skipped", "differs"), 0)
    for result in results:
        counts[result.outcome.value] += 1
    told = [f"{counts[each]} {each}" for each in ("failed", "as before", "skipped", "differs") if counts[each]]
    return f"{count(counts['ok'], 'check')} passed" + "".join(f", {each}" for each in told) + "."
