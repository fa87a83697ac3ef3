"""Findings → JSON, for scripts. The format is stable: keys are added, never renamed.

{"version": 1, "findings": [{"code", "severity", "path", "line", "column", "message", "old", "new", "hint"}, …],
 "counts": {"error": 2, "warning": 0}}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from unmix.finding import Finding, Severity


def render_json(findings: Sequence[Finding]) -> str:
    """Give one JSON document with a line break at its end."""
    rows = [{"code": finding.code, "severity": finding.severity.value, **asdict(finding)} for finding in findings]
    counts = {severity.value: sum(f.severity is severity for f in findings) for severity in Severity}
    return json.dumps({"version": 1, "findings": rows, "counts": counts}, indent=2) + "\n"
