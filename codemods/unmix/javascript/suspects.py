"""Tell the files that may concern a migration from those that surely do not, without parsing them.

Takes a text, says yes or no; a yes is only a reason to look closer (callsites.py and missing.py do).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from unmix.javascript.context import Context

_TAKEN = re.compile(
    r"""\b(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?\{(?P<clause>[^{}]*)\}\s*from\s*(["'])(?P<from>[^"'\r\n]+)\2"""
    r"""|\{(?P<pattern>[^{}]*)\}\s*=\s*(?:await\s+import|require)\s*\(\s*(["'])(?P<loaded>[^"'\r\n]+)\5"""
)
_LOADED = re.compile(r"""(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\(|\bock\s*\()\s*(["'])(?P<from>[^"'\r\n]+)\1""")


# What stands in quotes and has no name in it: `..`, `./`.
_DOTS = re.compile(r"""(["'`])(\.{1,2}(?:/\.{1,2})*/?(?:/index(?:\.\w+)?)?)\1""")
_COMPUTED = re.compile(r"\b(?:import|require)\(\s*`|\.glob\w*\(")
# What a comment tells a tool: @jest-environment ./old.js
_TOLD = re.compile(r"@[\w-]+[ \t]+(\.{1,2}/[^\s*'\"`]+)")
_QUOTES = "\"'`"


def may_load_old(text: str, path: str, context: Context) -> bool:
    """Say whether something in quotes, or told to a tool, means an old module, or may be computed to mean one."""
    if _COMPUTED.search(text):
        return True
    if context.has_index and any(context.old_of(match[2], path) for match in _DOTS.finditer(text)):
        return True
    if any(context.old_of(match[1], path) for match in _TOLD.finditer(text)):
        return True
    for match in context.mentions.finditer(text):
        start = max(text.rfind(quote, 0, match.start()) for quote in _QUOTES) + 1
        ends = [end for quote in _QUOTES if (end := text.find(quote, match.end())) >= 0]
        written = text[start : min(ends)] if start and ends else ""
        if written and "\n" not in written and (context.old_of(written, path) or context.loaded_file(written, path)):
            return True
        # A path from the root, or a key of stubs, which is seen from another file.
        if written.removeprefix("./") in context.olds or (
            "/" in written and re.match(r"\s*:", text[min(ends) + 1 : min(ends) + 9])
        ):
            return True
    return False


def is_suspect(text: str, path: str, context: Context) -> bool:
    """Say whether a file may take a watched name from where it is not, or use or export it without declaring it."""
    if any(_is_ours(match["from"], path, context) for match in _LOADED.finditer(text)):
        return True
    names = _words(frozenset(name for name in context.watched if name != "default"))
    mentioned = set(names.findall(text))
    if not mentioned:
        return False
    taken: set[str] = set()
    for match in _TAKEN.finditer(text):
        here = mentioned & set(re.findall(r"[\w$]+", match["clause"] or match["pattern"] or ""))
        taken |= here
        specifier = match["from"] or match["loaded"]
        module = context.finder.resolve(specifier, path) if here else None
        if here and module is None and context.finder.is_relative(specifier):
            return True
        if module is not None and any(context.index.exports(module, name) is False for name in here):
            return True
    return any(not _declares(text, name) for name in mentioned - taken)


def _is_ours(specifier: str, path: str, context: Context) -> bool:
    if not context.part_mentions.search(specifier):
        return False
    module = context.finder.resolve(specifier, path)
    return module in context.parts if module is not None else context.gone_part_of(specifier, path) is not None


@lru_cache(maxsize=8)
def _words(names: Collection[str]) -> re.Pattern[str]:
    """Match any of the names where it is no property, no key and no piece of a path."""
    alternatives = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"(?<![\w$./'\"@#-])(?:{alternatives})(?![\w$'\"/-])(?!\s*:)")


def _declares(text: str, name: str) -> bool:
    """Say whether a text seems to declare a name; a parameter, a pattern and an assignment count, too."""
    word = re.escape(name)
    return (
        re.search(
            rf"\b(?:function\s*\*?|class|const|let|var|interface|type|enum|namespace|module|using|import)\s+{word}(?![\w$])"
            rf"|\bas\s+{word}(?![\w$])"
            rf"|\b(?:const|let|var)\b[^;=]*(?<![\w$.]){word}(?![\w$])[^;=]*="
            rf"|\([^()]*(?<![\w$.]){word}(?![\w$])[^()]*\)\s*(?::[^={{}};]*)?(?:=>|\{{)"
            rf"|(?<![\w$.]){word}\s*=>|<[^<>]*\b{word}\b[^<>]*>\s*\(",
            text,
        )
        is not None
    )
