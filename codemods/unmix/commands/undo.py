"""`unmix undo`: put the tree back as it was before the last `migrate`."""

from __future__ import annotations

from pathlib import Path

import click

from unmix.commands.options import config_option
from unmix.commands.terminal import count


@click.command()
@config_option
def undo(config: Path | None) -> None:
    """Put the tree back, byte for byte, as it was before the last `migrate`; also after a crash.

    Refuses, and names the files, when they were edited since.
    """
    from unmix.migration import find_migration_file
    from unmix.undo import undo_last

    path = config if config is not None else find_migration_file(Path.cwd())
    restored = undo_last(path.resolve().parent)
    click.echo(f"{count(len(restored), 'file')} put back." if restored else "There is nothing to undo.", err=True)
