"""Find the blocks of code in Markdown, reStructuredText and AsciiDoc.

Takes a document's text, gives each block's language and the lines of its code, without the indentation, the quotation
marks or the prompts in front of them; whether a block really is Python is for the parser to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from unmix.python.excerpt import Line, plain_lines
from unmix.python.line_spans import lines_of


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A block of code: `language` in lower case (empty where none is said), the span of its lines, its Python lines.

    `lines` is empty when the language is another one.
    """

    language: str
    start: int
    end: int
    lines: tuple[Line, ...]


def find_code_blocks(text: str) -> tuple[CodeBlock, ...]:
    """Find every block of a document, in order; none within another."""
    return tuple(_Reader(text, lines_of(text)).blocks())


_PYTHON = frozenset("python python3 py py3 pycon ipython ipython3 python-repl pyi default".split())
_CODE_DIRECTIVES = r"code-block|code|sourcecode|testcode|testsetup|testcleanup|doctest|jupyter-execute|code-cell"

# ```python title="x"    ~~~ {.python .numberLines}    ```{code-block} python    > ```py
_FENCE = re.compile(
    r"(?P<quote>(?:(?:[ ]{0,4}>)+[ ]?)?)[ \t]*"
    r"(?:(?:[-*+]|\d+[.)])[ \t]+)*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$"
)
# .. code-block:: python
_DIRECTIVE = re.compile(rf"(?P<indent>[ \t]*)\.\.[ \t]+(?P<name>{_CODE_DIRECTIVES})::[ \t]*(?P<language>\S*)[ \t]*$")
_LITERAL = re.compile(r"(?P<indent>[ \t]*)(?!\.\.[ \t]).*::[ \t]*$")
_OPTION = re.compile(r"[ \t]*:[\w-]+:")
_PROMPT = re.compile(r"(?P<indent>[ \t]*(?:>[ ]?(?!>))*[ \t]*)>>>(?:[ ]|$)")
# AsciiDoc: `[source,python]`, and on the next line `----`
_ASCIIDOC = re.compile(r"\[(?:source)?%?\w*,[ ]*(?P<language>\w+).*\][ \t]*$")


