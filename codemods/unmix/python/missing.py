"""Find names that a file takes, uses or exports although nothing defines them: the incident, before it is deployed.

Takes a parsed file, gives UNM004 and UNM005 findings. Only names that a migration moves (or asked to move) are looked
at: unmix is no general linter, and a name it knows nothing of may come from anywhere.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

import libcst as cst

from unmix.finding import Finding
from unmix.python.callsites import imported_path, star_modules
from unmix.python.context import Context, SourceModule
from unmix.python.exports import export_lists
from unmix.python.index import answers_of
from unmix.python.modules import resolve_relative
from unmix.python.scopes import Use
from unmix.python.syntax import dotted_name
from unmix.python.texts import python_texts

_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__path__", "__class__", "reveal_type", "WindowsError"}


def find_missing_names(source: SourceModule, context: Context) -> list[Finding]:
    """Find every watched name in a file that nothing defines."""
    finder = _Missing(source, context)
    return [*finder.imports(), *finder.attributes(), *finder.uses(), *finder.exports()]


class _Missing:
    def __init__(self, source: SourceModule, context: Context) -> None:
        self.tree = source.tree
        self.scopes = source.scopes
        self.here = source.here
        self.context = context
        self.ours = {r.module for r in context.relocations} | {p for r in context.relocations for p in r.parts}

    def imports(self) -> Iterator[Finding]:
        """`from home import name` where `home` has no such name."""
        for site in self.scopes.imports:
            node = site.node
            if not isinstance(node, cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
                continue
            module = resolve_relative(self.here.package, len(node.relative), dotted_name(node.module) or "")
            for alias in node.names:
                name = alias.evaluated_name
                if module and self.is_missing(module, name):
                    message = f"`{name}` is imported from {module}, which does not define it"
                    yield self.finding(alias, "UNM004", message, f"{module}.{name}", name)

    def attributes(self) -> Iterator[Finding]:
        """`module.name` where `module` has no such name."""
        for use in self.scopes.uses:
            if not use.attributes:
                continue
            for binding in self.scopes.bindings_reached(use):
                path = imported_path(binding, self.here)
                if path is None:
                    continue
                for attribute in use.attributes:
                    if self.is_missing(path, attribute):
                        message = f"`{attribute}` is read from {path}, which does not define it"
                        yield self.finding(use.node, "UNM004", message, f"{path}.{attribute}", attribute)
                    path = f"{path}.{attribute}"

    def uses(self) -> Iterator[Finding]:
        """A name that used to be imported, is still used, and is defined nowhere."""
        for use in self.scopes.uses:
            name = use.name
            if name not in self.context.watched or name in _BUILTINS or self.scopes.resolve(use) is not None:
                continue
            if self.comes_by_star(name) is not False or self.is_remark(use):
                continue
            message = f"`{name}` is used, but nothing in this file defines or imports it"
            yield self.finding(use.node, "UNM004", message, name, name)

    def exports(self) -> Iterator[Finding]:
        """`__all__ = ["name"]` in a module that has no such name."""
        ours = self.here.dotted in self.ours
        answered = answers_of(self.scopes)
        if answered is None:
            return
        names = {*self.scopes.module.bindings, *answered}
        for exports in export_lists(self.tree):
            for entry in exports.entries:
                if entry.name in names or not (ours or entry.name in self.context.watched):
                    continue
                if self.context.index.finder.path_of(f"{self.here.dotted}.{entry.name}") is not None:
                    continue
                if self.comes_by_star(entry.name) is False:
                    message = f"`__all__` exports `{entry.name}`, which this module does not define"
                    line, column = self.tree.place(entry.span[0])
                    yield Finding(self.tree.path, line, column, "UNM005", message, entry.name, self.home_of(entry.name))

    def is_missing(self, module: str, name: str) -> bool:
        """Say whether `module` is in this tree, is concerned, and certainly has no `name`."""
        if module not in self.ours and name not in self.context.watched:
            return False
        if self.context.index.finder.path_of(f"{module}.{name}") is not None:
            return False
        if module in self.context.olds:
            relocation = self.context.relocation(module)
            parts = [part for part in relocation.parts if self.context.index.finder.path_of(part) is not None]
            if parts:
                # The old module is a shim now, or gone: it has what its parts have.
                found = {self.context.index.defines(part, name) for part in parts}
                return self.context.home(module, name) is None and found == {False}
        return self.context.index.defines(module, name) is False and (
            module in self.ours or not self.is_set_from_outside(module, name)
        )

    def is_set_from_outside(self, module: str, name: str) -> bool:
        """Say whether some file gives a module a name that its own text does not show: `pkg.name = {}`."""
        sets = re.compile(rf"\b{re.escape(module.rpartition('.')[2])}\.{name}[ \t]*(?::[^=\n]*)?=(?!=)")
        workspace = self.context.index.finder.workspace
        return any(sets.search(text) for _, text in python_texts(workspace, (f".{name}",)))

    def is_remark(self, use: Use) -> bool:
        """Say whether a use stands in a comment: what is not imported for it breaks nothing."""
        return use.quoted and any(isinstance(above, cst.Comment) for above in self.tree.ancestors(use.node))

    def comes_by_star(self, name: str) -> bool | None:
        """Say whether a star import brings `name`; None when that cannot be known."""
        answers = {self.context.index.defines(module, name) for module in star_modules(self.scopes, self.here)}
        return True if True in answers else None if None in answers else False

    def home_of(self, name: str) -> str:
        for relocation in self.context.relocations:
            if name in relocation.homes:
                return str(relocation.homes[name])
        return ""

    def finding(self, node: cst.CSTNode, code: str, message: str, old: str, name: str) -> Finding:
        line, column = self.tree.place(self.tree.span(node)[0])
        new = self.home_of(name)
        hint = f"import it from its home, {new}" if new else "define it, or remove the use"
        return Finding(self.tree.path, line, column, code, message, old, new, hint)
