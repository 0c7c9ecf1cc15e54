"""A report as a Markdown summary, as pages of CI show one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pytest_orchestrators.suite.catalogue import GROUPS
from pytest_orchestrators.suite.rendering.looks import STATUS_LOOKS, WORD_LOOKS
from pytest_orchestrators.suite.rendering.terminal import sentence
from pytest_orchestrators.suite.report import FlavorAccount, Report
from pytest_orchestrators.suite.verdict import Status

#: Findings of one requirement and characters of one text that are shown at most.
FINDINGS, WIDTH = 3, 400
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")


def summary(report: Report) -> str:
    """The summary."""
    return "\n".join(line for flavor in report.flavors for line in _flavor(flavor))


def _flavor(flavor: FlavorAccount) -> Iterator[str]:
    look = WORD_LOOKS[flavor.word]
    yield f"## {look.sign} {plain(flavor.name)}: {flavor.title}"
    yield ""
    yield plain(sentence(flavor.verdict).text)
    yield ""
    yield from _groups(flavor)
    yield from _failed(flavor)
    yield from _by_reason(flavor, Status.WAIVED)
    yield from _by_reason(flavor, Status.BLOCKED)


def _groups(flavor: FlavorAccount) -> Iterator[str]:
    present = Counter(requirement.status for requirement in flavor.requirements)
    statuses = [status for status in Status if present[status]]
    yield "| group | " + " | ".join(STATUS_LOOKS[status].word for status in statuses) + " |"
    yield "|---|" + "--:|" * len(statuses)
    for group, requirements in flavor.groups.items():
        counts = Counter(requirement.status for requirement in requirements)
        cells = (str(counts[status] or "") for status in statuses)
        yield f"| **{plain(group)}** {GROUPS.get(group, '')} | " + " | ".join(cells) + " |"
    yield ""


def _failed(flavor: FlavorAccount) -> Iterator[str]:
    for requirement in flavor.requirements:
        if requirement.status is not Status.FAILED:
            continue
        yield f"### ✗ {requirement.id} {plain(requirement.sentence)}"
        yield ""
        for finding in requirement.findings[:FINDINGS]:
            where = f" ({plain(finding.where)})" if finding.where else ""
            yield f"- expected: {plain(finding.expected)}"
            yield f"  <br>observed: {plain(finding.observed)}{where}"
        if len(requirement.findings) > FINDINGS:
            yield f"- and {len(requirement.findings) - FINDINGS} more of the kind"
        yield ""


def _by_reason(flavor: FlavorAccount, status: Status) -> Iterator[str]:
    """The requirements of a status, those of one reason on one line."""
    look = STATUS_LOOKS[status]
    ids: dict[str, list[str]] = {}
    for requirement in flavor.requirements:
        if requirement.status is status:
            ids.setdefault(requirement.reason, []).append(requirement.id)
    if ids:
        yield f"### {look.sign} {look.word}"
        yield ""
        yield from (f"- {', '.join(held)}: {plain(reason)}" for reason, held in ids.items())
        yield ""


def plain(text: str) -> str:
    """A text on one line that Markdown shows as it is, whatever is in it."""
    line = " ".join(text.split())
    clipped = line if len(line) <= WIDTH else f"{line[:WIDTH]}..."
    return _SPECIAL.sub(r"\\\1", clipped)
