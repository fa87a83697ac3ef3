"""Read what stands at the old paths: shims that unmix wrote, whoever edited them since, and shims made by hand.

Takes the splits and a tree, gives StandingShims with what is wrong in each. Compares texts, runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from unmix.engine import StandingShim
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.javascript.index import ModuleIndex
from unmix.javascript.outline import outline_module
from unmix.javascript.scopes import Scopes
from unmix.javascript.syntax import parse
from unmix.migration import ShimSettings, Split
from unmix.shim_text import find_edit
from unmix.workspace import decode_text
from unmix_shims.javascript import JavaScriptShim, read_shim, render_shim


def read_standing_shim(split: Split, settings: ShimSettings, index: ModuleIndex) -> StandingShim | None:
    """Read what stands at the old path of one split; None where the module is whole, gone, or cannot be read."""
    workspace, path = index.finder.workspace, split.module
    if not workspace.exists(path):
        return None
    try:
        text = workspace.read(path).text
    except UnreadableSource:
        return None
    places = tuple(part.module for part in split.parts)
    shim = read_shim(text, path)
    if shim is None:
        if not any(map(workspace.exists, places)):
            return None
        return StandingShim(path, path, places, "", 1, _names_of_module(path, index))
    until = settings.remove_in or shim.remove_in
    offers = None if shim.stars or shim.whole else frozenset(shim.homes)
    findings = (
        *find_edit(text, generated_text(text, shim, settings), shim.module, shim.module),
        *_leading_nowhere(text, shim, index),
    )
    return StandingShim(path, path, places, until, _line_of(text, "until it is removed"), offers, findings)


def generated_text(text: str, shim: JavaScriptShim, settings: ShimSettings) -> str:
    """Give the text that unmix would write in place of the shim with this text, line ends included."""
    text_now = render_shim(replace(shim, since=settings.since, remove_in=settings.remove_in))
    return text_now.replace("\n", "\r\n") if "\r\n" in text else text_now


def shim_again(text: str, path: str) -> str | None:
    """Give what the table of a shim renders to; None when the text is no shim."""
    shim = read_shim(text, path)
    return render_shim(shim) if shim is not None else None


def public_names(path: str, data: bytes) -> frozenset[str] | None:
    """Give what a module exports; None when these bytes are a shim, or cannot be read."""
    try:
        text = decode_text(path, data).text
        if read_shim(text, path) is not None:
            return None
        return frozenset(outline_module(Scopes(parse(path, text))).exported)
    except UnreadableSource:
        return None


def _leading_nowhere(text: str, shim: JavaScriptShim, index: ModuleIndex) -> Iterator[Finding]:
    """Find the names that the shim leads to a part, which has them no more."""
    for name, part in shim.homes.items():
        if not index.finder.workspace.exists(part):
            why = f"{part} is gone"
        elif name not in shim.types and index.exports(part, name) is False:
            why = f"{part} exports no `{name}`"
        else:
            continue
        old = f"{shim.module}.{name}"
        hint = "bring it back, or export it there from where it went"
        line = _line_of(text, f"  {name},") if f"  {name}," in text else _line_of(text, f"  {name}:")
        yield Finding(shim.module, line, 1, "UNM008", f"{old} leads nowhere: {why}", old, f"{part}#{name}", hint)


def _names_of_module(path: str, index: ModuleIndex) -> frozenset[str] | None:
    """Give the names that a shim made by hand has; None when its text does not tell."""
    known = index.exports_of(path)
    if known is None or known.dynamic or known.stars:
        return None
    return known.names


def _line_of(text: str, words: str) -> int:
    """Give the line on which some words stand; the first line when they do not."""
    return next((number for number, line in enumerate(text.splitlines(), 1) if words in line), 1)
