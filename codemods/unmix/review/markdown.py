"""A review → a comment for a pull request, in Markdown that GitHub, GitLab and Forgejo read alike.

Takes a review, gives text that is never longer than code hosts take; what did not fit is said, and where to see it.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence

from unmix.finding import RULES, Finding
from unmix.review.hunks import find_hunks
from unmix.review.summary import OldModule, Review, ReviewedFile
from unmix.review.visible import decode_line, make_visible

# What GitHub takes in one comment; it counts characters, and so do we, those beyond the 16-bit plane twice.
LONGEST = 65_536

_SIGNS = {"ready": "✅", "done": "✅", "decide": "🟡", "errors": "🔴"}
_MOST_NAMES = 40
_MOST_OPEN = 12  # a longer list of names is folded, so that what needs a decision is seen
_MOST_FINDINGS = 25
_LONGEST_FINDING = 600

# Kept free for the lines that say what was left out, and for the last section.
_RESERVED = 1_500


def render_markdown(review: Review, longest: int = LONGEST) -> str:
    """Give the comment, at most `longest` characters of it."""
    sections = (_title(review), *map(_names, review.olds), _kinds(review), _decisions(review), _verification(review))
    head = "\n\n".join(filter(None, sections))
    foot = (
        "<sub>`unmix migrate` does this, all files or none; `unmix undo` takes it back. "
        "`unmix diff --format html -o review.html` shows it side by side.</sub>\n"
    )
    shown: list[str] = []
    left: list[ReviewedFile] = []
    room = longest - _RESERVED - _length(head) - _length(foot)
    for file in sorted(review.files, key=_reading_order):
        block = _file(file)
        if _length(block) + 2 <= room:
            room -= _length(block) + 2
            shown.append(block)
        else:
            left.append(file)
    parts = [head]
    if review.files:
        parts += ["### Changes", *shown]
    if left:
        parts.append(_left_out(left, _RESERVED - 200))
    return "\n\n".join([*parts, foot])


def _title(review: Review) -> str:
    modules = ", ".join(_code(old.module) for old in review.olds)
    counts = [(sum(f.role == role for f in review.files), name) for role, name in _ROLES]
    said = ", ".join(_count(number, name) for number, name in counts if number)
    verdict = review.verdict
    title = f"## unmix: {modules}" if modules else "## unmix"
    summary = f"{_count(len(review.files), 'file')} change{'s' * (len(review.files) == 1)}: {said}." if said else ""
    return f"{title}\n\n{_SIGNS[verdict.state]} **{verdict.text}** {summary}".rstrip()


_ROLES = (("part", "new file"), ("shim", "shim"), ("call site", "file with call sites"))


def _names(old: OldModule) -> str:
    moves = sorted(old.own_moves, key=lambda move: (not move.public, move.part))
    if not moves:
        return ""
    rows = [
        f"| {_cell(move.name)} | {_cell(move.home)} | {'public' if move.public else 'internal'} | {move.uses} |"
        for move in moves[:_MOST_NAMES]
    ]
    table = "\n".join([f"| old name in {_cell(old.module)} | home | | uses |", "|---|---|---|--:|", *rows])
    more = len(moves) - _MOST_NAMES
    table += f"\n\n… and {_count(more, 'more name')}." if more > 0 else ""
    if len(moves) <= _MOST_OPEN:
        return table
    shares = Counter(move.part for move in moves)
    said = ", ".join(f"{number} to {_code(part)}" for part, number in shares.most_common())
    folded = f"<details><summary>Each name and its home</summary>\n\n{table}\n\n</details>"
    return f"{len(moves)} names move: {said}.\n\n{folded}"


def _kinds(review: Review) -> str:
    if not review.kinds:
        return ""
    said = ", ".join(f"{number} {kind}" for kind, number in review.kinds.items())
    return f"**Call sites that are rewritten:** {said}."


def _decisions(review: Review) -> str:
    if not review.findings:
        return "**Needs a decision:** nothing."
    ordered = sorted(review.findings, key=lambda finding: (finding.severity.value, finding))
    lines = [f"**Needs a decision** ({len(ordered)}):", ""]
    lines += [_finding(finding) for finding in ordered[:_MOST_FINDINGS]]
    if len(ordered) > _MOST_FINDINGS:
        lines.append(f"- … and {len(ordered) - _MOST_FINDINGS} more: `unmix diff` lists them all.")
    return "\n".join(lines)


def _verification(review: Review) -> str:
    if review.verified is None:
        return ""
    wrong = [result for result in review.verified if result.outcome != "ok"]
    lines = [f"**Verified:** {_count(len(review.verified), 'check')}, {len(wrong)} not as they should be."]
    lines += [f"- {_plain(result.outcome)}: {_code(result.what)}" for result in wrong[:_MOST_FINDINGS]]
    return "\n".join(lines)


def _finding(finding: Finding) -> str:
    place = _code(f"{finding.path}:{finding.line}")
    hint = f" → {_plain(finding.hint)}" if finding.hint else ""
    text = f"- {place} {finding.code} ({RULES[finding.code].title}): {_plain(finding.message)}{hint}"
    return text if len(text) <= _LONGEST_FINDING else f"- {place} {finding.code} ({RULES[finding.code].title})"


def _reading_order(file: ReviewedFile) -> tuple[int, int, str]:
    """Put first what people look at: call sites with something to decide, call sites, then parts and the shim."""
    return (0 if file.findings else {"call site": 1, "part": 2, "shim": 3}[file.role], 0, file.path)


def _file(file: ReviewedFile) -> str:
    diff = "".join(_diff_lines(file))
    fence = "`" * (max((len(run) for run in re.findall(r"`+", diff)), default=0) + 1)
    fence = fence if len(fence) > 3 else "```"
    kinds = ", ".join(f"{number} {kind}" for kind, number in file.kinds.items())
    said = f"{file.status if file.status != 'rewritten' else file.role}, +{file.added} -{file.removed}"
    said += f"; {kinds}" if kinds else ""
    path = html.escape(make_visible(file.path))
    return (
        f"<details><summary><code>{path}</code> ({html.escape(said)})</summary>\n\n"
        f"{fence}diff\n{diff}{fence}\n\n</details>"
    )


def _diff_lines(file: ReviewedFile) -> list[str]:
    lines = []
    for hunk in find_hunks(file.change.before or b"", file.change.after or b""):
        lines.append(hunk.header + "\n")
        end = b"\r\n" if all(line.endswith(b"\r\n") for line in hunk.lines) else b"\n"
        lines += [make_visible(decode_line(line.removesuffix(end))) + "\n" for line in hunk.lines]
    return lines


def _left_out(files: Sequence[ReviewedFile], room: int) -> str:
    text = f"**Left out, since a comment has an end:** the diffs of {_count(len(files), 'file')}"
    names: list[str] = []
    for file in files:
        name = _code(file.path)
        room -= _length(name) + 2
        if room < _length(text):
            break
        names.append(name)
    more = len(files) - len(names)
    said = ", ".join(names) + (f" and {more} more" if more and names else "")
    return f"{text}{f' ({said})' if said else ''}. `unmix diff` shows them."


def _shortened(text: str, longest: int) -> str:
    """Cut a text at the end of a line, and say so."""
    if _length(text) <= longest:
        return text
    kept: list[str] = []
    room = longest - 100
    for line in text.split("\n"):
        room -= _length(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, "", "… cut here: `unmix diff` shows everything."])


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _count(number: int, noun: str) -> str:
    first, _, rest = noun.partition(" with ")
    return f"{number} {first}{'s' * (number != 1)}{f' with {rest}' if rest else ''}"


def _code(text: str) -> str:
    """Quote a text as code, whatever backticks it has; the text stays on one line."""
    text = make_visible(text).replace("\t", "\\t")
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    blank = " " if text.startswith("`") or text.endswith("`") or len(ticks) > 1 else ""
    return f"{ticks}{blank}{text}{blank}{ticks}"


def _cell(text: str) -> str:
    """Quote a text as code in a table, where a bar would end the cell also inside of code."""
    return _code(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """Give prose with what it quotes in backticks as it is, and all else without a meaning in Markdown or HTML."""
    pieces = re.split(r"(`[^`]*`)", make_visible(text).replace("\t", " "))
    return "".join(piece if piece.startswith("`") and len(piece) > 1 else _escaped(piece) for piece in pieces)


def _escaped(text: str) -> str:
    # A zero-width space behind @ and # would hide in copies; a backslash, or an entity, is what the formats offer.
    text = re.sub(r"([\\`*_{}\[\]()#+!|~>-])", r"\\\1", text)
    return text.replace("<", "&lt;").replace("@", "&#64;")
