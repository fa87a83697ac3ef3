"""Journal → the tree as it was, byte for byte.

Takes what the journal holds about the last run, whole or cut short, gives the places that were put back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from unmix.errors import WriteFailed
from unmix.journal import Step, discard_step, edited_since, journal_folder, project_of, put_back, read_steps
from unmix.lock import one_run


def undo_last(root: Path) -> tuple[str, ...]:
    """Put back everything that the last run wrote, in all its phases, and name the files, relative to the root.

    Gives nothing when there is nothing to undo. Raises WriteFailed, with nothing touched, when files were edited since,
    naming them; also when another run is writing, and when the file system refuses (then it can be called again).
    """
    return _undo(root, _last_run)


def undo_phase(root: Path) -> tuple[str, ...]:
    """Put back only what the last call of apply_changes wrote; otherwise like undo_last."""
    return _undo(root, _last_phase)


def _undo(root: Path, choose: Callable[[Sequence[Step]], tuple[Step, ...]]) -> tuple[str, ...]:
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
        if edited:
            raise WriteFailed(f"{', '.join(edited)}: edited since; move the edits away and run `unmix undo` again")
        try:
            changed = put_back(root, last)
            _forget(last)
        except OSError as error:
            raise WriteFailed(
                f"{error.filename or root}: {error.strerror}; mend this and run `unmix undo` again"
            ) from error
        return changed


def _last_run(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.run == steps[-1].run)


def _last_phase(steps: Sequence[Step]) -> tuple[Step, ...]:
    return (steps[-1],)


def _forget(steps: Sequence[Step]) -> None:
    # The last first: what is left after a kill in between is still a run that can be undone.
    for step in reversed(steps):
        discard_step(step)