class _Reader:
    def __init__(self, text: str, lines: list[str]) -> None:
        self.text = text
        self.lines = lines
        self.offsets = [0]
        for line in lines:
            self.offsets.append(self.offsets[-1] + len(line))

    def blocks(self) -> Iterator[CodeBlock]:
        number = 0
        while number < len(self.lines):
            line = self.lines[number].rstrip("\r\n")
            if fence := _FENCE.match(line):
                first, end, after = number + 1, *self._fenced(number + 1, fence)
                yield self._block(_language(fence["info"]), first, end, len(fence["quote"]))
            elif directive := _DIRECTIVE.match(line):
                end = after = self._indented(number + 1, len(directive["indent"].expandtabs()))
                first = self._behind_options(number + 1, end)
                language = directive["language"].lower() if directive["name"] != "doctest" else "pycon"
                yield self._block(language, first, end, 0)
            elif _LITERAL.match(line) and self._is_blank(number + 1):
                indent = line[: len(line) - len(line.lstrip())]
                first, end = number + 1, self._indented(number + 1, len(indent.expandtabs()))
                after = max(end, number + 1)
                yield self._block("", first, end, 0)
            elif prompt := _PROMPT.match(line):
                first, end = number, self._session(number, prompt["indent"])
                after = end
                yield self._block("pycon", first, end, 0)
            elif (listing := _ASCIIDOC.match(line)) and self._line(number + 1).strip() == "----":
                first = number + 2
                end = next((n for n in range(first, len(self.lines)) if self._line(n) == "----"), len(self.lines))
                after = end + 1
                yield self._block(listing["language"].lower(), first, end, 0)
            else:
                after = number + 1
            number = after

    def _fenced(self, first: int, fence: re.Match[str]) -> tuple[int, int]:
        """Give the line that closes a fence (or the end), and the line to go on with."""
        mark = fence["fence"]
        closing = re.compile(rf"(?:[ \t]*>)*[ \t]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        for number in range(first, len(self.lines)):
            line = self._line(number)
            if closing.match(line):
                return number, number + 1
            if fence["quote"] and not line.lstrip().startswith(">"):
                return number, number
        return len(self.lines), len(self.lines)

    def _indented(self, first: int, indent: int) -> int:
        """Give the line behind the last one that is indented deeper than `indent`, blank lines at the end left out."""
        end = first
        for number in range(first, len(self.lines)):
            line = self._line(number).expandtabs()
            if line.strip():
                if len(line) - len(line.lstrip()) <= indent:
                    break
                end = number + 1
        return end

    def _behind_options(self, first: int, end: int) -> int:
        while first < end and _OPTION.match(self._line(first)):
            first += 1
        return first

    def _session(self, first: int, indent: str) -> int:
        number = first
        while number < len(self.lines) and self._line(number).removeprefix(indent).strip():
            number += 1
        return number

    def _is_blank(self, number: int) -> bool:
        return number < len(self.lines) and not self.lines[number].strip()

    def _line(self, number: int) -> str:
        return self.lines[number].rstrip("\r\n") if number < len(self.lines) else ""

    # -- lines of code ----------------------------------------------------------------------------------------------

    def _block(self, language: str, first: int, end: int, quote: int) -> CodeBlock:
        end = max(first, end)
        start, stop = self.offsets[min(first, len(self.lines))], self.offsets[min(end, len(self.lines))]
        lines: tuple[Line, ...] = ()
        if not language or language in _PYTHON:
            numbers = range(first, min(end, len(self.lines)))
            session = any(_PROMPT.match(self._line(number)) for number in numbers)
            lines = self._prompted(numbers) if session else self._plain(numbers, quoted=bool(quote))
        return CodeBlock(language, start, stop, lines)

    def _plain(self, numbers: range, *, quoted: bool) -> tuple[Line, ...]:
        quotes = {}
        for number in numbers:
            match = _QUOTE.match(self.lines[number]) if quoted else None
            quotes[number] = match.end() if match else 0
        filled = [self.lines[n][quotes[n] :] for n in numbers if self.lines[n][quotes[n] :].strip()]
        shared = _shared_margin(filled)
        spans = []
        for number in numbers:
            code = self.lines[number][quotes[number] :]
            margin = min(shared, len(code) - len(code.lstrip(" \t")))
            begin, end = self.offsets[number], self.offsets[number + 1]
            spans.append((begin, begin + quotes[number] + margin, end))
        return plain_lines(self.text, spans)

    def _prompted(self, numbers: range) -> tuple[Line, ...]:
        """Give the lines behind `>>> ` and `... `; what a session answers is left out."""
        spans: list[tuple[int, int, int]] = []
        prompts = (">>> ", "... ")
        within = False
        for number in numbers:
            match = _PROMPTED.match(self.lines[number])
            if match is None or (match["prompt"] == "..." and not within):
                within = False
                continue
            if not within and not spans:
                prompts = (match["indent"] + ">>> ", match["indent"] + "... ")
            within = True
            begin = self.offsets[number]
            spans.append((begin, begin + match.end(), self.offsets[number + 1]))
        return plain_lines(self.text, spans, prompts)


_QUOTE = re.compile(r"(?:[ ]{0,3}>[ ]?)*")
_PROMPTED = re.compile(r"(?P<indent>[ \t]*(?:>[ ]?(?!>))*[ \t]*)(?P<prompt>>>>|\.\.\.)(?:[ ]|(?=\r?$))", re.MULTILINE)


def _shared_margin(lines: list[str]) -> int:
    """Give how many blanks and tabs all lines begin with in common."""
    margins = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines]
    shortest = min(margins, key=len, default="")
    return next((n for n in range(len(shortest), 0, -1) if all(m.startswith(shortest[:n]) for m in margins)), 0)


def _language(info: str) -> str:
    """Read the language off a fence: `python title="x"`, `{.python}`, `{code-block} python`, `{python echo=TRUE}`."""
    directive = re.match(rf"\{{(?:{_CODE_DIRECTIVES})\}}[ \t]*(\S*)", info)
    if directive is not None:
        return directive[1].lower() or "python"
    match = re.search(r"[\w+-]+", info)
    return match[0].lower() if match else ""
