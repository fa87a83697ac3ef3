"""Parse JavaScript or TypeScript text with tree-sitter and say where every node stands.

Takes decoded text, gives a SyntaxTree: nodes, their spans in characters of that text, their names and lines.
tree-sitter counts bytes of UTF-8, unmix counts characters of the decoded text: every place outside this module is a
character, and `span`, `code` and `place` are the only ways to get one from a node.

Three things are done before the grammar sees the text, each without moving a byte, so that places stay what they are:
- what is not script in a Vue or Svelte file becomes blanks, and its script blocks are one module;
- syntax that the grammar lacks is *masked* (masks.py), but only in a text that does not parse as it is;
- names are read from the text itself, so a mask never shows in one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from unmix.errors import UnreadableSource
from unmix.javascript.embedded import COMPONENT_SUFFIXES, blank_markup, is_typed_component

Span = tuple[int, int]

TYPED_SUFFIXES = (".ts", ".tsx", ".mts", ".cts")
SCRIPT_SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", *TYPED_SUFFIXES)


class SyntaxTree:
    """One parsed text; `root` is its tree-sitter node, `source` the bytes that were parsed, `hidden` what was masked.

    `hidden` spans (in characters) are those of type imports that the grammar cannot read: `import("./x").T`.
    """

    def __init__(self, path: str, text: str, source: bytes, root: Node, hidden: tuple[Span, ...]) -> None:
        self.path = path
        self.text = text
        self.source = source
        self.root = root
        self._ascii = len(source) == len(text)
        self.hidden = tuple((self.character(start), self.character(end)) for start, end in hidden)

    def span(self, node: Node) -> Span:
        """Give the half-open span of `node`."""
        if self._ascii:
            return node.start_byte, node.end_byte
        return self.character(node.start_byte), self.character(node.end_byte)

    def start(self, node: Node) -> int:
        """Give the character at which `node` begins."""
        return node.start_byte if self._ascii else self.character(node.start_byte)

    def code(self, node: Node) -> str:
        """Give the text of `node` as it is written in the file."""
        start, end = self.span(node)
        return self.text[start:end]

    def place(self, offset: int) -> tuple[int, int]:
        """Give the 1-based line and column of a character offset."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_of(self, node: Node) -> int:
        """Give the 1-based line on which `node` begins."""
        return self.place(self.start(node))[0]

    def character(self, byte: int) -> int:
        """Give the character that begins at `byte` of the UTF-8 text."""
        if self._ascii:
            return byte
        ends, surplus = self._wide
        return byte - surplus[bisect_right(ends, byte)]

    def byte(self, character: int) -> int:
        """Give the byte at which a character of the text begins."""
        return character if self._ascii else len(self.text[:character].encode())

    def node_at(self, start: int, end: int) -> Node | None:
        """Give the smallest named node that holds these characters."""
        return self.root.named_descendant_for_byte_range(self.byte(start), self.byte(end))

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    @cached_property
    def _wide(self) -> tuple[list[int], list[int]]:
        """Where each character of more than one byte ends, and how many bytes more than characters stand before it."""
        ends: list[int] = []
        surplus = [0]
        extra = 0
        for match in re.finditer(r"[^\x00-\x7f]", self.text):
            width = len(match.group().encode())
            ends.append(match.start() + extra + width)
            extra += width - 1
            surplus.append(extra)
        return ends, surplus


@lru_cache(maxsize=200)
def parse(path: str, text: str) -> SyntaxTree:
    """Parse `text` by the suffix of `path`. Raises UnreadableSource with the line at which it is no code.

    What was parsed of late is kept: a rewritten text is looked at by those who wrote it, and once more as a whole.
    """
    source = text.encode()
    if path.endswith(COMPONENT_SUFFIXES):
        source = blank_markup(source)
    grammar = _grammar(path, text)
    parser = _parser(grammar)
    hidden: tuple[Span, ...] = ()
    if grammar != "js" and b"<typeof import(" in source:
        from unmix.javascript.masks import mask_misread

        source, hidden = mask_misread(source)
    root = parser.parse(source).root_node
    if root.has_error:
        # Masks cost a second parse and dozens of patterns, and most texts need none.
        from unmix.javascript.masks import mask_errors, mask_text

        source, more = mask_text(source)
        hidden = (*hidden, *more)
        root = parser.parse(source).root_node
        for _ in range(_MASK_ROUNDS):
            masked = mask_errors(source, errors(root)) if root.has_error else None
            if masked is None:
                break
            source = masked
            root = parser.parse(source).root_node
    tree = SyntaxTree(path, text, source, root, hidden)
    if root.has_error:
        line = tree.line_of(next(errors(root), root))
        raise UnreadableSource(path, line, f"cannot be parsed: no {_LANGUAGES[grammar]} that unmix knows")
    return tree


def parses(path: str, text: str) -> bool:
    """Say whether `text` can be parsed whole."""
    try:
        parse(path, text)
    except UnreadableSource:
        return False
    return True


def errors(root: Node) -> Iterator[Node]:
    """Give the nodes at which the grammar gave up or put in something that is not there, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            stack.extend(reversed(node.children))


def walk(node: Node) -> Iterator[Node]:
    """Give `node` and all below it, in the order of the text."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def string_value(tree: SyntaxTree, node: Node | None) -> str | None:
    """Give what a string literal, or a template without substitutions, says; None for anything else.

    Escapes are left as they are: nobody writes them in the name of a module or an export.
    """
    if node is None or node.type not in ("string", "template_string"):
        return None
    if any(child.type == "template_substitution" for child in node.named_children):
        return None
    return tree.code(node)[1:-1]


_MASK_ROUNDS = 4
_LANGUAGES = {"js": "JavaScript", "ts": "TypeScript", "tsx": "TypeScript"}


def _grammar(path: str, text: str) -> str:
    if path.endswith(COMPONENT_SUFFIXES):
        return "ts" if is_typed_component(text) else "js"
    if path.endswith(".tsx"):
        return "tsx"
    return "ts" if path.endswith(TYPED_SUFFIXES) else "js"


@cache
def _parser(grammar: str) -> Parser:
    languages = {
        "js": tree_sitter_javascript.language,
        "ts": tree_sitter_typescript.language_typescript,
        "tsx": tree_sitter_typescript.language_tsx,
    }
    return Parser(Language(languages[grammar]()))
