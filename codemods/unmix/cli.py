"""The command line: find the command, run it, and turn what stops it into a message and an exit code.

Results go to standard output, messages and progress to standard error. Exit codes: 0 done, nothing to report;
1 findings (or a difference, under --exit-code); 2 cannot, and nothing has been written.
"""

from __future__ import annotations

import atexit
import gc
import importlib
from typing import Any

import click

from unmix import __version__
from unmix.errors import UnmixError
from unmix.large_trees import bear_large_trees

# In the order in which people meet them. Each is a module of unmix.commands with a function of that name,
# imported when it is asked for, so that no command pays for another's imports; `--help` imports them all, so what takes
# time to import is imported inside these functions.
COMMANDS = ("init", "inspect", "diff", "migrate", "check", "verify", "undo", "history", "fleet", "explain")


class _Group(click.Group):
    """A group whose commands end with exit code 2 and a plain message when unmix cannot go on."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"unmix.commands.{name}"), name)
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UnmixError as error:
            from unmix.commands.terminal import say

            for line in str(error).split("\n"):
                say(line)
            context.exit(2)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:
            import traceback  # takes a while to import, and is hardly ever needed

            # A defect must not look like findings, which exit 1.
            traceback.print_exc()
            click.echo("This is a defect of unmix; please report it with the lines above.", err=True)
            context.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", "-V", message="unmix %(version)s")
def main() -> None:
    """Split a module that mixes concerns, rewrite every call site, leave a deprecation shim.

    Describe the migration in unmix.toml:

    \b
        [[split]]
        module = "app.db.prisma_retry_wrapper"
        [split.into]
        "app.db.client_wrapper" = ["RetryableClient", "create_retryable_prisma_client"]
        "app.db.retry_utils" = ["*"]        # whatever is not named elsewhere

    \b
    Then, in this order:
        unmix diff        see what would change; nothing is written
        unmix migrate     write it: all files or none
        unmix verify      load what was moved, run the smoke commands
        unmix check       in CI: fail while a legacy reference is left

    \b
    Exit codes: 0 done, nothing to report; 1 findings; 2 cannot (nothing was written).
    """
    bear_large_trees()
    # No search for circles at the end, either: it would take longer than to end.
    atexit.register(gc.freeze)
