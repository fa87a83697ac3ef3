"""Work out the files of the phase *add*: the parts of a module, the shim at its path, and their declarations.

Takes an outline and what is asked for, gives new files; writes nothing. Raises UnsafeSplit with every reason.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from unmix.engine import NewFiles
from unmix.errors import UnreadableSource, UnsafeSplit
from unmix.finding import Finding
from unmix.javascript.commonjs import WHOLE
from unmix.javascript.modules import ModuleFinder, declaration_of
from unmix.javascript.outline import Outline, Role, outline_module
from unmix.javascript.partition import Partition, partition_module
from unmix.javascript.scopes import Scopes
from unmix.javascript.split import Specify, write_parts
from unmix.javascript.style import read_style
from unmix.javascript.syntax import parse
from unmix.javascript.typed_comments import name_types
from unmix.migration import Part, ShimSettings, Split
from unmix.workspace import SourceFile, Workspace
from unmix_shims.javascript import COMMONJS, DECLARATIONS, ESM, NOT_CHECKED, JavaScriptShim, render_shim


def add_parts(split: Split, outline: Outline, workspace: Workspace, settings: ShimSettings) -> NewFiles:
    """Give the parts of the module that `outline` describes, and what stays at its path."""
    partition = partition_module(outline, split)
    check_places(outline, partition)
    specify = _specifiers(outline, partition, workspace)
    texts = write_parts(outline, partition, specify)
    for path, text in texts.items():
        _check(path, text, split)
    if ModuleFinder(workspace).is_typed_script(split.module):
        texts = name_types(texts, outline, partition, specify)
    texts[split.module] = render_shim(_shim(outline, partition, specify, settings)).replace("\n", outline.newline)
    _check(split.module, texts[split.module], split)
    old = workspace.read(split.module)
    files = {path: SourceFile(path, text, old.encoding, old.bom) for path, text in texts.items()}
    declared, findings = _split_declarations(split, outline, partition, specify, workspace, settings)
    return NewFiles({**files, **declared}, (*_noted(outline, partition), *findings))


def check_places(outline: Outline, partition: Partition) -> None:
    """Refuse to take what asks where its file is into another folder, unless it can be written anew."""
    folder = posixpath.dirname(outline.path)
    reasons = []
    for unit in outline.units:
        part = partition.part_of.get(unit.index)
        if part is None or posixpath.dirname(part) == folder:
            continue
        for span, name in unit.places:
            url = outline.text[span[1] :].startswith(".url") and any(
                "import.meta" in outline.text[specifier.span[1] : span[0]] or specifier.span[1] < span[0]
                for specifier in unit.specifiers
            )
            if name == "__filename" or (name == "import.meta" and not url):
                reasons.append(
                    f"{outline.path}:{unit.line}: `{unit.label}` asks where its file is (`{name}`), and {part} is in "
                    f"another folder; let the part stand in {folder or 'the root'}/"
                )
    if reasons:
        raise UnsafeSplit(tuple(reasons))


def _specifiers(outline: Outline, partition: Partition, workspace: Workspace) -> Specify:
    """Spell the parts as the old module spells what it imports, else as others spell the old module."""
    finder = ModuleFinder(workspace.with_changes(dict.fromkeys(partition.parts, b"")))
    like = _model(outline, workspace)

    def specify(path: str, here: str) -> str:
        found = finder.specifier_for(path, here, like)
        if found is not None:
            return found
        way = posixpath.relpath(path, posixpath.dirname(here) or ".")
        return way if way.startswith("../") else "./" + way

    return specify


def _model(outline: Outline, workspace: Workspace) -> str:
    suffix = posixpath.splitext(outline.path)[1]
    for unit in outline.units:
        for specifier in unit.specifiers:
            if unit.role in (Role.IMPORT, Role.LIST, Role.STAR) and _names_script(specifier.text):
                return specifier.text
    stem = posixpath.splitext(posixpath.basename(outline.path))[0]
    spelled = re.compile(rf"""(["'])(\.{{1,2}}/(?:[^"'\r\n]*/)?{re.escape(stem)}(?:\.[a-z]+)?)\1""")
    for path in workspace.containing((stem,)) if stem != "index" else ():
        if path.endswith((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")) and path != outline.path:
            try:
                found = spelled.search(workspace.read(path).text)
            except UnreadableSource:
                continue
            if found is not None:
                return found[2]
    if suffix in (".ts", ".tsx"):
        return "./a" if ModuleFinder(workspace).is_commonjs(outline.path) is not False else "./a.js"
    return "./a.js" if outline.esm else "./a"


def _names_script(specifier: str) -> bool:
    suffix = posixpath.splitext(specifier)[1]
    return suffix in ("", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts") and specifier not in (".", "..")


def _shim(outline: Outline, partition: Partition, specify: Specify, settings: ShimSettings) -> JavaScriptShim:
    style = read_style(outline)
    directives = [unit for unit in outline.units if unit.role is Role.DIRECTIVE]
    said = "".join(outline.text[slice(*unit.extent)] for unit in directives)
    if said and not outline.esm:
        # TypeScript looks for it above the first statement, and a directive is one.
        said = f"{NOT_CHECKED}\n" + said.lstrip("\r\n")
    preamble = outline.text[slice(*outline.header)] + said
    preamble = preamble.replace("\r\n", "\n").rstrip("\n")
    stars = [unit for unit in outline.units if unit.role is Role.STAR]
    return JavaScriptShim(
        module=outline.path,
        style=ESM if outline.esm else COMMONJS,
        parts={part: specify(part, outline.path) for part in partition.parts},
        homes={name: partition.homes[f"exports.{name}"] for name in outline.exported},
        types=frozenset(name for name, export in outline.exported.items() if export.type_only),
        stars=tuple(_source(outline, unit.span) for unit in stars),
        whole=partition.homes[WHOLE] if outline.has_whole else "",
        es_module=any(unit.role is Role.MARK for unit in outline.units),
        since=settings.since,
        remove_in=settings.remove_in,
        preamble=preamble + "\n" if preamble else "",
        quote=style.quote if outline.esm else '"',
        semicolons=bool(style.end) or not outline.esm,
    )


def _source(outline: Outline, span: tuple[int, int]) -> str:
    found = re.search(r"""from\s*(["'])([^"'\r\n]+)\1""", outline.text[slice(*span)])
    return found[2] if found else ""


def _check(path: str, text: str, split: Split) -> None:
    """Refuse what would be no code at its path, such as JSX in a `.ts`."""
    try:
        parse(path, text)
    except UnreadableSource as error:
        reason = (
            f"{split.module}: {path} {error.reason} (line {error.line}); give the part the suffix of the old module"
        )
        raise UnsafeSplit((reason,)) from error


def _noted(outline: Outline, partition: Partition) -> Iterator[Finding]:
    """Note the values that are another in a part: the name of its file."""
    for unit in outline.units:
        part = partition.part_of.get(unit.index)
        for span, name in unit.places:
            if part is not None and name == "__filename":
                line = outline.text.count("\n", 0, span[0]) + 1
                message = (
                    f"`{name}` (line {line} of {outline.path}) was the path of {outline.path}, and is {part}'s now"
                )
                hint = "write the value that is meant, where it matters"
                yield Finding(part, 1, 1, "UNM010", message, outline.path, part, hint)


# The declarations beside a module.


def _split_declarations(
    split: Split,
    outline: Outline,
    partition: Partition,
    specify: Specify,
    workspace: Workspace,
    settings: ShimSettings,
) -> tuple[dict[str, SourceFile], list[Finding]]:
    """Split the `.d.ts` beside a module; one that cannot be split is kept, and that is said."""
    path = declaration_of(split.module)
    if path is None or not workspace.exists(path):
        return {}, []
    file = workspace.read(path)
    try:
        typed = outline_module(Scopes(parse(path, file.text)))
        wanted = _asked_of(typed, split, partition)
        typed_partition = partition_module(typed, wanted)
        texts = write_parts(typed, typed_partition, specify)
    except (UnsafeSplit, UnreadableSource) as error:
        message = f"the declarations of {split.module} cannot be split: {error}"
        return {}, [Finding(path, 1, 1, "UNM010", message, split.module, "", "write those of the parts by hand")]
    shim = replace(_shim(typed, typed_partition, specify, settings), style=DECLARATIONS, module=split.module)
    # A part without declarations has none: an empty file would be no module.
    declaring = set(typed_partition.part_of.values())
    shim = replace(shim, parts={part: spelled for part, spelled in shim.parts.items() if part in declaring})
    texts = {declaration_of(part) or part: text for part, text in texts.items() if part in declaring}
    texts[path] = render_shim(shim).replace("\n", typed.newline)
    return {place: SourceFile(place, text, file.encoding, file.bom) for place, text in texts.items()}, []


def _asked_of(typed: Outline, split: Split, partition: Partition) -> Split:
    """Ask for the declarations what was done with the definitions."""
    names = {name.removeprefix("exports.") for name in typed.definitions}
    homes = {name: partition.homes.get(f"exports.{name}") or partition.homes.get(name) for name in names}
    parts = []
    for part in split.parts:
        own = tuple(sorted({name for name, home in homes.items() if home == part.module}))
        asked = tuple(name for name in part.names if name in names and homes.get(name) is None)
        parts.append(Part(part.module, (*own, *asked), part.rest, part.line, ()))
    return Split(split.module, tuple(parts), split.line)
