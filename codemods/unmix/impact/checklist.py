"""The questions to ask before an import or an export is removed, answered from what was found.

Takes an Impact, gives the eight items of the checklist, each with its evidence, or with what no code can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from unmix.impact.measure import Impact, NameImpact, Place
from unmix.reference import Kind

# More would not be read; json has them all in its other fields.
_MOST = 16


class Answer(str, Enum):
    """How an item stands."""

    CLEAR = "clear"
    LOOK = "look"
    UNKNOWN = "cannot be known from code"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist: the question, how it stands, one sentence, and what that rests on."""

    question: str
    answer: Answer
    said: str
    evidence: tuple[str, ...]


def fill_checklist(impact: Impact) -> tuple[Item, ...]:
    """Give the items in the order in which they are to be done."""
    return (
        _every_use(impact),
        _plain_paths(impact),
        _helpers(impact),
        _exports(impact),
        _real_calls(impact),
        _worth_keeping(impact),
        _public(impact),
        _steps(impact),
    )


def _every_use(impact: Impact) -> Item:
    used = [name for name in impact.names if name.outside]
    places = sum(len(name.outside) for name in impact.names) + len(impact.whole)
    said = (
        f"{_count(len(impact.names), 'name')}, {len(used)} used outside, at {_count(places, 'place')} in "
        f"{_count(len(impact.files), 'file')}"
    )
    unknown = [str(finding) for finding in impact.findings]
    said += f"; {_count(len(unknown), 'place')} cannot be followed" if unknown else "; every one could be followed"
    evidence = [*unknown, *(_name_evidence(name) for name in used)]
    return Item("Search for all functions exported from the module", _look(unknown), said, _some(evidence))


def _plain_paths(impact: Impact) -> Item:
    question = "Check synchronous paths (not just the async main path)"
    evidence: list[str] = []
    both: list[str] = []
    for name in sorted(impact.names, key=lambda name: (not name.outside, not name.public)):
        places = [place for place in (*name.outside, *name.inside) if place.kind in ("use", Kind.CALL.value)]
        plain = [place for place in places if place.flow == "plain"]
        awaited = [place for place in places if place.flow == "async"]
        if plain and awaited:
            both.append(name.name)
            evidence.append(f"`{name.name}` in plain functions: {_scopes(plain)}; in async ones: {_scopes(awaited)}")
    if both:
        said = f"{_listed(both)} {'is' if len(both) == 1 else 'are'} used by plain functions and by async ones"
        return Item(question, Answer.LOOK, said, _some(evidence))
    flows = {place.flow for name in impact.names for place in (*name.outside, *name.inside)} - {""}
    said = {
        frozenset(): "no function uses it",
        frozenset(("plain",)): "every function that uses it is a plain one",
        frozenset(("async",)): "every function that uses it is an async one",
    }.get(frozenset(flows), "no name is used by both kinds of functions")
    return Item(question, Answer.CLEAR, said, ())


def _helpers(impact: Impact) -> Item:
    question = "Check utility and helper functions that wrap the main logic"
    users: dict[str, set[str]] = {}
    for name in impact.names:
        for place in (*name.outside, *name.inside):
            if place.scope and place.kind in ("use", Kind.CALL.value, Kind.ATTRIBUTE.value):
                users.setdefault(f"{place.path}: `{place.scope}`", set()).add(name.name)
    evidence = [f"{function} uses {_listed(sorted(names))}" for function, names in sorted(users.items())]
    said = f"{_count(len(users), 'function')} use{'s' * (len(users) == 1)} names of the module"
    return Item(question, _look(evidence), said if users else "no function uses it", _some(evidence))


def _exports(impact: Impact) -> Item:
    question = "Search for export statements that name what is removed"
    evidence = [
        f"{impact.path}:{line}: the module's own export list has `{name}`"
        for name, line in (impact.outline.exported or {}).items()
    ]
    for name in impact.names:
        for place in name.outside:
            if place.kind in (Kind.REEXPORT.value, Kind.EXPORT_LIST.value):
                what = "re-exports" if place.kind == Kind.REEXPORT.value else "has in its export list"
                evidence.append(f"{place.path}:{place.line}: {what} `{name.name}`")
    said = f"{_count(len(evidence), 'place')} export{'s' * (len(evidence) == 1)} one of its names"
    return Item(question, _look(evidence), said if evidence else "nothing exports its names", _some(evidence))


