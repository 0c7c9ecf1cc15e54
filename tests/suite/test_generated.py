"""Histories that are generated: the campaign, what becomes of it when it is lost, and the state machine."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.case import GENERATED, walk
from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.evidence import GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.generation import Fuzzing
from pytest_orchestrators.suite.fuzzing.judging import broken_by, broken_by_examples
from pytest_orchestrators.suite.fuzzing.machine import machine_on
from pytest_orchestrators.suite.fuzzing.profiles import LEAST, PROFILES
from pytest_orchestrators.suite.history import History, Run
from pytest_orchestrators.suite.judge import judge
from pytest_orchestrators.suite.packing import Packed
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Status, Word
from tests.campaigns import FEW, campaign_on
from tests.judging import SEED, session_on
from tests.plugin.flavors import EndsAtTwelve, Right
from tests.toy.system import ToyDeployment, ToyFlavor, ToyOrchestrator


class Forgets(ToyOrchestrator):
    """A step that has three outputs is cached whatever its parameters are."""

    def launch(self, step: Any, run_name: str) -> bool:
        if len(step.outputs) == 3:
            step = step.model_copy(update={"parameters": {}})
        return super().launch(step, run_name)


class ForgetsFlavor(ToyFlavor):
    implementation = Forgets


class LeavesLater(ToyOrchestrator):
    """Ends its process at the third run of an instance."""

    runs = 0

    def execute(self, deployment: ToyDeployment) -> Any:
        self.runs += 1
        if self.runs == 3:
            os.kill(os.getpid(), 9)
        return super().execute(deployment)


class LeavesLaterFlavor(ToyFlavor):
    implementation = LeavesLater


def subject_of(flavor: type, root: Path) -> Subject:
    return session_on(flavor, root).subject


def actions(generated: GeneratedEvidence) -> list[Any]:
    return [example.actions for example in generated.examples]


def test_a_right_flavor_breaks_nothing(tmp_path: Path) -> None:
    generated = campaign_on(Right, tmp_path)
    assert (generated.wanted, generated.drawn, generated.least, generated.broken) == (8, 8, {}, "")
    runs = [run for example in generated.examples for run in example.runs]
    assert {run.outcome.kind for run in runs} >= {"returned"}
    assert len({len(run.action.workload.steps) for run in runs}) > 1


def test_a_seed_draws_the_same_again_and_another_one_does_not(tmp_path: Path) -> None:
    once, again = campaign_on(Right, tmp_path / "1"), campaign_on(Right, tmp_path / "2")
    assert actions(once) == actions(again)
    assert actions(once) != actions(campaign_on(Right, tmp_path / "3", seed=2))


def test_without_time_a_few_are_carried_out_all_the_same(tmp_path: Path) -> None:
    assert campaign_on(Right, tmp_path, replace(FEW, seconds=0.0)).drawn == LEAST


def test_what_is_found_is_made_less(tmp_path: Path) -> None:
    profile = replace(PROFILES["ci"], examples=40, shrinking=20.0)
    generated = campaign_on(ForgetsFlavor, tmp_path, profile, seed=3)
    environment = subject_of(ForgetsFlavor, tmp_path).environment()
    found = [seen for seen in generated.examples if broken_by(seen, environment)]
    assert generated.least.keys() & {"RUN-3", "CCH-3"}
    for id, least in generated.least.items():
        assert id in broken_by(least, environment)
        breaking = [seen for seen in found if id in broken_by(seen, environment)]
        assert all(len(least.actions) <= len(seen.actions) for seen in breaking[:1])


def test_the_example_that_findings_are_of_is_told_first(tmp_path: Path) -> None:
    profile = replace(PROFILES["ci"], examples=40, shrinking=0.0)
    generated = campaign_on(ForgetsFlavor, tmp_path, profile, seed=3)
    environment = subject_of(ForgetsFlavor, tmp_path).environment()
    id, numbers = next(
        (id, broken.examples)
        for id, broken in broken_by_examples(generated, environment).items()
        if len(broken.examples) > 1
    )
    last = generated.examples[numbers[-1] - 1]
    told = broken_by_examples(generated.model_copy(update={"least": {id: last}}), environment)[id]
    assert told.examples == (numbers[-1], *numbers[:-1])
    assert {finding.where.split(", run ")[0] for finding in told.findings} == {last.name}


def test_a_campaign_that_is_lost_is_told_and_blocks(tmp_path: Path) -> None:
    subject = subject_of(LeavesLaterFlavor, tmp_path / "session")
    fuzzing = Fuzzing(replace(PROFILES["ci"], examples=40), 1)
    session = Session(subject, tmp_path / "lost", SEED, budget=60.0, fuzzing=fuzzing)
    judgement = session.ask("RUN-16")
    session.close()
    assert judgement.status is Status.BLOCKED
    assert "its process ended without an answer, exit code -9" in judgement.reason
    assert session.evidence.generated is not None
    assert session.evidence.generated.broken


def test_nothing_generated_is_incomplete(tmp_path: Path) -> None:
    session = Session(subject_of(Right, tmp_path / "s"), tmp_path / "none", SEED, budget=60.0)
    session.ask("RUN-2")
    session.close()
    verdict = judge(session.evidence)
    assert verdict.word is Word.INCOMPLETE
    assert verdict["RUN-2"].reason == "no pipelines were generated for it (--orchestrator-fuzz 0)"


def test_fewer_than_there_must_be_is_incomplete(tmp_path: Path) -> None:
    session = Session(
        subject_of(Right, tmp_path / "s"), tmp_path / "few", SEED, budget=60.0, fuzzing=Fuzzing(FEW, 1)
    )
    session.ask("RUN-2")
    session.close()
    generated = session.evidence.generated
    assert generated is not None
    assert judge(session.evidence)["RUN-2"].status is Status.PASSED
    few = generated.model_copy(update={"examples": Packed(ScenarioEvidence, list(generated.examples)[:2])})
    verdict = judge(session.evidence.model_copy(update={"generated": few}))
    assert verdict.word is Word.INCOMPLETE
    assert verdict["RUN-2"].reason == "2 histories were generated for it; there must be 3 at least"


def test_it_is_judged_in_a_session(tmp_path: Path) -> None:
    fuzzing = Fuzzing(replace(PROFILES["ci"], examples=30, shrinking=0.0), 1)
    session = Session(
        subject_of(EndsAtTwelve, tmp_path / "s"), tmp_path / "x", SEED, budget=60.0, fuzzing=fuzzing
    )
    judgement = session.ask("RUN-1")
    session.close()
    assert judgement.status is Status.FAILED
    where = judgement.findings[0].where
    assert where.split(", run ")[0] in [f"generated, example {number}" for number in judgement.examples]


def test_it_goes_on_beside_what_its_requirements_do_not_look_at(tmp_path: Path) -> None:
    session = Session(
        subject_of(Right, tmp_path / "s"), tmp_path / "x", SEED, budget=60.0, fuzzing=Fuzzing(FEW, 1)
    )
    wanted = ("CLN-10", "ISO-2", "RUN-2", "FLR-9")
    session.plan(wanted)
    for requirement in wanted:
        session.ask(requirement)
    session.close()
    reads = {id: set(catalogue()[id].reads_with(session.subject.profile)) for id in wanted}
    read = reads["RUN-2"] | reads["FLR-9"]
    beside = (reads["CLN-10"] | reads["ISO-2"]) - read

    def claimed(name: str) -> int:
        return (tmp_path / "x" / "ledger" / f"{name}.claim").stat().st_mtime_ns

    assert beside
    assert max(map(claimed, read)) < claimed(GENERATED) < max(map(claimed, beside))


def test_another_process_takes_over(tmp_path: Path) -> None:
    workload = chain(Names("anew"))
    runs = (
        Run(label="1", workload=workload),
        Run(label="2", workload=workload.edit(workload.names[1], edition="b"), anew=True),
        Run(label="3", workload=workload, anew=True),
    )
    history = History(name=GENERATED, actions=runs)
    (tmp_path / "stores").mkdir()
    seen = carry_out(history, subject_of(Right, tmp_path / "session"), tmp_path / "stores", Limits(60.0))
    here, anew, again = walk(seen)
    assert not seen.broken
    assert len({fact.pid for case in (here, anew) for fact in case.seen.events("started")}) == 2
    assert (here.cached(), anew.cached()) == (frozenset(), frozenset({workload.names[0]}))
    assert again.cached() == frozenset(workload.names)


@pytest.mark.parametrize(("flavor", "right"), [(Right, True), (ForgetsFlavor, False)])
def test_the_machine_holds_orchestrator_and_model_side_by_side(
    tmp_path: Path, flavor: type, right: bool
) -> None:
    subject = subject_of(flavor, tmp_path)
    looks = []

    def look(seen: ScenarioEvidence) -> None:
        looks.append(len(seen.actions))
        broken = broken_by(seen, subject.environment())
        assert not broken, sorted(broken)

    def drive() -> None:
        machine = machine_on(subject, look)
        few = settings(
            max_examples=20,
            stateful_step_count=6,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=few)  # type: ignore[no-untyped-call]

    if right:
        drive()
        assert max(looks) > 4
    else:
        with pytest.raises(AssertionError, match=r"CCH-3|RUN-3"):
            drive()


def test_histories_are_plain_data(tmp_path: Path) -> None:
    for example in campaign_on(Right, tmp_path).examples:
        history = History(name=example.name, actions=example.actions)
        assert History.model_validate_json(history.model_dump_json()) == history
