"""Put the imports of changed blocks in the order that the project's own tool gives them: ruff's rule I001, or isort.

Takes a file's text before and after its edits and the project's settings, gives the text with those blocks sorted that
the edits changed and that were sorted before. It changes no other line, loses no comment and moves no import across
another statement; what it is unsure of stays as the edits made it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from unmix.python.import_blocks import (
    Block,
    Source,
    comments_in,
    indentation_of,
    is_sorted_by,
    read_source,
)
from unmix.python.import_settings import RUFF, ImportSettings, read_import_settings
from unmix.python.isort_order import order_by_isort
from unmix.python.own_parser import NOT_PARSED, parse_quickly
from unmix.python.ruff_order import order_by_ruff
from unmix.python.same_statements import read_again, read_whole
from unmix.workspace import SourceFile, Workspace


def with_imports_in_order(file: SourceFile, before: Workspace, after: Workspace) -> SourceFile:
    """Sort the import blocks that were touched as the project's own isort or ruff would, if it has either.

    The settings are those of the tree with the parts in it: that a part is first party is seen by its file.
    """
    settings = read_import_settings(after, file.path)
    if settings is None:
        return file
    text = before.read(file.path).text if before.exists(file.path) else None
    return SourceFile(file.path, order_imports(text, file.text, settings), file.encoding, file.bom)


def order_imports(before: str | None, after: str, settings: ImportSettings) -> str:
    """Sort the import blocks of `after` that differ from `before` and were sorted there; None: the file is new.

    import os                           →  import os
    from app.retry import with_retry       from app.client import Client
    from app.client import Client          from app.retry import with_retry
    """
    if not all(is_sorted_by(text, settings) for text in (before, after) if text is not None):
        return after
    try:
        reread = None if before is None else read_again(before, after)
        unit = indentation_of(read_whole(after if before is None else before))
        source = read_source(read_whole(after) if reread is None else reread.new, settings, unit)
    except NOT_PARSED:
        return after
    old = None if reread is None else read_source(reread.old, settings, unit)
    kept = set() if old is None else {old.text_of(block) for block in old.blocks}
    owned = {} if old is None else {block.key: block for block in old.blocks}
    lines = list(source.lines)
    for block in reversed(source.blocks):
        if source.text_of(block) in kept:
            continue
        earlier = owned.get(block.key)
        if old is not None and earlier is not None and not _is_same(_sorted(old, earlier, settings), old, earlier):
            continue
        text = _sorted(source, block, settings)
        if text is not None and not _is_same(text, source, block) and _is_faithful(source, block, text):
            lines[block.start : block.end] = [text]
    result = "".join(lines)
    if lines == source.lines or not _is_python(result):
        return after
    return result if reread is None else result + reread.rest


def _sorted(source: Source, block: Block, settings: ImportSettings) -> str | None:
    """Give the lines of a block as the project's tool would write them; None when that cannot be told."""
    sort = order_by_ruff if settings.tool == RUFF else order_by_isort
    text = sort(source, block, settings)
    if text is None:
        return None
    if block.blank is not None:
        return text + source.newline * block.blank
    return text if source.lines[block.body_end - 1].endswith("\n") else text.rstrip("\r\n")


def _is_same(text: str | None, source: Source, block: Block) -> bool:
    """Say whether a block is as it should be; the indentation of lines in brackets is a formatter's business."""
    if text is None:
        return False
    return [line.lstrip() for line in text.splitlines()] == [
        line.strip("\r\n").lstrip() for line in source.lines[block.start : block.end]
    ]


def _is_faithful(source: Source, block: Block, text: str) -> bool:
    """Say whether a sorted block has every comment and every name, and each name is bound to what it was."""
    old = "".join(source.lines[block.start : block.end])
    before, after = _imports_in(old, block.indent), _imports_in(text, block.indent)
    if before is None or after is None or set(before) != set(after) or _winners(before) != _winners(after):
        return False
    comments, kept = comments_in(old), comments_in(text)
    return comments is not None and kept is not None and not _remarks(comments) - _remarks(kept)


def _remarks(comments: Mapping[int, str]) -> Counter[str]:
    """Count what comments say: where statements become one, so do their comments.

    # noqa  # why    # noqa; why
    """
    return Counter(said for comment in comments.values() for said in re.split(r"\s*[#;]\s*", comment) if said)


def _imports_in(text: str, indent: str) -> list[tuple[int, str, str, str]] | None:
    """Give level, module, name and local name of each import of a block, in order."""
    try:
        tree = parse_quickly(f"if 1:\n{text}" if indent else text)
    except (SyntaxError, ValueError):
        return None
    body = tree.body[0].body if indent and isinstance(tree.body[0], ast.If) else tree.body
    found = []
    for node in body:
        if isinstance(node, ast.ImportFrom):
            found += [(node.level, node.module or "", name.name, name.asname or "") for name in node.names]
        elif isinstance(node, ast.Import):
            found += [(-1, name.name, "", name.asname or "") for name in node.names]
        else:
            return None
    return found


def _winners(imports: Iterable[tuple[int, str, str, str]]) -> tuple[object, ...]:
    """Give what each local name is in the end, and the order of star imports, which may bind any name."""
    bound: dict[str, object] = {}
    stars = []
    for level, module, name, asname in imports:
        if name == "*":
            stars.append((level, module))
        elif level == -1 and not asname:
            bound[module.partition(".")[0]] = module.partition(".")[0]
        else:
            bound[asname or name] = level, module, name
    return bound, tuple(stars)


def _is_python(text: str) -> bool:
    try:
        parse_quickly(text)
    except NOT_PARSED:
        return False
    return True
