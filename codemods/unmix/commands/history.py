"""`unmix history`: how many legacy references there were, and when there will be none."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmix.commands.opening import open_engines, open_migration
from unmix.commands.options import config_option
from unmix.commands.terminal import show_progress, write_result

if TYPE_CHECKING:
    from datetime import datetime

    from unmix.history import Point


@click.command()
@config_option
@click.option(
    "--points", type=click.IntRange(2, 10_000), default=40, show_default=True, help="How many commits to look at."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A picture: FILE.svg or FILE.png."
)
@click.option("--no-cache", is_flag=True, help="Count everything anew, and keep nothing.")
@click.argument("revision", default="HEAD")
def history(config: Path | None, points: int, form: str, output: Path | None, no_cache: bool, revision: str) -> None:
    """Count the legacy references over the history of REVISION, and say when none will be left.

    Commits are chosen evenly, on the first-parent way; nothing is checked out. What was counted is kept in git's own
    folder, so that the next time is quick.

    \b
    Examples:
        unmix history
        unmix history -o burndown.svg
        unmix history --points 200 --format json main
    """
    from unmix.errors import UsageError
    from unmix.history import forecast_end, read_history

    if output is not None and output.suffix.lower() not in (".svg", ".png"):
        raise UsageError(f"{output}: a picture is SVG or PNG; name a file that ends in .svg or .png")
    migration = open_migration(config)
    with show_progress("counting") as progress:
        found = read_history(
            migration, lambda: open_engines(migration), revision, points, progress, cached=not no_cache
        )
    end = forecast_end(found)
    if output is not None:
        write_result(_picture(found, end, output, ", ".join(split.module for split in migration.splits)), output)
    click.echo(_json(found, end) if form == "json" else "\n".join(_table(found, end)))
    sys.exit(0)


def _picture(points: Sequence[Point], end: datetime | None, output: Path, modules: str) -> bytes:
    from unmix.report.chart import draw_history, render_png, render_svg
    from unmix.report.plain import plain

    shapes = draw_history(points, end, f"Legacy references to {plain(modules)}")
    return render_png(shapes) if output.suffix.lower() == ".png" else render_svg(shapes).encode()


def _table(points: Sequence[Point], end: datetime | None) -> Iterator[str]:
    highest = max(*(point.references for point in points), 1)
    yield f"{'date':10}  {'commit':10}  {'references':>10}  {'files':>5}  old module"
    for point in points:
        bar = "█" * round(20 * point.references / highest)
        unread = f" ({point.unread} files cannot be read)" if point.unread else ""
        row = (
            f"{point.date:%Y-%m-%d}  {point.commit[:10]}  {point.references:10}  {point.files:5}  {point.phase}{unread}"
        )
        yield f"{row:55}{bar}".rstrip()
    left = points[-1].references
    if end is not None:
        yield f"{left} left; at the pace since the peak none is left on {end:%Y-%m-%d}."
    elif left:
        yield f"{left} left; there is no forecast, as they have not become fewer for long enough."
    else:
        yield "None is left."


def _json(points: Sequence[Point], end: datetime | None) -> str:
    rows = [
        {
            "commit": point.commit,
            "date": point.date.isoformat(),
            "phase": point.phase,
            "references": point.references,
            "kinds": dict(point.kinds),
            "files": point.files,
            "unread": point.unread,
        }
        for point in points
    ]
    return json.dumps({"version": 1, "points": rows, "forecast": end.date().isoformat() if end else None}, indent=2)
