"""`unmix explain`: what a finding's code means."""

from __future__ import annotations

import click

from unmix.finding import RULES


@click.command()
@click.argument("code", type=click.Choice(sorted(RULES), case_sensitive=False), metavar="CODE")
def explain(code: str) -> None:
    """Say what a finding's CODE means and what to do about it."""
    rule = RULES[code.upper()]
    click.echo(f"{rule.code}: {rule.title} ({rule.severity.value})\n\n{rule.help}")
