"""A second look at written scripts: what would fail as soon as one of them is loaded.

Takes the text of one file and the tree around it, gives a finding for what no JavaScript is, and for an `import` or
`export … from` of a name that a module which was written, too, does not export. Where that cannot be known it says
nothing, and what nobody touched is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.javascript.index import ModuleIndex, specifier_names
from unmix.javascript.syntax import SyntaxTree, parse, string_value


def find_unsound(path: str, index: ModuleIndex) -> Iterator[Finding]:
    """Give what is wrong with the script at `path`, so wrong that it cannot have been meant."""
    try:
        tree = parse(path, index.finder.workspace.read(path).text)
    except UnreadableSource as error:
        yield Finding(path, max(error.line, 1), 1, "UNM009", error.reason)
        return
    for statement in tree.root.named_children:
        if statement.type not in ("import_statement", "export_statement"):
            continue
        specifier = string_value(tree, statement.child_by_field_name("source"))
        module = index.finder.resolve(specifier, path) if specifier else None
        if module not in index.finder.workspace.overlaid or any(child.type == "type" for child in statement.children):
            continue
        for name, node in _taken(tree, statement):
            if index.exports(module, name) is False:
                line, column = tree.place(tree.start(node))
                what = f"`{name}` is imported from {module}, which does not export it"
                yield Finding(path, line, column, "UNM004", what, f"{module}.{name}")


def _taken(tree: SyntaxTree, statement: Node) -> Iterator[tuple[str, Node]]:
    """Give the names that a statement takes from another module."""
    for child in statement.named_children:
        for inner in (child, *child.named_children) if child.type == "import_clause" else (child,):
            if inner.type not in ("named_imports", "export_clause"):
                continue
            for item in inner.named_children:
                typed = any(part.type in ("type", "typeof") for part in item.children[:-1])
                if item.type in ("import_specifier", "export_specifier") and not typed:
                    yield specifier_names(tree, item)[0], item
