"""Replacement patterns: `old($client)` → `new($client)`.

Takes the two texts of a `[[replace]]`, gives a Replacement; matches calls against it and writes what they become.
`$x` stands for one argument, `$*args` for the remaining positional ones, `$**kwargs` for the remaining keyword ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from unmix.errors import BadPattern
from unmix.python.syntax import SyntaxTree, dotted_name

_PLACEHOLDER = "unmix_placeholder_"


@dataclass(frozen=True, slots=True)
class Slot:
    """One argument of a pattern: `$name`, `*$name`, `**$name`, or (with `text`) code that stays as it is."""

    name: str
    star: str = ""
    keyword: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Calls of `callee` with arguments like `slots` become `template`.

    `template` is either a bare `$x` (`unwrapped` names it), or a call of `new` with `new_slots`.
    """

    callee: str
    slots: tuple[Slot, ...]
    new: str
    new_slots: tuple[Slot, ...]
    unwrapped: str
    line: int

    @property
    def name(self) -> str:
        """The replaced function's own name."""
        return self.callee.rpartition(".")[2]

    @property
    def keeps_arguments(self) -> bool:
        """Whether the arguments may stay exactly as they are written."""
        return not self.unwrapped and self.slots == self.new_slots


def read_replacement(call: str, with_: str, line: int) -> Replacement:
    """Read a pattern. Raises BadPattern with the reason."""
    left = _parse(call)
    if not isinstance(left, cst.Call) or (callee := dotted_name(left.func)) is None or "." not in callee:
        raise BadPattern(f"`{call}` is not a call of a dotted name; write `package.module.function($x)`")
    slots = _slots(left, call)
    known = {slot.name for slot in slots if slot.name}
    right = _parse(with_)
    if isinstance(right, cst.Name) and right.value.startswith(_PLACEHOLDER):
        name = right.value[len(_PLACEHOLDER) :]
        if name not in known:
            raise BadPattern(f"`${name}` stands in `with` but not in `call`")
        return Replacement(callee, slots, "", (), name, line)
    if not isinstance(right, cst.Call) or (new := dotted_name(right.func)) is None or "." not in new:
        raise BadPattern(f"`{with_}` is neither `$x` nor a call of a dotted name; write `package.module.function($x)`")
    new_slots = _slots(right, with_)
    unknown = [slot.name for slot in new_slots if slot.name and slot.name not in known]
    if unknown:
        raise BadPattern(f"`${unknown[0]}` stands in `with` but not in `call`")
    return Replacement(callee, slots, new, new_slots, "", line)


@dataclass(frozen=True, slots=True)
class Match:
    """The arguments of a call, by slot. `in_place` when each stands where its slot does, so that none need move."""

    arguments: Mapping[str, tuple[cst.Arg, ...]]
    in_place: bool


def match_call(
    replacement: Replacement, call: cst.Call, parameters: Sequence[str], new_parameters: Sequence[str] | None
) -> Match | str:
    """Match a call's arguments with the pattern's slots; give the reason in words when they do not fit.

    `parameters` are those of the function that is replaced, so that `f(client=x)` fits `f($client)`.
    `new_parameters` are those of the new function, None when they are not known.
    """
    positional = [argument for argument in call.args if argument.keyword is None and argument.star != "**"]
    keywords = [argument for argument in call.args if argument.keyword is not None or argument.star == "**"]
    found: dict[str, tuple[cst.Arg, ...]] = {}
    in_place = True
    for index, slot in enumerate(replacement.slots):
        if slot.star == "*":
            found[slot.name], positional = tuple(positional), []
        elif slot.star == "**":
            found[slot.name], keywords = tuple(keywords), []
        elif not slot.keyword and positional and not positional[0].star:
            found[slot.name] = (positional.pop(0),)
        else:
            wanted = slot.keyword or (parameters[index] if index < len(parameters) else "")
            match = next((a for a in keywords if a.keyword is not None and a.keyword.value == wanted), None)
            if match is None:
                return f"it passes nothing for `${slot.name}`" if not positional else "it unpacks its arguments"
            keywords.remove(match)
            found[slot.name] = (match,)
            if not slot.keyword and (new_parameters is None or wanted not in new_parameters):
                in_place = False
    if positional or keywords:
        return "it passes more arguments than the pattern has"
    return Match(found, in_place)


