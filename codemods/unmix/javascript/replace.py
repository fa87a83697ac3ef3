"""Read the patterns of `[[replace]]` for scripts, match calls against them, write what a call becomes.

    src/db/clientWrapper.js#createClient($client, $...rest)   →   src/db/extension.js#extend($client, $...rest)
    src/db/clientWrapper.js#createClient($client)             →   $client

Takes texts and the nodes of a call, gives texts; knows neither files nor imports.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from unmix.errors import BadPattern
from unmix.javascript.syntax import SyntaxTree

_CALL = re.compile(r"(?P<module>[^#()$\"'\s]+)#(?P<name>[\w$]+)\((?P<arguments>.*)\)", re.DOTALL)
_ONE = re.compile(r"\$[A-Za-z_]\w*")
_REST = re.compile(r"\$\.\.\.[A-Za-z_]\w*")
_VARIABLE = re.compile(r"\$(?:\.\.\.)?[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Replacement:
    """One `[[replace]]`: calls of `name` of the module at `module` with `arguments`, and what takes their place.

    `new_module` is empty where the call becomes one of its arguments, `new_arguments[0]`.
    """

    module: str
    name: str
    arguments: tuple[str, ...]
    new_module: str
    new_name: str
    new_arguments: tuple[str, ...]
    line: int

    @property
    def unwrapped(self) -> bool:
        return not self.new_module

    @property
    def new(self) -> str:
        return f"{self.new_module}#{self.new_name}" if self.new_module else "its argument"


def read_replacement(call: str, with_: str, line: int) -> Replacement:
    """Read one `[[replace]]`. Raises BadPattern."""
    module, name, arguments = _read_call(call, "call")
    for argument in arguments:
        if "$" in argument and not _ONE.fullmatch(argument) and not _REST.fullmatch(argument):
            raise BadPattern(f'"call": `{argument}` mixes a variable with other text; write $name or $...name alone')
    if any(_REST.fullmatch(argument) for argument in arguments[:-1]):
        raise BadPattern('"call": $...rest takes all arguments that are left; write it last')
    known = {argument for argument in arguments if argument.startswith("$")}
    if len(known) != sum(argument.startswith("$") for argument in arguments):
        raise BadPattern('"call" has the same variable twice; give each argument a name of its own')
    if "#" in with_:
        new_module, new_name, new_arguments = _read_call(with_, "with")
    elif _ONE.fullmatch(with_.strip()):
        new_module, new_name, new_arguments = "", "", (with_.strip(),)
    else:
        raise BadPattern('"with" is neither a call like src/new.js#name($x) nor one argument like $x')
    unknown = {variable for argument in new_arguments for variable in _VARIABLE.findall(argument)} - known
    if unknown:
        raise BadPattern(f'"with" uses {", ".join(sorted(unknown))}, which "call" does not have')
    return Replacement(module, name, arguments, new_module, new_name, new_arguments, line)


def match_arguments(tree: SyntaxTree, replacement: Replacement, call: Node) -> Mapping[str, str] | None:
    """Give the text of each variable of the pattern in a call; None when the call does not match."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None or arguments.type != "arguments":
        return None
    given = [child for child in arguments.named_children if child.type != "comment"]
    has_comments = len(given) != len(arguments.named_children)
    if has_comments and replacement.arguments != replacement.new_arguments:
        # A comment would have no place to go to.
        return None
    found: dict[str, str] = {}
    for index, pattern in enumerate(replacement.arguments):
        if _REST.fullmatch(pattern):
            rest = given[index:]
            found[pattern] = tree.text[tree.span(rest[0])[0] : tree.span(rest[-1])[1]] if rest else ""
            return found
        if index >= len(given) or given[index].type == "spread_element":
            return None
        text = tree.code(given[index])
        if _ONE.fullmatch(pattern):
            found[pattern] = text
        elif text != pattern:
            return None
    return found if len(given) == len(replacement.arguments) else None


def write_call(replacement: Replacement, found: Mapping[str, str], callee: str) -> str:
    """Give the text that takes the place of a matched call; `callee` is how the new function is reached there."""
    if replacement.unwrapped:
        return found[replacement.new_arguments[0]]
    arguments = [_VARIABLE.sub(lambda match: found[match.group()], argument) for argument in replacement.new_arguments]
    return f"{callee}({', '.join(argument for argument in arguments if argument)})"


def _read_call(pattern: str, what: str) -> tuple[str, str, tuple[str, ...]]:
    match = _CALL.fullmatch(pattern.strip())
    if match is None:
        raise BadPattern(f'"{what}" is not a call like src/old.js#name($x)')
    return posixpath.normpath(match["module"]), match["name"], tuple(_split(match["arguments"]))


def _split(text: str) -> Sequence[str]:
    """Split arguments at the commas that stand in no bracket or string."""
    pieces: list[str] = []
    depth = start = 0
    for match in re.finditer(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|[()\[\]{},]", text):
        sign = match.group()
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth == 0:
            pieces.append(text[start : match.start()].strip())
            start = match.end()
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]
