"""`unmix diff`: the dry run of `migrate`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

from unmix.commands.opening import open_project, plan_project
from unmix.commands.options import config_option
from unmix.commands.terminal import shows_colours, tell_findings, write_result

# Each is a module of unmix.review with a function `render_…`, imported when it is asked for: html needs jinja2.
_REVIEWS = ("markdown", "html", "json")


@click.command()
@config_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "patch", "markdown", "html", "json"]),
    default="text",
    show_default=True,
    help="text is for the terminal; patch is for `git apply`, and gives the very bytes that `migrate` writes; "
    "markdown is a comment for a pull request; html is one page to review with; json is for scripts.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
@click.option("--phase", type=click.Choice(["add", "rewrite", "retire"]), help="Show one phase only.")
@click.option(
    "--verified",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Show the results of `unmix verify --format json` in this file, too (markdown, html, json).",
)
@click.option("--exit-code", is_flag=True, help="Exit 1 when there is a difference.")
def diff(
    config: Path | None, form: str, output: Path | None, phase: str | None, verified: Path | None, exit_code: bool
) -> None:
    """Show what `migrate` would change. Nothing is written but FILE.

    \b
    Examples:
        unmix diff                                  read it
        unmix diff --format html -o review.html     review it side by side, in a browser
        unmix diff --format patch -o split.patch    hand it on: git apply split.patch
        unmix diff --exit-code                      fail in CI while something is left to migrate
    """
    project = open_project(config)
    plan = plan_project(project, phase)
    if form in _REVIEWS:
        from dataclasses import replace

        from unmix.review.summary import read_verification, summarize

        review = summarize(plan, project.migration, project.workspace, project.engines)
        if verified is not None:
            review = replace(review, verified=read_verification(verified))
        render = importlib.import_module(f"unmix.review.{form}")
        data = getattr(render, f"render_{form}")(review).encode("utf-8", "backslashreplace")
    elif form == "patch":
        from unmix.review.patch import render_patch

        data = render_patch(plan.changes)
        tell_findings(plan.findings)
    else:
        from unmix.review.text import render_text

        colour = output is None and shows_colours(sys.stdout)
        data = render_text(plan.changes, plan.findings, colour=colour).encode("utf-8", "surrogateescape")
    write_result(data, output)
    sys.exit(1 if exit_code and plan.changes else 0)
