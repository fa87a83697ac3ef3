"""What the modules of one tree export, and where a re-exported name really comes from.

Takes paths, parses only the modules it is asked about, and remembers them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from unmix.errors import UnreadableSource
from unmix.javascript.modules import ModuleFinder
from unmix.javascript.scopes import Scopes
from unmix.javascript.syntax import SCRIPT_SUFFIXES, TYPED_SUFFIXES, SyntaxTree, string_value


@dataclass(frozen=True, slots=True)
class ModuleExports:
    """The exports of one module.

    `origins` gives the specifier and name of each that is re-exported; `stars` are the specifiers of `export * from`;
    `types` are the names that are types alone, `typedefs` those that its comments
    define; `dynamic` when exports may appear that its text does not show;
    `commonjs` when they are set on `exports`; `esm` when it has an import or export statement;
    `through_this` are names that the functions of a CommonJS module set, perhaps on its exports.
    """

    names: frozenset[str]
    origins: dict[str, tuple[str, str]]
    stars: tuple[str, ...]
    types: frozenset[str]
    typedefs: frozenset[str]
    dynamic: bool
    commonjs: bool
    esm: bool
    through_this: frozenset[str] = frozenset()


@dataclass(slots=True)
class ModuleIndex:
    """The modules of one tree, read when first asked for; `parsed` gives one, or raises UnreadableSource."""

    finder: ModuleFinder
    parsed: Callable[[str], tuple[SyntaxTree, Scopes]]
    _known: dict[str, ModuleExports | None] = field(default_factory=dict)

    def exports_of(self, path: str) -> ModuleExports | None:
        """Give what the module at `path` exports; None when it is no script that can be read."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def all_exports(self, path: str) -> frozenset[str]:
        """Give every name that the module at `path` exports as far as this tree shows, also by stars."""
        found: set[str] = set()
        for here in self.star_sources(path):
            known = self.exports_of(here)
            if known is not None:
                found |= known.names if here == path else known.names - {"default"}
        return frozenset(found)

    def star_sources(self, path: str) -> tuple[str, ...]:
        """Give a module and all whose names it exports by `export * from`, however far."""
        seen = {path: None}
        for here in (stack := [path]):
            known = self.exports_of(here)
            targets = [self.finder.resolve(star, here) for star in known.stars] if known is not None else []
            for target in targets:
                if target is not None and target not in seen:
                    seen[target] = None
                    stack.append(target)
        return tuple(seen)

    def is_commonjs(self, path: str) -> bool:
        """Say whether the module sets its exports on `exports`."""
        known = self.exports_of(path)
        return known is not None and known.commonjs and not known.esm

    def exports(self, path: str, name: str) -> bool | None:
        """Say whether the module at `path` exports `name`; None when its text does not tell."""
        return self._exports(path, name, frozenset())

    def _exports(self, path: str, name: str, seen: frozenset[str]) -> bool | None:
        known = self.exports_of(path)
        if known is None:
            return None
        if name in known.names or name in known.typedefs:
            return True
        if known.dynamic or (known.commonjs and name == "default"):
            return None
        if name in known.through_this:
            return None  # `exports.open()` has the exports for its `this`.
        if not known.esm and not known.commonjs:
            return None  # A script without exports: whatever it sets, it sets by other means.
        if name == "default":
            return False
        answers: set[bool | None] = set()
        for star in known.stars:
            target = self.finder.resolve(star, path)
            if target is None:
                answers.add(None)
            elif target not in seen:
                answers.add(self._exports(target, name, seen | {path}))
        return True if True in answers else None if None in answers else False

    def origin(self, path: str, name: str) -> tuple[str, str]:
        """Follow re-exports of `name` from the module at `path` to the module that defines it."""
        seen = set()
        while (path, name) not in seen:
            seen.add((path, name))
            known = self.exports_of(path)
            if known is None:
                break
            if name in known.origins:
                specifier, origin = known.origins[name]
                target = self.finder.resolve(specifier, path)
            elif name not in known.names:
                origin = name
                targets = (self.finder.resolve(star, path) for star in known.stars)
                target = next((found for found in targets if found and self.exports(found, name)), None)
            else:
                break
            if target is None or origin == "*":
                break
            path, name = target, origin
        return path, name

    def _read(self, path: str) -> ModuleExports | None:
        if not path.endswith(SCRIPT_SUFFIXES) or not self.finder.workspace.exists(path):
            return None
        try:
            return read_exports(*self.parsed(path))
        except UnreadableSource:
            return None


