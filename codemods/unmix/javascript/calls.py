"""Find the calls that `[[replace]]` covers, and rewrite them with the imports that they need.

Takes a parsed file whose loads of old modules are rewritten already, gives edits; a call whose arguments do not match
the pattern is left alone.

    import { createClient } from "./clientWrapper.js"        import { extend } from "./extension.js"
    export const client = createClient(raw)             →    export const client = extend(raw)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from unmix.edit import Edit
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.index import specifier_names
from unmix.javascript.replace import Replacement, match_arguments, write_call
from unmix.javascript.scopes import Binding, Scope, Use
from unmix.javascript.syntax import string_value


@dataclass(frozen=True, slots=True)
class ReplacedCall:
    """A call that a replacement covers: `use` is the name it goes through, `found` what each variable stands for."""

    replacement: Replacement
    node: Node
    callee: Node
    use: Use
    binding: Binding
    specifier: str
    found: Mapping[str, str]
    scope: Scope


def find_replaced_calls(source: SourceModule, context: Context) -> list[ReplacedCall]:
    """Find every call in a file that a replacement covers, also through old modules and re-exports."""
    wanted = {replacement.name for replacement in context.replacements}
    if not any(name in source.tree.text for name in wanted):
        return []
    found = []
    for use in source.scopes.uses:
        binding = source.scopes.resolve(use)
        imported = imported_from(source, binding) if binding is not None else None
        if binding is None or imported is None:
            continue
        specifier, name = imported
        callee = use.node
        if name == "*":
            member = use.parent
            if member.type != "member_expression" or member.child_by_field_name("object") != use.node:
                continue
            property_node = member.child_by_field_name("property")
            callee, name = member, source.tree.code(property_node) if property_node is not None else ""
        if not _may_be(context, name, wanted, specifier):
            continue
        call, function = callee.parent, callee
        if call is not None and call.type == "await_expression" and call.parent is not None:
            # The grammar reads `await f<T>(x)` as `(await f)<T>(x)`.
            call, function = call.parent, call
        if call is None or call.type != "call_expression" or call.child_by_field_name("function") != function:
            continue
        module = context.old_of(specifier, source.path) or context.finder.resolve(specifier, source.path)
        if module is None:
            continue
        meant = canonical(context, module, name)
        for replacement in context.replacements:
            if meant != canonical(context, replacement.module, replacement.name) or source.path == meant[0]:
                continue
            matched = match_arguments(source.tree, replacement, call)
            if matched is not None:
                found.append(ReplacedCall(replacement, call, callee, use, binding, specifier, matched, use.scope))
                break
    return found


def canonical(context: Context, module: str, name: str) -> tuple[str, str]:
    """Give the module and name that an export really is, old modules and re-exports followed."""
    for _ in range(8):
        if module not in context.olds or context.index.exports_of(module) is not None:
            module, name = context.index.origin(module, name)
        home = context.home(module, name) if module in context.olds else None
        if home is None:
            break
        module, name = home.module, home.name
    return module, name


def imported_from(source: SourceModule, binding: Binding) -> tuple[str, str] | None:
    """Give the specifier and name that a binding takes from another module ("*": the module); None for all others.

    An `import`, and a variable that is set to `require()` or `await import()`.
    """
    tree = source.tree
    if binding.statement is not None:
        node = binding.statement.child_by_field_name("source") or binding.site.child_by_field_name("source")
        written = string_value(tree, node)
        if written is None:
            return None
        if binding.site.type == "import_specifier":
            return written, specifier_names(tree, binding.site)[0]
        return written, "default" if binding.site.type == "import_clause" else "*"
    if binding.site.type != "variable_declarator":
        return None
    written = _required(source, binding.site.child_by_field_name("value"))
    pattern = binding.site.child_by_field_name("name")
    if written is None or pattern is None:
        return None
    if pattern == binding.node:
        return written, "*"
    above = binding.node.parent
    if above == pattern and binding.node.type == "shorthand_property_identifier_pattern":
        return written, binding.name
    if above is not None and above.type == "pair_pattern" and above.parent == pattern:
        key = above.child_by_field_name("key")
        return (written, tree.code(key)) if key is not None and key.type == "property_identifier" else None
    return None


def rewrite_calls(source: SourceModule, context: Context, calls: Sequence[ReplacedCall]) -> list[Edit]:
    """Give the edits that replace the calls, add what they need and drop the imports that nothing uses any more."""
    return _Rewriter(source, context, calls).edits()


class _Rewriter:
    def __init__(self, source: SourceModule, context: Context, calls: Sequence[ReplacedCall]) -> None:
        self.source = source
        self.tree = source.tree
        self.context = context
        # A call inside a replaced call moves along with its argument, as text: the next run sees it.
        spans = [self.tree.span(call.node) for call in calls]
        self.calls = [
            call
            for call, (start, end) in zip(calls, spans, strict=True)
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in spans)
        ]
        self.newline = "\r\n" if "\r\n" in self.tree.text else "\n"
        self.locals: dict[tuple[str, str], str] = {}
        self.added: dict[int, list[tuple[str, str, str]]] = {}

    def edits(self) -> list[Edit]:
        edits = []
        for call in self.calls:
            callee = ""
            if not call.replacement.unwrapped:
                callee = self.local_name(call)
            text = write_call(call.replacement, call.found, callee)
            if call.replacement.unwrapped and _needs_parentheses(self.tree.text, text, call.node):
                text = f"({text})"
            if not call.replacement.unwrapped and call.replacement.arguments == call.replacement.new_arguments:
                edits.append(Edit(*self.tree.span(call.callee), callee))
            else:
                awaited = call.callee.parent is not None and call.callee.parent.type == "await_expression"
                inner = awaited and call.callee.parent == call.node.child_by_field_name("function")
                edits.append(Edit(*self.tree.span(call.node), f"await {text}" if inner else text))
        by_binding: dict[int, list[ReplacedCall]] = {}
        for call in self.calls:
            by_binding.setdefault(id(call.binding), []).append(call)
        for own in by_binding.values():
            edits += self.change_import(own)
        return edits

    def local_name(self, call: ReplacedCall) -> str:
        """Give the name under which the new function is reached in this file, and note the import it needs."""
        module, name = call.replacement.new_module, call.replacement.new_name
        if module == self.source.path:
            return name
        key = module, name
        if key in self.locals:
            return self.locals[key]
        for bindings in self.source.scopes.module.values.values():
            for binding in bindings:
                imported = imported_from(self.source, binding)
                if imported is not None and imported[1] == name:
                    target = self.context.finder.resolve(imported[0], self.source.path)
                    if target is not None and canonical(self.context, target, name) == canonical(self.context, *key):
                        self.locals[key] = binding.name
                        return binding.name
        local = name
        taken = self.source.names_in_use()
        while local in taken:
            local += "_"
        self.locals[key] = local
        self.added.setdefault(id(call.binding), []).append((module, name, local))
        return local

    def change_import(self, calls: Sequence[ReplacedCall]) -> list[Edit]:
        """Add the imports that the calls of one name need beside its own, which goes if nothing else uses it."""
        binding = calls[0].binding
        new = self.added.get(id(binding), [])
        covered = {call.use.node.id for call in calls}
        unused = all(use.node.id in covered for use in self.source.scopes.uses_of(binding))
        statement = binding.statement or binding.site.parent
        if statement is None:
            return []
        lines = [self.write_import(calls[0], statement, *each) for each in new]
        start, end = self.tree.span(statement)
        line = self.tree.text.rfind("\n", 0, start) + 1
        indent = self.tree.text[line:start] if not self.tree.text[line:start].strip() else ""
        joined = (self.newline + indent).join(lines)
        if not unused:
            return [Edit(end, end, self.newline + indent + joined)] if lines else []
        if self.is_alone(binding, statement):
            if lines:
                return [Edit(start, end, joined)]
            return [Edit(*self.whole_line(start, end), "")]
        edits = self.drop_name(binding)
        if lines:
            edits.append(Edit(end, end, self.newline + indent + joined))
        return edits

    def write_import(self, call: ReplacedCall, statement: Node, module: str, name: str, local: str) -> str:
        specifier = self.context.placing.specifier_for(module, self.source.path, call.specifier) or module
        text = self.tree.code(statement)
        quote = "'" if f"'{call.specifier}'" in text else '"'
        end = ";" if text.endswith(";") else ""
        if call.binding.statement is not None:
            if name == "default":
                return f"import {local} from {quote}{specifier}{quote}{end}"
            named = name if name == local else f"{name} as {local}"
            return f"import {{ {named} }} from {quote}{specifier}{quote}{end}"
        named = name if name == local else f"{name}: {local}"
        keyword = self.tree.code(statement.children[0])
        value = call.binding.site.child_by_field_name("value")
        load = "await import" if value is not None and value.type == "await_expression" else "require"
        return f"{keyword} {{ {named} }} = {load}({quote}{specifier}{quote}){end}"

    def is_alone(self, binding: Binding, statement: Node) -> bool:
        """Say whether a statement imports nothing but this name."""
        if statement.type == "import_statement":
            others = [
                other
                for bindings in (*self.source.scopes.module.values.values(), *self.source.scopes.module.types.values())
                for other in bindings
                if other.statement == statement and other is not binding
            ]
            return not others
        if sum(child.type == "variable_declarator" for child in statement.children) != 1:
            return False
        pattern = binding.site.child_by_field_name("name")
        return pattern is not None and (pattern == binding.node or pattern.named_child_count == 1)

    def drop_name(self, binding: Binding) -> list[Edit]:
        """Take one name out of the braces that it is imported in."""
        from unmix.javascript.entries import keep_entries

        node = binding.site if binding.site.type == "import_specifier" else binding.node
        if node.parent is not None and node.parent.type == "pair_pattern":
            node = node.parent
        braces = node.parent
        if braces is None or braces.type not in ("named_imports", "object_pattern"):
            return []
        entries = [child for child in braces.named_children if child.type != "comment"]
        kept = [number for number, entry in enumerate(entries) if entry != node]
        start, end = self.tree.span(braces)
        if not kept:
            # import d, { a } from …
            clause = braces.parent
            default = clause.named_children[0] if clause is not None and clause.type == "import_clause" else None
            return [Edit(self.tree.span(default)[1], end, "")] if default is not None and default != braces else []
        spans = [self.tree.span(entry) for entry in entries]
        return keep_entries(self.tree.text, (start + 1, end - 1), spans, kept)

    def whole_line(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of a statement with its line, where nothing else stands on it."""
        text = self.tree.text
        line = text.rfind("\n", 0, start) + 1
        rest = re.compile(r"[ \t]*(?:\r\n|\r|\n|$)").match(text, end)
        if text[line:start].strip() or rest is None:
            return start, end
        # At the head of the file the blank line that stood below the imports has nothing to part any more.
        blank = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))*").match(text, rest.end()) if not text[:line].strip() else None
        return line, blank.end() if blank is not None else rest.end()


def _may_be(context: Context, name: str, wanted: set[str], specifier: str) -> bool:
    return (
        name in wanted
        or name == "default"
        or any(replacement.name == "default" for replacement in context.replacements)
    )


def _required(source: SourceModule, value: Node | None) -> str | None:
    awaited = value is not None and value.type == "await_expression"
    if value is not None and awaited:
        value = value.named_children[0]
    if value is None or value.type != "call_expression":
        return None
    function = value.child_by_field_name("function")
    arguments = value.child_by_field_name("arguments")
    if function is None or arguments is None:
        return None
    if source.tree.code(function) != ("import" if awaited else "require"):
        return None
    return string_value(source.tree, arguments.named_children[0]) if arguments.named_child_count == 1 else None


def _needs_parentheses(text: str, argument: str, call: Node) -> bool:
    """Say whether an argument must be wrapped to stand where its call stood: `wrap(a, b => c).d`."""
    if re.fullmatch(r"[\w$.]+|\w+\([^()]*\)", argument):
        return False
    above = call.parent
    return above is not None and above.type in (
        *("member_expression", "subscript_expression", "call_expression", "await_expression", "unary_expression"),
        *("binary_expression", "new_expression", "spread_element", "non_null_expression", "as_expression"),
    )
