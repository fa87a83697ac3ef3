"""What becomes of the units of a module, and how its parts reach each other's names: plain data.

partitioning.py makes it of an Outline and the names asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Reach(str, Enum):
    """How a part reaches a name of another part."""

    TOP = "imported at the top"
    BODY = "imported inside the function, since the parts need each other in a circle"
    TYPING = "imported for type checkers only"
    ASKED = "given when another module asks this part for it, since the parts need each other in a circle"


@dataclass(frozen=True, slots=True)
class Crossing:
    """`part` needs `name`, whose home is `home`; `late` names are read as `home.name` every time.

    `comment` says what needs a name that the part's code does not.
    """

    part: str
    name: str
    home: str
    reach: Reach
    late: bool
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Partition:
    """Who goes where. `parts` come in an order in which each can be imported after those it needs.

    `units` gives each part its units in the order of the file, `import_names` the names each part takes from an import
    unit (by part and unit), `homes` the part of every name the old module defines, `asked` the part that the migration
    file gives a name to. `fillers` are, for a part, the others that it imports at its end since they change something
    while they are imported, with its name: who imports the home of that must get them. `filled` are, in the same way,
    those that it imports at its beginning, since it looks into what they fill.
    """

    parts: tuple[str, ...]
    default: str
    units: Mapping[str, tuple[int, ...]]
    import_names: Mapping[tuple[str, int], frozenset[str]]
    homes: Mapping[str, str]
    asked: Mapping[str, str]
    crossings: tuple[Crossing, ...]
    fillers: Mapping[str, tuple[tuple[str, str], ...]]
    filled: Mapping[str, tuple[tuple[str, str], ...]]
    main: str
