"""Two contents → the hunks of a unified diff.

Works on bytes and breaks lines only at `\\n`, as git does: a form feed or a lone carriage return is a
character of its line.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3

# Comparing lines that repeat is quadratic in how often they do; past this many pairs a stretch is replaced as a whole.
_MOST_PAIRS = 2_000_000


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `start` to `start + count` (0-based) of either side; `lines` have their mark: b" ", b"-" or b"+"."""

    before_start: int
    before_count: int
    after_start: int
    after_count: int
    lines: tuple[bytes, ...]

    @property
    def header(self) -> str:
        """The line that opens the hunk in a unified diff."""
        return f"@@ -{_range(self.before_start, self.before_count)} +{_range(self.after_start, self.after_count)} @@"


# Before[a:b] is replaced by after[c:d].
_Block = tuple[int, int, int, int]


def find_hunks(before: bytes, after: bytes) -> tuple[Hunk, ...]:
    """Give the hunks that turn `before` into `after`; a line keeps its `\\n`, the last one may have none."""
    old, new = _lines(before), _lines(after)
    return tuple(_hunk(old, new, group) for group in _groups(list(_blocks(old, new))))


def match_lines(before: bytes, after: bytes) -> tuple[tuple[int, int], ...]:
    """Give the pairs of lines (0-based) that are the same in both, ascending on either side."""
    old, new = _lines(before), _lines(after)
    pairs: list[tuple[int, int]] = []
    position = (0, 0)
    for a, b, c, d in [*_blocks(old, new), (len(old), len(old), len(new), len(new))]:
        pairs += zip(range(position[0], a), range(position[1], c), strict=True)
        position = b, d
    return tuple(pairs)


def _range(start: int, count: int) -> str:
    # An empty range is named by the line in front of it.
    first = start + 1 if count else start
    return f"{first}" if count == 1 else f"{first},{count}"


def _lines(content: bytes) -> list[bytes]:
    return io.BytesIO(content).readlines()


def _blocks(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[_Block]:
    """Give the blocks that differ, in order and with at least one common line between two of them.

    Lines that occur once on both sides anchor the comparison (a "patience" diff), so only short stretches between
    anchors are left for difflib.
    """
    blocks: list[_Block] = []
    position = (0, 0)
    for anchor in [*_anchors(old, new), (len(old), len(new))]:
        blocks += _stretch(old, new, (position[0], anchor[0], position[1], anchor[1]))
        position = (anchor[0] + 1, anchor[1] + 1)
    return iter(blocks)


def _anchors(old: Sequence[bytes], new: Sequence[bytes]) -> list[tuple[int, int]]:
    """The longest series of pairs of equal lines, unique on both sides, that ascends on both sides."""
    old_counts, new_counts = Counter(old), Counter(new)
    new_index = {line: index for index, line in enumerate(new) if new_counts[line] == 1 == old_counts[line]}
    pairs = [(index, new_index[line]) for index, line in enumerate(old) if line in new_index]
    # Patience sorting: ends[n] is the lowest end of a series of n + 1 pairs, links lead back along it.
    ends: list[int] = []
    holders: list[int] = []
    links: list[int] = []
    for number, (_, after) in enumerate(pairs):
        length = bisect_left(ends, after)
        links.append(holders[length - 1] if length else -1)
        if length == len(ends):
            ends.append(after)
            holders.append(number)
        else:
            ends[length], holders[length] = after, number
    series: list[tuple[int, int]] = []
    number = holders[-1] if holders else -1
    while number >= 0:
        series.append(pairs[number])
        number = links[number]
    return series[::-1]


def _stretch(old: Sequence[bytes], new: Sequence[bytes], block: _Block) -> list[_Block]:
    a, b, c, d = block
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    if a == b and c == d:
        return []
    counts = Counter(new[c:d])
    if a == b or c == d or sum(counts[line] for line in old[a:b]) > _MOST_PAIRS:
        return [(a, b, c, d)]
    matcher = SequenceMatcher(None, old[a:b], new[c:d], autojunk=False)
    return [
        (a + old_start, a + old_end, c + new_start, c + new_end)
        for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes()
        if kind != "equal"
    ]


def _groups(blocks: Sequence[_Block]) -> list[list[_Block]]:
    groups: list[list[_Block]] = []
    for block in blocks:
        if groups and block[0] - groups[-1][-1][1] <= 2 * CONTEXT:
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def _hunk(old: Sequence[bytes], new: Sequence[bytes], group: Sequence[_Block]) -> Hunk:
    first, last = group[0], group[-1]
    before = min(CONTEXT, first[0])
    behind = min(CONTEXT, len(old) - last[1])
    position = first[0] - before
    lines: list[bytes] = []
    for a, b, c, d in group:
        lines += [b" " + line for line in old[position:a]]
        lines += [b"-" + line for line in old[a:b]]
        lines += [b"+" + line for line in new[c:d]]
        position = b
    lines += [b" " + line for line in old[position : position + behind]]
    old_start, new_start = first[0] - before, first[2] - before
    return Hunk(old_start, last[1] + behind - old_start, new_start, last[3] + behind - new_start, tuple(lines))
