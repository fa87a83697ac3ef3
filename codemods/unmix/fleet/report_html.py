"""A fleet's rows → one HTML page that needs nothing else, in the style of the other pages (review/html.py)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from unmix.finding import RULES
from unmix.fleet.report_table import describe
from unmix.fleet.row import Row, add_up
from unmix.review.html import render_page


def render_html(action: str, rows: Sequence[Row]) -> str:
    """Give the page; what is left comes first."""
    order = {"failed": 0, "left": 1, "migrated": 2, "clean": 3}
    return render_page(
        "fleet.html.jinja",
        action=action,
        totals=add_up(rows),
        rows=sorted(rows, key=lambda row: (order[row.outcome.status.value], -row.outcome.errors)),
        describe=describe,
        rules=RULES,
        codes=sorted({code for row in rows for code in row.codes}),
        digest=hashlib.sha256(repr([row.repository.name for row in rows]).encode()).hexdigest()[:16],
    )
