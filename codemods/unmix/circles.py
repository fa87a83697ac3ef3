"""Say why parts of a module need each other in a circle, and which names to move together.

Takes plain data that the partition of any language gives; knows no syntax.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """One reason why `part` needs `home` loaded first: `unit` needs `name` on `line`, perhaps `through` a call."""

    part: str
    home: str
    name: str
    line: int
    unit: str
    through: str


def most_direct(edges: Iterable[Edge]) -> dict[tuple[str, str], Edge]:
    """Give one reason for each pair of parts; a direct need tells more than one through a call."""
    reason: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        if (edge.part, edge.home) not in reason or (reason[edge.part, edge.home].through and not edge.through):
            reason[edge.part, edge.home] = edge
    return reason


def describe_circle(path: str, steps: Sequence[Edge], names: Collection[str], doing: str) -> str:
    """Say `a → b → a` with the line of each need, and which of the movable `names` to move together."""
    circle = " → ".join([steps[0].part, *(step.home for step in steps)])
    together: dict[str, None] = {}
    lines = [f"{path}:{steps[0].line}: the parts need each other while they are {doing}: {circle}"]
    for step in steps:
        through = f", which calls `{step.through}`" if step.through else ""
        lines.append(f"    {step.part} needs `{step.name}` of {step.home}: line {step.line}, in `{step.unit}`{through}")
        together[step.name] = None
        if step.unit in names:
            together[step.unit] = None
    smallest = min(({step.name, step.unit} & set(names) for step in steps), key=lambda pair: (len(pair), sorted(pair)))
    chosen = smallest if len(smallest) > 1 else together
    lines.append(f"  move together: name {quoted(sorted(chosen))} in the same part")
    return "\n".join(lines)


def quoted(names: Iterable[str]) -> str:
    """Give names as a message shows them."""
    return ", ".join(f"`{name}`" for name in names)
