"""Environment, verdict and requirements as text for a terminal. Lines are data: who prints them adds the
colour.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from pytest_orchestrators.suite.catalogue import GROUPS, catalogue
from pytest_orchestrators.suite.evidence import Environment
from pytest_orchestrators.suite.rendering.facts import facts, level
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.verdict import Judgement, Observation, Status, Verdict, Word

Colour = Literal["green", "red", "yellow", ""]

#: Findings of one requirement, lines of one text and characters of one line that are shown at most.
FINDINGS, LINES, WIDTH = 3, 12, 400

_COLOURS: dict[Word, Colour] = {
    Word.CONFORMS: "green",
    Word.DOES_NOT_CONFORM: "red",
    Word.INCOMPLETE: "yellow",
    Word.BLOCKED: "yellow",
}


class Line(NamedTuple):
    """One line of text, its colour, and whether it is bold."""

    text: str = ""
    colour: Colour = ""
    bold: bool = False


def header(environment: Environment, contract: str) -> list[str]:
    """What is judged, how it is configured and on what it runs."""
    versions = ", ".join(f"{name} {version}" for name, version in environment.versions.items())
    capabilities = ", ".join(environment.capabilities) or "none"
    config = json.dumps(environment.config, ensure_ascii=False, default=repr)
    return [
        f"orchestrator flavor: {environment.flavor} ({environment.source}), capabilities: {capabilities}",
        f"  config: {config}",
        f"  contract {contract}, family {environment.family}: {versions}",
    ]


def verdict_lines(verdict: Verdict) -> Iterator[Line]:
    """The whole verdict: groups, failures, what is blocked, what does not apply, advice, and the sentence."""
    yield from _groups(verdict)
    for judgement in verdict.of(Status.FAILED):
        yield from failure_lines(judgement)
    blocked = verdict.of(Status.BLOCKED)
    yield from _by_reason("BLOCKED", {j.id: _root_cause(j, verdict) for j in blocked}, "yellow")
    yield from _by_reason("N/A", {j.id: j.reason for j in verdict.of(Status.NOT_APPLICABLE)})
    for judgement in verdict.judgements:
        for advice in judgement.advice:
            yield Line(f"ADVICE {judgement.id} {_clip(advice.expected)}; observed: {_clip(advice.observed)}")
    yield sentence(verdict)


def sentence(verdict: Verdict) -> Line:
    """The verdict in one line."""
    total = len(verdict.judgements)
    counts = Counter(judgement.status for judgement in verdict.judgements)
    failed, blocked = counts[Status.FAILED], counts[Status.BLOCKED]
    if verdict.word is Word.CONFORMS:
        told = f"{counts[Status.PASSED]} of {total} requirements passed"
        left_out = counts[Status.NOT_APPLICABLE]
        told += f", {left_out} not applicable" if left_out else ""
    elif verdict.word is Word.DOES_NOT_CONFORM:
        others = [f"{counts[s]} {s.value}" for s in (Status.BLOCKED, Status.NOT_RUN) if counts[s]]
        told = ", ".join([f"{failed} of {total} requirements failed", *others])
    elif verdict.word is Word.BLOCKED:
        told = verdict.blocked or f"{blocked} of {total} requirements blocked"
    else:
        told = f"{total - counts[Status.NOT_RUN]} of {total} requirements were looked at"
    text = f"{verdict.flavor}: {verdict.word.value} to contract {verdict.contract} ({told})"
    if verdict.word in (Word.INCOMPLETE, Word.BLOCKED):
        text = f"{verdict.flavor}: {verdict.word.value}, contract {verdict.contract} ({told})"
    return Line(text, _COLOURS[verdict.word], bold=True)


def failure_lines(judgement: Judgement) -> Iterator[Line]:
    """A failed requirement: its sentence, and of its first findings what was expected, observed, and
    where.
    """
    yield Line(f"FAILED {judgement.id} {catalogue()[judgement.id].sentence}", "red")
    for finding in judgement.findings[:FINDINGS]:
        yield from _finding(finding)
    more = len(judgement.findings) - FINDINGS
    if more > 0:
        yield Line(f"    ... and {more} more of the kind")
    yield Line(f"    explained:  python -m pytest_orchestrators explain {judgement.id}")


def _finding(finding: Observation) -> Iterator[Line]:
    for label, text in (
        ("expected: ", finding.expected),
        ("observed: ", finding.observed),
        ("where:    ", finding.where),
    ):
        first, *others = _cut(text)
        if first:
            yield Line(f"    {label}  {first}")
            yield from (Line(f"                {other}") for other in others)


def _groups(verdict: Verdict) -> Iterator[Line]:
    """One line per group with the number of each status."""
    for group, title in GROUPS.items():
        counts = Counter(j.status for j in verdict.judgements if j.id.startswith(f"{group}-"))
        if not counts:
            continue
        told = ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])
        yield Line(f"{group}  {title:<48} {told}", _group_colour(counts))


def _group_colour(counts: Counter[Status]) -> Colour:
    if counts[Status.FAILED]:
        return "red"
    return "yellow" if counts[Status.BLOCKED] or counts[Status.NOT_RUN] else "green"


def _root_cause(judgement: Judgement, verdict: Verdict) -> str:
    """Why a requirement is blocked in the end: behind others that are blocked, what these wait for."""
    judged = {j.id: j for j in verdict.judgements}
    for need in catalogue()[judgement.id].needs:
        needed = judged.get(need)
        if needed is not None and needed.status is Status.BLOCKED:
            return _root_cause(needed, verdict)
    return judgement.reason


def _by_reason(word: str, reasons: dict[str, str], colour: Colour = "") -> Iterator[Line]:
    """One line per reason, with all ids that it holds for."""
    ids: dict[str, list[str]] = {}
    for id, reason in reasons.items():
        ids.setdefault(reason, []).append(id)
    for reason, held in ids.items():
        first, *others = _cut(reason)
        yield Line(f"{word} {', '.join(held)}: {first}", colour)
        yield from (Line(f"    {other}", colour) for other in others)


def _cut(text: str) -> list[str]:
    """The first lines of a text, each clipped."""
    lines = [_clip(line) for line in text.splitlines()] or [""]
    return lines[:LINES] + ([f"... {len(lines) - LINES} lines more"] if len(lines) > LINES else [])


def _clip(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}... ({len(line)} characters)"


def requirement_lines(requirements: Iterable[Requirement]) -> Iterator[str]:
    """A list of requirements: id, level, sentence."""
    for requirement in requirements:
        yield f"{requirement.id:<7} {level(requirement):<28} {requirement.sentence}"


def explanation(requirement: Requirement) -> str:
    """All that is known about a requirement."""
    parts = [_filled(f"{requirement.id} ({level(requirement)}) ", requirement.sentence)]
    for told in facts(requirement):
        if told.field == "example":
            parts.append(f"{told.title}:\n" + textwrap.indent(told.text, "    "))
        else:
            parts.append(_filled(f"{told.title}: ", told.text))
    return "\n\n".join(parts)


def _filled(label: str, text: str) -> str:
    return textwrap.fill(label + text, width=100, break_long_words=False, break_on_hyphens=False)
