"""Say what the condition of an `if` asks. Takes the LibCST node of the condition."""

from __future__ import annotations

import libcst as cst

from unmix.python.syntax import dotted_name, literal_string


def is_type_checking(test: cst.BaseExpression) -> bool:
    """Say whether an `if` test is `TYPE_CHECKING`, `typing.TYPE_CHECKING` or the like."""
    return (dotted_name(test) or "").rpartition(".")[2] == "TYPE_CHECKING"


def is_dunder_main(test: cst.BaseExpression) -> bool:
    """Say whether an `if` test is `__name__ == "__main__"`, either way round."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    if not isinstance(test.comparisons[0].operator, cst.Equal):
        return False
    sides = (test.left, test.comparisons[0].comparator)
    return any(isinstance(side, cst.Name) and side.value == "__name__" for side in sides) and any(
        literal_string(side) == "__main__" for side in sides
    )
