"""Find nodes of a text in Python 2 syntax with Bowler.

Takes decoded text and patterns of Bowler's, gives the nodes that match and where they stand; Bowler writes nothing.
"""

from __future__ import annotations

import logging
import queue
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unmix.errors import UnreadableSource


@dataclass(slots=True)
class Places:
    """Where the leaves of a tree stand: it renders to the text, so that counting their characters says it."""

    root: Any
    text: str
    starts: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        offset = 0
        for leaf in self.root.leaves():
            offset += len(leaf.prefix)
            self.starts[id(leaf)] = offset
            offset += len(leaf.value)

    def start(self, node: Any) -> int:
        """Give where the first leaf of `node` begins, without the blanks and comments before it."""
        return self.starts[id(next(iter(node.leaves())))]

    def end(self, node: Any) -> int:
        """Give where the last leaf of `node` ends."""
        *_, last = node.leaves()
        return self.starts[id(last)] + len(last.value)


class LegacyQuery:
    """One Bowler query, over a copy: Bowler reads files only, and nothing it might do may reach the project's own."""

    def __init__(self, path: str, text: str) -> None:
        # Imported when a file needs it: few trees have one.
        from bowler import Query

        self.path = path
        # The copy is in UTF-8, whatever the text says that it is in.
        first, rest = text.split("\n", 2)[:2], text.split("\n", 2)[2:]
        comments = [line.replace("coding", "c0ding") if line.lstrip().startswith("#") else line for line in first]
        self.text = "\n".join((*comments, *rest))
        self._folder = tempfile.TemporaryDirectory(prefix="unmix-")
        self._copy = Path(self._folder.name, "copy.py")
        self._query = Query(str(self._copy), python_version=2)
        self._roots: list[Any] = self.select("file_input< any* >")

    def select(self, pattern: str) -> list[Any]:
        """Have the nodes that match `pattern` put into the list that is given."""
        found: list[Any] = []
        # A callback that gives a node back would have it put in place of the one it was given.
        self._query.select(pattern).modify(lambda node, capture, filename: found.append(node))
        return found

    def run(self) -> Places:
        """Run the query. Raises UnreadableSource; Bowler itself logs what it cannot parse, and goes on."""
        from bowler.tool import BowlerTool

        tool = BowlerTool(self._query.compile(), interactive=False, write=False, silent=True, in_process=True)
        # Between processes an exception has to be pickled: one that cannot be would be lost, and waited for for ever.
        tool.queue, tool.results = queue.Queue(), queue.Queue()
        with self._folder, _listening() as heard:
            self._copy.write_bytes(self.text.encode())
            tool.run([str(self._copy)])
        # Bowler parses a last line that has no end as if it had one.
        whole = self.text if self.text.endswith("\n") else self.text + "\n"
        if tool.exceptions or len(self._roots) != 1 or str(self._roots[0]) != whole:
            line, reason = _complaint(heard)
            raise UnreadableSource(self.path, line, f"cannot be parsed, not as Python 2 either: {reason}")
        return Places(self._roots[0], self.text)


class _Listener(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record)


@contextmanager
def _listening() -> Iterator[list[logging.LogRecord]]:
    """Give the list of what Bowler logs meanwhile, and keep it off the terminal."""
    handler = _Listener()
    loggers = [logging.getLogger(name) for name in ("RefactoringTool", "bowler")]
    propagated = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield handler.heard
    finally:
        for logger, propagate in zip(loggers, propagated, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagate


def _complaint(heard: Sequence[logging.LogRecord]) -> tuple[int, str]:
    """Read the line and the reason off what was logged."""
    for record in heard:
        for said in record.args if isinstance(record.args, tuple) else ():
            if isinstance(said, Exception):
                # Of a ParseError, a TokenError, an IndentationError: each says it in another place.
                match getattr(said, "context", None), said.args:
                    case (_, (int(line), int(_))), _:
                        return line, f"bad input {getattr(said, 'value', '')!r}"
                    case _, (str(reason), (int(line), int(_)) | (_, int(line), int(_), _)):
                        return line, reason
                return 0, f"{type(said).__name__}: {said}"
    return 0, "Bowler does not give back the same text"
