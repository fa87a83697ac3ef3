"""The Python shim: what stays at the path of a module whose names live in other modules now.

Takes a PythonShim, the table of where every name went, and gives the text of the file; reads that text back.
Must not import or execute the module that it writes about.

The text is one declarative table, then what type checkers, editors and freezers see, then the code of machinery.py:
the same words in every shim, to be reviewed once. It runs on Python 3.8 and later and needs no other file.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

WIDTH = 120


@dataclass(frozen=True, slots=True)
class PythonShim:
    """An old module, and where each of its names lives now.

    `parts` are the new modules in the order in which they are imported;
    `moved` maps each name of the old namespace to the parts that bind it, the one to read it from first;
    `exported` is the old `__all__`, or None where it had none; `homes` maps each name to the place a warning shows;
    `functions` are the public functions among them; `typed` maps names that only type checkers know to homes;
    `rebound` are the names that are assigned again after the import; `stars` are the parts whose star imports bring
    names that nobody can tell without executing them; `main` is the part that runs for `python -m old`;
    `preamble` are the comment lines that have to stay first, `docstring` is the old one; either may be empty;
    `package` says that the old module was the `__init__.py` of a package.
    """

    module: str
    parts: tuple[str, ...]
    moved: Mapping[str, tuple[str, ...]]
    exported: tuple[str, ...] | None
    homes: Mapping[str, str]
    functions: frozenset[str] = frozenset()
    typed: Mapping[str, str] = field(default_factory=dict)
    rebound: frozenset[str] = frozenset()
    stars: tuple[str, ...] = ()
    main: str = ""
    since: str = ""
    remove_in: str = ""
    preamble: str = ""
    docstring: str = ""
    package: bool = False


def render_shim(shim: PythonShim) -> str:
    """Give the whole text of the file that stays at the old path.

    Names that every module has by itself, such as `__file__`, do not get into the table.
    """
    sections = (
        shim.preamble,
        _show_docstring(shim.docstring),
        _show_header(shim),
        "TYPE_CHECKING = False\n",
        _show_exports(shim.exported),
        _show_table(shim),
        _show_types(shim) + _show_machinery(),
    )
    return "\n".join(section for section in sections if section)


def declare_functions(homes: Mapping[str, str]) -> str:
    """Declare functions for type checkers as what they are at their homes, marked as deprecated (PEP 702).

    They are reached through their modules: mypy takes `from part import f as g` for a use of the `f` declared here.
    """
    modules: dict[str, str] = {}
    for module in sorted({_module_of(home) for home in homes.values()}):
        leaf = _OURS + module.rpartition(".")[2]
        modules[module] = leaf if leaf not in modules.values() else f"{leaf}_{len(modules)}"
    if not homes:
        return ""
    return (
        "".join(f"import {module} as {alias}\n" for module, alias in modules.items())
        + _LIKE
        + "".join(
            f"@{_OURS}deprecated({_quote(f'use {home}')})\n"
            f"@{_OURS}like({modules[_module_of(home)]}.{name})\n"
            f"def {name}() -> None: ...\n"
            for name, home in homes.items()
        )
    )


def read_shim(text: str) -> PythonShim | None:
    """Give the table that the text of a shim shows, also of one edited by hand; None when there is none to read.

    The text is parsed, never executed. What an unedited shim gives renders to the same text again.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    marker = _MARKER.search(text)
    if marker is None:
        return None
    try:
        tree = ast.parse(text)
        literals = {name: ast.literal_eval(value) for name, value in _assigned(tree, {_TABLE, "__all__"})}
        first_line = min(tree.body[0].lineno, text.count("\n", 0, marker.start()) + 1)
        preamble = "".join(line + "\n" for line in text.split("\n")[: first_line - 1])
        docstring = ast.get_docstring(tree, clean=False) or ""
        shim = _shim_of(literals[_TABLE], literals.get("__all__"), preamble.removesuffix("\n"), docstring)
    except (SyntaxError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    functions, typed = _read_types(tree, shim.homes)
    return replace(shim, functions=functions, typed=typed)


_LIKE = """\
from typing import Generic as _unmix_Generic, TypeVar as _unmix_TypeVar
from typing_extensions import deprecated as _unmix_deprecated
_unmix_T = _unmix_TypeVar("_unmix_T")
class _unmix_like(_unmix_Generic[_unmix_T]):  # gives what it decorates the type of its argument
    def __init__(self, function: _unmix_T) -> None: ...
    def __call__(self, declared: object) -> _unmix_T: ...
"""

_TABLE = "_unmix_shim"
_MARKER = re.compile(r"^# unmix shim \d+:", re.MULTILINE)

# What the import system gives to each module, and `__all__`, which stands by itself.
_OF_EVERY_MODULE = frozenset(
    "__all__ __annotations__ __builtins__ __cached__ __class__ __dict__ __doc__ __file__ __loader__ __name__ "
    "__package__ __path__ __spec__ __warningregistry__".split()
)

# A generated file is nobody's to tidy: its text is what `unmix check` compares.
_FOR_LINTERS = ("flake8: noqa", "fmt: off", "isort: skip_file", "pylint: skip-file", "pyright: basic")

# What the shim adds to a name for itself, so that it takes none that the old module has.
_OURS = "_unmix_"


def _assigned(tree: ast.Module, names: set[str]) -> Iterator[tuple[str, ast.expr]]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in names:
                yield name, value


def _shim_of(table: dict[str, Any], exported: Any, preamble: str, docstring: str) -> PythonShim:
    parts = _texts(table["parts"])
    homes = {_text(name): _text(home) for name, home in {**table["homes"], **table.get("imported", {})}.items()}
    moved = {name: [part for part in (_module_of(home),) if part in parts] for name, home in homes.items()}
    for part, names in table.get("also", {}).items():
        for name in _texts(names):
            moved[name].append(_text(part))
    return PythonShim(
        module=_text(table["module"]),
        parts=parts,
        moved={name: tuple(dict.fromkeys(holders)) for name, holders in moved.items()},
        exported=None if exported is None else _texts(exported),
        homes=homes,
        rebound=frozenset(_texts(table.get("rebound", ()))),
        stars=_texts(table.get("stars", ())),
        main=_text(table.get("main", "")),
        since=_text(table.get("since", "")),
        remove_in=_text(table.get("remove_in", "")),
        preamble=preamble,
        docstring=docstring,
        package=bool(table.get("package", False)),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} stands where a text belongs")
    return value


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, (tuple, list)):
        raise TypeError(f"{values!r} stands where several texts belong")
    return tuple(_text(value) for value in values)


