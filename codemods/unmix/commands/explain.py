"""`unmix explain`: what a finding's code means."""

from __future__ import annotations

import click


@click.command()
@click.argument("code", metavar="CODE")
def explain(code: str) -> None:
    """Say what a finding's CODE means and what to do about it."""
    from unmix.finding import RULES

    rule = RULES.get(code.upper())
    if rule is None:
        raise click.BadParameter(f"{code!r} is none of {', '.join(sorted(RULES))}.", param_hint="CODE")
    click.echo(f"{rule.code}: {rule.title} ({rule.severity.value})\n\n{rule.help}")
