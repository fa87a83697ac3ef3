"""An impact → text for the terminal, JSON for scripts, and the values of its page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from unmix.impact.checklist import Answer, Item, fill_checklist
from unmix.impact.measure import Impact, NameImpact, Place
from unmix.review.visible import make_visible

_SIGNS = {Answer.CLEAR: "[x]", Answer.LOOK: "[ ]", Answer.UNKNOWN: "[?]"}
_COLOURS = {Answer.CLEAR: "green", Answer.LOOK: "yellow", Answer.UNKNOWN: "cyan"}


def render_impact_text(impact: Impact, *, colour: bool) -> str:
    """Give every name with its places, the names nobody uses, and the checklist."""
    lines = [make_visible(line) for line in _head(impact)]
    for name in sorted(impact.names, key=lambda name: (not name.public, -len(name.outside))):
        lines += ["", *_name_lines(name, colour=colour)]
    if impact.whole:
        lines += ["", _styled("the module as a whole", colour=colour), *map(_place_line, impact.whole)]
    unused = [name.name for name in impact.names if name.unused]
    lines += ["", f"Nobody uses: {', '.join(map(make_visible, unused)) if unused else 'none, each has a user'}."]
    lines += ["", "Before you remove an import or an export:"]
    for item in fill_checklist(impact):
        lines += _item_lines(item, colour=colour)
    return "".join(line + "\n" for line in lines)


def render_impact_json(impact: Impact) -> str:
    """Give one JSON document. The format is stable: keys are added, never renamed. docs/inspect.md describes it."""
    document = {
        "version": 1,
        "module": impact.module,
        "path": impact.path,
        "is_shim": impact.split,
        "counts": {
            "names": len(impact.names),
            "public": sum(name.public for name in impact.names),
            "references": sum(len(name.outside) for name in impact.names) + len(impact.whole),
            "files": len(impact.files),
            "surveyed": impact.surveyed,
        },
        "names": [
            {
                "name": name.name,
                "kind": name.kind,
                "line": name.line,
                "public": name.public,
                "reasons": list(name.reasons),
                "unused": name.unused,
                "outside": [asdict(place) for place in name.outside],
                "inside": [asdict(place) for place in name.inside],
            }
            for name in impact.names
        ],
        "whole_module": [asdict(place) for place in impact.whole],
        "findings": [{"code": f.code, "severity": f.severity.value, **asdict(f)} for f in impact.findings],
        "checklist": [
            {"question": i.question, "answer": i.answer.value, "said": i.said, "evidence": list(i.evidence)}
            for i in fill_checklist(impact)
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _head(impact: Impact) -> Iterator[str]:
    public = sum(name.public for name in impact.names)
    places = sum(len(name.outside) for name in impact.names) + len(impact.whole)
    yield (
        f"{impact.module} ({impact.path}): {_count(len(impact.names), 'name')}, {public} public; "
        f"{_count(places, 'reference')} in {_count(len(impact.files), 'file')} outside"
    )
    if impact.split:
        yield "It is a shim: its names live elsewhere, and these references still go through it."


def _name_lines(name: NameImpact, *, colour: bool) -> Iterator[str]:
    said = f"{name.kind}, {'public' if name.public else 'internal'} ({', '.join(name.reasons)})"
    yield f"{_styled(make_visible(name.name), colour=colour)}  {said}"
    yield from map(_place_line, name.outside)
    for place in name.inside:
        yield _place_line(place) + ", in the module itself"
    if not name.outside and not name.inside:
        yield "    nobody uses it"


def _place_line(place: Place) -> str:
    where = f" in {place.scope}" if place.scope else ""
    flow = " (async)" if place.flow == "async" else ""
    via = f", through {place.via}" if place.via else ""
    return make_visible(f"    {place.path}:{place.line}:{place.column}: {place.kind}{where}{flow}{via}")


def _item_lines(item: Item, *, colour: bool) -> Iterator[str]:
    sign = _SIGNS[item.answer]
    yield f"{click.style(sign, fg=_COLOURS[item.answer]) if colour else sign} {item.question}"
    lead = f"{item.answer.value}: " if item.answer is Answer.UNKNOWN else ""
    yield make_visible(f"    {lead}{item.said}.")
    for line in item.evidence:
        yield make_visible(f"      - {line}")


def _styled(text: str, *, colour: bool) -> str:
    return click.style(text, bold=True) if colour else text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