def _module_of(home: str) -> str:
    return home.rpartition(".")[0]


def _homes(shim: PythonShim) -> dict[str, str]:
    """Give the place of each name, those of the parts first; one that has none is at home where it is read."""
    homes = {
        name: shim.homes.get(name) or f"{holders[0]}.{name}"
        for name, holders in shim.moved.items()
        if name not in _OF_EVERY_MODULE
    }
    return dict(sorted(homes.items(), key=lambda item: _module_of(item[1]) not in shim.parts))


def _show_docstring(docstring: str) -> str:
    if not docstring:
        return ""
    body = docstring.removesuffix('"').replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    body = "".join(c if c in "\n\t" or c.isprintable() else c.encode("unicode_escape").decode() for c in body)
    body += '\\"' if docstring.endswith('"') else ""
    return "\n".join(_break_line(line) for line in f'"""{body}"""'.split("\n")) + "\n"


def _break_line(line: str) -> str:
    """Break a line of a string literal that is too long between two words: `words \\⏎words` is the same string."""
    pieces = []
    while len(line) > WIDTH and (space := line.rfind(" ", 3, WIDTH - 1)) > 0:
        pieces.append(line[: space + 1] + "\\")
        line = line[space + 1 :]
    return "\n".join([*pieces, line])


def _show_header(shim: PythonShim) -> str:
    since = f", since {shim.since}" if shim.since else ""
    until = f" in {shim.remove_in}" if shim.remove_in else ""
    sentences = (
        f"unmix shim 1: {shim.module} is now {_enumerate(shim.parts)}{since}. "
        f"Old imports keep working through this file, with a DeprecationWarning, until it is removed{until}."
    )
    lines = textwrap.wrap(sentences, WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return "".join(f"# {line}\n" for line in [*lines, *_FOR_LINTERS])


def _enumerate(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


def _show_exports(exported: tuple[str, ...] | None) -> str:
    if exported is None:
        return ""
    return "\n".join(_rows("__all__ = ", exported)).removesuffix(",") + "\n"


def _show_table(shim: PythonShim) -> str:
    homes = _homes(shim)
    imported = {name: home for name, home in homes.items() if _module_of(home) not in shim.parts}
    also = {part: [n for n in homes if part in shim.moved[n] and part != _module_of(homes[n])] for part in shim.parts}
    lines = [
        f'"module": {_quote(shim.module)},',
        f'"since": {_quote(shim.since)},' if shim.since else "",
        f'"remove_in": {_quote(shim.remove_in)},' if shim.remove_in else "",
        '"package": True,' if shim.package else "",
        f'"main": {_quote(shim.main)},  # what `python -m` runs' if shim.main else "",
        *_rows('"parts": ', shim.parts, "imported in this order"),
        '"homes": {  # old name: where it lives now',
        *(_row(_quote(name), _quote(home)) for name, home in homes.items() if name not in imported),
        "},",
    ]
    if imported:
        pairs = [f"{_quote(name)}: {_quote(home)}" for name, home in imported.items()]
        lines += ['"imported": {  # what the old module had from elsewhere', *_filled(pairs, "    ", WIDTH - 4), "},"]
    if any(also.values()):
        lines.append(
            '"also": {  # parts that look such names up, too: what is assigned to the old name goes there as well'
        )
        lines += [f"    {row}" for part, names in also.items() if names for row in _rows(f"{_quote(part)}: ", names)]
        lines.append("},")
    if shim.rebound:
        lines += _rows('"rebound": ', sorted(shim.rebound), "assigned again while the program runs")
    if shim.stars:
        lines += _rows('"stars": ', shim.stars, "their star imports bring names that no text shows")
    return f"{_TABLE} = {{\n" + "".join(f"    {line}\n" for line in lines if line) + "}\n"


def _row(key: str, value: str) -> str:
    row = f"    {key}: {value},"
    return row if len(row) <= WIDTH - 4 else f"    {key}:\n            {value},"


def _rows(key: str, names: Iterable[str], comment: str = "") -> list[str]:
    """Show a list in one line, or with as many names in a line as it holds."""
    quoted = [_quote(name) for name in names]
    line = f"{key}[{', '.join(quoted)}]," + (f"  # {comment}" if comment else "")
    if len(line) <= WIDTH - 8:
        return [line]
    return [f"{key}[" + (f"  # {comment}" if comment else ""), *_filled(quoted, "    ", WIDTH - 8), "],"]


def _filled(items: Iterable[str], indent: str, width: int) -> list[str]:
    lines = [indent]
    for item in items:
        if len(lines[-1]) + len(item) + 1 > width and lines[-1] != indent:
            lines[-1] = lines[-1].rstrip()
            lines.append(indent)
        lines[-1] += f"{item}, "
    return [line.rstrip() for line in lines]


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _show_types(shim: PythonShim) -> str:
    """Say what each name is, under a condition that type checkers take for true and Python for false.

    `import json as json` and `from app.new import a as a` export the name, also for `mypy --strict`;
    a name of another spelling than at its home has to be assigned for that.
    A function is declared again, to be marked as deprecated: as what it is at its home, whatever that is.
    """
    functions = {name: home for name, home in _homes(shim).items() if name in shim.functions}
    others = {
        name: home
        for name, home in {**shim.typed, **_homes(shim)}.items()
        if name not in functions and name != "TYPE_CHECKING" and _module_of(home) != "__future__"
    }
    sections = [
        "".join(f"    from {part} import *\n" for part in shim.stars),
        _show_imports(others),
        "".join(f"    {name} = {_OURS}{name}\n" for name, home in others.items() if not _same(name, home)),
        textwrap.indent(declare_functions(functions), "    "),
    ]
    return "if TYPE_CHECKING:  # for type checkers, editors and freezers, which read imports; never run\n" + (
        "\n".join(section for section in sections if section) or "    pass\n"
    )


def _show_imports(homes: Mapping[str, str]) -> str:
    """Import every name from its home, module by module."""
    imports: list[str] = []
    members: dict[str, list[str]] = {}
    for name, home in sorted(homes.items(), key=lambda item: item[1]):
        module, _, member = home.rpartition(".")
        alias = name if _same(name, home) else _OURS + name
        if module:
            members.setdefault(module, []).append(f"{member} as {alias}")
        else:
            imports.append(f"    import {member} as {alias}\n")
    for module, names in sorted(members.items()):
        line = f"    from {module} import {', '.join(names)}"
        if len(line) > WIDTH:
            filled = "".join(line + "\n" for line in _filled(names, " " * 8, WIDTH))
            line = f"    from {module} import (\n{filled}    )"
        imports.append(line + "\n")
    return "".join(imports)


def _read_types(tree: ast.Module, homes: Mapping[str, str]) -> tuple[frozenset[str], dict[str, str]]:
    """Read back which names are declared to be functions, and the homes of those that are not in the table."""
    functions: set[str] = set()
    imported: dict[str, str] = {}
    for statement in [each for block in tree.body if isinstance(block, ast.If) for each in block.body]:
        match statement:
            case ast.FunctionDef(name=name):
                functions.add(name)
            case ast.ImportFrom(module=str(module), names=names):
                imported |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
            case ast.Import(names=names):
                imported |= {alias.asname or alias.name: alias.name for alias in names}
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=alias)) if alias in imported:
                imported[name] = imported[alias]
    typed = {name for name in imported if name not in homes and name != "*" and not name.startswith(_OURS)}
    return frozenset(functions), {name: home for name, home in imported.items() if name in typed}


def _same(name: str, home: str) -> bool:
    return name == home.rpartition(".")[2]


@cache
def _show_machinery() -> str:
    """Give the code of machinery.py as it stands in a shim: in the other branch of `if TYPE_CHECKING`."""
    text = files("unmix_shims").joinpath("machinery.py").read_text(encoding="utf-8")
    code = (
        text[text.index("def install") :].replace("def install(", f"def {_OURS}install(").replace("  # fmt: skip", "")
    )
    return (
        "else:  # pragma: no cover\n"
        f"    # {'-' * 4} From here on the text is the same in every shim that unmix writes. {'-' * 38}\n"
        + textwrap.indent(code.replace("  # pragma: no cover", "", 1), "    ")
        + f"\n    {_OURS}install(globals())\n"
    )
