"""Make a process bear large syntax trees. It changes the settings of the interpreter, and nothing else."""

from __future__ import annotations

import gc
import sys


def bear_large_trees() -> None:
    """Raise what bounds the recursion, and how many objects are made before Python searches for circles."""
    # A syntax tree is some ten thousand objects, hardly any of them in a circle. By default Python searches all that
    # live for circles again and again while trees are built: over a third of all the time. Some forty files stay below.
    gc.set_threshold(1_000_000, 10, 10)
    # LibCST writes a tree by three calls a level: a thousand strings in a row, as real files have them, need so many.
    sys.setrecursionlimit(10_000)
