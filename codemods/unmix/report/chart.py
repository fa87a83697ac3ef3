"""The legacy references over time → a picture, as SVG or PNG.

Takes points and a forecast, gives a drawing of lines, areas and words, and that in one of the two formats.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from itertools import accumulate

from unmix.errors import UsageError
from unmix.history import ABSENT, GONE, SHIM, WHOLE, Point

WIDTH, HEIGHT = 960, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 30, 96, 60
_SIZE = 14
_INK, _GREY, _LINE, _AREA, _GOAL = "#1f2328", "#8c959f", "#0969da", "#ddf4ff", "#bc4c00"

_MARKS = {ABSENT: "old module not there", WHOLE: "old module there", SHIM: "split, a shim left", GONE: "shim gone"}

_Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line through places."""

    places: tuple[_Place, ...]
    colour: str
    width: int = 1
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon."""

    places: tuple[_Place, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text at a place: its `anchor` (start, middle or end) stands there, on the base line."""

    place: _Place
    text: str
    anchor: str = "start"
    colour: str = _INK
    size: int = _SIZE


Shape = Line | Area | Words


def draw_history(points: Sequence[Point], end: datetime | None, title: str) -> tuple[Shape, ...]:
    """Draw the burn-down, with the phases marked, and the way to the forecast end."""
    return tuple(_shapes(_in_time(points), end, title))


def render_svg(shapes: Sequence[Shape]) -> str:
    """Give an SVG document; it needs no font but some sans-serif, and loads nothing."""
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" role="img">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *(_svg(shape) for shape in shapes),
        "</svg>",
    ]
    return "\n".join(rows) + "\n"


def render_png(shapes: Sequence[Shape]) -> bytes:
    """Give a PNG file, drawn at twice the size. Raises UsageError when Pillow is not installed."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise UsageError("a PNG needs Pillow: install unmix[history], or write a file that ends in .svg") from error
    scale = 2
    image = Image.new("RGB", (WIDTH * scale, HEIGHT * scale), "#ffffff")
    draw = ImageDraw.Draw(image)
    for shape in shapes:
        if isinstance(shape, Words):
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            font = ImageFont.load_default(shape.size * scale)
            place = (shape.place[0] * scale, shape.place[1] * scale)
            draw.text(place, shape.text, fill=shape.colour, anchor=anchor, font=font)
        elif isinstance(shape, Area):
            draw.polygon([(x * scale, y * scale) for x, y in shape.places], fill=shape.colour)
        else:
            for start, stop in _dashes(shape) if shape.dashed else zip(shape.places, shape.places[1:], strict=False):
                ends = [(x * scale, y * scale) for x, y in (start, stop)]
                draw.line(ends, fill=shape.colour, width=shape.width * scale)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _in_time(points: Sequence[Point]) -> list[Point]:
    """Give the points with dates that never go back: clocks differ, and each commit comes after the one before.

    Of the two ways to mend that, later dates for what follows or earlier ones for what precedes, the smaller change.
    """
    times = [point.when for point in points]
    later = [*accumulate(times, max)]
    earlier = [*accumulate(reversed(times), min)][::-1]
    shifts = [sum(abs(new - old) for new, old in zip(way, times, strict=True)) for way in (later, earlier)]
    chosen = later if shifts[0] <= shifts[1] else earlier
    return [replace(point, when=when) for point, when in zip(points, chosen, strict=True)]


def _shapes(points: Sequence[Point], end: datetime | None, title: str) -> Iterator[Shape]:
    first, last = points[0].date, points[-1].date
    # A forecast far away would press the past into a corner.
    shown = min(end, last + 2 * max(last - first, timedelta(days=1))) if end is not None else last
    span = max((shown - first).total_seconds(), 1.0)
    highest = max(*(point.references for point in points), 1)
    step = next(size for size in _steps() if highest / size <= 6)
    top = -(-highest // step) * step

    def x(when: datetime) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (when - first).total_seconds() / span

    def y(count: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * count / top

    curve = tuple((x(point.date), y(point.references)) for point in points)
    yield Words((_LEFT, 26), title, size=16)
    yield Area(((curve[0][0], y(0)), *curve, (curve[-1][0], y(0))), _AREA)
    for count in range(0, top + 1, step):
        yield Line(((_LEFT, y(count)), (WIDTH - _RIGHT, y(count))), "#d0d7de")
        yield Words((_LEFT - 8, y(count) + 5), f"{count:,}", "end")
    for number in range(6):
        when = first + (shown - first) * number / 5
        anchor = "start" if number == 0 else "end" if number == 5 else "middle"
        yield Words((x(when), HEIGHT - _BOTTOM + 22), f"{when:%Y-%m-%d}", anchor)
    row = 0
    for before, after in zip([None, *points[:-1]], points, strict=True):
        if before is not None and before.phase != after.phase:
            place = x(after.date)
            height = 50 + 16 * (row % 3)
            yield Line(((place, height - 10), (place, HEIGHT - _BOTTOM)), _GREY, dashed=True)
            anchor = "end" if place > WIDTH / 2 else "start"
            yield Words((place + (-5 if anchor == "end" else 5), height), _MARKS[after.phase], anchor, _GREY)
            row += 1
    yield Line(curve, _LINE, 2)
    if end is not None:
        share = (shown - last) / (end - last)
        goal = (x(shown), y(points[-1].references * (1 - share)))
        yield Line((curve[-1], goal), _GOAL, 2, dashed=True)
        yield Words((WIDTH - _RIGHT, HEIGHT - 12), f"at this pace none is left on {end:%Y-%m-%d}", "end", _GOAL)
    yield Words((_LEFT, HEIGHT - 12), f"{points[-1].references:,} left on {last:%Y-%m-%d}", colour=_LINE)


def _steps() -> Iterator[int]:
    size = 1
    while True:
        yield from (size, 2 * size, 5 * size)
        size *= 10


def _svg(shape: Shape) -> str:
    if isinstance(shape, Words):
        x, y = shape.place
        anchor = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
        text = escape(shape.text)
        return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{shape.size}" fill="{shape.colour}"{anchor}>{text}</text>'
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.places)
    if isinstance(shape, Area):
        return f'<polygon points="{places}" fill="{shape.colour}"/>'
    dashes = ' stroke-dasharray="6 4"' if shape.dashed else ""
    return f'<polyline points="{places}" fill="none" stroke="{shape.colour}" stroke-width="{shape.width}"{dashes}/>'


def _dashes(line: Line) -> Iterator[tuple[_Place, _Place]]:
    """Give the dashes of a line of two places: six long, four between."""
    (x, y), (to_x, to_y) = line.places
    length = max(((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5, 1e-9)
    position = 0.0
    while position < length:
        start, stop = position / length, min(position + 6, length) / length
        yield (x + (to_x - x) * start, y + (to_y - y) * start), (x + (to_x - x) * stop, y + (to_y - y) * stop)
        position += 10
