"""Compare the text of a shim with what would be written, in whatever language.

Takes the two texts, gives a finding for the first line where they part; says nothing of what the lines mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from unmix.finding import Finding


def find_edit(text: str, generated: str, module: str, path: str) -> Iterator[Finding]:
    """Give the first line of the shim of `module`, the file `path`, that is not as it is generated."""
    lines, wanted = text.splitlines(), generated.splitlines()
    if lines == wanted:
        return
    both = zip(lines, wanted, strict=False)
    first = next((n for n, (one, other) in enumerate(both) if one != other), min(len(lines), len(wanted)))
    said = f"`{wanted[first].strip()}`" if first < len(wanted) else "the end of the file"
    message = f"the shim of {module} differs from what unmix writes: {said} belongs here"
    hint = "run `unmix migrate`, which writes it again"
    yield Finding(path, min(first + 1, max(len(lines), 1)), 1, "UNM006", message, module, "", hint)
