"""Put the imports of changed blocks in the order that the project's own tool gives them: ruff's rule I001, or isort.

Takes a file's text before and after its edits and the project's settings, gives the text with those blocks sorted that
the edits changed and that were sorted before. It changes no other line, loses no comment and moves no import across
another statement; what it is unsure of stays as the edits made it.
"""

from __future__ import annotations

import ast
import configparser
import re
import tokenize
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cmp_to_key, lru_cache
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from unmix.errors import UnreadableSource
from unmix.workspace import Workspace

RUFF, ISORT = "ruff", "isort"


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """What a project says of the imports in the file `path`: to which tool, in which words, and seen from where.

    `roots` are the folders (each empty or ending in `/`) whose modules are first party.
    """

    path: str
    tool: str
    options: Mapping[str, Any]
    roots: tuple[str, ...]
    workspace: Workspace = field(repr=False)


def read_import_settings(workspace: Workspace, path: str) -> ImportSettings | None:
    """Read how the imports of the file `path` are to be sorted; None when neither ruff nor isort is told to.

    A ruff that is told to sort imports goes before isort, and isort before a ruff that sorts because it does so by
    itself. A file that the tool is told to leave alone has no settings; nor has one whose settings cannot be read.
    """
    by_ruff, by_isort = _ruff_table(workspace, path), _isort_table(workspace, path)
    if by_ruff is not None:
        folder, table = by_ruff
        said = _says_select(table)
        if (said or by_isort is None) and _selects_order(table, folder, path):
            return _ruff_settings(workspace, path, folder, table)
    return None if by_isort is None else _isort_settings(workspace, path, *by_isort)


def order_imports(before: str | None, after: str, settings: ImportSettings) -> str:
    """Sort the import blocks of `after` that differ from `before` and were sorted there; None: the file is new.

    import os                           →  import os
    from app.retry import with_retry       from app.client import Client
    from app.client import Client          from app.retry import with_retry
    """
    source, old = _read_source(after, settings), None if before is None else _read_source(before, settings)
    if source is None or (before is not None and old is None):
        return after
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
    return result if result == after or _is_python(result) else after


# Blocks.


@dataclass(frozen=True, slots=True)
class _Block:
    """A run of import statements on the lines from `start` to `end`, with the blank lines behind it that it owns.

    `blank` is how many of them there should be, None where that is nobody's business; `key` tells the place of the
    run among the statements that are no imports, and is the same before and after imports have changed.
    """

    key: tuple[object, ...]
    nodes: tuple[ast.Import | ast.ImportFrom, ...]
    start: int
    body_end: int
    end: int
    indent: str
    blank: int | None


@dataclass(frozen=True, slots=True)
class _Source:
    lines: list[str]
    newline: str
    unit: str  # one step of indentation
    blocks: tuple[_Block, ...] = ()

    def text_of(self, block: _Block) -> str:
        return "".join(self.lines[block.start : block.end])


