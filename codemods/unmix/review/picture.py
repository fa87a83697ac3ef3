"""Draw what needs what: boxes in columns, curves between them.

Takes columns of nodes and the edges between them, gives a Picture: places and curves in pixels, which a template turns
into SVG. Nodes of one column that need each other are joined on its outer side, those of different ones across the cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_ROW = 26
_BOX = 20
_LETTER = 6.7
_LONGEST_LABEL = 30
_SHORTEST_BOX = 90
_TOP = 58
_GUTTER = 70
_CUT = 110
_MARGIN = 16


@dataclass(frozen=True, slots=True)
class Node:
    """One box: `key` names it, `label` stands in it, `title` says more, `link` is where it leads, `kind` its class."""

    key: str
    label: str
    title: str = ""
    link: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Boxes below each other, under a heading."""

    heading: str
    nodes: tuple[Node, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """`start` needs `end`; `firm` when it does while it is imported, else only later."""

    start: str
    end: str
    firm: bool
    title: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place."""

    node: Node
    label: str
    x: float
    y: float
    width: float
    height: float = _BOX

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge with its way; `crosses` when it leaves its column."""

    edge: Edge
    path: str
    crosses: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading with its place."""

    text: str
    title: str
    note: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn, and how large it is; `cuts` are the x of the lines between columns."""

    width: float
    height: float
    headings: tuple[Heading, ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    cuts: tuple[float, ...] = field(default=())


def draw_picture(columns: Sequence[Column], edges: Sequence[Edge]) -> Picture:
    """Place every node and edge; edges whose ends are not there are left out."""
    boxes: dict[str, Box] = {}
    column_of: dict[str, int] = {}
    headings: list[Heading] = []
    cuts: list[float] = []
    x = float(_MARGIN)
    for number, column in enumerate(columns):
        if number:
            cuts.append(x + _CUT / 2)
            x += _CUT
        if number == 0 or number < len(columns) - 1:
            x += _GUTTER
        width = max([_SHORTEST_BOX, *(_width(node.label) for node in column.nodes)])
        heading = _shortened(column.heading, 44)
        headings.append(Heading(heading, column.heading, column.note, x, width))
        for row, node in enumerate(column.nodes):
            boxes[node.key] = Box(node, _shortened(node.label, _LONGEST_LABEL), x, _TOP + row * _ROW, width)
            column_of[node.key] = number
        x += max(width, len(heading) * (_LETTER + 1.3) - _CUT / 2)
    rows = max((len(column.nodes) for column in columns), default=0)
    last = len(columns) - 1 if len(columns) > 1 else -1
    curves = [_curve(edge, boxes, column_of, last) for edge in edges if edge.start in boxes and edge.end in boxes]
    # Those that cross are drawn last, above all others.
    curves.sort(key=lambda curve: (curve.crosses, curve.edge.firm))
    size = x + _GUTTER + _MARGIN, _TOP + rows * _ROW + _MARGIN
    return Picture(*size, tuple(headings), tuple(boxes.values()), tuple(curves), tuple(cuts))


def order_columns(columns: Sequence[Column], edges: Sequence[Edge]) -> tuple[Column, ...]:
    """Sort each column so that what is joined across the cut stands at about the same height.

    Three rounds of the barycentre rule; nodes without a neighbour keep their place among the others.
    """
    neighbours: dict[str, list[str]] = {}
    for edge in edges:
        neighbours.setdefault(edge.start, []).append(edge.end)
        neighbours.setdefault(edge.end, []).append(edge.start)
    ordered = list(columns)
    for _ in range(3):
        for number, column in enumerate(ordered):
            height = {
                node.key: row / max(len(other.nodes), 1)
                for index, other in enumerate(ordered)
                if index != number
                for row, node in enumerate(other.nodes)
            }
            ordered[number] = Column(column.heading, tuple(_sorted(column, neighbours, height)), column.note)
    return tuple(ordered)


def _sorted(column: Column, neighbours: Mapping[str, list[str]], height: Mapping[str, float]) -> list[Node]:
    def place(item: tuple[int, Node]) -> float:
        row, node = item
        heights = [height[other] for other in neighbours.get(node.key, ()) if other in height]
        return sum(heights) / len(heights) if heights else row / max(len(column.nodes), 1)

    return [node for _, node in sorted(enumerate(column.nodes), key=place)]


def _curve(edge: Edge, boxes: Mapping[str, Box], column_of: Mapping[str, int], last: int) -> Curve:
    start, end = boxes[edge.start], boxes[edge.end]
    if column_of[edge.start] == column_of[edge.end]:
        # An arc beside the column, the wider the farther; that of the last one is on its right, out of the others' way.
        bulge = min(_GUTTER - 8, 14 + abs(end.middle - start.middle) * 0.16)
        x, side = (start.x + start.width, 1) if column_of[edge.start] == last else (start.x, -1)
        path = (
            f"M{x:.0f} {start.middle:.0f}C{x + side * bulge:.0f} {start.middle:.0f} "
            f"{x + side * bulge:.0f} {end.middle:.0f} {x + side * 3:.0f} {end.middle:.0f}"
        )
        return Curve(edge, path, crosses=False)
    forward = column_of[edge.start] < column_of[edge.end]
    x1 = start.x + start.width if forward else start.x
    x2 = end.x - 3 if forward else end.x + end.width + 3
    bend = (x2 - x1) / 2
    path = (
        f"M{x1:.0f} {start.middle:.0f}C{x1 + bend:.0f} {start.middle:.0f} "
        f"{x2 - bend:.0f} {end.middle:.0f} {x2:.0f} {end.middle:.0f}"
    )
    return Curve(edge, path, crosses=True)


def _width(label: str) -> float:
    return min(len(label), _LONGEST_LABEL) * _LETTER + 16


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
