"""A report as a JUnit file: one suite per flavor, one case per requirement, with ids that stay the same."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator

from pytest_orchestrators.suite.report import FlavorAccount, Report, RequirementAccount
from pytest_orchestrators.suite.verdict import Status

#: Status to the element that a case holds; a case that passed holds none. What is undecided is an error.
OUTCOMES = {
    Status.PASSED: None,
    Status.FAILED: "failure",
    Status.BLOCKED: "error",
    Status.WAIVED: "skipped",
    Status.NOT_APPLICABLE: "skipped",
    Status.NOT_RUN: "error",
}
#: What XML 1.0 has no way to write.
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """The JUnit file."""
    root = ET.Element("testsuites", name="conformance")
    root.extend(_suite(flavor) for flavor in report.flavors)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in root):.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(flavor: FlavorAccount) -> ET.Element:
    outcomes = Counter(OUTCOMES[requirement.status] for requirement in flavor.requirements)
    suite = ET.Element(
        "testsuite",
        name=writable(f"conformance.{flavor.name}"),
        tests=str(len(flavor.requirements)),
        failures=str(outcomes["failure"]),
        errors=str(outcomes["error"]),
        skipped=str(outcomes["skipped"]),
        time=f"{sum(scenario.seconds for scenario in flavor.scenarios):.3f}",
        timestamp=flavor.judged.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(flavor):
        ET.SubElement(properties, "property", name=writable(name), value=writable(value))
    suite.extend(_case(flavor, requirement) for requirement in flavor.requirements)
    return suite


def _properties(flavor: FlavorAccount) -> Iterator[tuple[str, str]]:
    environment = flavor.environment
    yield "verdict", flavor.title
    yield "exit_code", str(flavor.exit_code)
    yield "contract", flavor.contract
    yield "flavor", environment.flavor
    yield "source", environment.source
    yield "family", environment.family
    yield "capabilities", ", ".join(environment.capabilities)
    for name, value in environment.versions.items():
        yield f"version.{name}", value


def _case(flavor: FlavorAccount, requirement: RequirementAccount) -> ET.Element:
    """A case takes no time of its own: the runs are those of scenarios, which many requirements read."""
    classname = writable(f"conformance.{flavor.name}.{requirement.group}")
    case = ET.Element("testcase", classname=classname, name=requirement.id, time="0")
    outcome = OUTCOMES[requirement.status]
    if outcome is not None:
        message = requirement.sentence if requirement.status is Status.FAILED else requirement.reason
        told = ET.SubElement(case, outcome, message=writable(message))
        if outcome != "skipped":
            told.set("type", requirement.status.value)
        told.text = writable(_text(requirement))
    return case


def _text(requirement: RequirementAccount) -> str:
    lines = [requirement.sentence, *filter(None, [requirement.reason])]
    for finding in requirement.findings:
        lines += [f"expected: {finding.expected}", f"observed: {finding.observed}"]
        lines += [f"where: {finding.where}"] if finding.where else []
    return "\n".join(lines)


def writable(text: str) -> str:
    """A text in which what XML cannot hold has become the replacement character."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
