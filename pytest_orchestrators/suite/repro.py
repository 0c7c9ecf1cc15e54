"""Reproduction: of a broken requirement, the least history that shows it.

What is least is found by asking the judge about less and less evidence, and about less and less to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pytest_orchestrators.suite.budgets import DEFAULT_BUDGET
from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.case import GENERATED, Reader
from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, catalogue
from pytest_orchestrators.suite.evidence import Evidence, GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.judging import broken_by_examples
from pytest_orchestrators.suite.history import Damage, History, Run
from pytest_orchestrators.suite.judge import judge_alone, with_examples
from pytest_orchestrators.suite.packing import Packed
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.stores import temporary_stores
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Judgement, Status

#: Says whether a requirement is still broken when this history is carried out anew.
StillBroken = Callable[[History], bool]


def judged_on(
    requirement: Requirement, evidence: Evidence, scenarios: Mapping[str, ScenarioEvidence]
) -> Judgement:
    """Judge a requirement on these scenarios alone, each in the place of the one that it is named for; the
    others that the requirement reads are empty.
    """
    seen = {name: ScenarioEvidence(name=name, actions=()) for name in requirement.reads}
    return judge_alone(requirement, Reader(evidence.model_copy(update={"scenarios": {**seen, **scenarios}})))


def least_history(id: str, evidence: Evidence, still_broken: StillBroken) -> History | None:
    """The least history that shows a requirement to be broken.

    Args:
        id: the requirement.
        evidence: in which it is broken.
        still_broken: asked about histories with less in them.

    Returns:
        The history; none if the requirement is broken in what is found out by calling rather than running, or
        in nothing but several scenarios together.
    """
    requirement = catalogue()[id]
    candidates = [
        shortest
        for name in requirement.reads
        if name in evidence.scenarios
        for shortest in _shortest_prefix(requirement, evidence, evidence.scenarios[name])
    ]
    if not candidates:
        return None
    history = min(candidates, key=_size)
    for fewer in _with_one_action_less(history):
        if still_broken(fewer):
            history = fewer
            break
    return history


def _shortest_prefix(
    requirement: Requirement, evidence: Evidence, scenario: ScenarioEvidence
) -> Iterator[History]:
    """The first actions of a scenario, as few as show the requirement to be broken; nothing if none do."""
    for count in range(1, len(scenario.actions) + 1):
        actions = scenario.actions[:count]
        runs = scenario.runs[: sum(isinstance(action, Run) for action in actions)]
        part = scenario.model_copy(update={"actions": actions, "runs": runs, "broken": ""})
        if judged_on(requirement, evidence, {part.name: part}).status is Status.FAILED:
            yield History(name=scenario.name, actions=actions)
            return


def _with_one_action_less(history: History) -> Iterator[History]:
    """The history with its last action alone, with the last two, and so on."""
    for start in range(len(history.actions) - 1, 0, -1):
        actions = history.actions[start:]
        labels = {action.label for action in actions if isinstance(action, Run)}
        if all(action.label in labels for action in actions if isinstance(action, Damage)):
            yield History(name=history.name, actions=actions)


def _size(history: History) -> int:
    return sum(1 + len(run.workload.steps) for run in history.runs)


def judge_history(subject: Subject, requirement: str, history: History) -> Judgement:
    """What a requirement has to say about a history that is carried out now, on fresh stores.

    Raises:
        KeyError: the catalogue has no such requirement.
    """
    subject.family.prepare()
    if history.name.startswith(GENERATED):
        return _judge_generated(subject, requirement, history)
    scenarios: dict[str, ScenarioEvidence] = {}
    if history.actions:
        with temporary_stores() as folder:
            seen = carry_out(history, subject, folder / "stores", Limits(DEFAULT_BUDGET))
            scenarios[history.name] = seen
    probes = dict(subject.family.inspect(subject.flavor, subject.config))
    evidence = Evidence(contract=CONTRACT_VERSION, environment=subject.environment(), probes=probes)
    return judged_on(catalogue()[requirement], evidence, scenarios)


def _judge_generated(subject: Subject, requirement: str, history: History) -> Judgement:
    """What a requirement has to say about a generated history that is carried out now."""
    with temporary_stores() as folder:
        seen = carry_out(history, subject, folder / "stores", Limits(DEFAULT_BUDGET))
    environment = subject.environment()
    examples = Packed(ScenarioEvidence, [seen])
    generated = GeneratedEvidence(wanted=1, seed=0, profile="replayed", examples=examples)
    broken = broken_by_examples(generated, environment)
    reason = f"it was not carried out to its end: {seen.broken}" if seen.broken else ""
    whole = Judgement(id=requirement, status=Status.BLOCKED if reason else Status.PASSED, reason=reason)
    return with_examples(whole, generated, broken)
