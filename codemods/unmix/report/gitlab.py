"""Findings → a GitLab Code Quality report, shown in merge requests: a JSON list."""

from __future__ import annotations

import json
from collections.abc import Sequence

from unmix.finding import RULES, Severity
from unmix.instance import Instance
from unmix.report.plain import plain

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def render_gitlab(instances: Sequence[Instance], *, folder: str) -> str:
    """Give the report; `folder` is where the project lies in its repository, empty or with `/` at its end."""
    rows = [
        {
            "description": f"{instance.finding.code}: {plain(instance.finding.message)}",
            "check_name": instance.finding.code,
            "fingerprint": instance.fingerprint,
            "severity": _SEVERITIES[instance.finding.severity],
            "location": {
                "path": (folder + instance.finding.path).encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                "lines": {"begin": instance.finding.line},
            },
            "categories": ["Compatibility"],
            "content": {"body": RULES[instance.finding.code].help},
        }
        for instance in instances
    ]
    return json.dumps(rows, indent=2) + "\n"