def read_exports(tree: SyntaxTree, scopes: Scopes) -> ModuleExports:
    """Read the exports of a parsed module."""
    names: set[str] = set()
    origins: dict[str, tuple[str, str]] = {}
    stars: list[str] = []
    types: set[str] = set()
    dynamic = False
    esm = bool(scopes.imports)
    for placed in scopes.exports:
        if placed.scope is not scopes.module:
            continue
        esm = True
        statement = placed.node
        source = string_value(tree, statement.child_by_field_name("source"))
        for exported, local in exported_names(tree, statement):
            if exported == "*":
                if source is not None:
                    stars.append(source)
                continue
            if exported == "=":
                dynamic = True
                continue
            names.add(exported)
            if _exports_types(statement) or (local and _is_type(scopes, local)):
                types.add(exported)
            if source is not None:
                origins[exported] = source, local
            elif local:
                imported = _import_of(tree, scopes, local)
                if imported is not None:
                    origins[exported] = imported
    # declare module "package" { … }: what such a file declares is for others.
    dynamic = dynamic or _AMBIENT_MODULE.search(tree.text) is not None
    if _DECLARATION.search(tree.path) and not any(_is_export_list(placed.node) for placed in scopes.exports):
        # What a declaration file declares it exports, if it exports anything.
        names |= {binding.name for binding in scopes.module.bindings if esm and binding.statement is None}
    set_here = _CommonJS(tree, scopes)
    set_here.read()
    names |= set_here.names
    # What `require` gives of an ES module that says so.
    dynamic = dynamic or "module.exports" in names
    return ModuleExports(
        names=frozenset(names),
        origins=origins,
        stars=tuple(stars),
        types=frozenset(types),
        typedefs=typedefs_of(tree, scopes),
        dynamic=dynamic or set_here.dynamic,
        commonjs=set_here.found,
        esm=esm,
        through_this=frozenset(_SET_ON_THIS.findall(tree.text)) if set_here.found else frozenset(),
    )


def exported_names(tree: SyntaxTree, statement: Node) -> Iterator[tuple[str, str]]:
    """Give each name that an export statement exports, with the local or foreign name it stands for.

    `export * from` gives ("*", "*"), `export * as ns from` ("ns", "*"), `export = a` ("=", "a").
    """
    kinds = [child.type for child in statement.children]
    declaration = statement.child_by_field_name("declaration")
    for child in statement.children:
        if child.type == "export_clause":
            for item in child.named_children:
                if item.type == "export_specifier":
                    name, alias = specifier_names(tree, item)
                    yield alias or name, name
        elif child.type == "namespace_export":
            # `export * as default from` has no name among its named nodes.
            yield _module_name(tree, child.children[-1]), "*"
        elif child.type == "*" and "namespace_export" not in kinds:
            yield "*", "*"
    if "default" in kinds:
        value = statement.child_by_field_name("value")
        local = value if value is not None and value.type == "identifier" else None
        if declaration is not None:
            local = declaration.child_by_field_name("name")
        yield "default", tree.code(local) if local is not None else ""
    elif "=" in kinds:
        yield "=", ""
    elif "namespace" in kinds and "as" in kinds:
        return
    elif declaration is not None:
        for name in declared_names(tree, declaration):
            yield name, name


def declared_names(tree: SyntaxTree, declaration: Node) -> Iterator[str]:
    """Give the names that a declaration declares: `let a, { b } = c` gives a and b."""
    if declaration.type == "ambient_declaration":
        for child in declaration.named_children:
            yield from declared_names(tree, child)
    elif declaration.type in ("lexical_declaration", "variable_declaration", "using_declaration"):
        for declarator in declaration.named_children:
            name = declarator.child_by_field_name("name")
            if name is not None:
                yield from pattern_names(tree, name)
    else:
        name = declaration.child_by_field_name("name")
        while name is not None and name.type in ("nested_identifier", "member_expression"):
            name = name.child_by_field_name("object")
        if name is not None and name.type != "string":
            yield tree.code(name)


