"""Keep which contents hold none of the texts in question, so that a check does not search them once more.

Takes a folder and the texts, gives ids of git's blobs. Whatever is wrong with a file there, it counts as empty: a cache
may only save time. Jobs may share a folder, since files are replaced whole; of two writers one wins.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from unmix import __version__

_FIRST = f"unmix {__version__}"


@dataclass(frozen=True, slots=True)
class SearchCache:
    """A folder that has one file for each set of texts that was searched for."""

    folder: Path

    def read(self, needles: Sequence[bytes]) -> frozenset[str]:
        """Give the ids of blobs that are known to hold none of `needles`."""
        try:
            first, *ids = self._file(needles).read_text(encoding="ascii").split("\n")
        except (OSError, ValueError):
            return frozenset()
        # The last line is empty where the file is whole.
        return frozenset(ids[:-1]) if first == _FIRST and ids and not ids[-1] else frozenset()

    def write(self, needles: Sequence[bytes], ids: Collection[str]) -> None:
        """Keep that the blobs `ids` hold none of `needles`, and forget all others."""
        import tempfile  # as hashlib below: most runs have no cache, and are over before such an import pays

        text = "\n".join([_FIRST, *sorted(ids), ""])
        with contextlib.suppress(OSError):  # A check must not fail since a disk is full.
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".search-", delete=False) as beside:
                beside.write(text.encode("ascii"))
            Path(beside.name).replace(self._file(needles))

    def _file(self, needles: Sequence[bytes]) -> Path:
        import hashlib

        key = hashlib.sha256(b"\0".join([_FIRST.encode(), *sorted(needles)])).hexdigest()
        return self.folder / f"search-{key[:32]}.txt"
