"""The ways unmix can be unable to go on.

Every one of them ends the command with exit code 2, and nothing has been written by then.
A *finding* is a value (see finding.py); an unusable input is one of these exceptions.
"""

from __future__ import annotations


class UnmixError(Exception):
    """The base of every error unmix reports; its text reads `where: what; remedy`."""


class UsageError(UnmixError):
    """The command line asks for something that makes no sense."""


class MigrationFileError(UnmixError):
    """The migration file has mistakes; all of them are in `mistakes`, one line of text each."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class BadPattern(UnmixError):
    """The `call` or `with` of a `[[replace]]` cannot be read; its text says why."""


class UnsafeSplit(UnmixError):
    """The split cannot be done without breaking the module; `reasons` says why and what to do, one text each."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


class ReferencesLeft(UnmixError):
    """The shim cannot go yet: something still needs it; each place is named in a line of text."""


class UnsoundPlan(UnmixError):
    """The planned files would not work where the old ones did: a defect of unmix, found before anything was written."""


class UnreadableSource(UnmixError):
    """The file's bytes cannot be decoded, or its text cannot be parsed; `line` is 1-based (0: the whole file)."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason

    def __reduce__(self) -> tuple[type[UnreadableSource], tuple[str, int, str]]:
        # By default only the text of an error would go from one process to another.
        return type(self), (self.path, self.line, self.reason)


class OverlappingEdits(UnmixError):
    """Two edits of one file touch the same characters: a defect of unmix, never of its input."""


class WriteFailed(UnmixError):
    """The files could not be written; everything written before the failure has been put back."""


class DirtyFiles(UnmixError):
    """Files to be changed have uncommitted changes."""
