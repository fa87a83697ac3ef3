"""A finding: one thing a person must know, with a code.

Takes nothing, knows no language; RULES is the one place where codes get their meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """How much a finding weighs: an error makes the command exit 1, a warning only under --strict."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding's code means."""

    code: str
    title: str
    severity: Severity
    help: str


RULES = {
    rule.code: rule
    for rule in (
        Rule(
            "UNM001",
            "legacy import",
            Severity.ERROR,
            "An import statement still names the old module. Run `unmix migrate`, or import the name from its home.",
        ),
        Rule(
            "UNM002",
            "legacy attribute use",
            Severity.ERROR,
            "A name is still reached as an attribute of the old module. Run `unmix migrate`, or use the name's home.",
        ),
        Rule(
            "UNM003",
            "legacy name in a string",
            Severity.ERROR,
            "A string (a patch target, a dotted path, an entry point, a setting) still names the old module: "
            "it fails only when it is used. Run `unmix migrate`, or name the home.",
        ),
        Rule(
            "UNM004",
            "use of a name that is not defined",
            Severity.ERROR,
            "A name is imported from a module that does not define it, or used where nothing defines it any more. "
            "This fails at run time, on the first path that reaches it. Import the name from its home.",
        ),
        Rule(
            "UNM005",
            "export of a name that is not defined",
            Severity.ERROR,
            "An export list (`__all__`) names something its module does not define: "
            "`from module import *` raises. Import the name from its home, or take it off the list.",
        ),
        Rule(
            "UNM006",
            "shim was changed",
            Severity.ERROR,
            "The file at the old path differs from the shim that unmix generates from the table in it and from [shim] "
            "in the migration file: somebody edited it, or the dates. `unmix migrate` writes it again.",
        ),
        Rule(
            "UNM007",
            "shim past its removal date",
            Severity.ERROR,
            "The shim's `remove_in` is reached: its date has come, or the project has that version, as its files or "
            "its newest tag say. Run `unmix migrate --phase retire`, or set a later `remove_in` and `unmix migrate`.",
        ),
        Rule(
            "UNM008",
            "public name removed without a shim",
            Severity.ERROR,
            "A name that the old module exported can no longer be reached at the old path: its part has it no more, or "
            "the shim leads nowhere from it, although the module had it before the split, as git remembers.",
        ),
        Rule(
            "UNM009",
            "file cannot be read",
            Severity.ERROR,
            "The file mentions the old module but cannot be decoded or parsed, so its references are not known. "
            "Mend the file, or move its references by hand.",
        ),
        Rule(
            "UNM010",
            "reference that cannot be rewritten safely",
            Severity.WARNING,
            "The reference works through the shim, but what it should become cannot be decided from the code. "
            "Decide it by hand before the shim is retired.",
        ),
        Rule(
            "UNM011",
            "ignore that is not needed",
            Severity.WARNING,
            "A comment `unmix: ignore[…]` silences a finding that is not there. "
            "Take it away, so that it hides none later.",
        ),
    )
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One place in one file; `line` and `column` are 1-based, `path` is relative to the project root with `/`."""

    path: str
    line: int
    column: int
    code: str
    message: str
    old: str = ""
    new: str = ""
    hint: str = ""

    @property
    def severity(self) -> Severity:
        return RULES[self.code].severity

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.code} {self.message}"
