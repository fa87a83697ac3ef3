"""The code at the end of every Python shim, below its table: `install`, under the name `_unmix_install`.

python.py copies its text, and nobody imports it. Must run on Python 3.8 and later, with the standard library alone.
"""

# mypy: ignore-errors
from __future__ import annotations


def install(own):  # pragma: no cover
    """Pass every read, write and deletion of an old name on to the parts that have it now."""
    import sys
    from importlib import import_module, reload
    from os.path import abspath, dirname
    from types import ModuleType
    from warnings import warn_explicit

    table = own.pop("_unmix_shim")
    del own["TYPE_CHECKING"], own["_unmix_install"]
    old, parts = table["module"], table["parts"]
    homes = dict(table["homes"], **table.get("imported", {}))
    holders = {}  # name: the parts that bind it; it is read from the first
    for name, home in homes.items():
        part = home.rpartition(".")[0]
        holders[name] = [part] if part in parts else []
    for part, names in table.get("also", {}).items():
        for name in names:
            holders[name].append(part)
    missing = object()

    # ---- Who has the names: the parts.

    loaded = {}

    def is_importing(module):
        return getattr(getattr(module, "__spec__", None), "_initializing", False)

    def load(part):
        """Give the module `part`; one that another thread is still importing is waited for."""
        module = loaded.get(part)
        if module is None:
            module = import_module(part)
            if not is_importing(module):
                loaded[part] = module
        return module

    def refresh():
        """Show in the namespace what the parts hold now: vars(), dir() and mock look there."""
        spaces = {part: vars(load(part)) for part in parts}
        for part in table.get("stars", ()):
            for name in [name for name in spaces[part] if name[:1] != "_"]:
                homes.setdefault(name, part + "." + name)
                holders.setdefault(name, [part])
        for name in list(holders):
            value = spaces[holders[name][0]].get(name, missing)
            if value is missing:
                own.pop(name, None)
            elif own.get(name, missing) is not value:
                own[name] = value

    unlike = {}  # name: what it was before a patch, and what each part held when they did not all hold that

    def write(name, value):
        """Bind `name` (or unbind it: `missing`) wherever code of the old module looks it up."""
        modules = [load(part) for part in holders.get(name, parts)]
        held = [vars(module).get(name, missing) for module in modules]
        shown = held[0] if name in holders else own.get(name, missing)
        values = [value] * len(modules)
        if name in unlike and unlike[name][0] is value:
            values = unlike.pop(name)[1]
        elif any(each is not shown for each in held):
            unlike[name] = shown, held
        for module, each in zip(modules, values):
            if each is not missing:
                setattr(module, name, each)
            elif name in vars(module):
                delattr(module, name)

    # ---- Who uses the names: a warning points at the line to change.

    since = " since " + table["since"] if "since" in table else ""
    until = " and will be removed in " + table["remove_in"] if "remove_in" in table else ""
    message = old + ".%s is deprecated" + since + until + ": use %s"
    messages = {"*": message % ("*", " and ".join(parts))}

    # Code that acts for its caller. Some of its functions look first, or put back what was there: no new use.
    messengers = (
        "importlib.", "_frozen_importlib.", "pkgutil.", "contextlib.", "_pytest.monkeypatch.", "pytest_mock.",
        "mock.", "unittest.mock.", "unittest.case.", "unittest.async_case.",
    )  # fmt: skip
    restoring = {"__exit__", "undo"}
    looking = restoring | {"_handle_fromlist", "get_original", "setattr", "delattr"}
    decorated = {"patched": "func", "_inner": "f"}  # these run a test that mock decorates: the use is the test's
    # Code that looks at whatever a module has.
    onlookers = (
        "inspect.", "pydoc.", "doctest.", "pickle.", "unittest.", "_pytest.", "pluggy.", "rlcompleter.",
        "IPython.", "jedi.", "sphinx.", "pdoc.", "freezegun.", "_pydevd_bundle.",
    )  # fmt: skip

    by_name, by_star = set(), set()

    def instruction_of(frame):
        """Give the instruction at which a frame is. Python 3.12 may stand behind it, in room that is all zero."""
        code, at = frame.f_code.co_code, frame.f_lasti
        while not code[at] and at > 0:
            at -= 2
        return code[at]

    def learn(instructions, program):
        """Note with which instructions this interpreter uses attributes in a program that does nothing else."""

        class Probe:
            def __getattr__(self, name, *value):
                instructions.add(instruction_of(sys._getframe(1)))
                return () if name == "__all__" else self

            __setattr__ = __delattr__ = __getattr__
            __call__ = str

        exec(program, {"__builtins__": {"__import__": lambda *_: Probe()}})

    def name_attributes():
        from sys import a

        b = a
        b.a = b.a
        b.a()
        del b.a

    def tell(name, quiet):
        """Warn the code that uses `name`, but not through the functions `quiet`; a star import uses `*`."""
        try:
            frame = sys._getframe(2)
        except ValueError:  # no Python code asks
            return
        if not by_name:
            learn(by_name, name_attributes.__code__)
        user = frame.f_code, frame.f_lineno, frame.f_globals
        instruction = instruction_of(frame)
        if instruction not in by_name or name[:2] == "__":
            if not by_star:
                learn(by_star, "from sys import *")
            if (instruction in by_star) is not (name == "*"):
                return
            user = find_user(frame, name, quiet)
        elif name == "*":
            return
        if user and homes.get(name) != old + "." + name:
            if name not in messages:
                messages[name] = message % (name, homes[name])
            code, line, namespace = user
            registry = namespace.setdefault("__warningregistry__", {})
            where = code.co_filename, line or 1, namespace.get("__name__")
            warn_explicit(messages[name], DeprecationWarning, *where, registry)

    def find_user(frame, name, quiet):
        """Find the code, line and namespace that use `name` by calling something; None when no text names it."""
        asking = frame
        while is_messenger(frame):
            function = frame.f_code.co_name
            test = frame.f_locals.get(decorated[function]) if function in decorated else None
            while hasattr(test, "__wrapped__"):
                test = test.__wrapped__
            if hasattr(test, "__code__"):
                return test.__code__, test.__code__.co_firstlineno, test.__globals__
            if function in quiet or frame.f_back is None:
                return None
            frame = frame.f_back
        if (str(frame.f_globals.get("__name__")) + ".").startswith(onlookers):
            return None
        if frame is asking and name != "*" and name[:2] != "__":  # getattr(old, "name"), or unpickling
            words = set(frame.f_code.co_names)
            if words.isdisjoint(("getattr", "hasattr", "setattr", "delattr", "attrgetter")):
                return None
            if name not in frame.f_code.co_consts and not words.isdisjoint(("load", "loads")):
                return None
        return frame.f_code, frame.f_lineno, frame.f_globals

    def is_messenger(frame):
        module = str(frame.f_globals.get("__name__"))
        return (module + ".").startswith(messengers) or type(sys.modules.get(module)).__name__ == "UnmixShim"

    # ---- The old module itself.

    class UnmixShim(ModuleType):
        """A module whose names are read, written and deleted where they live now."""

        def __getattribute__(self, name):
            if name == "__dict__" or ("stars" in table and name[:1] != "_" and name not in holders):
                refresh()
            if name in holders:
                value = getattr(load(holders[name][0]), name, missing)
                if value is not missing:
                    tell(name, looking)
                    return value
                own.pop(name, None)
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
                tell(name, restoring)
                write(name, value)
            elif is_global(name, value):
                write(name, value)
            ModuleType.__setattr__(self, name, value)

        def __delattr__(self, name):
            if name in vars(self) and name in holders:
                tell(name, restoring)
                write(name, missing)
            elif name in own and is_global(name, missing):
                write(name, missing)
            ModuleType.__delattr__(self, name)

        def __reduce__(self):  # for cloudpickle, which knows plain modules only
            return import_module, (self.__name__,)

    def is_global(name, value):
        """Say whether code of the old module would see `name` change: mock.patch("old.open"), "old.__file__"."""
        dunder = name[:2] == name[-2:] == "__"
        return not dunder or (name in ("__file__", "__name__") and value != own.get(name))

    def run_as_script(part):
        """Run `part` here, as __main__; unlike with runpy, parts that import it get this very module."""
        from importlib.util import find_spec

        spec = find_spec(part)
        own.update(__spec__=spec, __loader__=spec.loader, __package__=spec.parent, __file__=spec.origin)
        if is_registered and part not in sys.modules:
            sys.modules[part] = module
            if spec.parent:
                setattr(sys.modules[spec.parent], part.rpartition(".")[2], module)
        exec(spec.loader.get_code(part), own)

    module = sys.modules.get(own["__name__"])
    is_registered = getattr(module, "__dict__", None) is own  # not so under runpy.run_module
    if own["__name__"] == "__main__" and own["__spec__"] is None:  # `python app/old.py` sees what is in app/ only
        sys.path.append(own["__file__"])
        for _ in range(old.count(".") + 1 + table.get("package", False)):
            sys.path[-1] = dirname(abspath(sys.path[-1]))
    if own["__name__"] == "__main__" and "main" in table:
        for part in parts[: parts.index(table["main"])]:
            load(part)
        run_as_script(table["main"])
    else:
        again = type(module).__name__ == "UnmixShim"  # importlib.reload
        if is_registered:
            module.__class__ = UnmixShim
            for part in () if again else parts:  # who takes the old module out of sys.modules wants it all afresh
                if old in getattr(getattr(sys.modules.get(part), "__spec__", None), "unmix_shims", ()):
                    del sys.modules[part]
        # A part that is being imported may need this package for a submodule: the others come when asked for.
        if again or not any(is_importing(sys.modules.get(part)) for part in parts):
            for part in parts:
                spec = (reload(load(part)) if again else load(part)).__spec__
                if is_registered and spec:
                    spec.unmix_shims = {old, *getattr(spec, "unmix_shims", ())}
            refresh()
