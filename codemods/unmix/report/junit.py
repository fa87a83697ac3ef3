"""Findings → JUnit XML, which every CI server shows: an error is a failed test, a warning a skipped one.

A tree with nothing to find has one test, which passes: servers take a report without tests for a broken one.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from unmix.finding import Severity
from unmix.instance import Instance
from unmix.report.plain import plain


def render_junit(instances: Sequence[Instance], *, strict: bool) -> str:
    """Give one document; `strict` says that warnings fail, too."""
    failing = [strict or instance.finding.severity is Severity.ERROR for instance in instances]
    counts = {
        "tests": str(max(len(instances), 1)),
        "failures": str(sum(failing)),
        "skipped": str(len(failing) - sum(failing)),
        "errors": "0",
    }
    totals = {name: counts[name] for name in ("tests", "failures", "errors")}
    suites = ElementTree.Element("testsuites", {"name": "unmix check", **totals})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "unmix check", **counts})
    if not instances:
        ElementTree.SubElement(suite, "testcase", {"classname": "unmix", "name": "no legacy reference is left"})
    for instance, fails in zip(instances, failing, strict=True):
        finding = instance.finding
        place = f"{plain(finding.path)}:{finding.line}:{finding.column}"
        names = {"classname": f"unmix.{finding.code}", "name": f"{place} {finding.code}", "file": plain(finding.path)}
        case = ElementTree.SubElement(suite, "testcase", {**names, "line": str(finding.line)})
        outcome = ElementTree.SubElement(case, "failure" if fails else "skipped", {"message": plain(finding.message)})
        if fails:
            outcome.set("type", finding.code)
        lines = [f"{place}: {finding.code} {plain(finding.message)}", f"    {plain(instance.source)}"]
        outcome.text = "\n".join([*lines, *([f"    hint: {plain(finding.hint)}"] if finding.hint else [])])
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"
