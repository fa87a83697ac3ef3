"""Journal → the tree as it was, byte for byte.

Takes what the journal holds about the last run, whole or cut short, gives the places that were put back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from unmix.errors import WriteFailed
from unmix.journal import (
    Step,
    content_after,
    discard_step,
    edited_since,
    is_plain_file,
    journal_folder,
    project_of,
    put_back,
    read_steps,
)
from unmix.lock import one_run
from unmix.merge import merge_three


def undo_last(root: Path, *, merge: bool = False) -> tuple[str, ...]:
    """Put back everything that the last run wrote, in all its phases, and name the files, relative to the root.

    Called again, it goes on to the run before that. Gives nothing when there is nothing to undo. Raises WriteFailed,
    with nothing touched, when files were edited since, naming them; with `merge` their edits stay, and only those are
    named whose edits touch the lines that go. Raises it also when another run is writing, and when the file system
    refuses (then it can be called again).
    """
    return _undo(root, _last_run, merge=merge)


def undo_phase(root: Path) -> tuple[str, ...]:
    """Put back only what the last call of apply_changes wrote; otherwise like undo_last."""
    return _undo(root, _last_phase, merge=False)


def find_project(folder: Path) -> Path | None:
    """Give the nearest folder, this one or one above it, whose last run can be undone; None when there is none."""
    for root in (folder.resolve(), *folder.resolve().parents):
        steps = read_steps(journal_folder(root))
        if steps and steps[-1].project == project_of(root):
            return root
    return None


def _undo(root: Path, choose: Callable[[Sequence[Step]], tuple[Step, ...]], *, merge: bool) -> tuple[str, ...]:
    root = root.resolve()
    folder = journal_folder(root)
    if not folder.is_dir():
        return ()
    with one_run(folder):
        steps = read_steps(folder)
        if not steps:
            return ()
        if steps[-1].project != project_of(root):
            raise WriteFailed(f"{root}: the last run was in the project {steps[-1].project}; undo it there")
        last = choose(steps)
        edited = edited_since(root, last)
        merged = _merge(root, last, edited) if merge else {}
        left = [place for place in edited if place not in merged]
        if left:
            remedy = "move the edits away and run `unmix undo` again"
            remedy += "" if merge else ", or keep them with `unmix undo --merge`"
            raise WriteFailed(f"{', '.join(left)}: edited since; {remedy}")
        try:
            changed = put_back(root, last, merged)
            _forget(last)
        except OSError as error:
            raise WriteFailed(
                f"{error.filename or root}: {error.strerror}; mend this and run `unmix undo` again"
            ) from error
        return changed


def _merge(root: Path, steps: Sequence[Step], edited: Sequence[str]) -> dict[str, bytes]:
    """Take the change of `steps` out of edited files, where the edits are on other lines."""
    found: dict[str, bytes] = {}
    for place in edited:
        known = content_after(steps, place)
        if known is None or not is_plain_file(root, place):
            continue
        old, new = known
        merged = merge_three(new, (root / place).read_bytes(), old)
        if merged is not None:
            found[place] = merged
    return found


def _last_run(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.run == steps[-1].run)


def _last_phase(steps: Sequence[Step]) -> tuple[Step, ...]:
    return (steps[-1],)


def _forget(steps: Sequence[Step]) -> None:
    # The last first: what is left after a kill in between is still a run that can be undone.
    for step in reversed(steps):
        discard_step(step)
