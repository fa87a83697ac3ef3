"""Read an import as plain data: what it binds, and which edits leave only some of that.

Takes the node of an `import`, or of a declarator that only requires; gives Imported. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tree_sitter import Node

from unmix.edit import Edit
from unmix.javascript.entries import keep_entries
from unmix.javascript.syntax import Span, SyntaxTree, string_value


@dataclass(frozen=True, slots=True)
class Slot:
    """One piece of an import between commas: a default, a namespace, names in braces, the target of a `require`."""

    span: Span
    names: tuple[str, ...]
    inner: Span | None = None
    entries: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What one import takes from `specifier`; `inner` is the text from its first slot to its last."""

    specifier: str
    inner: Span
    slots: tuple[Slot, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for slot in self.slots for name in slot.names)

    def keep(self, text: str, wanted: Collection[str]) -> list[Edit]:
        """Give the edits that leave the names `wanted`, of which at least one is imported here."""
        if all(name in wanted for name in self.names):
            return []
        kept = [number for number, slot in enumerate(self.slots) if not {*wanted}.isdisjoint(slot.names)]
        edits = keep_entries(text, self.inner, [slot.span for slot in self.slots], kept) if self.slots else []
        for number in kept:
            slot = self.slots[number]
            if slot.inner is not None and not all(name in wanted for name in slot.names):
                some = [place for place, name in enumerate(slot.names) if name in wanted]
                edits += keep_entries(text, slot.inner, slot.entries, some)
        return edits


def read_import(tree: SyntaxTree, node: Node) -> Imported:
    """Read an `import` statement of an ES module, or `import x = require()`."""
    specifier = string_value(tree, node.child_by_field_name("source")) or ""
    slots: list[Slot] = []
    for child in node.named_children:
        if child.type == "import_require_clause":
            specifier = string_value(tree, child.child_by_field_name("source")) or ""
            slots.append(Slot(tree.span(child), (tree.code(child.named_children[0]),)))
        elif child.type == "import_clause":
            slots += [_slot(tree, each) for each in child.named_children if each.type != "comment"]
    inner = (slots[0].span[0], slots[-1].span[1]) if slots else tree.span(node)
    return Imported(specifier, inner, tuple(slots))


def read_require(tree: SyntaxTree, declarator: Node) -> Imported | None:
    """Read `x = require("y")`, `{ a, b: c } = require("y")` or `x = require("y").z`; None for anything else."""
    name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
    while value is not None and value.type == "member_expression":
        value = value.child_by_field_name("object")
    specifier = required(tree, value)
    if specifier is None or name is None:
        return None
    span = tree.span(declarator)
    if name.type == "identifier":
        return Imported(specifier, span, (Slot(span, (tree.code(name),)),))
    if name.type != "object_pattern":
        return None
    names, entries = [], []
    for child in name.named_children:
        if child.type == "comment":
            continue
        bound = child.child_by_field_name("value") if child.type == "pair_pattern" else child
        key = child.child_by_field_name("key") if child.type == "pair_pattern" else None
        if bound is None or bound.type not in ("identifier", "shorthand_property_identifier_pattern"):
            return None
        if key is not None and key.type == "computed_property_name":
            return None
        names.append(tree.code(bound))
        entries.append(tree.span(child))
    start, end = tree.span(name)
    slot = Slot(span, tuple(names), (start + 1, end - 1), tuple(entries))
    return Imported(specifier, span, (slot,)) if names else None


def required(tree: SyntaxTree, node: Node | None) -> str | None:
    """Give the specifier of `require("…")`; None for anything else."""
    if node is None or node.type != "call_expression":
        return None
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or arguments is None or tree.code(function) != "require":
        return None
    given = [child for child in arguments.named_children if child.type != "comment"]
    return string_value(tree, given[0]) if len(given) == 1 else None


def _slot(tree: SyntaxTree, node: Node) -> Slot:
    span = tree.span(node)
    if node.type != "named_imports":
        name = node.named_children[-1] if node.type == "namespace_import" else node
        return Slot(span, (tree.code(name),))
    specifiers = [child for child in node.named_children if child.type == "import_specifier"]
    bound = [each.child_by_field_name("alias") or each.child_by_field_name("name") for each in specifiers]
    names = tuple(tree.code(each) for each in bound if each is not None)
    return Slot(span, names, (span[0] + 1, span[1] - 1), tuple(tree.span(each) for each in specifiers))