_SKIP_FILE = re.compile(r"#\s*(?:ruff:\s*)?isort:\s?skip_file", re.MULTILINE)
_NOQA_FILE = re.compile(r"^\s*#\s*(?:ruff|flake8):\s*noqa\s*(?::(?P<codes>.*))?$", re.MULTILINE | re.IGNORECASE)
_NOQA = re.compile(r"#\s*noqa(?P<colon>:\s*(?P<codes>[A-Z][0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_DIRECTIVE = re.compile(r"\s*# (?:ruff: )?isort: ?(split|off|on)\s*$")
_SKIP = re.compile(r"#.*isort: ?skip")


def _read_source(text: str, settings: ImportSettings) -> _Source | None:
    """Find the import blocks of a text; None when it is not to be sorted, or cannot be."""
    if _SKIP_FILE.search(text) or "\r" in text.replace("\r\n", ""):
        return None
    if settings.tool == RUFF and any(_names_order(match["codes"]) for match in _NOQA_FILE.finditer(text)):
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    source = _Source(lines, newline, _indentation(tree, lines))
    finder = _BlockFinder(lines, settings)
    blocks = sorted(finder.blocks_of(tree.body, (), nested=False), key=lambda block: block.start)
    return _Source(lines, newline, source.unit, tuple(blocks))


def _names_order(codes: str | None) -> bool:
    """Say whether a `noqa` with these codes (None: without any) speaks of the order of imports."""
    return codes is None or any("I001".startswith(code) for code in re.findall(r"[A-Z]+[0-9]+", codes.upper()))


def _indentation(tree: ast.Module, lines: Sequence[str]) -> str:
    """Give the indentation of the first indented statement, or else of the first indented line in brackets."""
    first: tuple[int, str] | None = None
    for node in ast.walk(tree):
        for body in _bodies(node):
            number = min(getattr(statement, "lineno", 0) for statement in body[1][:1])
            white = re.match(r"[ \t\f]*", lines[number - 1])
            if number > getattr(node, "lineno", 0) and white and white[0] and (first is None or number < first[0]):
                first = number, white[0].rpartition("\f")[2]
    if first is not None:
        return first[1]
    for node in tree.body:
        for line in lines[node.lineno : node.end_lineno]:
            white = re.match(r"[ \t]+(?=\S)", line)
            if white and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                return white[0]
    return "    "


def _bodies(node: ast.AST) -> list[tuple[str, list[ast.stmt]]]:
    """Give the lists of statements that a node holds, those of exception handlers and match cases included."""
    if isinstance(node, ast.Module):
        return []
    found = []
    for name in ("body", "orelse", "finalbody"):
        value = getattr(node, name, None)
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            found.append((name, value))
    return found


@dataclass(frozen=True, slots=True)
class _BlockFinder:
    lines: list[str]
    settings: ImportSettings

    def blocks_of(self, body: Sequence[ast.stmt], place: tuple[object, ...], *, nested: bool) -> Iterator[_Block]:
        """Give the runs of imports in a list of statements, and in the statements below those."""
        run: list[ast.Import | ast.ImportFrom] = []
        others = 0
        runs = 0
        for statement in body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                splits, excluded = self._directives(run[-1] if run else None, statement)
                if (splits or excluded) and run:
                    yield from self._block(run, (*place, others, runs), statement, nested=nested)
                    run, runs = [], runs + 1
                if not excluded:
                    run.append(statement)
                continue
            yield from self._block(run, (*place, others, runs), statement, nested=nested)
            run, runs = [], 0
            for number, holder in enumerate((statement, *_clauses(statement))):
                for name, inner in _bodies(holder):
                    yield from self.blocks_of(inner, (*place, others, number, name), nested=True)
            others += 1
        yield from self._block(run, (*place, others, runs), None, nested=nested)

    def _directives(self, last: ast.stmt | None, statement: ast.stmt) -> tuple[bool, bool]:
        """Say whether a comment parts `statement` from the last import, and whether one excludes it."""
        above = self.lines[last.end_lineno if last is not None and last.end_lineno else 0 : statement.lineno - 1]
        splits = last is not None and any(match[1] == "split" for match in map(_DIRECTIVE.match, above) if match)
        switches = [match[1] for match in map(_DIRECTIVE.match, self.lines[: statement.lineno]) if match]
        switches = [switch for switch in switches if switch != "split"]
        own = self.lines[statement.lineno - 1 : statement.end_lineno]
        return splits, switches[-1:] == ["off"] or any(_SKIP.search(line) for line in own)

    def _block(
        self,
        run: Sequence[ast.Import | ast.ImportFrom],
        key: tuple[object, ...],
        following: ast.stmt | None,
        *,
        nested: bool,
    ) -> Iterator[_Block]:
        if not run or not all(self._stands_alone(node) for node in run):
            return
        start, end = run[0].lineno - 1, run[-1].end_lineno or run[-1].lineno
        indent = self.lines[start][: run[0].col_offset]
        if self.settings.tool == RUFF:
            noqa = _NOQA.search(self.lines[start])
            if noqa and _names_order(noqa["codes"]):
                return
        else:
            start = self._with_comments(start, indent)
        owned = end
        blank = None if nested or following is None else self._blank_lines(following)
        if blank is not None:
            while owned < len(self.lines) and not self.lines[owned].strip():
                owned += 1
        yield _Block(key, tuple(run), start, end, owned, indent, blank)

    def _stands_alone(self, node: ast.stmt) -> bool:
        """Say whether a statement has its lines for itself, but for a comment: no `import a; import b`."""
        first, last = self.lines[node.lineno - 1], self.lines[(node.end_lineno or node.lineno) - 1]
        behind = last.encode()[node.end_col_offset :].decode(errors="replace").strip()
        above = self.lines[node.lineno - 2].rstrip("\r\n") if node.lineno > 1 else ""
        return not first[: node.col_offset].strip() and behind[:1] in ("", "#") and not above.endswith("\\")

    def _with_comments(self, start: int, indent: str) -> int:
        """Give the line where the comments right above an import begin: isort moves them with it.

        The comment at the very top of a file is about the file.
        """
        first = start
        while first and self.lines[first - 1].startswith(indent + "#") and not _DIRECTIVE.match(self.lines[first - 1]):
            first -= 1
        return start if first <= 2 and not any(line.strip() for line in self.lines[:first]) else first

    def _blank_lines(self, following: ast.stmt) -> int:
        """Give how many blank lines are to part imports from the statement that follows them."""
        said = self.settings.options.get("lines_after_imports", -1)
        if self.settings.path.endswith(".pyi"):
            return 0 if said == 0 and self.settings.tool == RUFF else 1
        if said >= 0:
            return int(said)
        if not isinstance(following, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return 1
        first = min((following.lineno, *(decorator.lineno for decorator in following.decorator_list)))
        return 1 if self._is_parted_by_comment(first - 1) else 2

    def _is_parted_by_comment(self, index: int) -> bool:
        """Say whether comments above a definition stand apart from it.

        import os

        # Not about f.

        def f(): ...
        """
        seen_blank = False
        for line in reversed(self.lines[:index]):
            stripped = line.strip()
            if seen_blank and stripped:
                return stripped.startswith("#")
            if not stripped:
                seen_blank = True
            elif not stripped.startswith(("#", "@")):
                return False
        return False


def _clauses(statement: ast.stmt) -> list[ast.AST]:
    return [*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]


# What must hold of a sorted block.


def _sorted(source: _Source, block: _Block, settings: ImportSettings) -> str | None:
    """Give the lines of a block as the project's tool would write them; None when that cannot be told."""
    sort = _sorted_by_ruff if settings.tool == RUFF else _sorted_by_isort
    text = sort(source, block, settings)
    if text is None:
        return None
    if block.blank is not None:
        return text + source.newline * block.blank
    return text if source.lines[block.body_end - 1].endswith("\n") else text.rstrip("\r\n")


def _is_same(text: str | None, source: _Source, block: _Block) -> bool:
    """Say whether a block is as it should be; the indentation of lines in brackets is a formatter's business."""
    if text is None:
        return False
    return [line.lstrip() for line in text.splitlines()] == [
        line.strip("\r\n").lstrip() for line in source.lines[block.start : block.end]
    ]


def _is_faithful(source: _Source, block: _Block, text: str) -> bool:
    """Say whether a sorted block has every comment and every name, and each name is bound to what it was."""
    old = "".join(source.lines[block.start : block.end])
    before, after = _imports_in(old, block.indent), _imports_in(text, block.indent)
    if before is None or after is None or set(before) != set(after) or _winners(before) != _winners(after):
        return False
    comments, kept = _comments_in(old), _comments_in(text)
    return comments is not None and kept is not None and Counter(comments.values()) == Counter(kept.values())


def _imports_in(text: str, indent: str) -> list[tuple[int, str, str, str]] | None:
    """Give level, module, name and local name of each import of a block, in order."""
    try:
        tree = ast.parse(f"if 1:\n{text}" if indent else text)
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


def _comments_in(text: str) -> dict[int, str] | None:
    """Give the comment on each line of a block that has one, counted from 0."""
    lines = iter(text.splitlines(keepends=True))
    found = {}
    try:
        for token in tokenize.generate_tokens(lambda: next(lines, "")):
            if token.type == tokenize.COMMENT:
                found[token.start[0] - 1] = token.string.rstrip()
    except (tokenize.TokenError, SyntaxError):
        return None
    return found


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


# What isort writes: its own library does.


def _sorted_by_isort(source: _Source, block: _Block, settings: ImportSettings) -> str | None:
    import isort
    from isort.exceptions import ISortError

    text = "".join(source.lines[block.start : block.body_end])
    if not text.endswith("\n"):
        text += source.newline
    # isort takes the comment that a text begins with for one about the whole file.
    head = f"pass{source.newline}" * 3
    names = [name for node in block.nodes for name in _modules_of(node) if not name.startswith(".")]
    try:
        config = _isort_config(settings.options)
        own = {name for name in names if _is_found_by_isort(name, config, settings)}
        if own:
            known = {*config.known_first_party, *own}
            config = _isort_config({**settings.options, "known_first_party": frozenset(known)})
        extension = "pyi" if settings.path.endswith(".pyi") else "py"
        result = isort.code(head + text, extension=extension, config=config)
    except (ISortError, ValueError, TypeError, LookupError):
        return None
    if not result.startswith(head):
        return None
    lines = result[len(head) :].splitlines(keepends=True)
    while lines and not lines[0].strip():
        del lines[0]
    return "".join(lines).rstrip() + source.newline


def _modules_of(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    return ["." * node.level + (node.module or "")]


def _isort_config(options: Mapping[str, Any]) -> Any:
    import isort

    # Nothing is left for isort to look up: neither a file of settings nor folders of modules.
    return isort.Config(**options, src_paths=(), directory="/", quiet=True)


def _is_found_by_isort(name: str, config: Any, settings: ImportSettings) -> bool:
    """Say whether isort would find a module in the project's folders, once no setting has said what it is."""
    import isort

    _, reason = isort.place_module_with_reason(name, config=config)
    return reason.startswith("Default option") and any(
        _holds_module(name, root, settings.workspace) for root in settings.roots
    )


def _holds_module(name: str, root: str, workspace: Workspace) -> bool:
    top, _, rest = name.partition(".")
    path = root + top
    if rest and workspace.is_dir(path) and not workspace.exists(f"{path}/__init__.py"):
        files = _files_in(path, workspace)
        if not any(file.endswith((".py", ".pyi", ".pyx", ".pxd")) for file in files):
            return _holds_module(rest, path + "/", workspace)
    own = (root.rstrip("/") or workspace.root.name).rpartition("/")[2]
    return workspace.exists(path + ".py") or workspace.is_dir(path) or top == own


def _files_in(folder: str, workspace: Workspace) -> list[str]:
    paths = workspace.paths
    # "0" comes right after "/".
    inside = paths[bisect_left(paths, folder + "/") : bisect_left(paths, folder + "0")]
    return [path for path in inside if "/" not in path[len(folder) + 1 :]]


_ISORT_FILES = {
    ".isort.cfg": ("settings", "isort"),
    "pyproject.toml": (),
    "setup.cfg": ("isort", "tool:isort"),
    "tox.ini": ("isort", "tool:isort"),
}

# What is said of files rather than of blocks, or of where isort is to look.
_NOT_FOR_BLOCKS = frozenset(
    (
        *("add_imports", "append_only", "atomic", "conda_env", "directory", "extend_skip_glob", "filter_files"),
        *("float_to_top", "follow_links", "force_adds", "formatter", "line_ending", "lines_before_imports"),
        *("only_modified", "overwrite_in_place", "quiet", "remove_imports", "skip_gitignore", "sort_reexports"),
        *("color_output", "format_error", "format_success", "src_paths", "verbose", "virtual_env"),
        *("skip", "extend_skip", "skip_glob", "blocked_extensions", "supported_extensions", "source"),
    )
)


def _isort_table(workspace: Workspace, path: str) -> tuple[str, dict[str, Any]] | None:
    """Give the nearest settings of isort, and the folder they are in."""
    for folder in _folders_above(path):
        for name, sections in _ISORT_FILES.items():
            if not workspace.exists(folder + name):
                continue
            table: dict[str, Any] = {}
            if not sections:
                table = dict(_table(_toml(workspace, folder + name), "tool", "isort"))
            else:
                parser = configparser.ConfigParser(strict=False, interpolation=None)
                try:
                    parser.read_string(workspace.read(folder + name).text)
                except (configparser.Error, UnreadableSource):
                    continue
                for section in sections:
                    table |= dict(parser.items(section)) if parser.has_section(section) else {}
            if table:
                return folder, table
    return None


def _isort_settings(workspace: Workspace, path: str, folder: str, table: Mapping[str, Any]) -> ImportSettings | None:
    from isort import Config
    from isort.exceptions import ISortError
    from isort.profiles import profiles

    if _is_skipped_by_isort(table, path[len(folder) :]) or table.get("profile", "black") not in profiles:
        return None
    sample = Config(src_paths=(), directory="/", quiet=True)
    try:
        options = {
            key: _isort_value(key, value, getattr(sample, key, ""), workspace, folder)
            for key, value in table.items()
            if key not in _NOT_FOR_BLOCKS
        }
        _isort_config(options)
    except (ISortError, ValueError, TypeError, LookupError):
        return None
    roots = [_below(folder, root) for root in _as_list(table.get("src_paths", ("src", ".")))]
    return ImportSettings(path, ISORT, options, _expanded(workspace, tuple(roots)), workspace)


def _isort_value(key: str, value: object, sample: object, workspace: Workspace, folder: str) -> object:
    """Give a setting the type that isort wants, as its own reader does."""
    from isort.wrap_modes import WrapModes, from_string

    if isinstance(sample, WrapModes):
        return from_string(str(value))
    if key.startswith("known_") or isinstance(sample, frozenset):
        names: list[str] = []
        for item in _as_list(value):
            # A pattern that ends in a slash means the folders below it.
            names += _folders_in(_below(folder, item), workspace) if item.endswith("/") else [item]
        return frozenset(names)
    if isinstance(sample, tuple):
        return tuple(_as_list(value))
    if isinstance(sample, bool):
        return value if isinstance(value, bool) else _BOOLEANS[str(value).lower()]
    if key == "force_grid_wrap" and not str(value).isdigit():
        return 0 if str(value).lower().strip() == "false" else 2
    if isinstance(sample, int):
        return int(str(value))
    return str(value).strip("'\"") if key == "comment_prefix" else str(value)


_BOOLEANS = {
    **dict.fromkeys(("y", "yes", "t", "on", "1", "true"), True),
    **dict.fromkeys(("n", "no", "f", "off", "0", "false"), False),
}


def _is_skipped_by_isort(table: Mapping[str, Any], path: str) -> bool:
    names = {*_as_list(table.get("skip", ())), *_as_list(table.get("extend_skip", ()))}
    globs = [*_as_list(table.get("skip_glob", ())), *_as_list(table.get("extend_skip_glob", ()))]
    return (
        any(name in path.split("/") or path == name.removeprefix("./") for name in names)
        or any(path.startswith(name.strip("/") + "/") for name in names if name.strip("/"))
        or any(fnmatchcase(place, glob) for glob in globs for place in (path, "/" + path))
    )


def _as_list(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [str(item).strip() for item in value]
    return [item.strip() for item in re.split(r"[\n,]", str(value)) if item.strip()]


def _folders_in(folder: str, workspace: Workspace) -> list[str]:
    paths = workspace.paths
    inside = paths[bisect_left(paths, folder) : bisect_left(paths, folder[:-1] + "0")] if folder else paths
    return sorted({path[len(folder) :].partition("/")[0] for path in inside if "/" in path[len(folder) :]})


# What ruff's rule I001 writes, in the steps in which it does.


@dataclass(slots=True)
class _Comments:
    above: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.above or self.behind or self.below)

    def add(self, other: _Comments) -> None:
        self.above += other.above
        self.behind += other.behind
        self.below += other.below


_Name = tuple[str, str]  # name, and what it is called here or ""


@dataclass(slots=True)
class _Statement:
    """A statement to be written: `import module`, or with `names` `from module import names`; `index` is its age.

    Of its comments, `behind` are on its first line and `below` on its last.
    """

    module: str
    level: int
    asname: str
    index: int
    is_from: bool
    names: dict[_Name, _Comments] = field(default_factory=dict)
    comments: _Comments = field(default_factory=_Comments)
    has_comma: bool = False

    @property
    def dotted(self) -> str:
        return "." * self.level + self.module


def _sorted_by_ruff(source: _Source, block: _Block, settings: ImportSettings) -> str | None:
    options = settings.options
    if options.get("import_heading"):
        return None
    statements = _statements(source, block, options)
    if statements is None:
        return None
    width = _width(block.indent, options["indent_width"])
    separate: dict[int, list[_Statement]] = {}
    for statement in statements:
        tops = enumerate(options["forced_separate"], 1)
        top = statement.dotted.partition(".")[0]
        separate.setdefault(next((n for n, name in tops if top.startswith(name)), 0), []).append(statement)
    lines: list[str] = []
    for number in sorted(separate):
        sections: dict[str, list[_Statement]] = {}
        for statement in separate[number]:
            sections.setdefault(_section(statement, settings), []).append(statement)
        if lines:
            lines.append("")
        lines += _write_sections(sections, options, source.unit, width)
    indented = (block.indent + line if line else "" for line in lines)
    return "".join(line + source.newline for line in indented)


def _statements(source: _Source, block: _Block, options: Mapping[str, Any]) -> list[_Statement] | None:
    """Read the statements of a block as they are to be written: one for each module that is imported from.

    A name that is renamed has a statement for itself, unless they are to be combined.
    """
    text = "".join(source.lines[block.start : block.body_end])
    comments = _comments_in(text)
    if comments is None:
        return None
    waiting = sorted((number + block.start + 1, comment) for number, comment in comments.items())

    def take(last: int) -> list[str]:
        taken = []
        while waiting and waiting[0][0] <= last:
            taken.append(waiting.pop(0)[1])
        return taken

    found: dict[tuple[object, ...], _Statement] = {}

    def statement(node: ast.Import | ast.ImportFrom, index: int, name: _Name, *, alone: bool) -> _Statement:
        if isinstance(node, ast.Import):
            return found.setdefault(("import", *name), _Statement(name[0], 0, name[1], index, False))
        kind = name if alone or (name[1] and not options["combine_as_imports"]) or name[0] == "*" else ()
        new = _Statement(node.module or "", node.level, "", index, True)
        return found.setdefault(("from", node.level, node.module, *kind), new)

    for index, node in enumerate(block.nodes):
        end = node.end_lineno or node.lineno
        above = take(node.lineno - 1)
        aliases = [(alias.name, alias.asname or "") for alias in node.names]
        if isinstance(node, ast.Import):
            for name in aliases:
                statement(node, index, name, alone=False)
            statement(node, index, aliases[0], alone=False).comments.add(_Comments(above, take(end)))
            continue
        behind = take(node.lineno) if len(aliases) > 1 or node.names[0].lineno > node.lineno else []
        named = []
        for alias in node.names:
            own = _Comments(take(alias.lineno - 1))
            own.behind = take(alias.end_lineno or alias.lineno)
            named.append(own)
        named[-1].below = take(end - 1)
        below = take(end)
        alone = options["force_single_line"] and node.module not in options["single_line_exclusions"]
        alone = alone and aliases[0][0] != "*"
        for number, name in enumerate(aliases if alone else aliases[:1]):
            whole = _Comments(above if number == 0 else [], list(behind), list(below))
            statement(node, index, name, alone=alone).comments.add(whole)
        has_comma = options["split_on_trailing_comma"] and _has_trailing_comma(source, node)
        for name, own in zip(aliases, named, strict=True):
            into = statement(node, index, name, alone=alone)
            into.names.setdefault(name, _Comments()).add(own)
            into.has_comma |= has_comma and not alone
    return list(found.values())


def _has_trailing_comma(source: _Source, node: ast.ImportFrom) -> bool:
    lines = iter([*source.lines[node.lineno - 1 : node.end_lineno], ""])
    trivia = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    code = [t.string for t in tokenize.generate_tokens(lambda: next(lines, "")) if t.type not in trivia]
    return code[-2:] == [",", ")"]


def _write_sections(
    sections: Mapping[str, list[_Statement]], options: Mapping[str, Any], unit: str, width: int
) -> list[str]:
    lines: list[str] = []
    parted = False
    for section in options["section_order"]:
        parted = parted or section not in options["no_lines_before"]
        if section not in sections:
            continue
        if lines and parted:
            lines.append("")
        parted = False
        last: bool | None = None
        between = 0 if options["force_sort_within_sections"] else options["lines_between_types"]
        for number, statement in enumerate(_in_order(sections[section], section, options)):
            if last is not None and last != statement.is_from and statement.is_from != options["from_first"]:
                lines += [""] * between
                between = 0
            last = statement.is_from
            if number and statement.comments.above:
                lines.append("")
            lines += statement.comments.above
            lines += _write_statement(statement, options, unit, width)
    return lines


def _in_order(statements: Iterable[_Statement], section: str, options: Mapping[str, Any]) -> list[_Statement]:
    ordered = sorted(statements, key=lambda statement: (_module_key(statement, options), statement.index))
    if section == "future":
        return sorted(ordered, key=lambda statement: not statement.is_from)
    if options["force_sort_within_sections"]:
        return ordered
    return sorted(ordered, key=lambda statement: statement.is_from != options["from_first"])


def _module_key(statement: _Statement, options: Mapping[str, Any]) -> tuple[Any, ...]:
    name = statement.module
    distance = (1, 0)
    if statement.level:
        near = options["relative_imports_order"] == "closest-to-furthest"
        distance = 0, statement.level if near else -statement.level
    by_length = options["length_sort"] or (options["length_sort_straight"] and not statement.is_from)
    return (
        name not in options["force_to_top"],
        _width(name) + statement.level if by_length else 0,
        distance,
        bool(name),
        _natural("" if options["case_sensitive"] else name.lower()),
        _natural(name),
        min((_member_key(member, options) for member in statement.names), default=()),
        _optional(statement.asname),
    )


def _member_key(member: _Name, options: Mapping[str, Any]) -> tuple[Any, ...]:
    name, asname = member
    return (
        name != "*",
        _member_type(name, options) if options["order_by_type"] else 0,
        _width(name) if options["length_sort"] else 0,
        _natural("" if options["case_sensitive"] else name.lower()),
        _natural(name),
        _optional(asname),
    )


def _member_type(name: str, options: Mapping[str, Any]) -> int:
    """Give 0 for a CONSTANT, 1 for a Class, 2 for a variable."""
    for number, kind in enumerate(("constants", "classes", "variables")):
        if name in options[kind]:
            return number
    if len(name) > 1 and name.isupper():
        return 0
    return 1 if name[:1].isupper() else 2


def _optional(name: str) -> tuple[bool, Any]:
    return bool(name), _natural(name)


def _compare_naturally(one: str, other: str) -> int:
    """Compare as people count: `a2` before `a10`; digits behind a zero count as those of a fraction do."""
    i = j = 0
    while i < len(one) and j < len(other):
        if not (one[i].isdigit() and other[j].isdigit()):
            if one[i] != other[j]:
                return -1 if one[i] < other[j] else 1
            i, j = i + 1, j + 1
            continue
        first, second = _DIGITS.match(one, i), _DIGITS.match(other, j)
        assert first is not None
        assert second is not None
        left, right = first[0], second[0]
        if not (left.startswith("0") or right.startswith("0")) and len(left) != len(right):
            return -1 if len(left) < len(right) else 1
        if left != right:
            return -1 if left < right else 1
        i, j = first.end(), second.end()
    return (len(one) - i > 0) - (len(other) - j > 0)


_DIGITS = re.compile(r"\d+")
_natural = cmp_to_key(_compare_naturally)


def _write_statement(statement: _Statement, options: Mapping[str, Any], unit: str, width: int) -> list[str]:
    comments = statement.comments
    if not statement.is_from:
        return ["  ".join((f"import {_called(statement.module, statement.asname)}", *comments.behind, *comments.below))]
    names = sorted(statement.names.items(), key=lambda named: _member_key(named[0], options))
    head = f"from {statement.dotted} import "
    star = any(name == "*" for (name, _), _ in names)
    wraps = options["force_wrap_aliases"] and len(names) > 1 and any(asname for (_, asname), _ in names)
    if star or not (statement.has_comma or wraps or (len(names) > 1 and any(own for _, own in names))):
        line = head + ", ".join(_called(*name) for name, _ in names)
        inner = [comment for _, own in names for comment in (*own.above, *own.behind, *own.below)]
        line = "  ".join((line, *comments.behind, *inner, *comments.below))
        if star or width + _width(line) <= options["line_length"]:
            return [line]
    lines = ["  ".join((head + "(", *comments.behind))]
    for name, own in names:
        lines += [unit + comment for comment in own.above]
        lines.append("  ".join((f"{unit}{_called(*name)},", *own.behind)))
        lines += [unit + comment for comment in own.below]
    return [*lines, "  ".join((")", *comments.below))]


def _called(name: str, asname: str) -> str:
    return f"{name} as {asname}" if asname else name


def _width(text: str, tab: int = 4) -> int:
    width = 0
    for letter in text:
        if letter == "\t":
            width += tab - width % tab
        elif not unicodedata.combining(letter):
            width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
    return width


_SECTIONS = ("future", "standard-library", "third-party", "first-party", "local-folder")


def _section(statement: _Statement, settings: ImportSettings) -> str:
    """Give the section that a statement belongs to."""
    options = settings.options
    section = _own_section(statement, settings)
    return section if section in options["section_order"] else str(options["default_section"])


def _own_section(statement: _Statement, settings: ImportSettings) -> str:
    options, name = settings.options, statement.dotted
    top = name.partition(".")[0]
    if top == "__future__":
        return "future"
    if options["no_sections"]:
        return "first-party"
    if statement.level:
        return "local-folder"
    pieces = name.split(".")
    for length in range(len(pieces), 0, -1):
        shorter = ".".join(pieces[:length])
        for pattern, section in options["known"]:
            if fnmatchcase(shorter, pattern):
                return str(section)
    if top in _standard_library(options["minor"]):
        return "standard-library"
    workspace = settings.workspace
    if options["detect_same_package"] and top == _package_root(settings.path, workspace):
        return "first-party"
    for root in settings.roots:
        path = root + name.replace(".", "/")
        if workspace.is_dir(path) or workspace.exists(path + ".py") or workspace.exists(path + ".pyi"):
            return "first-party"
    return "first-party" if name == "__main__" else str(options["default_section"])


@lru_cache(maxsize=8)
def _standard_library(minor: int) -> frozenset[str]:
    from isort import stdlibs

    return frozenset(getattr(stdlibs, f"py3{minor}", stdlibs.py3).stdlib)


def _package_root(path: str, workspace: Workspace) -> str:
    """Give the name of the outermost package that the file `path` is in."""
    found = ""
    folder = path.rpartition("/")[0]
    while workspace.exists(f"{folder}/__init__.py" if folder else "__init__.py"):
        found = folder.rpartition("/")[2] or workspace.root.name
        if not folder:
            break
        folder = folder.rpartition("/")[0]
    return found


_RUFF_OPTIONS: Mapping[str, object] = {
    **dict.fromkeys(
        (
            *("combine_as_imports", "force_single_line", "force_sort_within_sections", "force_wrap_aliases"),
            *("case_sensitive", "from_first", "length_sort", "length_sort_straight", "no_sections"),
        ),
        False,
    ),
    **dict.fromkeys(("detect_same_package", "order_by_type", "split_on_trailing_comma"), True),
    **{
        key: list[str]()
        for key in (
            *("classes", "constants", "forced_separate", "force_to_top", "no_lines_before", "single_line_exclusions"),
            *("known_first_party", "known_third_party", "known_local_folder", "extra_standard_library", "variables"),
        )
    },
    "default_section": "third-party",
    "import_heading": {},
    "lines_after_imports": -1,
    "lines_between_types": 0,
    "relative_imports_order": "furthest-to-closest",
    "section_order": list(_SECTIONS),
    "sections": {},
}


def _ruff_settings(workspace: Workspace, path: str, folder: str, table: Mapping[str, Any]) -> ImportSettings | None:
    said = {key.replace("-", "_"): value for key, value in _table(table, "lint", "isort").items()}
    options: dict[str, Any] = {}
    for key, default in _RUFF_OPTIONS.items():
        options[key] = said.get(key, default)
        if type(options[key]) is not type(default):
            return None
    own = [(pattern, section) for section, patterns in options["sections"].items() for pattern in patterns]
    options["known"] = tuple(own) + tuple(
        (pattern, section)
        for key, section in (
            ("known_first_party", "first-party"),
            ("known_third_party", "third-party"),
            ("known_local_folder", "local-folder"),
            ("extra_standard_library", "standard-library"),
        )
        for pattern in options[key]
    )
    if options["default_section"] not in options["section_order"]:
        options["section_order"] = [*options["section_order"], options["default_section"]]
    for key, default in (("line-length", 88), ("indent-width", 4)):
        value = table.get(key, table.get("tab-size", default) if key == "indent-width" else default)
        options[key.replace("-", "_")] = value if isinstance(value, int) else default
    options["minor"] = _python_version(workspace, folder, table)
    roots = [_below(folder, root) for root in _as_list(table.get("src", [".", "src"]))]
    return ImportSettings(path, RUFF, options, _expanded(workspace, tuple(roots)), workspace)


def _python_version(workspace: Workspace, folder: str, table: Mapping[str, Any]) -> int:
    """Give the minor version of the oldest Python 3 that the project is for, as far as ruff knows."""
    match = re.fullmatch(r"py3(\d+)", str(table.get("target-version", "")))
    if match is None and workspace.exists(folder + "pyproject.toml"):
        required = _table(_toml(workspace, folder + "pyproject.toml"), "project").get("requires-python", "")
        match = re.search(r"(?:>=|==|~=)\s*3\.(\d+)", str(required))
    return int(match[1]) if match else 10


def _ruff_table(workspace: Workspace, path: str) -> tuple[str, dict[str, Any]] | None:
    """Give the nearest settings of ruff, with those they extend, and the folder they are in."""
    for folder in _folders_above(path):
        for name in (".ruff.toml", "ruff.toml", "pyproject.toml"):
            if workspace.exists(folder + name):
                document = _toml(workspace, folder + name)
                if name != "pyproject.toml" or "ruff" in _table(document, "tool"):
                    return folder, _extended(workspace, folder + name, 0)
    return None


def _extended(workspace: Workspace, path: str, depth: int) -> dict[str, Any]:
    """Read a file of ruff's settings over the one that it says it extends."""
    document = _toml(workspace, path)
    own = dict(_table(document, "tool", "ruff") if path.endswith("pyproject.toml") else document)
    # Until version 0.1 the settings of the linter stood among the others.
    lint = {key: own[key] for key in _LINT if key in own} | dict(_table(own, "lint"))
    base = own.get("extend")
    if isinstance(base, str) and depth < 5:
        above = _below(path.rpartition("/")[0] + "/" if "/" in path else "", base).rstrip("/")
        if workspace.exists(above):
            extended = _extended(workspace, above, depth + 1)
            inherited = dict(_table(extended, "lint"))
            if "select" in lint:
                inherited = {key: value for key, value in inherited.items() if key not in _SELECTIONS}
            for key in _SELECTIONS & inherited.keys() & lint.keys() - {"select"}:
                if isinstance(inherited[key], list) and isinstance(lint[key], list):
                    lint[key] = [*inherited[key], *lint[key]]
            lint = inherited | lint
            own = extended | own
    own["lint"] = lint
    return own


_SELECTIONS = frozenset(("select", "extend-select", "ignore", "extend-ignore"))
_LINT = (*sorted(_SELECTIONS), "per-file-ignores", "extend-per-file-ignores", "isort", "exclude-lint")


def _says_select(table: Mapping[str, Any]) -> bool:
    lint = _table(table, "lint")
    return any(_specificity(lint.get(key, ())) is not None for key in ("select", "extend-select"))


def _selects_order(table: Mapping[str, Any], folder: str, path: str) -> bool:
    """Say whether ruff checks the order of imports in a file: the more specific selector wins, `ignore` a draw."""
    lint = _table(table, "lint")
    local = path[len(folder) :]
    excluded = [
        pattern
        for patterns in (table.get("exclude"), table.get("extend-exclude"), lint.get("exclude"))
        for pattern in _as_list(patterns or ())
    ]
    places = [local, *(place.rstrip("/") for place in _folders_above(local) if place)]
    if any(_fits(pattern, place) for pattern in excluded for place in places):
        return False
    for key in ("per-file-ignores", "extend-per-file-ignores"):
        for pattern, codes in _table(lint, key).items():
            fits = _fits(pattern.removeprefix("!"), local) is not pattern.startswith("!")
            if fits and _specificity(codes) is not None:
                return False
    # Without a word about it, ruff selects I001 by itself.
    chosen = 0 if "select" not in lint else _specificity(lint["select"])
    more = _specificity(lint.get("extend-select", ()))
    chosen = more if chosen is None else max(chosen, -1 if more is None else more)
    ignored = _specificity([*_as_list(lint.get("ignore", ())), *_as_list(lint.get("extend-ignore", ()))])
    return chosen is not None and (ignored is None or chosen > ignored)


def _specificity(codes: object) -> int | None:
    """Give how closely selectors name I001: 0 for `ALL`, up to 4 for itself; None when they do not."""
    named = [0 if code == "ALL" else len(code) for code in _as_list(codes) if code == "ALL" or _starts_order(code)]
    return max(named, default=None)


def _starts_order(code: str) -> bool:
    return bool(code) and ("I001".startswith(code) or code == "unsorted-imports")


def _fits(pattern: str, path: str) -> bool:
    """Say whether a pattern of ruff's matches a path from the folder of the settings, or the last name of it."""
    spellings = [pattern.removeprefix("./").rstrip("/")]
    while any("{" in spelling and "}" in spelling for spelling in spellings):
        opened = [re.fullmatch(r"(.*?)\{([^{}]*)\}(.*)", spelling, re.DOTALL) for spelling in spellings]
        if None in opened:
            break
        spellings = [f"{m[1]}{choice}{m[3]}" for m in opened if m is not None for choice in m[2].split(",")]
    spellings += [spelling.replace("**/", "") for spelling in spellings]
    return any(fnmatchcase(place, s) for s in spellings for place in (path, path.rpartition("/")[2]))


# Files of settings.


def _folders_above(path: str) -> Iterator[str]:
    """Give the folders that hold a path, the nearest first; each is empty or ends in `/`."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path + "/"
    yield ""


def _below(folder: str, path: str) -> str:
    """Give the folder `path`, which is relative to `folder`, with `/` at its end; the tree itself is empty."""
    pieces: list[str] = []
    for piece in (folder + path).split("/"):
        if piece == "..":
            del pieces[-1:]
        elif piece not in ("", "."):
            pieces.append(piece)
    return "/".join(pieces) + "/" if pieces else ""


@lru_cache(maxsize=16)
def _expanded(workspace: Workspace, roots: tuple[str, ...]) -> tuple[str, ...]:
    """Give folders with each pattern among them replaced by the folders that match it."""
    if not any(set("*?[") & set(root) for root in roots):
        return roots
    every = {place for path in workspace.paths for place in _folders_above(path)}
    found: list[str] = []
    for root in roots:
        if set("*?[") & set(root):
            depth = root.count("/")
            found += sorted(place for place in every if place.count("/") == depth and fnmatchcase(place, root))
        else:
            found.append(root)
    return tuple(found)


def _toml(workspace: Workspace, path: str) -> Mapping[str, Any]:
    try:
        return _parsed(workspace.read(path).text)
    except UnreadableSource:
        return {}


@lru_cache(maxsize=64)
def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return tomlkit.parse(text).unwrap()
    except TOMLKitError:
        return {}


def _table(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = document.get(key)
        if not isinstance(value, Mapping):
            return {}
        document = value
    return document
