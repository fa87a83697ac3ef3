"""Put what a migration does to a repository on a branch of it.

Takes a place and the steps of its migration, writes git's objects and one ref; nothing is checked out, no file of a
work tree and no index changes, no hook runs. A branch that holds the very same already is taken for ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from unmix.errors import UsageError, WriteFailed
from unmix.fleet.job import Step, to_bytes, to_text
from unmix.fleet.obtain import Place
from unmix.repository import run_git

_PENDING = "refs/unmix/pending"
_MOST_PATHS = 500  # of one command line


def write_branch(place: Place, branch: str, steps: Sequence[Step]) -> str:
    """Make a branch of one commit a step, from the commit of the place; give the id of the last one.

    Raises UsageError when there is a branch of this name that is something else, WriteFailed when git cannot.
    """
    committer = _git(place, "var", "GIT_COMMITTER_IDENT").rstrip(b"\n")
    prefix = _git(place, "rev-parse", "--show-prefix").rstrip(b"\n")
    modes = _modes(place, [path for step in steps for path in step.files])
    stream = b"".join(_stream(place.commit, committer, prefix, modes, steps))
    _git(place, "fast-import", "--quiet", "--done", "--force", given=stream)
    made = _git(place, "rev-parse", "--verify", _PENDING).decode().strip()
    ref = f"refs/heads/{branch}"
    there = run_git(place.root, "rev-parse", "--verify", "--quiet", ref)
    if there is not None and there.status == 0:
        _git(place, "update-ref", "-d", _PENDING)
        tip = there.output.decode().strip()
        if _is_same(place, tip, made, len(steps)):
            return tip
        raise UsageError(f"{branch}: there is such a branch with something else; name another with --branch")
    _git(place, "update-ref", "--stdin", given=f"create {ref} {made}\ndelete {_PENDING}\n".encode())
    return made


def _is_same(place: Place, tip: str, made: str, steps: int) -> bool:
    """Say whether two commits have the same files, and come as many commits after the same one."""
    wanted = [f"{commit}{suffix}" for commit in (tip, made) for suffix in ("^{tree}", f"~{steps}")]
    answer = run_git(place.root, "rev-parse", *wanted)
    ids = answer.output.split() if answer is not None and answer.status == 0 else []
    return len(ids) == 4 and ids[:2] == ids[2:]


def _modes(place: Place, paths: Sequence[str]) -> Mapping[str, bytes]:
    """Give the mode of each file that is there already."""
    modes = {}
    rest = iter(paths)
    while some := list(islice(rest, _MOST_PATHS)):
        # 100755 blob 6f1b…<tab>run.py<nul>
        for entry in _git(place, "ls-tree", "-z", place.commit, "--", *some).split(b"\0")[:-1]:
            facts, _, path = entry.partition(b"\t")
            modes[to_text(path)] = facts.split(b" ")[0]
    return modes


def _stream(
    commit: str, committer: bytes, prefix: bytes, modes: Mapping[str, bytes], steps: Sequence[Step]
) -> Iterator[bytes]:
    """Write what git fast-import reads."""
    for number, step in enumerate(steps, start=1):
        yield b"commit %s\nmark :%d\n" % (_PENDING.encode(), number)
        yield b"committer %s\n" % committer
        yield _data(step.message.encode("utf-8", "replace"))
        yield b"from %s\n" % (commit.encode() if number == 1 else b":%d" % (number - 1))
        for path, text in step.files.items():
            name = _quoted(prefix + to_bytes(path))
            if text is None:
                yield b"D %s\n" % name
            else:
                yield b"M %s inline %s\n" % (modes.get(path, b"100644"), name)
                yield _data(to_bytes(text))
        yield b"\n"
    yield b"done\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: bytes) -> bytes:
    escaped = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%s"' % escaped


def _git(place: Place, *arguments: str, given: bytes = b"") -> bytes:
    answer = run_git(place.root, *arguments, given=given)
    if answer is None or answer.status:
        told = answer.complaints.strip().splitlines() if answer is not None else []
        reason = next((line for line in told if line.startswith(("fatal:", "error:"))), told[-1] if told else "no git")
        raise WriteFailed(f"{place.root}: git {arguments[0]}: {reason}")
    return answer.output
