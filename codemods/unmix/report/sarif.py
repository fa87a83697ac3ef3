"""Findings → SARIF 2.1.0, for GitHub code scanning, editors and everything else that reads it.

Written as plain data: the libraries that offer classes for it make files that its own schema refuses.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from unmix import __version__
from unmix.finding import RULES, Rule
from unmix.instance import Instance
from unmix.report.plain import plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(instances: Sequence[Instance], *, folder: str) -> str:
    """Give one SARIF log; `folder` is where the project lies in its repository, empty or with `/` at its end."""
    codes = list(RULES)
    run = {
        "tool": {
            "driver": {
                "name": "unmix",
                "semanticVersion": __version__,
                "rules": [_rule(RULES[code]) for code in codes],
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(instance, codes.index(instance.finding.code), folder) for instance in instances],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.title.split() if word not in ("a", "an", "the")),
        "shortDescription": {"text": f"{rule.title[:1].upper()}{rule.title[1:]}."},
        "fullDescription": {"text": rule.help},
        "help": {"text": rule.help, "markdown": f"**{rule.code}: {rule.title}**\n\n{rule.help}"},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {
            "precision": "very-high",
            "problem.severity": rule.severity.value,
            "tags": ["maintainability", "migration"],
        },
    }


def _result(instance: Instance, index: int, folder: str) -> dict[str, Any]:
    finding = instance.finding
    # In UTF-8 as git names files; bytes that are none stay the bytes they are.
    uri = quote((folder + finding.path).encode("utf-8", "surrogateescape"))
    region: dict[str, Any] = {"startLine": max(finding.line, 1), "startColumn": max(finding.column, 1)}
    if instance.source:
        region["snippet"] = {"text": plain(instance.source)}
    hint = f"\nWhat to do: {plain(finding.hint)}." if finding.hint else ""
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": _in_message(f"{plain(finding.message)}.{hint}")},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}}
        ],
        "partialFingerprints": {"unmixInstance/v1": instance.fingerprint},
    }


def _in_message(text: str) -> str:
    """Escape what a SARIF message would read as a link, `[text](1)`, or as a place for an argument, `{0}`."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("{", "{{").replace("}", "}}")
