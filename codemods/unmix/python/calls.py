"""Find the calls that go to a replacement API, by whatever import or re-export they reach the replaced function.

Takes a parsed file, gives the calls that match a pattern, and a finding for each use that should but does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from unmix.finding import Finding
from unmix.python.callsites import imported_path, star_modules
from unmix.python.context import Context, SourceModule
from unmix.python.replace import Match, Replacement, match_call, write_call
from unmix.python.scopes import Use


@dataclass(frozen=True, slots=True)
class ReplacedCall:
    """A call that matches a pattern; `callee` is the expression it calls, which begins with `use`."""

    use: Use
    call: cst.Call
    callee: cst.BaseExpression
    replacement: Replacement
    match: Match


def find_replaced_calls(source: SourceModule, context: Context) -> tuple[list[ReplacedCall], list[Finding]]:
    """Find the calls of every replaced function in one file."""
    calls: list[ReplacedCall] = []
    findings: list[Finding] = []
    for replacement in context.replacements:
        if source.here.dotted == replacement.new.rpartition(".")[0]:
            # The new function may well be built on the old one.
            continue
        for use, callee in _callees(source, context, replacement):
            why = _reason_against(source, context, replacement, use, callee)
            if isinstance(why, str):
                hint = f"it should become {replacement.new or 'its argument'}; rewrite it by hand, or leave it"
                findings.append(source.cannot(callee, why, replacement.callee, hint))
            else:
                calls.append(why)
    return calls, findings


def _reason_against(
    source: SourceModule, context: Context, replacement: Replacement, use: Use, callee: cst.BaseExpression
) -> ReplacedCall | str:
    """Give the call around a use of the replaced function, or the reason why it cannot be replaced."""
    name = replacement.name
    module = replacement.callee.rpartition(".")[0]
    call = source.tree.parent(callee)
    if not isinstance(call, cst.Call) or call.func is not callee:
        return f"`{name}` is used as a value, which a replacement of calls does not cover"
    if source.here.dotted == module:
        return f"`{name}` is called in the module that defines it"
    if len(source.scopes.bindings_reached(use)) > 1 and isinstance(callee, cst.Name):
        return f"`{use.name}` is bound in several places, so this may be another function"
    new_module, _, new_name = replacement.new.rpartition(".")
    known, new_known = context.index.names_of(module), context.index.names_of(new_module)
    match = match_call(
        replacement,
        call,
        known.parameters.get(name, ()) if known else (),
        new_known.parameters.get(new_name) if new_known else None,
    )
    if isinstance(match, str):
        return f"this call of `{name}` does not fit the pattern: {match}"
    if write_call(source.tree, replacement, call, match, "f") is None:
        return f"a comment stands between the arguments of this call of `{name}`"
    return ReplacedCall(use, call, callee, replacement, match)


def _callees(
    source: SourceModule, context: Context, replacement: Replacement
) -> Iterator[tuple[Use, cst.BaseExpression]]:
    """Give each use that reaches the replaced function, with the expression that is the function."""
    module, _, name = replacement.callee.rpartition(".")
    scopes = source.scopes
    for use in scopes.uses:
        bindings = scopes.bindings_reached(use)
        if not bindings:
            if any(
                context.canonical(star, use.name) == (module, name) and context.index.defines(star, use.name)
                for star in star_modules(scopes, source.here)
            ):
                yield use, use.node
            continue
        if source.here.dotted == module and use.name == name and scopes.resolve(use) is scopes.module:
            if not use.quoted:
                yield use, use.node
            continue
        for binding in bindings:
            path = imported_path(binding, source.here)
            if path is None:
                continue
            callee = _expression_for(source, context, use, path, (module, name))
            if callee is not None:
                yield use, callee
                break


def _expression_for(
    source: SourceModule, context: Context, use: Use, path: str, wanted: tuple[str, str]
) -> cst.BaseExpression | None:
    """Walk along `a.b.c` until what it denotes is the wanted module and name."""
    node: cst.BaseExpression = use.node
    for attribute in ("", *use.attributes):
        if attribute:
            path = f"{path}.{attribute}"
            above = source.tree.parent(node)
            assert isinstance(above, cst.Attribute), "attributes are those of the chain"
            node = above
        module, _, name = path.rpartition(".")
        if module and context.canonical(module, name) == wanted:
            return node
    return None
