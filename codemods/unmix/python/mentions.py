"""Find where a text that is no Python names an old module: dotted names, entry points, file paths, quoted imports.

Takes any text, gives Mention values; what each is to become is decided in documents.py.
"""

from __future__ import annotations

import keyword
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from unmix.python.context import Context

Span = tuple[int, int]


class Form(str, Enum):
    """How a text names an old module."""

    NAME = "old.name"
    MODULE = "old"
    PATH = "app/old.py"
    IMPORT = "from old import name, other"


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """One place that names an old module. `span` is the module's (or the path's), `names` those that follow it.

    app.db.old.Client.query   span is that of app.db.old, the only name is Client; a rest is no part of it
    """

    span: Span
    form: Form
    old: str
    names: tuple[tuple[str, Span], ...] = ()

    @property
    def extent(self) -> Span:
        """The span of the module and all names."""
        return self.span[0], self.names[-1][1][1] if self.names else self.span[1]


def find_mentions(text: str, context: Context) -> tuple[Mention, ...]:
    """Find every mention of an old module, sorted; where two overlap the one that says more counts."""
    found = sorted([*_imports(text, context), *_paths(text, context)])
    begins = [mention.extent[0] for mention in found]
    longer = tuple(found)
    for mention in _dotted(text, context):
        before = bisect_right(begins, mention.extent[0]) - 1
        if before < 0 or longer[before].extent[1] <= mention.extent[0]:
            found.append(mention)
    return tuple(sorted(found))


def is_in_url(text: str, offset: int) -> bool:
    """Say whether the character at `offset` belongs to a web address."""
    return _URL.search(text, max(0, offset - 500), offset) is not None


_URL = re.compile(r"(?:https?|ftp|ssh|git(?:\+\w+)?)://[^\s<>\"'`|\\^{}]*\Z")

# Neither within a longer name or dotted path, nor the end of a hyphenated one, nor a file's name in a folder.
# A `\n` in a quoted string is no letter.
_BEFORE = r"(?:(?<![\w.])(?<!\w-)(?<![\w.~-]/)|(?<=\\[nrt]))"
_NAME = r"[^\W\d]\w*"
_ITEM = rf"{_NAME}(?:[ \t]+as[ \t]+{_NAME})?"

# `app.db.old.html` is the file that a documentation tool makes of the module.
_FILE_ENDINGS = frozenset("rst html htm md txt log json yaml yml toml ini cfg xml csv svg png dot pyc".split())


def _alternatives(names: tuple[str, ...]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


@lru_cache(16)
def _dotted_pattern(olds: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}({_alternatives(olds)})(?!\w)(?:[.:]({_NAME}))?")


def _dotted(text: str, context: Context) -> Iterator[Mention]:
    """`old.name`, `old:name`, `old`."""
    if not any(old in text for old in context.olds):
        return
    for match in _dotted_pattern(context.olds).finditer(text):
        old, name = match[1], match[2]
        if name is None:
            yield Mention(match.span(1), Form.MODULE, old)
        elif name in _FILE_ENDINGS and context.part_for(old, name) is None:
            continue
        else:
            yield Mention(match.span(1), Form.NAME, old, ((name, match.span(2)),))


@lru_cache(16)
def _import_patterns(olds: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    of_names = re.compile(
        rf"\bfrom[ \t]+({_alternatives(olds)})[ \t]+import[ \t]+\(?[ \t]*({_ITEM}(?:[ \t]*,[ \t]*{_ITEM})*)"
    )
    pairs = [
        rf"{re.escape(package)}[ \t]+import[ \t]+\(?[ \t]*(?:{_ITEM}[ \t]*,[ \t]*)*{re.escape(leaf)}\b"
        for package, _, leaf in (old.rpartition(".") for old in olds)
        if package
    ]
    return of_names, re.compile(rf"\bfrom[ \t]+(?:{'|'.join(pairs)})") if pairs else None


def _imports(text: str, context: Context) -> Iterator[Mention]:
    """`from package.old import name`, `from package import old`, quoted on one line."""
    if "import" not in text:
        return
    of_names, of_modules = _import_patterns(context.olds)
    for match in of_names.finditer(text):
        names = []
        for item in re.finditer(_ITEM, match[2]):
            name = re.split(r"[ \t]", item[0], maxsplit=1)[0]
            if keyword.iskeyword(name):  # "… import name, and then"
                break
            start = match.start(2) + item.start()
            names.append((name, (start, start + len(name))))
        if names:
            yield Mention(match.span(1), Form.IMPORT, match[1], tuple(names))
    for match in of_modules.finditer(text) if of_modules is not None else ():
        package, leaf = match[0].split()[1], match[0].split()[-1].rpartition(",")[2].lstrip("(")
        yield Mention((match.end() - len(leaf), match.end()), Form.MODULE, f"{package}.{leaf}")


def _paths(text: str, context: Context) -> Iterator[Mention]:
    """`app/db/old.py`, with or without its source root, also behind `./`, `/`, `${VARIABLE}/` and in addresses."""
    for relocation in context.relocations:
        spellings = {relocation.path}
        for root in context.index.finder.roots:
            if root and relocation.path.startswith(root):
                spellings.add(relocation.path[len(root) :])
        if not any(spelling in text for spelling in spellings):
            continue
        for match in re.finditer(rf"(?<![\w.-])(?:{_alternatives(tuple(spellings))})(?![\w])", text):
            folder = re.search(r"[^\s\"'`<>(\[=,:|]*\Z", text[max(0, match.start() - 300) : match.start()])
            above = folder[0] if folder else ""
            if not above or _SAME_TREE.fullmatch(above) or is_in_url(text, match.start()):
                yield Mention(match.span(), Form.PATH, relocation.module)


# What may stand before a path that is relative to the project: `../`, `/`, `$HOME/`, `${ROOT}/`, `%(here)s/`.
_SAME_TREE = re.compile(r"(?:\.{0,2}/)+|\$\w+/|.*(?:[})%]|\)s)/")
