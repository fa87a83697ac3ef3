"""Find string literals that name an old module: patch targets, dotted paths, `importlib.import_module`.

Takes a parsed file, gives each such string with what it means; whole strings only, prose is not read here. Of an
f-string the first piece is read where the whole is a dotted path: `f"app.old.Client.{method}"`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import libcst as cst

from unmix.python.repeats import statement_to_repeat
from unmix.python.scopes import Scopes
from unmix.python.syntax import SyntaxTree, dotted_name, literal_string

_PATCH = re.compile(r"(^|\.)(patch|setattr|delattr|spy|stub|multiple|dict)$")
_IMPORTING = frozenset("import_module __import__ importorskip find_spec run_module".split())
# Lists of modules that others import for what they do then, or that Python imports once they are used.
_IMPORTED_LISTS = frozenset("pytest_plugins hiddenimports CELERY_IMPORTS CELERY_INCLUDE __lazy_modules__".split())
_PATCH_OPTIONS = frozenset("target spec create spec_set autospec new_callable".split())
# An entry point: "tool = app.old:main", "tool = app.old:main [extra]"
_ENTRY_POINT = re.compile(r"\s*[\w.-]+\s*=\s*([\w.]+:[\w.]+)\s*(?:\[[^\]]*\]\s*)?")
_LOGGER = re.compile(r"(^|\.)(getLogger|at_level|set_level|assertLogs|assertNoLogs|getChild|get_logger)$")


@dataclass(eq=False, slots=True)
class StringUse:
    """A string literal that names `old`, or `name` of it. `rest` is what follows the name.

        "app.db.old.Client.query"   old is app.db.old, name is Client, rest is `.query`

    `written` is the part of the literal that names the module: `app.db.old`, or `.old` beside its `package`.
    `asked` are the names that are taken from a module which is named alone: by `patch.multiple`, as attributes of
    `import_module(…)`, or by the string beside it. `patches` when it is the target of a patch, `logs` when it is the
    name of a logger, `imports` when a function is asked to import it. `repeated` is the
    statement that can be said of each part: `del sys.modules["old"]`. `runs` when it is run as a script: `-m old`;
    `loaded` when it is among modules that are imported for what they do then: `pytest_plugins = ["old"]`.
    """

    node: cst.SimpleString | cst.FormattedStringText
    old: str
    name: str
    rest: str
    written: str
    package: str
    patches: bool
    logs: bool
    imports: bool
    asked: tuple[str, ...]
    repeated: cst.BaseSmallStatement | None
    runs: bool
    loaded: bool

    @property
    def goes_somewhere(self) -> bool:
        """Whether the place of the string shows that it names something."""
        return bool(self.patches or self.logs or self.imports or self.repeated or self.runs or self.loaded)

    @property
    def said(self) -> tuple[str, int]:
        """What stands between the quotes, as it is written, and how far behind the node's beginning it does."""
        if isinstance(self.node, cst.FormattedStringText):
            return self.node.value, 0
        return self.node.raw_value, len(self.node.prefix) + len(self.node.quote)


def find_strings(
    scopes: Scopes, olds: Collection[str], aliases: Mapping[str, str] = MappingProxyType({})
) -> Iterator[StringUse]:
    """Find the strings of a file that are the dotted name of an old module, or of something in it.

    `aliases` are other dotted paths to old modules: `{"app.services.old": "app.db.old"}`.
    """
    tree = scopes.tree
    patterns = [
        (path, old, _names(path))
        for path, old in {**{old: old for old in olds}, **aliases}.items()
        if path in tree.text
    ]
    relative = {"." + old.rpartition(".")[2]: old for old in olds}
    leaves = {path.rpartition(".")[2] for path in (*olds, *aliases)}
    for node in scopes.strings:
        value = literal_string(node)
        if value is None or not any(leaf in value for leaf in leaves):
            continue
        entry = _ENTRY_POINT.fullmatch(value)
        for path, old, pattern in patterns:
            if found := pattern.fullmatch(entry[1] if entry else value):
                string = _describe(scopes, node, old, found[1] or "", found[2] or "", written=path)
                if "." in value or ":" in value or string.goes_somewhere:
                    yield string  # an undotted name that goes nowhere in particular may be any word
        if value in relative and _package_beside(tree, node) == relative[value].rpartition(".")[0]:
            yield _describe(scopes, node, relative[value], "", "", written=value, relative=True)
    for text in scopes.texts:
        for path, old, _ in patterns:
            if begins_path(tree, text) and (found := _beginning(path, text.value)):
                yield _describe(scopes, text, old, found[1], found[2], written=path)


