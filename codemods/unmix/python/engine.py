"""The Python engine: what plan.py and check.py ask of the language, answered by the modules beside this one.

Takes a migration, reads through the workspace of each question; memory.py keeps what was parsed for the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from unmix.engine import NewFiles, StandingShim
from unmix.errors import UnreadableSource
from unmix.finding import Finding
from unmix.migration import Migration, Mistake, Split
from unmix.outline import ModuleOutline
from unmix.python.candidates import find_candidates
from unmix.python.memory import OTHER_LANGUAGES, Memory, is_module_name
from unmix.python.mistakes import find_mistakes
from unmix.python.modules import is_python
from unmix.python.relocating import find_relocations, is_split
from unmix.python.splitting import split_module
from unmix.reference import Relocation, Survey
from unmix.verification import Program, Request
from unmix.workspace import SourceFile, Workspace

if TYPE_CHECKING:
    # LibCST takes longer to import than most trees take to search; it is imported where it is needed.
    from unmix.python.context import Context

# Files that a tool writes again, as it does the folders called `*.egg-info`.
_GENERATED = frozenset(("poetry.lock", "uv.lock", "Pipfile.lock", "package-lock.json", "PKG-INFO"))


class PythonEngine:
    """Python, for one migration; see unmix.engine.Engine."""

    def __init__(self, migration: Migration) -> None:
        self.memory = Memory(migration)
        self._bound: dict[int, dict[str, frozenset[str] | None]] = {}
        self._unloaded: dict[int, tuple[str, ...]] = {}

    def owns(self, module: str) -> bool:
        return is_module_name(module)

    def reads(self, path: str) -> bool:
        return not (
            path.endswith((*OTHER_LANGUAGES, ".po", ".pot"))
            or path.rpartition("/")[2] in _GENERATED
            or ".egg-info/" in f"/{path}"
        )

    def mistakes(self, workspace: Workspace) -> tuple[Mistake, ...]:
        return find_mistakes(self.memory, workspace, lambda split: self.is_split(split, workspace))

    def describe(self, path: str, workspace: Workspace) -> ModuleOutline:
        from unmix.python.describe import describe_module

        if not is_python(path):
            raise UnreadableSource(path, 0, "is no module")
        return describe_module(self.memory.module(path, workspace), self.memory.outline(path, workspace))

    def is_split(self, split: Split, workspace: Workspace) -> bool:
        return is_split(self.memory, split, workspace)

    def split(self, split: Split, workspace: Workspace) -> NewFiles:
        return split_module(self.memory, split, workspace)

    def relocations(self, splits: Sequence[Split], workspace: Workspace) -> tuple[Relocation, ...]:
        return find_relocations(self.memory, splits, workspace)

    def candidates(self, relocations: Sequence[Relocation], workspace: Workspace, *, by_name: bool) -> tuple[str, ...]:
        return find_candidates(self.memory, relocations, workspace, by_name=by_name)

    def survey(self, path: str, relocations: Sequence[Relocation], workspace: Workspace) -> Survey:
        if path in {relocation.path for relocation in relocations} and self.memory.shim(path, workspace) is not None:
            return Survey(path)
        try:
            return self.survey_file(path, relocations, workspace)
        except RecursionError as error:
            raise UnreadableSource(path, 0, "cannot be read: nested too deeply") from error

    def settle(self, relocations: Sequence[Relocation], before: Workspace, after: Workspace) -> NewFiles:
        if not relocations:
            return NewFiles({})
        from unmix.python.settle import keep_reachable

        left, findings = self.left_for_users(relocations, before, after)
        after = after.with_changes({path: file.encode(file.text) for path, file in left.items()})
        changed, more = keep_reachable(relocations, self.memory.finder(before), self.memory.finder(after))
        changed |= left
        findings += more
        shims = {relocation.path for relocation in relocations}
        changed |= self.renewed_shims(shims, after)
        return NewFiles(changed, tuple(findings))

    def tidy(
        self, path: str, relocations: Sequence[Relocation], before: Workspace, after: Workspace
    ) -> SourceFile | None:
        if not is_python(path) or path in {relocation.path for relocation in relocations}:
            return None
        from unmix.python.import_order import with_imports_in_order
        from unmix.python.settle import import_used_parts, parts_to_import

        finder = self.memory.finder(after)
        if id(after) not in self._unloaded:
            self._unloaded[id(after)] = parts_to_import(relocations, finder)
        file = after.read(path)
        try:
            written = import_used_parts(
                path, self._unloaded[id(after)], finder, lambda path: self.memory.module_in_question(path, after)
            )
        except UnreadableSource:
            return None  # Python 2: legacy.py imports what it names, where it stood.
        ordered = with_imports_in_order(written or file, before, after)
        return ordered if ordered != file else None

    def shims(self, splits: Sequence[Split], workspace: Workspace) -> tuple[StandingShim, ...]:
        from unmix.python.standing import read_standing_shim

        found = (
            read_standing_shim(split, self.memory.migration.shim, self.memory.finder(workspace)) for split in splits
        )
        return tuple(shim for shim in found if shim is not None)

    def exported(self, path: str, data: bytes) -> frozenset[str] | None:
        from unmix.python.standing import public_names

        return public_names(path, data)

    def retire(self, relocations: Sequence[Relocation], workspace: Workspace) -> NewFiles:
        from unmix.python.retire import retire_shims

        return NewFiles(retire_shims(relocations, self.memory.finder(workspace)))

    def verification(self, relocations: Sequence[Relocation], workspace: Workspace, request: Request) -> Program | None:
        from unmix.python.verification import write_program

        called = {replacement.callee.rpartition(".")[0] for replacement in self.memory.replacements()}
        called |= {replacement.new.rpartition(".")[0] for replacement in self.memory.replacements() if replacement.new}
        return write_program(relocations, called - {""}, self.memory.finder(workspace), request)

    def unsound(self, path: str, workspace: Workspace, before: Workspace | None) -> tuple[Finding, ...]:
        from unmix.python.soundness import find_unsound

        if not path.endswith((".py", ".pyw")):
            return ()
        try:
            text = before.glance(path).text if before is not None and before.exists(path) else None
        except UnreadableSource:
            text = None
        finder = self.memory.finder(workspace)
        return tuple(find_unsound(path, text, finder, self._bound.setdefault(id(workspace), {})))

    # -- how a survey is made ---------------------------------------------------------------------------------------

    def survey_file(self, path: str, relocations: Sequence[Relocation], workspace: Workspace) -> Survey:
        context = self.memory.context(tuple(relocations), workspace)
        if path.endswith(".ipynb"):
            from unmix.python.notebooks import survey_notebook

            return survey_notebook(workspace.read(path), context)
        if not is_python(path):
            from unmix.python.documents import survey_document

            return survey_document(workspace.read(path), context)
        from unmix.python.context import Hidden
        from unmix.python.quoted import survey_quoted, with_quoted
        from unmix.python.rewrite import survey_module

        try:
            if not self.memory.is_concerned(path, workspace, context.watched):
                return Survey(path)
            source = self.memory.module_in_question(path, workspace, context.watched)
            try:
                survey = survey_module(source, context)
                if not survey.findings or source.is_whole:
                    return with_quoted(survey, survey_quoted(source, context))
            except Hidden:
                pass
            # Whatever has to be told to a person is told of the whole file.
            whole = self.memory.module(path, workspace)
            return with_quoted(survey_module(whole, context), survey_quoted(whole, context))
        except UnreadableSource as refused:
            from unmix.python.suspects import names_module

            called = tuple(replacement.callee for replacement in context.replacements)
            package = self.memory.finder(workspace).name_of(path).package
            if not names_module(workspace.read(path).text, (*context.olds, *called), package):
                # It happens to hold the last word of a module's name, and what it says is not for unmix to judge.
                return Survey(path)
            return self.survey_legacy(path, context, workspace, refused)

    def survey_legacy(self, path: str, context: Context, workspace: Workspace, refused: UnreadableSource) -> Survey:
        """Survey a file in Python 2 syntax. Raises UnreadableSource with what the parser says that got further."""
        from unmix.python.legacy import survey_legacy

        file = workspace.read(path)
        try:
            return survey_legacy(file, context)
        except UnreadableSource as error:
            raise max(refused, error, key=lambda each: each.line) from error

    # -- what hangs together across files ---------------------------------------------------------------------------

    def left_for_users(
        self, relocations: Sequence[Relocation], before: Workspace, after: Workspace
    ) -> tuple[dict[str, SourceFile], list[Finding]]:
        """Give the files that must stay as they were, since a file that could not be rewritten reads a module there."""
        olds = tuple(relocation.module for relocation in relocations)
        left: dict[str, SourceFile] = {}
        findings = []
        for alias in self.memory.known_aliases(olds):
            kept = [user for user in alias.users if before.read_bytes(user) == after.read_bytes(user)]
            if kept and before.read_bytes(alias.owner) != after.read_bytes(alias.owner):
                left[alias.owner] = before.read(alias.owner)
                message = (
                    f"{kept[0]} reads {alias.old} as `{alias.path}` and was left, so the import here was left, too"
                )
                hint = "move both by hand"
                findings.append(Finding(alias.owner, 1, 1, "UNM001", message, alias.old, "", hint))
        return left, findings

    def renewed_shims(self, paths: Iterable[str], workspace: Workspace) -> dict[str, SourceFile]:
        """Give the shims whose text is not what would be written: edited by hand, or with other dates by now."""
        from unmix.python.standing import generated_text

        renewed = {}
        for path in paths:
            shim = self.memory.shim(path, workspace) if workspace.exists(path) else None
            if shim is not None:
                file = workspace.read(path)
                text = generated_text(file.text, shim, self.memory.migration.shim)
                if text != file.text:
                    renewed[path] = SourceFile(path, text, file.encoding, file.bom)
        return renewed
