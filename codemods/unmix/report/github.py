"""Findings → workflow commands that GitHub shows beside the lines of a pull request, and a summary of the step.

GitHub shows 10 errors and 10 warnings of a step and drops the others without a word: those stand in the log as plain
lines, and all of them in the summary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unmix.finding import RULES, Severity
from unmix.instance import Instance
from unmix.report.plain import markdown, markdown_code, plain
from unmix.report.text import count_findings

SHOWN = 10
# GitHub takes a mebibyte a step and drops a longer summary whole; what is cut off is said, so some room is left.
_LONGEST_SUMMARY = (1 << 20) - 4096


def render_github(instances: Sequence[Instance], known: int, *, folder: str) -> str:
    """Give the log: a command for each finding that GitHub will show, a line for each other one, their number.

    `folder` is where the project lies in its repository, empty or with `/` at its end.
    """
    return "".join(line + "\n" for line in _log(instances, known, folder))


def render_summary(instances: Sequence[Instance], known: int, *, folder: str) -> str:
    """Give the Markdown that belongs into the file $GITHUB_STEP_SUMMARY."""
    lines = ["## unmix check", "", count_findings(instances, known), ""]
    size = 0
    for listed, instance in enumerate(_errors_first(instances)):
        finding = instance.finding
        place = markdown_code(f"{folder}{finding.path}:{finding.line}:{finding.column}")
        line = f"- {place} **{finding.code}** {markdown(finding.message)}"
        if instance.source:
            line += f"<br>{markdown_code(instance.source)}"
        if finding.hint:
            line += f"<br>{markdown(finding.hint)}"
        size += len(line.encode("utf-8", "replace")) + 1
        if size > _LONGEST_SUMMARY:
            lines += ["", f"{len(instances) - listed} more do not fit here: run `unmix check` to see them all."]
            break
        lines.append(line)
    codes = sorted({instance.finding.code for instance in instances})
    if codes:
        lines += [
            "",
            "### What to do",
            "",
            *(f"- **{code}**, {RULES[code].title}: {RULES[code].help}" for code in codes),
        ]
    return "\n".join(lines) + "\n"


def _log(instances: Sequence[Instance], known: int, folder: str) -> Iterator[str]:
    room = dict.fromkeys(Severity, SHOWN)
    for instance in _errors_first(instances):
        finding = instance.finding
        if room[finding.severity] > 0:
            room[finding.severity] -= 1
            yield _command(instance, folder)
        else:
            place = f"{plain(folder + finding.path)}:{finding.line}:{finding.column}"
            yield f"- {place}: {finding.code} {plain(finding.message)}"
    yield count_findings(instances, known)


def _command(instance: Instance, folder: str) -> str:
    finding = instance.finding
    properties = {
        "file": folder + finding.path,
        "line": str(finding.line),
        "col": str(finding.column),
        "title": f"{finding.code} {RULES[finding.code].title}",
    }
    said = ",".join(f"{name}={_in_property(plain(value))}" for name, value in properties.items())
    lines = [
        plain(finding.message),
        plain(instance.source),
        *([f"hint: {plain(finding.hint)}"] if finding.hint else []),
    ]
    return f"::{finding.severity.value} {said}::{_in_data(chr(10).join(line for line in lines if line))}"


def _errors_first(instances: Sequence[Instance]) -> list[Instance]:
    return sorted(instances, key=lambda instance: instance.finding.severity is not Severity.ERROR)


def _in_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_property(text: str) -> str:
    return _in_data(text).replace(":", "%3A").replace(",", "%2C")
