"""A fleet's rows → JSON, for scripts. The format is stable: keys are added, never renamed; docs/fleet.md shows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from unmix.fleet.row import Row, add_up


def render_json(action: str, rows: Sequence[Row]) -> str:
    """Give one JSON document with a line break at its end."""
    document = {
        "version": 1,
        "action": action,
        "totals": asdict(add_up(rows)),
        "repositories": [_row(row) for row in rows],
    }
    return json.dumps(document, indent=2) + "\n"


def _row(row: Row) -> dict[str, Any]:
    outcome = row.outcome
    return {
        "repository": row.repository.name,
        "label": row.repository.label,
        "commit": outcome.commit,
        "state": outcome.status.value,
        "reason": outcome.reason,
        "branch": outcome.branch,
        "errors": outcome.errors,
        "warnings": outcome.warnings,
        "files": outcome.files,
        "codes": row.codes,
        "seconds": outcome.seconds,
        "before": row.before,
        "findings": [{"severity": finding.severity.value, **asdict(finding)} for finding in outcome.findings],
    }
