"""A review → JSON, for scripts. The format is stable: keys are added, never renamed. docs/review.md describes it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from unmix.finding import Finding
from unmix.reference import Reference
from unmix.review.summary import OldModule, Review, ReviewedFile


def render_json(review: Review) -> str:
    """Give one JSON document with a line break at its end."""
    document = {
        "version": 1,
        "verdict": asdict(review.verdict),
        "counts": {
            "files": len(review.files),
            **{status: sum(f.status == status for f in review.files) for status in ("added", "rewritten", "deleted")},
            "references": len(review.references),
            "surveyed": review.surveyed,
            "error": review.errors,
            "warning": review.warnings,
        },
        "kinds": dict(review.kinds),
        "splits": [_split(old) for old in review.olds],
        "files": [_file(file) for file in review.files],
        "references": [_reference(reference) for reference in review.references],
        "findings": [_finding(finding) for finding in review.findings],
        "verified": None if review.verified is None else [asdict(result) for result in review.verified],
    }
    return json.dumps(document, indent=2) + "\n"


def _split(old: OldModule) -> dict[str, Any]:
    return {
        "module": old.module,
        "path": old.path,
        "parts": [asdict(part) for part in old.parts],
        "names": [
            {"name": move.name, "home": move.home, "part": move.part, "public": move.public, "references": move.uses}
            for move in old.moves
        ],
    }


def _file(file: ReviewedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "status": file.status,
        "role": file.role,
        "added": file.added,
        "removed": file.removed,
        "kinds": dict(file.kinds),
        "findings": [finding.code for finding in file.findings],
    }


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "path": reference.path,
        "line": reference.line,
        "column": reference.column,
        "kind": reference.kind.value,
        "code": reference.code,
        "scope": reference.scope,
        "old": reference.old,
        "new": reference.new,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "severity": finding.severity.value, **asdict(finding)}
