"""Hide syntax that the grammars lack, without moving a byte.

Takes UTF-8 text, gives text of the same length that the grammar can read, and where something was hidden that may name
a module. Each mask shows the syntax it is for; tried only on a text that does not parse as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tree_sitter import Node

_Span = tuple[int, int]

# import("./x").T   typeof import("./x")   import("./x", { with: { … } })
_IMPORT = rb"(import\(\s*(?P<quote>['\"])[^'\"\r\n]*(?P=quote)\s*(?:,\s*\{[^()]*\}\s*)?\)(?=\s*[.\[>,;)|&=\]}]|\s*$))"
_TYPE_IMPORT = re.compile(
    rb"(?:(?<=typeof )|(?<=[:=<|&,(\[?])|(?<=[:=<|&,(\[?] )|(?<=extends )|(?<=implements )|(?<=keyof )|(?<=readonly )"
    rb"|(?<=satisfies )|(?<= as )|(?<=\n)|(?<=^)|(?<= is ))[ \t]*" + _IMPORT,
    re.MULTILINE,
)

# f<typeof import("./x")>(…) parses without an error, as two comparisons.
_MISREAD = re.compile(rb"(?<=<typeof )" + _IMPORT)

_BLANKED = (
    re.compile(rb"(?<=\bexport )type(?=\s*\*)"),  # export type * from "./x"
    re.compile(rb"(?<=['\"])\s+(?:with|assert)\s*\{[^{}]*\}(?=\s*;?\s*$)", re.MULTILINE),  # … from "./x" with { … }
    re.compile(rb"(?<=\bimport )(?:defer|source)(?=\s+(?:\*|[\w$]+\s+from))"),  # import defer * as x from "./x"
    re.compile(rb"(?<=\babstract )override\b|\boverride(?= abstract\b)"),  # abstract override f(): void
    re.compile(rb"(?<=[<,\s])(?:in\s+out|in|out)(?=\s+[A-Z]\w*\s*(?:[=,>]|extends\b))"),  # interface Box<in out T>
    re.compile(rb"^[ \t]*global(?=[ \t]*\{)", re.MULTILINE),  # declare module "x" { global { … } }
    re.compile(rb"(?<=\bimport)\.(?:source|defer)(?=\()"),  # import.source("./x.wasm")
    re.compile(rb"(?<=[\w$])<(?:[^<>{}`;()]|\{[^{}`]*\}|<[^<>`;()]*>)*>(?=`)"),  # test.each<{ a: string }>`…`
    re.compile(rb"\\(?=u(?!\{|[0-9a-fA-F]{4})|x(?![0-9a-fA-F]{2}))"),  # String.raw`\u`
    re.compile(rb"\baccessor(?=\s+#?[\w$]+\s*[=:;?!])"),  # accessor x = 1
)

_RENAMED = (
    # export { x as null, y as if }
    re.compile(rb"(?<=\bas )(?!default\b)[a-z]+\b(?=\s*[,}])"),
    re.compile(rb"\busing\b(?!\s+[\w$]+\s*=)"),  # a variable called `using`
    # <label class="a" for="b">
    re.compile(rb"(?<=\s)(?:class|for|in|default|function|import|export|if|this|new|typeof|switch)(?=\s*=\s*[\"'{])"),
    # interface A { in?: string⏎ in2?: string⏎ abstract: boolean }
    re.compile(rb"^[ \t]*(?:in(?=\d*\??:)|(?:instanceof|abstract|declare)(?=\??:))", re.MULTILINE),
)

_JSX_PARENTS = ("jsx_element", "jsx_fragment", "string", "jsx_attribute")


def mask_misread(source: bytes) -> tuple[bytes, tuple[_Span, ...]]:
    """Give TypeScript without the type imports that the grammar takes for something else, and their spans."""
    return _hide(source, _MISREAD)


def mask_text(source: bytes) -> tuple[bytes, tuple[_Span, ...]]:
    """Give `source` with all known syntax masked, and the spans of the type imports that are hidden now."""
    source, hidden = _hide(source, _TYPE_IMPORT)
    masked = bytearray(source)
    for pattern in _BLANKED:
        for match in pattern.finditer(bytes(masked)):
            masked[match.start() : match.end()] = re.sub(rb"[^\r\n]", b" ", match.group())
    for pattern in _RENAMED:
        for match in pattern.finditer(bytes(masked)):
            masked[match.start() : match.end()] = match.group()[:-1] + match.group()[-1:].upper()
    for match in _CALL_SIGNATURE.finditer(bytes(masked)):
        if _ends_member(bytes(masked[: match.start()])):
            masked[match.start(1)] = ord(";")
    for match in _FIELD_END.finditer(bytes(masked)):
        masked[match.start(1)] = ord(";")
    return bytes(masked), hidden


def _ends_member(before: bytes) -> bool:
    """Say whether a line end after this text, comments left out, may end a member of a type."""
    before = before.rstrip()
    while before.endswith(b"*/") or before.rpartition(b"\n")[2].lstrip().startswith(b"//"):
        before = before[: before.rfind(b"/*" if before.endswith(b"*/") else b"//")].rstrip()
    return re.search(rb"[\w$)\]}'\"`]$|(?<!=)>$", before) is not None


# interface F {⏎ (a: A): B⏎ <T>(a: T): B⏎ } reads on as `B<T>`, where TypeScript sees that a line has ended.
_CALL_SIGNATURE = re.compile(rb"^[ \t]*([ \t])(?=<\s*(?:const\s+)?[A-Za-z_$])", re.MULTILINE)


# class A {⏎ #field⏎ [computed] = 1⏎ }
_FIELD_END = re.compile(
    rb"^[ \t]*(?:(?:static|declare|readonly)[ \t]+)*(?!(?:else|do|in|of)\b)#?[\w$]+[ \t]*\r?\n\s*?([ \t])(?=[*\[])",
    re.MULTILINE,
)


def _hide(source: bytes, pattern: re.Pattern[bytes]) -> tuple[bytes, tuple[_Span, ...]]:
    """Put a name of the same length in place of every import of a type."""
    hidden = []
    masked = bytearray(source)
    for match in pattern.finditer(source):
        start, end = match.span(1)
        masked[start:end] = b"I" + re.sub(rb"[^\r\n]", b"_", source[start + 1 : end])
        hidden.append((start, end))
    return bytes(masked), tuple(hidden)


def mask_errors(source: bytes, errors: Iterable[Node]) -> bytes | None:
    """Blank each `&` at which the grammar gave up in JSX; None where there is none.

    <b>you & me</b>    <a href="?a=1&reg=2">
    """
    masked = bytearray(source)
    for error in errors:
        parent = error.parent
        if parent is not None and parent.type in _JSX_PARENTS and masked[error.start_byte] == ord("&"):
            masked[error.start_byte] = ord(" ")
    return bytes(masked) if masked != source else None
