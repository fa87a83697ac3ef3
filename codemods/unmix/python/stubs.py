"""Split the `.pyi` beside a module as its module is split, and leave a stub of re-exports at the old path.

Takes the stub's text and the homes of the module's names, gives the new stubs; follows what partition.py decided.
"""

from __future__ import annotations

from collections.abc import Mapping

from unmix.migration import Part, Split
from unmix.python.modules import relative_to
from unmix.python.outline import Outline, Role
from unmix.python.partitioning import partition_stub
from unmix.python.split import OldModule, write_parts
from unmix_shims.python import declare_functions


def split_stub(
    outline: Outline, split: Split, homes: Mapping[str, str], functions: frozenset[str], old: OldModule
) -> dict[str, str]:
    """Give the stubs of the parts that have any, by dotted name, and the old module's own under its name.

    In the latter the `functions` are marked as deprecated: type checkers look there and not into the shim.
    """
    default = next((part.module for part in split.parts if part.rest), split.parts[0].module)
    parts = tuple(
        Part(
            part.module,
            tuple(name for name in sorted(outline.definitions) if homes.get(name, default) == part.module),
            part.module == default,
            part.line,
            (),
        )
        for part in split.parts
    )
    partition = partition_stub(outline, Split(split.module, parts, split.line))
    texts = write_parts(outline, partition, old)
    written = {part: text for part, text in texts.items() if part in partition.homes.values()}
    return {**written, split.module: _reexports(outline, partition.homes, functions, old)}


def _reexports(outline: Outline, homes: Mapping[str, str], functions: frozenset[str], old: OldModule) -> str:
    """Write `from part import name as name` for all that the old stub declared, and what it re-exported itself."""
    lines = [outline.text[slice(*outline.header)]]
    for unit in outline.units:
        for statement in unit.imports if unit.role is Role.IMPORT else ():
            again = [name for name in statement.names if name.asname == name.name]
            module = "." * statement.level + statement.module
            lines += [f"from {module} import {name.code}{outline.newline}" for name in again]
    for name, home in sorted(homes.items(), key=lambda item: (item[1], item[0])):
        if name != "__all__" and name not in functions:
            spelled = relative_to(old.package, 1, home) if outline.has_relative_imports and old.package else home
            lines.append(f"from {spelled} import {name} as {name}{outline.newline}")
    declared = declare_functions({name: f"{home}.{name}" for name, home in homes.items() if name in functions})
    lines.append(declared.replace("\n", outline.newline))
    if outline.exported is not None:
        listed = ", ".join(f'"{name}"' for name in outline.exported)
        lines.append(f"{outline.newline}__all__ = [{listed}]{outline.newline}")
    return "".join(lines)
