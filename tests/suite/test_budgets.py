"""How long a scenario may take: worked out from the first one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from pytest_orchestrators.suite import budgets
from pytest_orchestrators.suite.budgets import DEFAULT_BUDGET, LEAST, MOST, calibrated
from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.judge import judge_alone
from pytest_orchestrators.suite.scenarios import FIRST, scenario
from pytest_orchestrators.suite.session import HANGS, Session
from pytest_orchestrators.suite.verdict import Status, Word
from tests.judging import judged, session_on
from tests.toy.system import ToyDeployment, ToyFlavor, ToyOrchestrator, toy_flavor


def budget_of(name: str, first: float) -> float:
    return calibrated(scenario(name, "seed"), first)


def test_a_budget_grows_with_runs_and_steps() -> None:
    one = budget_of(FIRST, 10.0)
    assert one == budgets.PATIENCE * 10.0 * 2
    assert one < budget_of("parameters", 10.0) < budget_of("shapes", 10.0)


def test_a_budget_grows_with_what_the_first_scenario_took() -> None:
    assert budget_of("order", 2.0) == 2 * budget_of("order", 1.0) == 2 * budgets.PATIENCE * 12


def test_nobody_is_hurried_or_waited_for_for_ever() -> None:
    assert budget_of(FIRST, 0.0) == LEAST
    assert budget_of("shapes", 0.0) == budget_of("shapes", budgets.QUICKEST) > LEAST
    assert budget_of("shapes", 1e6) == MOST


def uncalibrated(flavor: type, root: Path) -> Session:
    session = session_on(flavor, root)
    return Session(session.subject, root / "calibrated", seed="seed")


def test_the_first_scenario_is_carried_out_whoever_asks(tmp_path: Path) -> None:
    session = uncalibrated(ToyFlavor, tmp_path)
    assert session.ask("RUN-16").status is Status.PASSED
    first, order = session.evidence.scenarios[FIRST], session.evidence.scenarios["order"]
    [alone], [other, *_] = first.runs, order.runs
    assert alone.events("finished")[-1].monotonic < other.events("started")[0].monotonic


class HangsLater(ToyOrchestrator):
    """Runs two pipelines on an instance, and no third."""

    runs = 0

    def execute(self, deployment: ToyDeployment) -> Any:
        self.runs += 1
        while self.runs > 2:
            time.sleep(0.01)
        return super().execute(deployment)


def test_a_flavor_that_hangs_from_its_third_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "LEAST", 1.0)
    monkeypatch.setattr(budgets, "PATIENCE", 0.0)
    session = uncalibrated(toy_flavor(HangsLater), tmp_path)
    verdict = judged(session)
    scenarios = session.evidence.scenarios.values()
    hung = [s for s in scenarios if s.hung and s.name != "long_step"]  # which takes three seconds anyway
    assert len(hung) in (HANGS, HANGS + 1)
    assert all("in execute" in s.runs[-1].outcome.stacks and len(s.runs) == 3 for s in hung)
    assert all("within the scenario's budget of 1 s" in s.broken for s in hung)
    left_out = [s for s in scenarios if s.broken.startswith("not carried out after runs that did not end")]
    assert left_out
    assert verdict.word is Word.DOES_NOT_CONFORM
    names = {scenario.name for scenario in left_out}
    unread = [r for r in applicable("toy") if r.reads and names.issuperset(r.reads)]
    judgements = [judge_alone(requirement, Reader(session.evidence)) for requirement in unread]
    assert judgements
    assert {judgement.status for judgement in judgements} == {Status.BLOCKED}
    assert all("not carried out after runs that did not end" in j.reason for j in judgements)


class Fails(ToyOrchestrator):
    """Fails at once."""

    def execute(self, deployment: ToyDeployment) -> Any:
        raise RuntimeError("not today")


def test_a_first_run_that_fails_is_a_measure_too(tmp_path: Path) -> None:
    session = uncalibrated(toy_flavor(Fails), tmp_path)
    session.ask("RUN-1")
    assert session.evidence.scenarios[FIRST].runs[0].outcome.kind == "raised"
    assert session._budget_of(scenario("order", "seed")) == LEAST < DEFAULT_BUDGET
