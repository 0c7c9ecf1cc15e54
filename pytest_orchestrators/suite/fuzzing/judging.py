"""What requirements have to say about generated histories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pytest_orchestrators.suite.case import Case, Reader, Unobserved, walk
from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.evidence import Environment, Evidence, GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.requirement import Finding, Requirement


@dataclass(frozen=True)
class Broken:
    """What generated histories hold against a requirement.

    Attributes:
        examples: the numbers of those that break it, first the one that the findings are of.
        findings: what was seen in the least of them.
    """

    examples: tuple[int, ...]
    findings: tuple[Finding, ...]


class _Picked(Reader):
    """A run that was picked out of a history, to a check that asks for scenarios by name."""

    def __init__(self, environment: Environment, case: Case) -> None:
        super().__init__(Evidence(contract="", environment=environment))
        self._picked = case

    def scenario(self, name: str) -> ScenarioEvidence:
        """None is known by name."""
        raise Unobserved(f"scenario {name} is none of those that were generated")

    def cases(self, *names: str) -> Iterator[Case]:
        """The run that was picked, whatever is asked for."""
        del names
        yield self._picked


def asked_of(environment: Environment) -> tuple[Requirement, ...]:
    """The requirements that have something to say about generated histories of a flavor."""
    return tuple(
        requirement
        for requirement in applicable(environment.family)
        if requirement.anywhere is not None
        and not requirement.not_applicable(environment.capabilities)
        and not requirement.undeclared_by(environment.capabilities)
    )


def broken_by(scenario: ScenarioEvidence, environment: Environment) -> dict[str, tuple[Finding, ...]]:
    """The requirements that a history breaks, each with its findings.

    What comes after the first run that breaks any is not looked at: it may follow from that.
    """
    return breaking_part(scenario, environment)[1]


def breaking_part(
    scenario: ScenarioEvidence, environment: Environment
) -> tuple[ScenarioEvidence, dict[str, tuple[Finding, ...]]]:
    """The beginning of a history up to the first run that breaks a requirement, and the requirements that it
    breaks; the whole history and nothing, if there is no such run.
    """
    cases = tuple(walk(scenario))
    requirements = asked_of(environment)
    if not _findings(requirements, cases, environment):
        return scenario, {}
    counts = range(1, len(cases) + 1)
    found = ((count, _findings(requirements, cases[:count], environment)) for count in counts)
    count, findings = next((count, findings) for count, findings in found if findings)
    ends = [at for at, action in enumerate(scenario.actions, 1) if isinstance(action, Run)]
    part = {"actions": scenario.actions[: ends[count - 1]], "runs": scenario.runs[:count], "broken": ""}
    return scenario.model_copy(update=part), findings


def _findings(
    requirements: Collection[Requirement], cases: Sequence[Case], environment: Environment
) -> dict[str, tuple[Finding, ...]]:
    found = {r.id: tuple(dict.fromkeys(_findings_of(r, cases, environment))) for r in requirements}
    return {id: findings for id, findings in found.items() if findings}


def _findings_of(
    requirement: Requirement, cases: Sequence[Case], environment: Environment
) -> Iterator[Finding]:
    anywhere = requirement.anywhere
    assert anywhere is not None
    picked = anywhere.of(cases)
    if anywhere.check:
        yield from _failing(anywhere.check(picked))
    else:
        for case in picked:
            yield from _failing(requirement.check(_Picked(environment, case)))


def _failing(said: Iterable[Finding]) -> Iterator[Finding]:
    """What is more than advice; what is not there to be looked at breaks nothing."""
    with suppress(Unobserved):
        yield from (finding for finding in said if not finding.advisory)


def broken_by_examples(generated: GeneratedEvidence, environment: Environment) -> Mapping[str, Broken]:
    """The requirements that generated histories break, and what the least of these show."""
    numbers: dict[str, list[int]] = {}
    first: dict[str, tuple[Finding, ...]] = {}
    for number, example in enumerate(generated.examples, 1):
        for id, findings in broken_by(example, environment).items():
            numbers.setdefault(id, []).append(number)
            first.setdefault(id, findings)
    least = {id: broken_by(example, environment).get(id) for id, example in generated.least.items()}
    return {
        id: Broken(_shown_first(id, found, generated), least.get(id) or first[id])
        for id, found in numbers.items()
    }


def _shown_first(id: str, numbers: Sequence[int], generated: GeneratedEvidence) -> tuple[int, ...]:
    """The numbers of examples, first the one that less was made of than of any other."""
    least = generated.least.get(id)
    shown = [number for number in numbers if least and generated.examples[number - 1].name == least.name]
    return tuple(dict.fromkeys([*shown, *numbers]))
