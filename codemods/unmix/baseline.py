"""A baseline: the findings a project has agreed to live with for now, in a file that only ever shrinks.

Takes instances and the file, gives those that are new and the entries that are stale. Entries hold no line numbers, so
that moved lines change nothing; and each is one finding, so that a mended one does not make room for another.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from unmix.errors import UsageError
from unmix.instance import Instance, Key


@dataclass(frozen=True, slots=True)
class Comparison:
    """Instances against known ones: `new` are not known, `stale` are known and not there, with how many of each."""

    new: tuple[Instance, ...]
    stale: Mapping[Key, int]


def compare(instances: Sequence[Instance], known: Mapping[Key, int]) -> Comparison:
    """Tell new instances from known ones; of several alike the first ones are known."""
    left = Counter(known)
    new = []
    for instance in instances:
        if left[instance.key] > 0:
            left[instance.key] -= 1
        else:
            new.append(instance)
    return Comparison(tuple(new), {key: count for key, count in sorted(left.items()) if count > 0})


def read_baseline(path: Path) -> dict[Key, int]:
    """Read a baseline file. Raises UsageError when it is no such file."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if document[_MARK] != 1:
            version = document[_MARK]
            raise UsageError(f"{path}: this unmix does not know version {version} of baselines; upgrade it")
        known: Counter[Key] = Counter()
        for entry in document["findings"]:
            words = [entry[name] for name in Key._fields]
            count = entry.get("count", 1)
            if not all(isinstance(word, str) for word in words) or not isinstance(count, int) or count < 1:
                raise TypeError("an entry holds something else than texts and a count")
            known[Key(*words)] += count
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file; make it with --update-baseline") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        remedy = "delete it and make it anew with --update-baseline"
        raise UsageError(f"{path}: is no baseline of `unmix check` ({error}); {remedy}") from error
    return dict(known)


def render_baseline(known: Mapping[Key, int]) -> str:
    """Give the text of a baseline file: one line an entry, in order, so that branches merge."""
    rows = [
        json.dumps(dict(zip(Key._fields, key, strict=True)) | ({"count": count} if count > 1 else {}))
        for key, count in sorted(known.items())
        if count
    ]
    return f'{{"{_MARK}": 1, "findings": [' + ",".join(f"\n{row}" for row in rows) + "\n]}\n"


def shrink(known: Mapping[Key, int], stale: Mapping[Key, int]) -> dict[Key, int]:
    """Take stale entries out of a baseline."""
    return {key: count - stale.get(key, 0) for key, count in known.items() if count > stale.get(key, 0)}


def count_keys(instances: Iterable[Instance]) -> dict[Key, int]:
    """Give what a baseline of just these instances holds."""
    return dict(Counter(instance.key for instance in instances))


# By this the file is known for what it is: it names old modules, and is no reference to them.
_MARK = "unmix baseline"
