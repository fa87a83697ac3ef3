"""Changes → a patch that `git apply` turns into exactly the same bytes.

Takes changes, gives bytes; knows nothing of modes, which a change does not carry either: new files are plain files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unmix.change import FileChange
from unmix.review.hunks import find_hunks

# As git writes them in names; every other byte outside printable ASCII is written as three octal digits.
_ESCAPES = {
    ord("\a"): "\\a",
    ord("\b"): "\\b",
    ord("\t"): "\\t",
    ord("\n"): "\\n",
    ord("\v"): "\\v",
    ord("\f"): "\\f",
    ord("\r"): "\\r",
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}


def render_patch(changes: Sequence[FileChange]) -> bytes:
    """Give a git-style unified diff of all changes, in their order; files that stay the same are left out."""
    return b"".join(line for change in changes if change.before != change.after for line in _file_lines(change))


def _file_lines(change: FileChange) -> Iterator[bytes]:
    old, new = _name(f"a/{change.path}"), _name(f"b/{change.path}")
    yield b"diff --git %s %s\n" % (old, new)
    if change.before is None:
        yield b"new file mode 100644\n"
    if change.after is None:
        yield b"deleted file mode 100644\n"
    hunks = find_hunks(change.before or b"", change.after or b"")
    if not hunks:
        return  # An empty file comes or goes: the lines above say it all.
    yield b"--- %s\n" % (b"/dev/null" if change.before is None else _ended(old))
    yield b"+++ %s\n" % (b"/dev/null" if change.after is None else _ended(new))
    for hunk in hunks:
        yield hunk.header.encode("ascii") + b"\n"
        for line in hunk.lines:
            yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _name(path: str) -> bytes:
    """Quote a path as git does: only when it has to be."""
    raw = path.encode("utf-8", "surrogateescape")
    quoted = "".join(
        _ESCAPES.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}") for byte in raw
    ).encode("ascii")
    return raw if quoted == raw else b'"%s"' % quoted


def _ended(name: bytes) -> bytes:
    # Readers of patches take what follows a space for a time of change; git ends such a name with a tab.
    return name + b"\t" if b" " in name and not name.startswith(b'"') else name
