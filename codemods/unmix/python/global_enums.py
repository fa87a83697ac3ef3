"""Tell which names `@enum.global_enum` puts into the module of the class that it decorates: its members.

Takes a class, gives names. There is no other text that binds them, but for type checkers maybe.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from unmix.python.syntax import dotted_name


def members_made_global(node: cst.ClassDef) -> Iterator[cst.Name]:
    """Give the members of an enumeration which are globals as well.

    @global_enum
    class State(IntEnum):
        START = 0          →  START
    """
    decorated = [(dotted_name(decorator.decorator) or "").rpartition(".")[2] for decorator in node.decorators]
    if "global_enum" not in decorated:
        return
    for statement in node.body.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            targets = [target.target for target in small.targets] if isinstance(small, cst.Assign) else []
            yield from (target for target in targets if isinstance(target, cst.Name) and target.value[:1] != "_")
