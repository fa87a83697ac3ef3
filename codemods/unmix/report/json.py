"""Findings → JSON, for scripts. The format is stable: keys are added, never renamed.

{"version": 1,
 "findings": [{"code", "severity", "path", "line", "column", "message", "old", "new", "hint",
               "source", "fingerprint"}, …],
 "counts": {"error": 2, "warning": 0}}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from unmix.finding import Severity
from unmix.instance import Instance


def render_json(instances: Sequence[Instance]) -> str:
    """Give one JSON document with a line break at its end."""
    rows = [
        {
            "code": instance.finding.code,
            "severity": instance.finding.severity.value,
            **asdict(instance.finding),
            "source": instance.source,
            "fingerprint": instance.fingerprint,
        }
        for instance in instances
    ]
    counts = {severity.value: sum(i.finding.severity is severity for i in instances) for severity in Severity}
    return json.dumps({"version": 1, "findings": rows, "counts": counts}, indent=2) + "\n"
