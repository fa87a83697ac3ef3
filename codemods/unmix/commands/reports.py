"""Write what `check` found in the formats that were asked for, each to its file or to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmix.commands.terminal import shows_colours

if TYPE_CHECKING:
    from unmix.instance import Instance

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


def read_formats(context: click.Context, option: click.Parameter, words: Sequence[str]) -> list[tuple[str, str]]:
    """Read `sarif`, or `sarif=FILE`; refuses a format there is not, and two reports at one place."""
    return read_known_formats(words, FORMATS)


def read_known_formats(words: Sequence[str], known: Sequence[str]) -> list[tuple[str, str]]:
    """Read words like `json` and `json=FILE` for a command that has the `known` formats."""
    formats = []
    for word in words:
        form, equals, file = word.partition("=")
        if form not in known:
            raise click.BadParameter(f"{form!r} is none of {', '.join(known)}.")
        if equals and not file:
            raise click.BadParameter(f"{word!r} names no file; write {form}=FILE, or {form} alone.")
        formats.append((form, file))
    places = [str(Path(file).resolve()) if file else "standard output" for _, file in formats]
    for place in places:
        if places.count(place) > 1:
            raise click.BadParameter(f"{place} can take one report only; give the others files, as in sarif=out.sarif")
    return formats


def write_reports(
    formats: Sequence[tuple[str, str]], instances: Sequence[Instance], root: Path, known: int, *, strict: bool
) -> None:
    """Write every report; `known` counts the findings that are not told. Raises WriteFailed."""
    from unmix.errors import WriteFailed

    folder = folder_in_repository(root)
    for form, file in formats:
        text = _render(form, instances, folder, known, strict=strict, colour=not file and shows_colours(sys.stdout))
        if not file:
            click.echo(text, nl=False)
        else:
            _write(Path(file), text, "w")
        if form == "github" and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
            from unmix.report.github import render_summary

            try:
                _write(Path(summary), render_summary(instances, known, folder=folder), "a")
            except WriteFailed as error:
                # The annotations say it, too.
                click.echo(str(error), err=True)


def folder_in_repository(root: Path) -> str:
    """Give where `root` lies in its repository, empty or with `/` at its end: hosts know files from there."""
    from unmix.repository import work_tree

    top = work_tree(root.resolve())
    relative = root.resolve().relative_to(top).as_posix() if top is not None else "."
    return "" if relative == "." else f"{relative}/"


def _render(form: str, instances: Sequence[Instance], folder: str, known: int, *, strict: bool, colour: bool) -> str:
    if form == "json":
        from unmix.report.json import render_json

        return render_json(instances)
    if form == "sarif":
        from unmix.report.sarif import render_sarif

        return render_sarif(instances, folder=folder)
    if form == "github":
        from unmix.report.github import render_github

        return render_github(instances, known, folder=folder)
    if form == "gitlab":
        from unmix.report.gitlab import render_gitlab

        return render_gitlab(instances, folder=folder)
    if form == "junit":
        from unmix.report.junit import render_junit

        return render_junit(instances, strict=strict)
    from unmix.report.text import render_text

    return render_text(instances, known, colour=colour)


def _write(path: Path, text: str, mode: str) -> None:
    from unmix.errors import WriteFailed

    try:
        with path.open(mode, encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
    except OSError as error:
        raise WriteFailed(f"{path}: {(error.strerror or str(error)).lower()}; name another file") from error