def write_call(tree: SyntaxTree, replacement: Replacement, call: cst.Call, match: Match, callee: str) -> str | None:
    """Write what a matched call becomes, `callee` being how the file names the new function.

    None when a comment stands between the arguments, which a rearranged call would lose.
    """
    end = tree.span(call)[1]
    if replacement.unwrapped:
        (argument,) = match.arguments[replacement.unwrapped]
        if _has_comment_outside(tree, call):
            return None
        return _as_operand(tree, argument.value, call)
    if replacement.keeps_arguments and match.in_place:
        return callee + tree.text[tree.span(call.func)[1] : end]
    if _has_comment_outside(tree, call):
        return None
    written: list[str] = []
    for slot in replacement.new_slots:
        if not slot.name:
            written.append(f"{slot.keyword}={slot.text}" if slot.keyword else slot.star + slot.text)
            continue
        for argument in match.arguments[slot.name]:
            value = tree.code(argument.value)
            if slot.star:
                keyword = argument.keyword.value if argument.keyword else ""
                written.append(f"{keyword}={value}" if keyword else argument.star + value)
            else:
                written.append(f"{slot.keyword}={value}" if slot.keyword else value)
    return f"{callee}({', '.join(written)})"


def _parse(text: str) -> cst.BaseExpression:
    code = re.sub(r"\$(\*{0,2})([A-Za-z_]\w*)", lambda found: found[1] + _PLACEHOLDER + found[2], text)
    try:
        return cst.parse_expression(code.strip())
    except cst.ParserSyntaxError as error:
        raise BadPattern(f"`{text}` is not a Python expression") from error


def _slots(call: cst.Call, text: str) -> tuple[Slot, ...]:
    slots = []
    for argument in call.args:
        keyword = argument.keyword.value if argument.keyword else ""
        value = argument.value
        if isinstance(value, cst.Name) and value.value.startswith(_PLACEHOLDER):
            slots.append(Slot(value.value[len(_PLACEHOLDER) :], argument.star, keyword))
        elif _PLACEHOLDER in (code := cst.Module([]).code_for_node(value)):
            raise BadPattern(f"`{text}` uses `$` inside an expression; `$x` must be a whole argument")
        else:
            slots.append(Slot("", argument.star, keyword, code))
    names = [slot.name for slot in slots if slot.name]
    if len(set(names)) < len(names):
        raise BadPattern(f"`{text}` names one `$` argument twice")
    return tuple(slots)


def _has_comment_outside(tree: SyntaxTree, call: cst.Call) -> bool:
    start, end = tree.span(call.func)[1], tree.span(call)[1]
    text = tree.text[start:end]
    for argument in reversed(call.args):
        here = tree.span(argument.value)
        text = text[: here[0] - start] + text[here[1] - start :]
    return "#" in text


_ATOMS = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.Integer,
    cst.SimpleString,
    cst.List,
    cst.Dict,
    cst.Set,
    cst.ListComp,
    cst.DictComp,
    cst.SetComp,
)


def _as_operand(tree: SyntaxTree, value: cst.BaseExpression, call: cst.Call) -> str:
    """Write an argument in place of the call around it, in parentheses where it would bind or break otherwise."""
    start, end = tree.extent(value)
    code = tree.code(value)
    if getattr(value, "lpar", ()):
        return tree.text[start:end].strip()
    above = tree.parent(call)
    alone = isinstance(above, (cst.Arg, cst.Assign, cst.AnnAssign, cst.Return, cst.Expr))
    if isinstance(value, cst.Integer) and isinstance(above, cst.Attribute):
        return f"({code})"
    if isinstance(value, _ATOMS) and "\n" not in code:
        return code
    breaks_line = "\n" in code and not isinstance(above, cst.Arg)
    loose = isinstance(value, (cst.GeneratorExp, cst.NamedExpr, cst.Yield))
    return code if alone and not breaks_line and not loose else f"({code})"
