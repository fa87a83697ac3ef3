"""List the references of one file as plain data, for every command that reads them.

Takes what callsites.py and calls.py found, gives Reference values; finds nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from unmix.javascript.calls import ReplacedCall
from unmix.javascript.commonjs import WHOLE
from unmix.javascript.context import Context, SourceModule
from unmix.javascript.loads import Form, Load, Reach
from unmix.javascript.scopes import Scope
from unmix.javascript.syntax import Span
from unmix.reference import Kind, Reference


def list_references(
    source: SourceModule, context: Context, loads: Iterable[Load], calls: Iterable[ReplacedCall]
) -> Iterator[Reference]:
    """Give every reference of a file to an old module, and every call that a replacement covers."""
    for load in loads:
        if load.form in (Form.FILE, Form.TEXT, Form.COMPUTED):
            continue  # A path of the file reaches no name; what is to be known of it is a finding.
        parts = ", ".join(context.relocation(load.old).parts)
        named = [reach for reach in load.reaches if reach.entry is not None and reach.holder is None and reach.name]
        for reach in named:
            kind = _kind_of_load(source, load, reach)
            yield _reference(
                source, load.scope, reach.span, kind, _code(load), (load.old, reach.name, _new(context, load, reach))
            )
        if not named:
            # The load itself is the reference; what is read from its object further down are others.
            inline = load.reaches[0] if len(load.reaches) == 1 and load.binding is None else None
            name = inline.name if inline is not None and inline.name != WHOLE else ""
            new = _new(context, load, inline) if inline is not None and name else parts
            yield _reference(
                source, load.scope, load.span, _kind_of_load(source, load, inline), _code(load), (load.old, name, new)
            )
        if load.binding is not None:
            for reach in load.reaches:
                if reach not in named and reach.name and reach.name != WHOLE:
                    new = _new(context, load, reach)
                    yield _reference(
                        source,
                        load.scope,
                        reach.span,
                        _kind_of_use(source, reach),
                        "UNM002",
                        (load.old, reach.name, new),
                    )
    for call in calls:
        names = (call.replacement.module, call.replacement.name, call.replacement.new)
        yield _reference(source, call.scope, source.tree.span(call.callee), Kind.CALL, "UNM002", names)


def _new(context: Context, load: Load, reach: Reach) -> str:
    home = context.home(load.old, reach.name)
    return f"{home.module}#{home.name}" if home is not None and home.name != WHOLE else home.module if home else ""


def _code(load: Load) -> str:
    return "UNM003" if load.form in (Form.MOCK, Form.STUBS) else "UNM001"


def _kind_of_load(source: SourceModule, load: Load, reach: Reach | None) -> Kind:
    if load.form in (Form.MOCK, Form.STUBS):
        return Kind.PATCH_TARGET
    if load.node.type == "comment":
        return Kind.DOCUMENTATION
    if source.path.endswith((".d.ts", ".d.mts", ".d.cts")):
        return Kind.STUB
    if load.form in (Form.EXPORT, Form.STAR, Form.STAR_AS):
        return Kind.REEXPORT
    if load.type_only or load.form is Form.TYPE or (reach is not None and reach.typing):
        return Kind.TYPE_ONLY
    return Kind.IMPORT


def _kind_of_use(source: SourceModule, reach: Reach) -> Kind:
    if reach.typing:
        return Kind.TYPE_ONLY
    return Kind.PATCH_TARGET if reach.writes else Kind.CALL if reach.called else Kind.ATTRIBUTE


def _reference(
    source: SourceModule, scope: Scope, span: Span, kind: Kind, code: str, names: tuple[str, str, str]
) -> Reference:
    line, column = source.tree.place(span[0])
    old, name, new = names
    return Reference(source.path, line, column, *span, kind, code, old, name, new, scope.qualified_name)
