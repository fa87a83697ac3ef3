"""Say in the comments of each part where the types are that went to another part.

Takes the texts of the parts, gives them with edits in JSDoc comments only. To be called where TypeScript reads these:
it knows the names of a file, and other tools may not know `import()`.

    @param {Options} options    →    @param {import("./options.js").Options} options

What a comment imports for the file (`@import { Node } from "ast"`), each part imports that uses it.
"""

from __future__ import annotations

import posixpath
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


# A comment that only imports: /** @import { Node as AstNode } from "ast" */
_IMPORT = re.compile(
    r"/\*\*\s*@import\s+(?P<names>\{[^{}]*\}|[^'\"{}]*?)\s*from\s*(?P<quote>['\"])(?P<from>[^'\"\r\n]*)(?P=quote)\s*\*/"
)
_ENTRY = re.compile(r"[\w$]+(?:\s+as\s+(?P<alias>[\w$]+))?|\*\s+as\s+(?P<whole>[\w$]+)")


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
    named = {path: list(_named_types(tree, scopes[path])) for path, tree in trees.items()}
    used = {path: {name for _, name in places} for path, places in named.items()}
    imported = {path: list(_imported(tree, scopes[path])) for path, tree in trees.items()}
    anywhere = {name for names in used.values() for name in names}
    written = {}
    for path, tree in trees.items():
        module = scopes[path].module
        own = {*module.values, *module.types, *typedefs_of(tree, scopes[path])}
        own |= {name for _, entries in imported[path] for name in entries}
        edits = []
        for start, name in named[path]:
            home, exported = homes.get(name, (path, ""))
            if home != path and name not in own:
                way = f"import({quote}{specify(home, path)}{quote}).{exported or name}"
                edits.append(Edit(start, start + len(name), way))
        more = []
        for other, comments in imported.items():
            for comment, entries in comments:
                if other != path and not (used[path] - own).isdisjoint(entries):
                    # What nobody uses nobody used before.
                    wanted = [entry for name, entry in entries.items() if name in used[path] or name not in anywhere]
                    more.append(_import_again(comment, wanted, other, path))
        if more:
            place = _above(tree, min(start for start, name in named[path]))
            edits.append(Edit(place, place, outline.newline.join((*more, "", ""))))
        for comment, entries in imported[path]:
            if used[path].isdisjoint(entries) and not anywhere.isdisjoint(entries):
                after = re.compile(r"[ \t]*(?:\r?\n)*").match(tree.text, comment.end())
                edits.append(Edit(comment.start(), after.end() if after is not None else comment.end(), ""))
        written[path] = apply_edits(tree.text, edits)
    return written


def _imported(tree: SyntaxTree, scopes: Scopes) -> Iterator[tuple[re.Match[str], dict[str, str]]]:
    """Give each comment that only imports, with what it writes for each of its names."""
    for comment in scopes.comments:
        match = _IMPORT.match(tree.text, *tree.span(comment))
        if match is not None and match.end() == tree.span(comment)[1]:
            entries = _ENTRY.finditer(match["names"])
            yield match, {each["alias"] or each["whole"] or each.group(): each.group() for each in entries}


def _import_again(comment: re.Match[str], entries: list[str], here: str, there: str) -> str:
    """Write the import of some names of a comment in one part again for another."""
    way = comment["from"]
    if way.startswith("."):
        place = posixpath.normpath(posixpath.join(posixpath.dirname(here), way))
        way = posixpath.relpath(place, posixpath.dirname(there) or ".")
        way = way if way.startswith("../") else f"./{way}"
    names = f"{{ {', '.join(entries)} }}" if comment["names"].startswith("{") else comment["names"]
    return f"/** @import {names} from {comment['quote']}{way}{comment['quote']} */"


def _above(tree: SyntaxTree, place: int) -> int:
    """Give where the statement at `place` begins, with the comments that lead it."""
    first = last = 0
    fresh = True
    for child in tree.root.children:
        start, end = tree.span(child)
        if fresh or tree.text.count("\n", last, start) > 1:
            first = start
        if end >= place:
            return first
        fresh, last = child.type != "comment", end
    return 0


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
