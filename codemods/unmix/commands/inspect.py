"""`unmix inspect`: see every use of a module before you remove anything."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from unmix.commands.opening import name_module, open_engines, open_settings
from unmix.commands.options import config_option
from unmix.commands.terminal import show_progress, shows_colours, write_result


@click.command()
@config_option
@click.argument("module")
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
def inspect(config: Path | None, module: str, form: str, output: Path | None) -> None:
    """Show what hangs on MODULE: every name, every reference to it, and what to check before one is removed.

    Any module of the tree will do; no migration file is needed.

    \b
    Examples:
        unmix inspect app.db.retry_wrapper
        unmix inspect app.db.retry_wrapper --format html -o impact.html
    """
    from unmix.impact.measure import measure_impact
    from unmix.processes import in_processes
    from unmix.workspace import open_workspace

    settings = open_settings(config)
    workspace = open_workspace(settings.root, settings.exclude)
    with show_progress("reading") as progress:
        named = name_module(module, settings.root)
        impact = measure_impact(named, settings, workspace, open_engines, progress, in_processes)
    if form == "html":
        from unmix.review.html import render_impact_html

        text = render_impact_html(impact)
    else:
        from unmix.review.impact import render_impact_json, render_impact_text

        colour = output is None and shows_colours(sys.stdout)
        text = render_impact_json(impact) if form == "json" else render_impact_text(impact, colour=colour)
    write_result(text.encode("utf-8", "backslashreplace"), output)
