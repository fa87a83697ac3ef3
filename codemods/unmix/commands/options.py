"""Options that several commands share, so that they read and behave the same everywhere."""

from __future__ import annotations

from pathlib import Path

import click

config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    help="The migration file; by default unmix.toml (or [tool.unmix] in pyproject.toml) here or above.",
)
