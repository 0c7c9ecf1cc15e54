"""Requirements about steps that run elsewhere, on evidence made by hand."""

from __future__ import annotations

import os

from pytest_orchestrators.probes import place
from pytest_orchestrators.probes.faults import last_words
from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.evidence import (
    ContainersEvidence,
    Fact,
    Failure,
    Outcome,
    RunEvidence,
    ScenarioEvidence,
)
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.judge import judge_alone
from pytest_orchestrators.suite.scenarios import scenario
from pytest_orchestrators.suite.verdict import Judgement, Status
from tests.judging import reader_of
from tests.suite.executed import executed_in


def fact(kind: str, step: str, pid: int = 1, **facts: object) -> Fact:
    return Fact(kind=kind, step=step, pid=pid, thread=1, monotonic=0.0, facts=facts)  # type: ignore[arg-type]


def judged(id: str, *scenarios: ScenarioEvidence, capabilities: tuple[str, ...] = ()) -> Judgement:
    missing = set(catalogue()[id].reads) - {one.name for one in scenarios}
    empty = (ScenarioEvidence(name=name, actions=()) for name in missing)
    return judge_alone(catalogue()[id], reader_of(*scenarios, *empty, capabilities=capabilities))


def out_of_memory(limited: bool, message: str = "", **more: object) -> ScenarioEvidence:
    history = scenario("out_of_memory", "seed")
    [action] = history.actions
    assert isinstance(action, Run)
    [step] = action.workload.names
    error = Failure(type="E", message=message or last_words(step, "out_of_memory"))
    facts = tuple(fact(kind, step, limited=limited) for kind in ("started", "faulted", "limited"))
    outcome = Outcome(kind="raised", chain=(error,))
    run = RunEvidence(action=action, run_name="r", outcome=outcome, facts=facts, **more)  # type: ignore[arg-type]
    return ScenarioEvidence(name=history.name, actions=history.actions, runs=(run,))


def test_a_step_that_was_killed_instead_is_told_of() -> None:
    judgement = judged("FLR-8", out_of_memory(limited=False), capabilities=("containers",))
    assert judgement.status is Status.PASSED
    assert "did not do so" in judgement.advice[0].observed
    assert not judged("FLR-8", out_of_memory(limited=True), capabilities=("containers",)).advice


def test_an_error_without_the_last_line_is_no_error() -> None:
    seen = out_of_memory(limited=True, message="exit code 137")
    judgement = judged("FLR-8", seen, capabilities=("containers",))
    assert judgement.status is Status.FAILED
    assert "last line" in judgement.findings[0].expected


def test_containers_that_could_not_be_looked_at_block() -> None:
    seen = out_of_memory(limited=True, containers=ContainersEvidence(unobserved="no engine"))
    judgement = judged("CLN-8", seen, capabilities=("containers",))
    assert (judgement.status, "no engine" in judgement.reason) == (Status.BLOCKED, True)


def test_a_flavor_that_does_more_than_it_says_is_told_so() -> None:
    judgement = judged("ISO-4", executed_in("order", place.here()))
    assert judgement.status is Status.NOT_APPLICABLE
    assert "out_of_process" in judgement.advice[0].expected
    assert not judged("ISO-4", executed_in("order", place.here(), pid=os.getpid())).advice


def test_a_process_is_no_container() -> None:
    elsewhere = judged("ISO-4", executed_in("order", place.here()), capabilities=("out_of_process",))
    assert elsewhere.status is Status.PASSED
    both = ("out_of_process", "containers")
    assert judged("ISO-4", executed_in("order", place.here()), capabilities=both).status is Status.FAILED
    contained = executed_in("order", "a container", pid=os.getpid())
    assert judged("ISO-4", contained, capabilities=both).status is Status.PASSED