def begins_path(tree: SyntaxTree, text: cst.FormattedStringText) -> bool:
    """Say whether a piece of an f-string is the beginning of a dotted path, and the whole is nothing else."""
    whole = tree.parent(text)
    if not isinstance(whole, cst.FormattedString) or isinstance(tree.parent(whole), cst.ConcatenatedString):
        return False
    pieces = [part.value for part in whole.parts if isinstance(part, cst.FormattedStringText)]
    return whole.parts[0] is text and all(re.fullmatch(r"[\w.]*", piece) for piece in pieces)


def is_dotted_name(
    tree: SyntaxTree, node: cst.SimpleString | cst.FormattedStringText, modules: Collection[str]
) -> bool:
    """Say whether a string is the dotted name of one of `modules`, or of something in it, and nothing else."""
    if isinstance(node, cst.FormattedStringText):
        return begins_path(tree, node) and any(_beginning(module, node.value) for module in modules)
    value = literal_string(node)
    entry = _ENTRY_POINT.fullmatch(value or "")
    said = entry[1] if entry else value
    return said is None or any(said.startswith(module) and _names(module).fullmatch(said) for module in modules)


def _beginning(module: str, text: str) -> re.Match[str] | None:
    """Match what a path that goes on behind `text` certainly names: in `old.Client.get_`, it is `Client`."""
    return re.match(re.escape(module) + r"\.([A-Za-z_]\w*)(\.[\w.]*)", text)


def _names(module: str) -> re.Pattern[str]:
    return re.compile(re.escape(module) + r"(?:[.:]([A-Za-z_]\w*)((?:\.\w+)*))?")


def patches_argument(tree: SyntaxTree, node: cst.CSTNode) -> bool:
    """Say whether an expression is an argument of a function that patches what it names."""
    argument = tree.parent(node)
    call = tree.parent(argument) if isinstance(argument, cst.Arg) else None
    return isinstance(call, cst.Call) and _PATCH.search(dotted_name(call.func) or "") is not None


def _describe(
    scopes: Scopes,
    node: cst.SimpleString | cst.FormattedStringText,
    old: str,
    name: str,
    rest: str,
    *,
    written: str,
    relative: bool = False,
) -> StringUse:
    tree = scopes.tree
    whole = node if isinstance(node, cst.SimpleString) else tree.parent(node)
    assert isinstance(whole, (cst.SimpleString, cst.FormattedString)), "a piece stands in its f-string"
    argument = tree.parent(whole)
    call = tree.parent(argument) if isinstance(argument, cst.Arg) else None
    function = (dotted_name(call.func) or "") if isinstance(call, cst.Call) else ""
    is_logger = isinstance(argument, cst.Arg) and argument.keyword is not None and argument.keyword.value == "logger"
    return StringUse(
        node,
        old,
        name,
        rest,
        written=written,
        package=old.rpartition(".")[0] if relative else "",
        patches=patches_argument(tree, whole),
        logs=is_logger or bool(_LOGGER.search(function)) or _configures_logger(tree, whole),
        imports=function.rpartition(".")[2] in _IMPORTING,
        asked=() if name else _names_asked(scopes, whole, call, function),
        repeated=None if name else statement_to_repeat(tree, whole),
        runs=not name and (function.endswith("run_module") or follows_option(tree, tree.parent(whole), "-m")),
        loaded=not name and _is_loaded(tree, whole),
    )


def _configures_logger(tree: SyntaxTree, node: cst.BaseString) -> bool:
    """Say whether a string is a key of the loggers that are configured: `{"loggers": {"app.old": {…}}}`."""
    element = tree.parent(node)
    if not isinstance(element, cst.DictElement) or element.key is not node:
        return False
    around = tree.parent(tree.parent(element) or element)
    return isinstance(around, cst.DictElement) and literal_string(around.key) == "loggers"


