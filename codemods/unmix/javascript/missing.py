"""Find names that are imported, used or exported although nothing defines them.

Takes a parsed file and the tree's other modules, gives findings. Only what concerns the migration is looked at: what is
taken from an old module or a part, and the names they hold, wherever those are taken from. What cannot be known for
certain is no finding.
"""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property

from tree_sitter import Node

from unmix.finding import Finding
from unmix.javascript.ambient import brings_names
from unmix.javascript.calls import imported_from
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.globals import KNOWN_GLOBALS
from unmix.javascript.index import specifier_names
from unmix.javascript.modules import stem_of
from unmix.javascript.scopes import Space, Use, When
from unmix.javascript.syntax import Span, string_value


def find_missing_names(source: SourceModule, context: Context) -> list[Finding]:
    """Find every watched name in a file that nothing defines."""
    finder = _Missing(source, context)
    return [*finder.statements(), *finder.members(), *finder.undeclared(), *finder.files()]


class _Missing:
    def __init__(self, source: SourceModule, context: Context) -> None:
        self.source = source
        self.tree = source.tree
        self.scopes = source.scopes
        self.context = context
        self.index = context.index
        self.ours = context.olds | context.parts

    # -- names that a module does not export ------------------------------------------------------------------------

    def statements(self) -> Iterator[Finding]:
        """`import { name } from`, `export { name } from` a module that has no such name."""
        for placed in (*self.scopes.imports, *self.scopes.exports):
            statement = placed.node
            written = string_value(self.tree, statement.child_by_field_name("source"))
            if written is None:
                continue
            module = self.context.finder.resolve(written, self.source.path)
            exporting = statement.type == "export_statement"
            for node, name in self.names_of(statement):
                if module is None:
                    if name in self.context.watched and name != "default" and self.is_nowhere(written):
                        yield self.gone_file(node, name, written, exporting=exporting)
                elif self.is_made(name, written):
                    continue
                elif self.is_missing(module, name) and not self.is_elsewhere(node, name, written):
                    done = "exported again" if exporting else "imported"
                    message = f"`{name}` is {done} from {module}, which does not export it"
                    yield self.finding(node, "UNM005" if exporting else "UNM004", message, f"{module}#{name}", name)

    def names_of(self, statement: Node) -> Iterator[tuple[Node, str]]:
        for child in statement.children:
            for item in child.named_children if child.type in ("import_clause", "export_clause") else ():
                if item.type == "identifier":
                    yield item, "default"
                elif item.type == "export_specifier":
                    yield item, specifier_names(self.tree, item)[0]
                elif item.type == "named_imports":
                    for specifier in item.named_children:
                        if specifier.type == "import_specifier":
                            yield specifier, specifier_names(self.tree, specifier)[0]

    def is_made(self, name: str, written: str) -> bool:
        """Say whether a tool gives an export that the text does not show.

        import text from "./main.js?raw"    import parser from "@scope/parser", which is built as CommonJS
        import { data } from "./posts.data.js", which VitePress loads while it builds
        """
        if name == "data":
            return ".data." in posixpath.basename(written)
        return name == "default" and self.gives_default(written)

    def gives_default(self, written: str) -> bool:
        return "?" in written or self.context.finder.is_package(written, self.source.path)

    def is_elsewhere(self, node: Node, name: str, written: str) -> bool:
        """Say whether a package may give the name on another condition, or declare it as the type it is used as."""
        targets = self.context.finder.targets(written, self.source.path)
        others = (path is None or self.index.exports(path, name) is not False for path in targets)
        return any(others) or self.is_declared_type(node, name, written)

    def is_declared_type(self, node: Node, name: str, written: str) -> bool:
        """Say whether an import is used as a type alone, and what its package declares may have that type."""
        if self.source.path.endswith((".js", ".mjs", ".cjs", ".jsx")):
            return False
        declared = self.context.finder.declared(written, self.source.path)
        if not declared or any(self.index.exports(path, name) is False for path in declared):
            return False
        bound = [*self.scopes.module.values.values(), *self.scopes.module.types.values()]
        own = {id(binding): binding for bindings in bound for binding in bindings if binding.site == node}
        if own and all(binding.type_only for binding in own.values()):
            return True
        uses = [use for binding in own.values() for use in self.scopes.uses_of(binding)]
        return all(use.space is Space.TYPE or use.when is When.TYPING or use.exported for use in uses)

    def members(self) -> Iterator[Finding]:
        """`module.name`, `const { name } = require()` of a module that has no such name."""
        read: list[tuple[Node, str, str]] = []
        written: set[tuple[str, str]] = set()
        for node, specifier in (*self.bound_members(), *self.required_members()):
            name = self.tree.code(node)
            if node.parent is not None and _is_written(node.parent):
                written.add((name, specifier))
            else:
                read.append((node, name, specifier))
        for node, name, specifier in read:
            # What the file sets itself it may read, too.
            if (name, specifier) not in written:
                yield from self.missing_member(node, name, specifier)

    def bound_members(self) -> Iterator[tuple[Node, str]]:
        """Give each `name` in `module.name`, with the specifier of the module."""
        modules: dict[int, tuple[str, str] | None] = {}
        for use in self.scopes.uses:
            member = use.parent
            if member.type != "member_expression" or member.child_by_field_name("object") != use.node:
                continue
            binding = self.scopes.resolve(use)
            if binding is None or (binding.statement is None and binding.site.type != "variable_declarator"):
                continue
            if id(binding) not in modules:
                modules[id(binding)] = imported_from(self.source, binding)
            imported = modules[id(binding)]
            node = member.child_by_field_name("property")
            if imported is not None and imported[1] == "*" and node is not None:
                yield node, imported[0]

    def required_members(self) -> Iterator[tuple[Node, str]]:
        """Give each name in `require("./module").name` and `const { name } = await import("./module")`."""
        for placed in self.scopes.calls:
            call = placed.node
            function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
            if function is None or arguments is None or function.type not in ("identifier", "import"):
                continue
            if function.type == "identifier" and self.tree.code(function) != "require":
                continue
            written = string_value(self.tree, next(iter(arguments.named_children), None))
            node, above = call, call.parent
            while above is not None and above.type in ("await_expression", "parenthesized_expression"):
                node, above = above, above.parent
            if written is None or above is None or (function.type == "import" and node is call):
                continue
            if above.type == "member_expression" and above.child_by_field_name("object") == node:
                member = above.child_by_field_name("property")
                if member is not None:
                    yield member, written
            elif above.type == "variable_declarator":
                pattern = above.child_by_field_name("name")
                for item in pattern.named_children if pattern is not None and pattern.type == "object_pattern" else ():
                    key = item.child_by_field_name("key") if item.type == "pair_pattern" else item
                    if key is not None and key.type in ("property_identifier", "shorthand_property_identifier_pattern"):
                        yield key, written

    def missing_member(self, node: Node, name: str, written: str) -> Iterator[Finding]:
        module = self.context.finder.resolve(written, self.source.path)
        if module is not None and self.is_missing(module, name):
            message = f"`{name}` is read from {module}, which does not export it"
            yield self.finding(node, "UNM004", message, f"{module}#{name}", name)

    def is_missing(self, module: str, name: str) -> bool:
        """Say whether `module` is concerned and certainly exports no `name`."""
        if module == self.source.path or name == "__esModule":
            return False
        if self.mocked and not self.mocked.isdisjoint(self.index.star_sources(module)):
            return False
        if module not in self.ours and (name not in self.context.watched or name == "default"):
            return False
        if re.sub(r"\.[cm]?[jt]sx?$", ".d.ts", module) != module and self.is_declared(module):
            return False
        return self.index.exports(module, name) is False

    @cached_property
    def mocked(self) -> frozenset[str]:
        """The modules that the file gives other exports: `jest.mock("./module", () => ({ … }))`."""
        found = set()
        for placed in self.scopes.calls if "ock" in self.tree.text else ():
            function, arguments = (placed.node.child_by_field_name(key) for key in ("function", "arguments"))
            if function is None or arguments is None or arguments.named_child_count < 2:
                continue
            if re.search(r"[mM]ock\w*$|\bmock\.module$", self.tree.code(function)):
                written = string_value(self.tree, arguments.named_children[0])
                found.add(self.context.finder.resolve(written, self.source.path) if written else None)
        return frozenset(path for path in found if path is not None)

    def is_declared(self, module: str) -> bool:
        """Say whether a `.d.ts` beside the module may declare what its text does not show."""
        exists = self.context.finder.workspace.exists
        return exists(re.sub(r"\.([cm]?)[jt]sx?$", r".d.\1ts", module))

    # -- names that nothing declares --------------------------------------------------------------------------------

    def undeclared(self) -> Iterator[Finding]:
        """A name that used to be imported, is still used or exported, and is declared nowhere."""
        loose = [use for use in self.scopes.uses if self.concerns(use) and self.scopes.resolve(use) is None]
        if not loose or not self.is_module() or not self.is_in_use() or self.brings_globals():
            return
        declared = set(re.findall(r"[\w$]+", " ".join(self.comments("globals?"))))
        if self.source.path.endswith(".svelte"):
            declared |= {match[1] for match in _SNIPPET.finditer(self.tree.text)}
        asked = {use.name for use in loose if use.parent.type in ("unary_expression", "type_query")}
        for use in loose:
            if use.name in declared or (use.name in asked and not use.exported) or self.is_never_run(use):
                continue
            exporting = use.exported or self.is_common_export(use)
            if not use.exported and (use.name in KNOWN_GLOBALS or self.context.ambient.has(use.name)):
                continue
            if exporting:
                message = f"`{use.name}` is exported, but nothing in this file declares or imports it"
                yield self.finding(use.node, "UNM005", message, use.name, use.name)
            else:
                message = f"`{use.name}` is used, but nothing in this file declares or imports it"
                yield self.finding(use.node, "UNM004", message, use.name, use.name)

    def concerns(self, use: Use) -> bool:
        # A type that is missing stops no program, and which types there are the compiler knows better.
        typing = use.space is Space.TYPE or use.when is When.TYPING
        return use.name in self.context.watched and use.name not in _NO_NAMES and not typing

    def is_never_run(self, use: Use) -> bool:
        """`0 && (module.exports = { name })` is how bundlers tell Node's parser what a file exports."""
        node: Node | None = use.parent
        while node is not None and node.type in ("pair", "object", "assignment_expression", "parenthesized_expression"):
            node = node.parent
        left = node.child_by_field_name("left") if node is not None and node.type == "binary_expression" else None
        return left is not None and self.tree.code(left) in ("0", "false")

    def is_module(self) -> bool:
        """Say whether the file is a module: the names of a mere script may come from other scripts of its page."""
        if self.scopes.imports or self.scopes.exports:
            return True
        loose = {use.name for use in self.scopes.uses if use.name in ("require", "module", "exports")}
        return bool(loose)

    def is_in_use(self) -> bool:
        """Say whether the file is part of a program: what tests and examples show need not run."""
        if _SHOWN.isdisjoint(self.source.path.lower().split("/")[:-1]):
            return True
        finder, path = self.context.finder, self.source.path
        return any(
            finder.is_relative(written) and finder.resolve(written, path) is not None
            for placed in self.scopes.strings
            if placed.parent.type in ("import_statement", "export_statement", "arguments")
            and (written := string_value(self.tree, placed.node))
        )

    def brings_globals(self) -> bool:
        """Say whether a tool of the project declares names without imports."""
        finder, path = self.context.finder, self.source.path
        package = finder.package_of(path)
        return (package is not None and brings_names(package.fields)) or finder.is_assembly(path)

    def comments(self, word: str) -> Iterator[str]:
        pattern = re.compile(rf"/\*\s*{word}\s+(.*?)\*/", re.DOTALL)
        for comment in self.scopes.comments:
            match = pattern.match(self.tree.code(comment))
            if match is not None:
                yield match[1]

    def is_common_export(self, use: Use) -> bool:
        """Say whether a name is what `module.exports = { name }` or `exports.name = name` exports."""
        node: Node = use.node
        above: Node | None = use.parent
        if above is not None and above.type == "pair":
            node, above = above, above.parent
        if above is not None and above.type == "object":
            node, above = above, above.parent
        if above is None or above.type != "assignment_expression" or above.child_by_field_name("right") != node:
            return False
        left = above.child_by_field_name("left")
        return left is not None and re.match(r"(module\s*\.\s*)?exports\b", self.tree.code(left)) is not None

    # -- files that are not there -----------------------------------------------------------------------------------

    def files(self) -> Iterator[Finding]:
        """What is loaded or mocked from a part that is gone; a gone old module is a reference already."""
        for placed in self.scopes.strings if self.context.has_gone_parts else ():
            if placed.parent.type not in ("arguments", "import_statement", "export_statement", "import_require_clause"):
                continue
            written = string_value(self.tree, placed.node)
            if not written or not self.context.finder.is_relative(written):
                continue
            part = self.context.gone_part_of(written, self.source.path)
            if part is not None:
                message = f"`{written}` names {part}, which is not there"
                yield self.finding(placed.node, "UNM004", message, part, "")

    def is_nowhere(self, written: str) -> bool:
        """Say whether a relative specifier leads to no file, and is nearly that of an old module or a part.

        Other files may be made by a tool when the project is built.
        """
        finder = self.context.finder
        if not finder.is_relative(written) or self.context.old_of(written, self.source.path) is not None:
            return False
        if self.context.gone_part_of(written, self.source.path) is not None or self.is_built(written):
            return False
        stems = [stem_of(path) for path in self.ours]
        return bool(difflib.get_close_matches(stem_of(written), stems, 1, 0.8))

    def is_built(self, written: str) -> bool:
        """Say whether a specifier leads into a folder that git ignores, as `dist` is: only a build puts files there."""
        workspace, place = self.context.finder.workspace, posixpath.join(posixpath.dirname(self.source.path), written)
        folders = posixpath.dirname(posixpath.normpath(place)).split("/")
        for depth in range(len(folders)):
            rules = posixpath.join(*folders[:depth], ".gitignore")
            if not workspace.exists(rules):
                continue
            below = folders[depth:]
            ways = {*below, *("/" + "/".join(below[: end + 1]) for end in range(len(below)))}
            # Git asks for no encoding.
            text = workspace.read_bytes(rules).decode("utf-8-sig", "replace")
            lines = (line.strip().rstrip("/") for line in text.splitlines())
            if any(fnmatchcase(way, line) for line in lines for way in ways):
                return True
        return False

    def gone_file(self, node: Node, name: str, written: str, *, exporting: bool) -> Finding:
        message = f"`{name}` is {'exported again' if exporting else 'imported'} from `{written}`, which is not there"
        return self.finding(node, "UNM005" if exporting else "UNM004", message, f"{written}#{name}", name)

    # -- small things -----------------------------------------------------------------------------------------------

    def home_of(self, name: str) -> str:
        for relocation in self.context.relocations:
            home = relocation.homes.get(name)
            if home is not None:
                return f"{home.module}#{home.name}"
        return ""

    def finding(self, node: Node, code: str, message: str, old: str, name: str) -> Finding:
        span: Span = self.tree.span(node)
        line, column = self.tree.place(span[0])
        new = self.home_of(name) if name else ""
        hint = f"import it from its home, {new}" if new else "define it, or remove the use"
        return Finding(self.source.path, line, column, code, message, old, new, hint)


_SHOWN = frozenset(
    "test tests __tests__ spec specs fixture fixtures __fixtures__ testdata example examples e2e".split()
)

# Words that the grammar may take for a name, and the name that a default export has for others.
_NO_NAMES = frozenset(("await", "yield", "let", "async", "default"))

_SNIPPET = re.compile(r"\{#snippet\s+([\w$]+)")


def _is_written(member: Node) -> bool:
    above = member.parent
    return (
        above is not None
        and above.type.endswith("assignment_expression")
        and above.child_by_field_name("left") == member
    )
