"""The Python shim: what stays at the path of a module whose names live in other modules now.

Takes a PythonShim, the table of where every name went, and gives the text of the file; reads that text back.
Must not import or execute the module that it writes about.

The text is one declarative table, then imports that only type checkers, editors and freezers follow, then MACHINERY:
the same words in every shim, to be reviewed once. It runs on Python 3.8 and later and needs no other file.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 120


@dataclass(frozen=True, slots=True)
class PythonShim:
    """An old module, and where each of its names lives now.

    `parts` are the new modules in the order in which they are imported;
    `moved` maps each name of the old namespace to the part to read it from, then to the other parts that bind it too;
    `exported` is the old `__all__`, or None where it had none; `homes` maps each name to the place a warning shows;
    `rebound` are the names that are assigned again after the import; `main` is the part that runs for `python -m old`;
    `preamble` are the comment lines that have to stay first, `docstring` is the old one; either may be empty;
    `package` says that the old module was the `__init__.py` of a package.
    """

    module: str
    parts: tuple[str, ...]
    moved: Mapping[str, tuple[str, ...]]
    exported: tuple[str, ...] | None
    homes: Mapping[str, str]
    rebound: frozenset[str] = frozenset()
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
        _show_typed_imports(shim) + MACHINERY,
    )
    return "\n".join(section for section in sections if section)


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
        return _shim_of(literals[_TABLE], literals.get("__all__"), preamble.removesuffix("\n"), docstring)
    except (SyntaxError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


_TABLE = "_unmix_shim"
_MARKER = re.compile(r"^# unmix shim \d+:", re.MULTILINE)

# What the import system gives to each module, and `__all__`, which stands by itself.
_OF_EVERY_MODULE = frozenset(
    "__all__ __annotations__ __builtins__ __cached__ __class__ __dict__ __doc__ __file__ __loader__ __name__ "
    "__package__ __path__ __spec__ __warningregistry__".split()
)

# A generated file is nobody's to tidy: its text is what `unmix check` compares.
_FOR_LINTERS = ("flake8: noqa", "fmt: off", "isort: skip_file", "pylint: skip-file")


def _assigned(tree: ast.Module, names: set[str]) -> Iterator[tuple[str, ast.expr]]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in names:
                yield name, value


def _shim_of(table: dict[str, Any], exported: Any, preamble: str, docstring: str) -> PythonShim:
    homes = {_text(name): _text(home) for name, home in table["homes"].items()}
    holders = {name: _texts(parts) for name, parts in table.get("holders", {}).items()}
    return PythonShim(
        module=_text(table["module"]),
        parts=_texts(table["parts"]),
        moved={name: holders.get(name) or (_module_of(home),) for name, home in homes.items()},
        exported=None if exported is None else _texts(exported),
        homes=homes,
        rebound=frozenset(_texts(table.get("rebound", ()))),
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
    """Give the place of each name in the order of the table; one that has none is at home where it is read."""
    return {
        name: shim.homes.get(name) or f"{holders[0]}.{name}"
        for name, holders in shim.moved.items()
        if name not in _OF_EVERY_MODULE
    }


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
    line = f"__all__ = [{', '.join(map(_quote, exported))}]\n"
    if len(line) <= WIDTH:
        return line
    return "__all__ = [\n" + "".join(f"    {_quote(name)},\n" for name in exported) + "]\n"


def _show_table(shim: PythonShim) -> str:
    homes = _homes(shim)
    holders = {name: shim.moved[name] for name, home in homes.items() if shim.moved[name] != (_module_of(home),)}
    lines = [
        f'"module": {_quote(shim.module)},',
        f'"since": {_quote(shim.since)},' if shim.since else "",
        f'"remove_in": {_quote(shim.remove_in)},' if shim.remove_in else "",
        '"package": True,' if shim.package else "",
        f'"main": {_quote(shim.main)},  # what `python -m` runs' if shim.main else "",
        '"parts": (  # imported in this order',
        *(f"    {_quote(part)}," for part in shim.parts),
        "),",
        '"homes": {  # old name: where it lives now',
        *(_row(name, _quote(home)) for name, home in homes.items()),
        "},",
    ]
    if holders:
        lines += [
            '"holders": {  # where the code looks such a name up: it is read from the first and patched in each',
            *(_row(name, _quote_all(parts)) for name, parts in holders.items()),
            "},",
        ]
    if shim.rebound:
        lines += [
            '"rebound": (  # assigned again while the program runs',
            *(f"    {_quote(name)}," for name in sorted(shim.rebound)),
            "),",
        ]
    return f"{_TABLE} = {{\n" + "".join(f"    {line}\n" for line in lines if line) + "}\n"


def _row(key: str, value: str) -> str:
    row = f"    {_quote(key)}: {value},"
    if len(row) <= WIDTH - 4:
        return row
    return f"    {_quote(key)}:\n            {value.replace(', ', ',' + chr(10) + ' ' * 12)},"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _quote_all(texts: tuple[str, ...]) -> str:
    return f"({', '.join(map(_quote, texts))}{',' if len(texts) == 1 else ''})"


def _show_typed_imports(shim: PythonShim) -> str:
    """Import every name from its home, under a condition that type checkers take for true and Python for false.

    `import json as json` and `from app.new import a as a` export the name, also for `mypy --strict`;
    a name of another spelling than at its home has to be assigned for that.
    """
    homes = {
        name: home
        for name, home in _homes(shim).items()
        if name != "TYPE_CHECKING" and _module_of(home) != "__future__"
    }
    ours = {dotted.partition(".")[0] for dotted in (shim.module, *shim.parts)}
    imports = [_typed_import(name, home) for name, home in homes.items()]
    groups = (
        sorted(each for each in imports if each.root not in ours),
        sorted(each for each in imports if each.root in ours),
    )
    blocks = ["".join(each.text for each in group) for group in groups]
    blocks += ["".join(f"    {name} = _unmix_{name}\n" for name, home in homes.items() if not _same(name, home))]
    return "if TYPE_CHECKING:  # for type checkers, editors and freezers, which read imports; never run\n" + (
        "\n".join(block for block in blocks if block) or "    pass\n"
    )


@dataclass(frozen=True, slots=True, order=True)
class _TypedImport:
    """One import for type checkers; the fields are in the order in which isort compares them."""

    is_from: bool
    module: str
    kind: int
    member: str
    text: str

    @property
    def root(self) -> str:
        return self.module.partition(".")[0]


def _typed_import(name: str, home: str) -> _TypedImport:
    module, _, member = home.rpartition(".")
    alias = name if _same(name, home) else f"_unmix_{name}"
    if not module:
        return _TypedImport(False, member, 0, "", f"    import {member} as {alias}\n")
    kind = 0 if member.isupper() and len(member) > 1 else 1 if member[:1].isupper() else 2
    text = f"    from {module} import {member} as {alias}\n"
    if len(text) > WIDTH:
        text = f"    from {module} import (\n        {member} as {alias},\n    )\n"
    return _TypedImport(True, module, kind, member, text)


def _same(name: str, home: str) -> bool:
    return name == home.rpartition(".")[2]


MACHINERY = '''\
else:  # pragma: no cover
    # ---- From here on the text is the same in every shim of unmix. ------------------------------------------------
    def _unmix_install(own):
        """Pass every read and write of an old name on to the parts; leave no name of the shim in the namespace."""
        import sys
        from importlib import import_module, reload
        from importlib.util import find_spec
        from opcode import opmap
        from types import ModuleType
        from warnings import warn_explicit

        table = own.pop("_unmix_shim")
        del own["TYPE_CHECKING"], own["_unmix_install"]
        old, parts, homes, missing = table["module"], table["parts"], table["homes"], object()
        holders = {name: (home.rpartition(".")[0],) for name, home in homes.items()}
        holders.update(table.get("holders", {}))

        # ---- Who has the names: the parts.

        def load(part):
            """Give the module `part`; one that another thread is still importing is waited for."""
            try:
                module = sys.modules[part]
                if not module.__spec__._initializing:
                    return module
            except (KeyError, AttributeError):
                pass
            return import_module(part)

        def is_importing(part):
            return getattr(getattr(sys.modules.get(part), "__spec__", None), "_initializing", False)

        def refresh():
            """Show in the namespace what the parts hold now: vars(), dir() and mock look there."""
            for name in list(holders):
                value = vars(load(holders[name][0])).get(name, missing)
                if value is missing:
                    own.pop(name, None)
                elif own.get(name, missing) is not value:
                    own[name] = value

        def write(name, value):
            """Bind `name` (or unbind it: `missing`) wherever code of the old module looks it up."""
            modules = [load(part) for part in holders.get(name, parts)]
            held = [vars(module).get(name, missing) for module in modules]
            shown = held[0] if name in holders else own.get(name, missing)
            if name in unlike and unlike[name][0] is value:
                values = unlike.pop(name)[1]
            else:
                values = [value] * len(modules)
                if any(each is not shown for each in held):
                    unlike[name] = shown, held
            for module, each in zip(modules, values):
                if each is not missing:
                    setattr(module, name, each)
                elif name in vars(module):
                    delattr(module, name)

        unlike = {}  # name: what it was before a patch, and what each part held when they did not all hold that

        # ---- Who uses the names: warnings point at the line to change.

        since = " since " + table["since"] if "since" in table else ""
        until = " and will be removed in " + table["remove_in"] if "remove_in" in table else ""
        message = old + ".%s is deprecated" + since + until + ": use %s"
        messages = {name: message % (name, home) for name, home in homes.items() if home != old + "." + name}
        messages["*"] = message % ("*", " and ".join(parts))

        # Code that reads and writes on behalf of its caller. Of its functions, some put back what was there or look
        # before they ask again: no new use. Two run a test that mock decorates: the use is the decorator's.
        messengers = (
            "importlib.", "_frozen_importlib.", "pkgutil.", "contextlib.", "_pytest.monkeypatch.", "pytest_mock.",
            "mock.", "unittest.mock.", "unittest.case.", "unittest.async_case.",
        )
        undoing = {"__exit__", "undo"}
        looking = undoing | {"_handle_fromlist", "get_original", "setattr", "delattr"}
        decorated = {"patched": "func", "_inner": "f"}
        # Code that looks at whatever a module has.
        onlookers = (
            "inspect.", "pydoc.", "doctest.", "pickle.", "unittest.", "_pytest.", "pluggy.", "rlcompleter.",
            "IPython.", "jedi.", "sphinx.", "pdoc.", "freezegun.", "_pydevd_bundle.",
        )
        star = {opmap.get("IMPORT_STAR"), opmap.get("CALL_INTRINSIC_1")}  # until 3.11, since 3.12
        indirect = star | {code for name, code in opmap.items() if "CALL" in name}
        unnamed = {"*"} | {name for name in homes if name[:2] == "__"}

        def tell(name, quiet):
            """Warn whoever uses `name`; a star import uses all names at once, which are told as `*`."""
            try:
                frame = sys._getframe(2)
            except ValueError:  # no code of Python asks
                return
            code, line, namespace = frame.f_code, frame.f_lineno, frame.f_globals
            doing = code.co_code[frame.f_lasti]
            if doing in indirect or name in unnamed:
                if (doing in star) is not (name == "*"):
                    return
                code, line, namespace = find_user(frame, name, quiet)
            if code is not None and name in messages:
                registry = namespace.setdefault("__warningregistry__", {})
                warn_explicit(
                    messages[name], DeprecationWarning, code.co_filename, line or 1, namespace.get("__name__"), registry
                )

        def find_user(frame, name, quiet):
            """Find the code, line and namespace that use `name` by calling something; nobody's when no text does."""
            nobody, asking = (None, 0, {}), frame
            while is_messenger(frame):
                function = frame.f_code.co_name
                test = frame.f_locals.get(decorated[function]) if function in decorated else None
                while hasattr(test, "__wrapped__"):
                    test = test.__wrapped__
                if hasattr(test, "__code__"):
                    return test.__code__, test.__code__.co_firstlineno, test.__globals__
                if function in quiet or frame.f_back is None:
                    return nobody
                frame = frame.f_back
            if (str(frame.f_globals.get("__name__")) + ".").startswith(onlookers):
                return nobody
            if frame is asking and name not in unnamed:  # getattr(old, "name"), or unpickling, which names nothing
                words = set(frame.f_code.co_names)
                texts = [text for text in frame.f_code.co_consts if isinstance(text, str)]
                if words.isdisjoint(("getattr", "hasattr", "setattr", "delattr", "attrgetter")):
                    return nobody
                if name not in texts and not words.isdisjoint(("load", "loads")):
                    return nobody
            return frame.f_code, frame.f_lineno, frame.f_globals

        def is_messenger(frame):
            module = str(frame.f_globals.get("__name__"))
            return (module + ".").startswith(messengers) or type(sys.modules.get(module)).__name__ == "UnmixShim"

        # ---- The old module itself.

        class UnmixShim(ModuleType):
            """A module whose names are read, written and deleted where they live now."""

            def __getattribute__(self, name):
                if name in holders:
                    value = getattr(load(holders[name][0]), name, missing)
                    if value is not missing:
                        tell(name, looking)
                        return value
                    own.pop(name, None)
                elif name == "__dict__":
                    refresh()
                value = ModuleType.__getattribute__(self, name)
                if name == "__all__" or name == "__dict__":  # a star import reads one of them first
                    tell("*", looking)
                return value

            def __setattr__(self, name, value):
                child = old + "." + name
                if sys.modules.get(child, missing) is value:  # the import system binds a submodule
                    if name in holders and (child in parts or self.__spec__._initializing):
                        return  # the old module bound the name after it had imported the submodule
                    holders.pop(name, None)
                elif name in holders:
                    tell(name, undoing)
                    write(name, value)
                elif is_global(name, value):
                    write(name, value)
                ModuleType.__setattr__(self, name, value)

            def __delattr__(self, name):
                if name in vars(self) and name in holders:
                    tell(name, undoing)
                    write(name, missing)
                elif name in own and is_global(name, missing):
                    write(name, missing)
                ModuleType.__delattr__(self, name)

            def __reduce__(self):  # for cloudpickle, which knows plain modules only
                return import_module, (self.__name__,)

        def is_global(name, value):
            """Say whether code of the old module would see `name` change: mock.patch("old.open"), "old.__file__"."""
            dunder = name[:2] == name[-2:] == "__"
            return not dunder or name in ("__file__", "__name__") and value != own.get(name)

        def run_as_script(part):
            """Run `part` here, as __main__; unlike with runpy, parts that import it get this very module."""
            spec = find_spec(part)
            own.update(__spec__=spec, __loader__=spec.loader, __package__=spec.parent, __file__=spec.origin)
            if is_registered and part not in sys.modules:
                sys.modules[part] = module
                if spec.parent:
                    setattr(sys.modules[spec.parent], part.rpartition(".")[2], module)
            exec(spec.loader.get_code(part), own)

        module = sys.modules.get(own["__name__"])
        is_registered = getattr(module, "__dict__", None) is own  # not so under runpy.run_module
        if own["__name__"] == "__main__" and "main" in table:
            for part in parts[:parts.index(table["main"])]:
                load(part)
            run_as_script(table["main"])
        else:
            again = type(module).__name__ == "UnmixShim"  # importlib.reload
            if is_registered:
                module.__class__ = UnmixShim
            # A part that is being imported may need this package for a submodule: the others come when asked for.
            if again or not any(is_importing(part) for part in parts):
                for part in parts:
                    reload(load(part)) if again else load(part)
                refresh()

    _unmix_install(globals())
'''