def _names_asked(scopes: Scopes, node: cst.BaseString, call: cst.CSTNode | None, function: str) -> tuple[str, ...]:
    """Give the names that are taken from the module a string names, none when that cannot be seen.

    patch.multiple("old", a=1)          import_module("old").a        {"a": "old"}
    module = import_module("old")       module.a                      ("old", "a")
    """
    tree = scopes.tree
    if isinstance(call, cst.Call) and function.endswith("patch.multiple"):
        return names_patched(call)
    if isinstance(call, cst.Call) and function.rpartition(".")[2] in _IMPORTING:
        return _attributes_of(scopes, call)
    element = tree.parent(node)
    if isinstance(element, cst.DictElement) and element.value is node:
        return _identifier(element.key)
    following = next((after for before, after in pairwise(_items_around(tree, element)) if before is element), None)
    return _identifier(following.value) if following is not None else ()


def names_patched(call: cst.Call) -> tuple[str, ...]:
    """Give the names that `patch.multiple(target, name=new)` sets, none when that cannot be seen."""
    if any(argument.star for argument in call.args):
        return ()
    given = [argument.keyword.value for argument in call.args if argument.keyword is not None]
    return tuple(name for name in given if name not in _PATCH_OPTIONS)


def _attributes_of(scopes: Scopes, call: cst.Call) -> tuple[str, ...]:
    """Give the attributes that are read from what a call returns, directly or through the one name it is bound to."""
    tree = scopes.tree
    above = tree.parent(call)
    if isinstance(above, cst.Attribute):
        return (above.attr.value,)
    outer = tree.parent(above) if isinstance(above, cst.Arg) else None
    if isinstance(outer, cst.Call) and dotted_name(outer.func) in ("getattr", "hasattr") and len(outer.args) > 1:
        return _identifier(outer.args[1].value)
    if not isinstance(above, cst.Assign) or len(above.targets) != 1:
        return ()
    target = above.targets[0].target
    if not isinstance(target, cst.Name):
        return ()
    found: dict[str, None] = {}
    for use in scopes.uses:
        bindings = scopes.bindings_reached(use) if use.name == target.value else []
        if any(binding.node is target for binding in bindings):
            if len(bindings) > 1 or not use.attributes:
                return ()
            found[use.attributes[0]] = None
    return tuple(found)


def _items_around(tree: SyntaxTree, item: cst.CSTNode | None) -> Sequence[cst.Arg | cst.BaseElement]:
    """Give the arguments or elements among which `item` is one."""
    around = tree.parent(item) if isinstance(item, (cst.Arg, cst.Element)) else None
    if isinstance(around, cst.Call):
        return around.args
    return around.elements if isinstance(around, (cst.Tuple, cst.List)) else ()


def _identifier(node: cst.BaseExpression) -> tuple[str, ...]:
    value = literal_string(node)
    return (value,) if value is not None and value.isidentifier() else ()


def follows_option(tree: SyntaxTree, item: cst.CSTNode | None, option: str) -> bool:
    """Say whether an argument or element stands behind an option in a list of words: `[sys.executable, "-m", item]`."""
    before = next((one for one, other in pairwise(_items_around(tree, item)) if other is item), None)
    return before is not None and literal_string(before.value) == option


def _is_loaded(tree: SyntaxTree, node: cst.BaseString) -> bool:
    """Say whether a string is the value of a list of modules to load, or one of its items."""
    value: cst.CSTNode | None = node
    if isinstance(element := tree.parent(node), cst.Element):
        value = tree.parent(element)
    above = tree.parent(value) if value is not None else None
    if isinstance(above, cst.Arg) and above.keyword is not None:
        call = tree.parent(above)
        is_celery = isinstance(call, cst.Call) and (dotted_name(call.func) or "").endswith("Celery")
        return above.keyword.value in _IMPORTED_LISTS or (is_celery and above.keyword.value == "include")
    if isinstance(above, cst.Assign):
        return any(dotted_name(target.target) in _IMPORTED_LISTS for target in above.targets)
    return isinstance(above, (cst.AnnAssign, cst.AugAssign)) and dotted_name(above.target) in _IMPORTED_LISTS


def _package_beside(tree: SyntaxTree, node: cst.SimpleString) -> str:
    """Give the package that `import_module(".name", "package")` starts from."""
    argument = tree.parent(node)
    call = tree.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or (dotted_name(call.func) or "").rpartition(".")[2] != "import_module":
        return ""
    return literal_string(call.args[1].value) or "" if len(call.args) > 1 else ""
