"""Take shims of scripts away.

Takes the paths where shims stand (also those of declarations), gives the files to delete, and the lists of files
without them. What somebody added to one of
them is not thrown away: it is a reason to refuse.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable

from unmix.edit import apply_edits
from unmix.errors import UnsafeSplit
from unmix.javascript.listings import find_entries, has_lists, take_out_of_list
from unmix.workspace import SourceFile, Workspace


def retire_shims(
    paths: Iterable[str], workspace: Workspace, render_again: Callable[[str, str], str | None]
) -> dict[str, None]:
    """Give each path that goes. `render_again` takes a text and its path and gives what its table renders to.

    It gives None for what is no shim; such a path stays. Raises UnsafeSplit for shims that are not as they were made.
    """
    files: dict[str, None] = {}
    reasons: list[str] = []
    for path in paths:
        if not workspace.exists(path):
            continue
        text = workspace.read(path).text
        rendered = render_again(text, path)
        if rendered is None:
            continue
        files[path] = None
        # Formatters may have been here: what counts are the words.
        if _words(rendered) != _words(text):
            reasons.append(f"{path}: was changed by hand; move what was added to a part before the shim goes")
    if reasons:
        raise UnsafeSplit(tuple(reasons))
    return files


def retire_entries(gone: Collection[str], workspace: Workspace) -> dict[str, SourceFile]:
    """Give each package.json and tsconfig.json that names a path of `gone` in a list of files, without it."""
    changed = {}
    for path in workspace.containing(tuple(sorted({posixpath.basename(each) for each in gone}))) if gone else ():
        if not has_lists(path):
            continue
        file = workspace.read(path)
        edits = [take_out_of_list(file, entry) for entry in find_entries(file, gone)]
        if edits:
            changed[path] = SourceFile(path, apply_edits(file.text, edits), file.encoding, file.bom)
    return changed


def _words(text: str) -> str:
    return "".join(character for character in text if not character.isspace() and character not in "\"';,")