def _real_calls(impact: Impact) -> Item:
    tests = [path for path in impact.files if _is_test(path)]
    evidence = [f"smoke command: {command}" for command in impact.smoke]
    evidence += [f"a test uses it: {path}" for path in tests]
    said = "whether a deployed call works; "
    if impact.smoke:
        said += f"{_count(len(impact.smoke), 'smoke command')} would be run by `unmix verify`"
    else:
        said += "no [verify] smoke command is set, so add one that makes a real call"
    return Item("Test an actual call after deployment (not just syntax)", Answer.UNKNOWN, said, _some(evidence))


def _worth_keeping(impact: Impact) -> Item:
    """Name the groups that do not need each other: to remove one is no reason to remove the other."""
    question = "Consider keeping utility functions for backwards compatibility"
    names = {name.name for name in impact.names}
    groups = []
    for name in impact.names:
        needed = {name.name, *_needed(name.name, impact)}
        users = sorted({place.path for place in name.outside})
        others = sorted(other for other in needed - {name.name} if other in names)
        if users and name.kind != "imported":
            rest = f", needs {_listed(others)} of the module" if others else ", needs nothing else of the module"
            groups.append(f"`{name.name}` is used by {_count(len(users), 'file')}{rest}")
    said = f"{_count(len(groups), 'name')} {'has' if len(groups) == 1 else 'have'} users outside"
    return Item(question, _look(groups), said if groups else "no name has users outside", _some(groups))


def _needed(name: str, impact: Impact) -> set[str]:
    homes = impact.outline.homes
    found: set[str] = set()
    todo = [name]
    while todo:
        for definition in homes.get(todo.pop(), ()):
            new = {need.name for need in definition.needs if need.name in homes} - found
            found |= new
            todo += new
    return found


def _public(impact: Impact) -> Item:
    public = [name for name in impact.names if name.public]
    leaking = [name for name in impact.names if not name.public and name.outside]
    undocumented = [name for name in public if "documented" not in name.reasons]
    evidence = [f"`{name.name}` is internal ({', '.join(name.reasons)})" for name in leaking]
    evidence += [f"`{name.name}` is public ({', '.join(name.reasons)})" for name in public]
    said = f"{len(public)} public, {len(impact.names) - len(public)} internal"
    said += f"; {_listed([name.name for name in leaking])} internal, but used outside" if leaking else ""
    said += f"; {len(undocumented)} public without a word in the documents" if undocumented else ""
    return Item('Document which functions are "public API"', _look([*leaking, *undocumented]), said, _some(evidence))


def _steps(impact: Impact) -> Item:
    evidence = (
        f"add (parts and shim): {impact.path} and its parts, no other file",
        f"rewrite (call sites): {_count(len(impact.files), 'file')}",
        "retire (the shim goes): refused while a reference is left",
    )
    said = "how the project is deployed; `unmix migrate --phase` gives these steps, each of which leaves a working tree"
    return Item("Deploy in smaller increments with validation between", Answer.UNKNOWN, said, evidence)


def _look(evidence: Sequence[object]) -> Answer:
    return Answer.LOOK if evidence else Answer.CLEAR


def _name_evidence(name: NameImpact) -> str:
    kinds: dict[str, int] = {}
    for place in name.outside:
        kinds[place.kind] = kinds.get(place.kind, 0) + 1
    said = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items(), key=lambda item: -item[1]))
    return f"`{name.name}`: {said}, in {_count(len({place.path for place in name.outside}), 'file')}"


def _scopes(places: Sequence[Place]) -> str:
    first: dict[str, Place] = {}
    for place in places:
        first.setdefault(f"{place.path} {place.scope}", place)
    shown = [f"`{place.scope}` ({place.path}:{place.line})" for place in list(first.values())[:4]]
    return ", ".join(shown) + (f" and {len(first) - 4} more" if len(first) > 4 else "")


def _is_test(path: str) -> bool:
    pieces = path.lower().split("/")
    leaf = pieces[-1]
    return leaf.startswith("test") or "test." in leaf or "_test" in leaf or "spec." in leaf or "tests" in pieces[:-1]


def _some(evidence: Iterable[str]) -> tuple[str, ...]:
    lines = tuple(dict.fromkeys(evidence))
    return lines if len(lines) <= _MOST else (*lines[:_MOST], f"… and {len(lines) - _MOST} more")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:6])
    return shown + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