def pattern_names(tree: SyntaxTree, pattern: Node) -> Iterator[str]:
    """Give the names that a pattern binds."""
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield tree.code(pattern)
    elif pattern.type in ("object_pattern", "array_pattern", "rest_pattern"):
        for child in pattern.named_children:
            yield from pattern_names(tree, child)
    else:
        inner = pattern.child_by_field_name("value") or pattern.child_by_field_name("left")
        if inner is not None:
            yield from pattern_names(tree, inner)


def specifier_names(tree: SyntaxTree, specifier: Node) -> tuple[str, str]:
    """Give the name and the alias ("" if none) of an import or export specifier: `default as a` gives both."""
    named = [child for child in specifier.children if child.type in ("identifier", "string", "default")]
    # `type` in front of a name is a modifier, alone it is a name.
    if len(named) == 1 and any(child.type == "as" for child in specifier.children):
        named.insert(0, specifier.children[0])
    if not named:
        named = [specifier.children[0]]
    name = _module_name(tree, named[0])
    return name, _module_name(tree, named[1]) if len(named) > 1 else ""


def typedefs_of(tree: SyntaxTree, scopes: Scopes) -> frozenset[str]:
    """Give the types that JSDoc comments define, which others reach as `import("./module").Name`."""
    if tree.path.endswith(TYPED_SUFFIXES):
        return frozenset()
    return frozenset(
        match[1] for comment in scopes.comments for match in _TYPEDEF.finditer(tree.code(comment)) if match[1]
    )


_SET_ON_THIS = re.compile(r"\bthis\s*\.\s*([A-Za-z_$][\w$]*)\s*=(?!=)")
_AMBIENT_MODULE = re.compile(r"^\s*declare\s+module\s+[\"']", re.MULTILINE)
_DECLARATION = re.compile(r"\.d\.[cm]?ts$")


def _is_export_list(statement: Node) -> bool:
    """Say whether a statement says what a module exports: `export { a }`, `export {}`, `export = a`."""
    kinds = {child.type for child in statement.children}
    return "=" in kinds or ("export_clause" in kinds and statement.child_by_field_name("source") is None)


_TYPEDEF = re.compile(
    r"@(?:typedef|callback|enum)\s+(?:\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}\s*)?([A-Za-z_$][\w$]*)"
)


def _exports_types(statement: Node) -> bool:
    declaration = statement.child_by_field_name("declaration")
    return any(child.type == "type" for child in statement.children) or (
        declaration is not None and declaration.type in ("interface_declaration", "type_alias_declaration")
    )


def _is_type(scopes: Scopes, local: str) -> bool:
    return local not in scopes.module.values and any(
        binding.type_only for binding in scopes.module.types.get(local, ())
    )


def _module_name(tree: SyntaxTree, node: Node) -> str:
    text = tree.code(node)
    return text[1:-1] if node.type == "string" else text


def _import_of(tree: SyntaxTree, scopes: Scopes, local: str) -> tuple[str, str] | None:
    """Give the specifier and name that a module-level name is imported from."""
    for binding in [*scopes.module.values.get(local, ()), *scopes.module.types.get(local, ())]:
        if binding.statement is None:
            continue
        source = string_value(tree, binding.statement.child_by_field_name("source"))
        if source is None:
            continue
        if binding.site.type == "import_specifier":
            return source, specifier_names(tree, binding.site)[0]
        return source, "default" if binding.site.type == "import_clause" else "*"
    return None


# Where a value goes that others may write to: `f(module)`, `const m = module`, `module[name]`.
_HANDED_ON = frozenset(
    ("arguments", "variable_declarator", "assignment_expression", "subscript_expression", "pair", "spread_element")
)
_SETS_THIS = re.compile(r"^this\b|^\}\)?\.(?:call|apply)\(this\b|^\S.*\bdefineProper(?:ty|ties)\(this\b", re.MULTILINE)


