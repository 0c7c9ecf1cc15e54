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
from pytest_orchestrators.suite.verdict import (
    NOT_SELECTED,
    ExitCode,
    Judgement,
    Observation,
    Status,
    Verdict,
    Word,
)

Colour = Literal["green", "red", "yellow", ""]

#: Findings of one requirement, lines of one text, characters of one line, and requirements of one reason that
#: are shown at most.
FINDINGS, LINES, WIDTH, IDS = 3, 12, 400, 10

_COLOURS: dict[Word, Colour] = {
    Word.CONFORMS: "green",
    Word.CONFORMS_WITH_WAIVERS: "green",
    Word.DOES_NOT_CONFORM: "red",
    Word.INCOMPLETE: "yellow",
    Word.BLOCKED: "yellow",
}


#: What is told of beside failures.
_UNDECIDED = (Status.WAIVED, Status.BLOCKED, Status.NOT_RUN)


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
    """The whole verdict: groups, failures, what is waived, what is blocked, what does not apply, advice, and
    the sentence. What would be orders to a terminal is shown escaped: a flavor's words could hide the others.
    """
    return (line._replace(text=_escaped(line.text)) for line in _lines(verdict))


def _escaped(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text)


def _lines(verdict: Verdict) -> Iterator[Line]:
    yield from _groups(verdict)
    for judgement in verdict.of(Status.FAILED):
        yield from failure_lines(judgement)
    for judgement in verdict.of(Status.WAIVED):
        yield from waived_lines(judgement)
    if verdict.blocked:
        yield from _by_reason("BLOCKED", {"everything": verdict.blocked}, "yellow")
    else:
        yield from _by_reason("BLOCKED", _root_causes(verdict), "yellow")
    yield from _by_reason("NOT RUN", _left_out(verdict), "yellow")
    yield from _by_reason("N/A", {j.id: j.reason for j in verdict.of(Status.NOT_APPLICABLE)})
    advised = (
        f"ADVICE {judgement.id} {_clip(advice.expected)}; observed: {_clip(advice.observed)}"
        for judgement in verdict.judgements
        for advice in judgement.advice
    )
    yield from map(
        Line, dict.fromkeys(advised)
    )  # where is not told, so that several runs would tell the same
    yield sentence(verdict)


def _left_out(verdict: Verdict) -> dict[str, str]:
    """Requirements that were not looked at to the end, and why; who selected some knows what was not."""
    return {j.id: j.reason for j in verdict.of(Status.NOT_RUN) if j.reason not in ("", NOT_SELECTED)}


def sentence(verdict: Verdict) -> Line:
    """The verdict in one line."""
    total = len(verdict.judgements)
    counts = Counter(judgement.status for judgement in verdict.judgements)
    failed, blocked = counts[Status.FAILED], counts[Status.BLOCKED]
    if verdict.exit_code is ExitCode.CONFORMS:
        told = f"{counts[Status.PASSED]} of {total} requirements passed"
        told += f", {counts[Status.WAIVED]} waived" if counts[Status.WAIVED] else ""
        told += f", {counts[Status.NOT_APPLICABLE]} not applicable" if counts[Status.NOT_APPLICABLE] else ""
    elif verdict.word is Word.DOES_NOT_CONFORM:
        others = [f"{counts[s]} {s.value}" for s in _UNDECIDED if counts[s]]
        told = ", ".join([f"{failed} of {total} requirements failed", *others])
    elif verdict.word is Word.BLOCKED:
        told = _cut(verdict.blocked)[0] or f"{blocked} of {total} requirements blocked"
    else:
        told = f"{total - counts[Status.NOT_RUN]} of {total} requirements were looked at"
    text = f"{verdict.flavor}: {verdict.title} to contract {verdict.contract} ({told})"
    if verdict.word in (Word.INCOMPLETE, Word.BLOCKED):
        text = f"{verdict.flavor}: {verdict.word.value}, contract {verdict.contract} ({told})"
    return Line(text, _COLOURS[verdict.word], bold=True)


def failure_lines(judgement: Judgement) -> Iterator[Line]:
    """A failed requirement: its sentence, and of its first findings what was expected, observed, and
    where.
    """
    yield Line(f"FAILED {judgement.id}{_generated(judgement)} {catalogue()[judgement.id].sentence}", "red")
    yield from _findings(judgement)
    yield Line(f"    explained:  python -m pytest_orchestrators explain {judgement.id}")


def waived_lines(judgement: Judgement) -> Iterator[Line]:
    """A requirement that is waived: its sentence, the waiver, and what it still breaks."""
    yield Line(f"WAIVED {judgement.id}{_generated(judgement)} {catalogue()[judgement.id].sentence}", "yellow")
    yield from _labelled("waived:", judgement.reason)
    yield from _findings(judgement)


def _generated(judgement: Judgement) -> str:
    """By which generated histories a requirement is broken, if by any."""
    if not judgement.examples:
        return ""
    first, *others = judgement.examples
    return f" (generated, example {first}{f' and {len(others)} more' if others else ''})"


def _findings(judgement: Judgement) -> Iterator[Line]:
    """The first findings of a judgement, and how many more there are."""
    for finding in judgement.findings[:FINDINGS]:
        yield from _finding(finding)
    more = len(judgement.findings) - FINDINGS
    if more > 0:
        yield Line(f"    ... and {more} more of the kind")


def _finding(finding: Observation) -> Iterator[Line]:
    yield from _labelled("expected:", finding.expected)
    yield from _labelled("observed:", finding.observed)
    yield from _labelled("where:", finding.where)


def _labelled(label: str, text: str) -> Iterator[Line]:
    """A text behind its label, the lines under each other; nothing for an empty one."""
    first, *others = _cut(text)
    if first:
        yield Line(f"    {label:<10}  {first}")
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
    return "yellow" if any(counts[status] for status in _UNDECIDED) else "green"


def _root_causes(verdict: Verdict) -> dict[str, str]:
    """The blocked requirements, each with the reason that it is to be told with: the same for those that are
    blocked by the same thing in several scenarios.
    """
    roots = {j.id: _root(j, verdict) for j in verdict.of(Status.BLOCKED)}
    reasons: dict[str, set[str]] = {}
    for root in roots.values():
        reasons.setdefault(root.cause or root.reason, set()).add(root.reason)

    def told(root: Judgement) -> str:
        count = len(reasons[root.cause or root.reason])
        return root.reason if count == 1 else f"{count} scenarios did not come to their end: {root.cause}"

    return {id: told(root) for id, root in roots.items()}


def _root(judgement: Judgement, verdict: Verdict) -> Judgement:
    """What blocks a requirement in the end: behind others that are blocked, what these wait for."""
    judged = {j.id: j for j in verdict.judgements}
    for need in catalogue()[judgement.id].needs:
        needed = judged.get(need)
        if needed is not None and needed.status is Status.BLOCKED:
            return _root(needed, verdict)
    return judgement


def _by_reason(word: str, reasons: dict[str, str], colour: Colour = "") -> Iterator[Line]:
    """One line per reason, with the ids that it holds for, or the first of them."""
    ids: dict[str, list[str]] = {}
    for id, reason in reasons.items():
        ids.setdefault(reason, []).append(id)
    for reason, held in ids.items():
        first, *others = _cut(reason)
        more = f" and {len(held) - IDS} more" if len(held) > IDS else ""
        yield Line(f"{word} {', '.join(held[:IDS])}{more}: {first}", colour)
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
