"""Ask, hunk by hunk, what of a migration is to be done, as `git add -p` does."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from unmix.change import FileChange
from unmix.commands.terminal import count, shows_colours
from unmix.review.selection import Group, group_hunks, take_hunks
from unmix.review.text import render_hunks

HELP = """y  yes, take this
n  no, leave it: it keeps working through the shim
f  take this and what is left of the file
d  leave this and what is left of the file
a  all: take this and everything that is left
q  quit: leave this and everything that is left; what was taken before is done
"""


class Questions:
    """What was answered so far; `declined` counts what was left."""

    def __init__(self) -> None:
        self.rest = ""  # "a" or "q", once said
        self.taken = 0
        self.declined = 0

    def wants_split(self, changes: Sequence[FileChange]) -> bool:
        """Ask about the parts and the shim, which only make sense together."""
        for change in changes:
            click.echo(render_hunks(change, None, colour=shows_colours(sys.stdout)))
        answer = self._ask("Write these parts and the shim", "ynaq")
        self.rest = answer if answer in "aq" else ""
        return answer in "ya"

    def choose(self, change: FileChange) -> bytes:
        """Ask about each group of hunks of one file; gives the file with those that were wanted."""
        assert change.before is not None, "a call site is rewritten, never made"
        groups = group_hunks(change)
        taken: list[Group] = []
        of_file = ""
        for number, group in enumerate(groups, 1):
            answer = self.rest or of_file or self._about(change, group, f"{number}/{len(groups)}")
            if answer in "aq":
                self.rest = answer
            elif answer in "fd":
                of_file = answer
            if answer in "yfa":
                taken.append(group)
        self.taken += len(taken)
        self.declined += len(groups) - len(taken)
        if len(taken) == len(groups):
            return change.after or b""
        return take_hunks(change.before, [hunk for group in taken for hunk in group])

    def _about(self, change: FileChange, group: Group, place: str) -> str:
        click.echo(render_hunks(change, group, colour=shows_colours(sys.stdout)))
        what = "this" if len(group) == 1 else f"these {count(len(group), 'hunk')}, which go together,"
        return self._ask(f"({place}) Rewrite {what}", "ynfdaq")

    def _ask(self, question: str, letters: str) -> str:
        while True:
            try:
                answer: str = click.prompt(f"{question} [{','.join(letters)},?]", prompt_suffix="? ", err=True)
            except click.Abort:
                click.echo("\nStopped; nothing is written.", err=True)
                raise click.exceptions.Exit(2) from None
            if answer.strip().lower()[:1] in letters:
                return answer.strip().lower()[0]
            lines = HELP.splitlines()
            click.echo("\n".join(line for line in lines if line[0] in letters), err=True)