class _CommonJS:
    """What a module sets on `exports`: `exports.a = …`, `module.exports = { a }`, `Object.assign(exports, …)`."""

    def __init__(self, tree: SyntaxTree, scopes: Scopes) -> None:
        self.tree = tree
        self.scopes = scopes
        self.names: set[str] = set()
        self.dynamic = False
        self.found = False

    def read(self) -> None:
        for use in self.scopes.uses:
            if use.name not in ("module", "exports", "define") or self.scopes.resolve(use) is not None:
                continue
            node, parent = use.node, use.parent
            if use.name == "define":
                # An AMD module gives what its function returns.
                self.dynamic = self.dynamic or parent.type == "call_expression"
                continue
            if use.name == "module":
                if parent.type != "member_expression" or self.tree.code(parent).replace(" ", "") != "module.exports":
                    self.dynamic = self.dynamic or parent.type in _HANDED_ON
                    continue
                node = parent
                above = parent.parent
                if above is None:
                    continue
                parent = above
            self.found = True
            self.read_use(node, parent)
        # At the top of a CommonJS module `this` is its exports.
        self.dynamic = self.dynamic or (self.found and _SETS_THIS.search(self.tree.text) is not None)

    def read_use(self, node: Node, parent: Node) -> None:
        """Read one place that mentions the exports object: `node` is that object."""
        member = self.member_of(node, parent)
        if member is not None:
            # Also a mere read of `exports.a` tells that it is there.
            self.names.add(member)
            return
        if parent.type == "assignment_expression" and parent.child_by_field_name("left") == node:
            self.read_value(parent.child_by_field_name("right"))
            self.read_other_name(parent)
        elif parent.type == "arguments":
            self.read_arguments(node, parent)
        elif parent.type != "assignment_expression":
            self.dynamic = True

    def read_other_name(self, assignment: Node) -> None:
        """`var app = module.exports = {}`: what is set on the other name is exported, too."""
        above = assignment.parent
        while above is not None and above.type == "assignment_expression":
            assignment, above = above, above.parent
        if above is None or above.type in ("expression_statement", "sequence_expression"):
            left = assignment.child_by_field_name("left")
        elif above.type == "variable_declarator":
            left = above.child_by_field_name("name")
        else:
            self.dynamic = True
            return
        if left is None or left.type != "identifier" or self.tree.code(left) == "exports":
            return
        for use in self.scopes.uses:
            if use.name == self.tree.code(left) and use.node != left:
                member = self.member_of(use.node, use.parent)
                if member is not None:
                    self.names.add(member)
                elif use.parent.type in _HANDED_ON:
                    self.dynamic = True

    def member_of(self, node: Node, parent: Node) -> str | None:
        if parent.child_by_field_name("object") != node:
            return None
        if parent.type == "member_expression":
            name = parent.child_by_field_name("property")
            return self.tree.code(name) if name is not None else None
        return (
            string_value(self.tree, parent.child_by_field_name("index")) if parent.type != "call_expression" else None
        )

    def read_arguments(self, node: Node, arguments: Node) -> None:
        """`Object.defineProperty(exports, "a", …)`, `Object.assign(exports, { a })`."""
        first, *rest = [child for child in arguments.named_children if child.type != "comment"]
        named = string_value(self.tree, rest[0]) if rest else None
        if first == node and named is not None:
            self.names.add(named)
        elif first == node and rest and all(each.type == "object" for each in rest):
            for each in rest:
                self.read_value(each)
        else:
            self.dynamic = True

    def read_value(self, value: Node | None) -> None:
        """`module.exports = value`."""
        if value is None or value.type != "object":
            # A chain: `module.exports = exports = { a }`.
            if value is not None and value.type == "assignment_expression":
                self.read_value(value.child_by_field_name("right"))
            elif value is not None and value.type in ("function_expression", "class", "arrow_function"):
                self.dynamic = True
            else:
                self.dynamic = True
            return
        for item in value.named_children:
            if item.type == "shorthand_property_identifier":
                self.names.add(self.tree.code(item))
            elif item.type in ("pair", "method_definition"):
                key = item.child_by_field_name("key") or item.child_by_field_name("name")
                name = string_value(self.tree, key)
                if name is None and key is not None and key.type == "property_identifier":
                    name = self.tree.code(key)
                if name is None:
                    self.dynamic = True
                else:
                    self.names.add(name)
            elif item.type != "comment":
                self.dynamic = True
