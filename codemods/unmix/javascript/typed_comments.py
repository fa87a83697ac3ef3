"""Say in the comments of each part where the types are that went to another part.

Takes the texts of the parts, gives them with edits in JSDoc comments only. To be called where TypeScript reads these:
it knows the names of a file, and other tools may not know `import()`.

    @param {Options} options    →    @param {import("./options.js").Options} options
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from unmix.edit import Edit, apply_edits
from unmix.javascript.index import typedefs_of
from unmix.javascript.outline import Outline
from unmix.javascript.partition import Partition
from unmix.javascript.scopes import Scopes
from unmix.javascript.split import Specify
from unmix.javascript.style import read_style
from unmix.javascript.syntax import SyntaxTree, parse

_TAG = re.compile(
    r"@(?:param|arg|argument|returns?|type|typedef|prop|property|extends|augments|implements|throws|this|satisfies"
    r"|template|yields?|enum)\s*\{"
)
# What is a name of a type, and no key, no member, no module's path.
_NAME = re.compile(r"(?<![\w$.@])(?P<name>[A-Za-z_$][\w$]*)(?![\w$]|\s*\??:|\s*\()")
_STRING = re.compile(r"\"[^\"\r\n]*\"|'[^'\r\n]*'|`[^`]*`")
_DECLARED = re.compile(
    r"@template\s+(?:\{[^{}]*\}\s*)?(?P<several>[\w$]+(?:\s*,\s*[\w$]+)*)|@import\s+(?P<line>[^\r\n]*)"
)


def name_types(texts: Mapping[str, str], outline: Outline, partition: Partition, specify: Specify) -> dict[str, str]:
    """Give the texts of the parts, with the types that another part has named by where they are."""
    trees = {path: parse(path, text) for path, text in texts.items()}
    scopes = {path: Scopes(tree) for path, tree in trees.items()}
    homes: dict[str, tuple[str, str]] = {}
    for path, tree in trees.items():
        homes |= dict.fromkeys(typedefs_of(tree, scopes[path]), (path, ""))
        homes |= {name: (path, exported) for name, exported in partition.exposed[path].items()}
    for name, export in outline.exported.items():
        if name != "default":
            homes[export.local or name] = partition.homes[f"exports.{name}"], name
    quote = read_style(outline).quote
    written = {}
    for path, tree in trees.items():
        module = scopes[path].module
        own = {*module.values, *module.types, *typedefs_of(tree, scopes[path])}
        edits = []
        for start, name in _named_types(tree, scopes[path]):
            home, exported = homes.get(name, (path, ""))
            if home != path and name not in own:
                way = f"import({quote}{specify(home, path)}{quote}).{exported or name}"
                edits.append(Edit(start, start + len(name), way))
        written[path] = apply_edits(tree.text, edits)
    return written


def _named_types(tree: SyntaxTree, scopes: Scopes) -> Iterator[tuple[int, str]]:
    """Give the place of every name in the types of a file's JSDoc comments, but for those that comments declare."""
    comments = [tree.span(comment) for comment in scopes.comments if tree.code(comment).startswith("/**")]
    for start, end in comments:
        text = tree.text[start:end]
        declared = {
            word
            for match in _DECLARED.finditer(text)
            for word in re.findall(r"[\w$]+", match["several"] or match["line"])
        }
        for tag in _TAG.finditer(text):
            inner = _inside_braces(text, tag.end())
            for match in _NAME.finditer(_STRING.sub(lambda found: " " * len(found.group()), inner)):
                if match["name"] not in declared:
                    yield start + tag.end() + match.start(), match["name"]


def _inside_braces(text: str, start: int) -> str:
    """Give what stands in the braces that open before `start`; "" where they do not close."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place]
    return ""
