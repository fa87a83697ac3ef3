"""Write import statements anew: which alias becomes which imports, and under which local names.

Takes changes to single aliases, gives one edit for each statement; groups by module, keeps layout and comments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from unmix.edit import Edit
from unmix.python.callsites import imported_path
from unmix.python.context import SourceModule
from unmix.python.imports import ImportedName, ImportStatement, place_statements, read_import
from unmix.python.modules import relative_to
from unmix.python.scopes import ImportSite, Scope, When


@dataclass(frozen=True, slots=True)
class NewImport:
    """What an import is to bind: `name` of `module` (empty: the module itself) as `bound` (empty: its own name).

    Without a module it is the statement's own: an alias that stays as it is.
    """

    module: str
    name: str
    bound: str


@dataclass(slots=True)
class ImportEdits:
    """The changes to one file's imports, collected until all are known."""

    source: SourceModule
    _statements: dict[int, cst.Import | cst.ImportFrom] = field(default_factory=dict)
    _changes: dict[int, dict[int, list[NewImport]]] = field(default_factory=dict)
    _locals: dict[tuple[int, str, str], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _given: dict[str, str] = field(default_factory=dict)

    def change(self, site: ImportSite, index: int, imports: list[NewImport]) -> None:
        """Put `imports` in place of the alias at `index` of a statement."""
        self._statements[id(site.node)] = site.node
        self._changes.setdefault(id(site.node), {})[index] = imports

    def add(self, site: ImportSite, index: int, own: NewImport, imports: list[NewImport]) -> None:
        """Put `imports` behind the alias at `index` of a statement, which stays (as `own`) unless it was changed."""
        self._statements[id(site.node)] = site.node
        present = self._changes.setdefault(id(site.node), {}).setdefault(index, [own])
        present += [new for new in imports if new not in present]

    def edits(self) -> Iterator[Edit]:
        """Give one edit for each changed statement."""
        for key, changes in self._changes.items():
            edit = self._edit(self._statements[key], changes)
            if edit is not None:
                yield edit

    # -- local names ------------------------------------------------------------------------------------------------

    def local_function(self, scope: Scope, dotted: str) -> tuple[str, list[NewImport]]:
        """Give the name by which `scope` calls the function `dotted`, and the import it still needs for that."""
        module, _, name = dotted.rpartition(".")
        for bound, bindings in scope.bindings.items():
            if any(imported_path(b, self.source.here) == dotted and b.when is not When.TYPING for b in bindings):
                return bound, []
        key = (id(scope), module, name)
        if key not in self._locals:
            self._locals[key] = self._free_name(name, dotted)
        return self._locals[key], [NewImport(module, name, self._locals[key])]

    def local_module(self, scope: Scope, module: str) -> str:
        """Give the name by which `scope` reaches a module: its last name, unless something here has that already."""
        key = (id(scope), module, "")
        if key not in self._locals:
            leaf = module.rpartition(".")[2]
            bound = scope.bindings.get(leaf, [])
            same = bound and all(imported_path(binding, self.source.here) == module for binding in bound)
            self._locals[key] = leaf if same else self._free_name(leaf, module)
        return self._locals[key]

    def _free_name(self, wanted: str, dotted: str) -> str:
        """Give a name that nothing in the file has; one thing has the same name in all its scopes."""
        for given, owner in self._given.items():
            if owner == dotted:
                return given
        if not self._taken:
            scopes = self.source.scopes
            self._taken |= {use.name for use in scopes.uses}
            self._taken |= {name for scope in scopes.scopes for name in scope.bindings}
        name, number = wanted, 1
        while name in self._taken:
            name = f"{wanted}_module" if number == 1 else f"{wanted}_{number}"
            number += 1
        self._taken.add(name)
        self._given[name] = dotted
        return name

    # -- statements -------------------------------------------------------------------------------------------------

    def _edit(self, node: cst.Import | cst.ImportFrom, changes: dict[int, list[NewImport]]) -> Edit | None:
        statement = read_import(self.source.tree, node)
        items, orphaned = self._items(statement, changes)
        if not items:
            return self._removal(node, orphaned)
        # Plain imports first, then by module: where nothing else is said, as isort would.
        keys = sorted({key for key, _ in items}, key=lambda key: (key is not None, key or ""))
        if len(keys) == 1 and keys[0] is not None and [name for _, name in items] == list(statement.names):
            # Only the module changes: nothing else of the statement is touched.
            assert isinstance(node, cst.ImportFrom)
            first = node.relative[0] if node.relative else node.module
            last = node.module if node.module is not None else node.relative[-1]
            assert first is not None
            start, end = self.source.tree.span(first)[0], self.source.tree.span(last)[1]
            return None if self.source.tree.text[start:end] == keys[0] else Edit(start, end, keys[0])
        texts: list[str] = []
        for key in keys:
            names = [name for other, name in items if other == key]
            if key is None and (statement.is_from or len(statement.names) == 1):
                texts += ["import " + name.code for name in names]
            elif key is None:
                texts.append("import " + ", ".join(name.code for name in names))
            else:
                below = items[-1][0] == key
                texts.append(replace(statement, is_from=True).write(key, names, last=below))
        return Edit(*statement.span, place_statements(self.source.tree, node, texts))

    def _items(
        self, statement: ImportStatement, changes: dict[int, list[NewImport]]
    ) -> tuple[list[tuple[str | None, ImportedName]], tuple[str, ...]]:
        """Give the aliases of the new statements, each with its module (None: a plain `import`).

        The comments of an alias go with the first that takes its place, else with the next, else they are given back.
        """
        own = "." * statement.level + statement.module if statement.is_from else None
        items: list[tuple[str | None, ImportedName]] = []
        orphaned: tuple[str, ...] = ()
        for index, name in enumerate(statement.names):
            if index not in changes:
                written = [(own, name)]
            else:
                written = list(dict.fromkeys(self._spell(new, statement, name, own) for new in changes[index]))
                if not written:
                    orphaned += (*name.above, *([name.behind] if name.behind else []))
                    continue
                key, first = written[0]
                written[0] = key, replace(first, above=name.above, behind=name.behind)
            if orphaned:
                key, first = written[0]
                written[0] = key, replace(first, above=(*orphaned, *first.above))
                orphaned = ()
            items += written
        if orphaned and items:
            key, last = items[-1]
            items[-1] = key, replace(last, above=(*last.above, *orphaned))
            orphaned = ()
        return items, orphaned

    def _spell(
        self, new: NewImport, statement: ImportStatement, name: ImportedName, own: str | None
    ) -> tuple[str | None, ImportedName]:
        """Give the module (None for a plain `import`) and the alias by which a statement imports something new."""
        if not new.module:
            return own, ImportedName(new.name, new.bound)
        again = name.asname == name.name
        if new.name:
            asname = new.bound if new.bound != new.name or (again and name.name == new.name) else ""
            return self.spell_module(new.module, statement), ImportedName(new.name, asname)
        package, _, leaf = new.module.rpartition(".")
        if not statement.is_from or not package:
            return None, ImportedName(new.module, new.bound if new.bound not in ("", new.module) else "")
        asname = new.bound if new.bound != leaf or (again and name.name == leaf) else ""
        return self.spell_module(package, statement), ImportedName(leaf, asname)

    def spell_module(self, module: str, statement: ImportStatement) -> str:
        """Name a module as the statement does: relatively where it is relative."""
        here = self.source.here
        if not statement.level or module.partition(".")[0] != here.dotted.partition(".")[0]:
            return module
        return relative_to(here.package, statement.level, module)

    def _removal(self, node: cst.Import | cst.ImportFrom, comments: Sequence[str]) -> Edit:
        """Take a statement away, leaving `pass` where a block would be empty or a comment would be lost."""
        tree = self.source.tree
        start, end = tree.span(node)
        line = tree.parent(node)
        block = tree.parent(line) if line is not None else None
        if isinstance(line, cst.SimpleStatementLine) and isinstance(block, (cst.Module, cst.IndentedBlock)):
            commented = bool(comments) or line.trailing_whitespace.comment is not None
            if len(line.body) == 1 and len(block.body) > 1 and not commented:
                return Edit(tree.text.rfind("\n", 0, start) + 1, tree.extent(line)[1], "")
        return Edit(start, end, "pass" + "".join(f"  {comment}" for comment in comments[:1]))
