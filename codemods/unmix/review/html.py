"""A review → one HTML page that needs nothing else: no network, no other file, and no script to be readable.

Takes a review, gives the page's text. Templates escape everything that is quoted; a content security policy in the
page forbids whatever could still leave it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from unmix.finding import RULES
from unmix.impact.checklist import fill_checklist
from unmix.impact.measure import Impact
from unmix.review.cut import columns_of, crossings_of, edges_of, graph_of
from unmix.review.hunks import find_hunks, match_lines
from unmix.review.picture import Picture, draw_picture, order_columns
from unmix.review.sides import Row, pair_sides
from unmix.review.summary import OldModule, PartFile, Review, ReviewedFile
from unmix.review.visible import decode_content, make_visible

# Parts get the colours of this many classes in turn.
_COLOURS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an old module with where it went, or of a part with where it comes from.

    `other` is the number on the other side, 0 where there is none; `label` says which part, where that begins anew.
    """

    number: int
    text: str
    other: int
    label: str
    colour: int
    link: str


@dataclass(frozen=True, slots=True)
class Section:
    """A file's place on the page: side by side, or line by line where code was moved."""

    number: int
    file: ReviewedFile
    digest: str
    hunks: tuple[tuple[str, tuple[Row, ...]], ...]
    lines: tuple[Line, ...]
    view: str


def render_html(review: Review) -> str:
    """Give the page."""
    numbers = {file.path: number for number, file in enumerate(review.files, start=1)}
    return render_page(
        "review.html.jinja",
        review=review,
        rules=RULES,
        sections=(_section(file, review, numbers) for file in review.files),
        numbers=numbers,
        pictures=[(old, _picture(old), crossings_of(old)) for old in review.olds],
        colour_of={part.module: n % _COLOURS for old in review.olds for n, part in enumerate(old.parts)},
        codes=sorted({finding.code for finding in review.findings}),
        findings=sorted(review.findings, key=lambda finding: (finding.severity.value, finding.code, finding)),
        digest=hashlib.sha256(repr(review.olds).encode("utf-8", "surrogatepass")).hexdigest()[:16],
    )


def render_impact_html(impact: Impact) -> str:
    """Give the page that shows what hangs on a module."""
    kinds = sorted({place.kind for name in impact.names for place in name.outside})
    order = sorted(impact.names, key=lambda name: (not name.public, -len(name.outside), name.name))
    return render_page(
        "impact.html.jinja",
        impact=impact,
        names=order,
        kinds=kinds,
        checklist=fill_checklist(impact),
        picture=draw_picture(*graph_of(impact)),
        digest=impact.module,
    )


def render_page(template: str, **values: object) -> str:
    """Render one of our templates, with the styles and the script that all pages share."""
    environment = Environment(
        loader=PackageLoader("unmix.review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = make_visible
    environment.filters["prose"] = _prose
    style, script = _resource("page.css"), _resource("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template(template).render(
        # Both are our own files: nothing of the project under review is in them.
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        **values,
    )


def _prose(text: str) -> Markup:
    """Give a message with what it quotes in backticks as code."""
    pieces = re.split(r"`([^`]*)`", make_visible(text))
    return Markup().join(Markup("<code>{}</code>").format(p) if n % 2 else p for n, p in enumerate(pieces))


def _resource(name: str) -> str:
    return resources.files("unmix.review").joinpath("templates").joinpath(name).read_text("utf-8")


def _picture(old: OldModule) -> Picture | None:
    columns = columns_of(old)
    if old.outline is None or not any(column.nodes for column in columns):
        return None
    edges = edges_of(old.outline)
    return draw_picture(order_columns(columns, edges), edges)


def _section(file: ReviewedFile, review: Review, numbers: Mapping[str, int]) -> Section:
    change = file.change
    content = b"\0".join((file.path.encode("utf-8", "surrogateescape"), change.before or b"-", change.after or b"-"))
    # A tick holds for what was seen: a file that changes otherwise tomorrow has another digest.
    digest = hashlib.sha256(content).hexdigest()[:16]
    number = numbers[file.path]
    old = next((old for old in review.olds if old.path == file.path and old.went), None)
    if old is not None:
        return Section(number, file, digest, _side_by_side(file), tuple(_went(old, file, numbers)), "old")
    for old in review.olds:
        part = next((part for part in old.parts if part.path == file.path), None)
        before = next((f.change.before for f in review.files if f.path == old.path), None)
        if part is not None and before is not None:
            return Section(number, file, digest, (), tuple(_came(old, part, before, file, numbers)), "part")
    return Section(number, file, digest, _side_by_side(file), (), "sides")


def _side_by_side(file: ReviewedFile) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    hunks = find_hunks(file.change.before or b"", file.change.after or b"")
    return tuple((hunk.header, tuple(pair_sides(hunk))) for hunk in hunks)


def _went(old: OldModule, file: ReviewedFile, numbers: Mapping[str, int]) -> Iterator[Line]:
    """Give every line of an old module with the part it went to."""
    colours = {part.module: number for number, part in enumerate(old.parts)}
    here: PartFile | None = None
    for number, text in enumerate(_lines(file.path, file.change.before or b""), start=1):
        part, other = old.went.get(number, (None, 0))
        begins = part is not None and part != here and text.strip()
        label = part.module if part is not None and begins else ""
        if text.strip():
            here = part
        link = f"#f{numbers[part.path]}" if part is not None and part.path in numbers else ""
        yield Line(number, text, other, label, colours[part.module] % _COLOURS if part is not None else -1, link)


def _came(
    old: OldModule, part: PartFile, before: bytes, file: ReviewedFile, numbers: Mapping[str, int]
) -> Iterator[Line]:
    """Give every line of a part with the line of the old module that it is."""
    origins = {new + 1: line + 1 for line, new in match_lines(before, file.change.after or b"")}
    colour = [other.module for other in old.parts].index(part.module) % _COLOURS
    for number, text in enumerate(_lines(file.path, file.change.after or b""), start=1):
        origin = origins.get(number, 0)
        link = f"#line-{origin}" if origin and len(numbers) and old.path in numbers else ""
        yield Line(number, text, origin, "", colour if origin else -1, link)


def _lines(path: str, content: bytes) -> Sequence[str]:
    text = decode_content(path, content)
    lines = text.replace("\r\n", "\n").split("\n")
    return [make_visible(line) for line in (lines[:-1] if lines[-1] == "" else lines)]
