"""`unmix undo`: put the tree back as it was before the last `migrate`."""

from __future__ import annotations

from pathlib import Path

import click

from unmix.commands.options import config_option
from unmix.commands.terminal import count


@click.command()
@config_option
@click.option("--merge", is_flag=True, help="Keep edits made since, where they are on other lines than what goes.")
def undo(config: Path | None, merge: bool) -> None:
    """Put the tree back, byte for byte, as it was before the last `migrate`; also after a crash.

    Refuses, and names the files, when they were edited since. Run again, it takes back the `migrate` before that.
    """
    from unmix.errors import MigrationFileError
    from unmix.migration_file import find_migration_file
    from unmix.undo import find_project, undo_last

    if config is not None:
        root = config.resolve().parent
    else:
        try:
            root = find_migration_file(Path.cwd()).parent
        except MigrationFileError:
            # The migration file may be gone by now; the journal is what counts.
            found = find_project(Path.cwd())
            if found is None:
                raise
            root = found
    restored = undo_last(root, merge=merge)
    click.echo(f"{count(len(restored), 'file')} put back." if restored else "There is nothing to undo.", err=True)
