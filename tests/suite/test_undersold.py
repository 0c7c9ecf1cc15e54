"""Capabilities the other way round: what works and is not declared is advised, and fails nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_orchestrators.probes import place
from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.judge import judge_alone
from pytest_orchestrators.suite.profile import CAPABILITIES
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.scenarios import scenario
from pytest_orchestrators.suite.verdict import Judgement, Status
from tests.broken import toy
from tests.judging import reader_of, session_on
from tests.suite.executed import executed_in
from tests.toy.system import ToyDeployment, ToyOrchestrator, toy_flavor


class Applies(ToyOrchestrator):
    """Shows everything that was asked for as applied."""

    def execute(self, deployment: ToyDeployment) -> Any:
        steps = deployment.workload.steps
        self.applied = {"resources": {s.name: s.resources.model_dump() for s in steps}}
        if deployment.workload.schedule:
            self.applied["schedule"] = {"cron_expression": deployment.workload.schedule}
        return super().execute(deployment)


class AppliesToTheFirst(Applies):
    """Gives resources to the first step that asks for some, and to no other."""

    def execute(self, deployment: ToyDeployment) -> Any:
        returned = super().execute(deployment)
        resources = self.applied["resources"]
        self.applied = {"resources": dict([next(iter(resources.items()))])}
        return returned


@pytest.mark.parametrize(("id", "capability"), [("WRN-4", "resources"), ("WRN-5", "schedules")])
def test_what_is_applied_and_not_declared_is_undersold(tmp_path: Path, id: str, capability: str) -> None:
    judgement = session_on(toy_flavor(Applies, capabilities=frozenset()), tmp_path).ask(id)
    assert judgement.status is Status.NOT_APPLICABLE
    assert [f"declares the capability `{capability}`" in a.expected for a in judgement.advice] == [True]


@pytest.mark.parametrize("id", ["WRN-4", "WRN-5"])
@pytest.mark.parametrize("orchestrator", [ToyOrchestrator, AppliesToTheFirst])
def test_what_is_not_applied_is_not_applicable(
    tmp_path: Path, orchestrator: type[ToyOrchestrator], id: str
) -> None:
    judgement = session_on(toy_flavor(orchestrator, capabilities=frozenset()), tmp_path).ask(id)
    assert (judgement.status, judgement.advice) == (Status.NOT_APPLICABLE, ())


def test_a_flavor_that_runs_nothing_undersells_nothing(tmp_path: Path) -> None:
    session = session_on(toy_flavor(toy.Null, capabilities=frozenset()), tmp_path)
    judgement = session.ask("WRN-4")
    assert (judgement.status, judgement.advice) == (Status.NOT_APPLICABLE, ())
    assert judgement.reason == "the flavor does not declare the capability resources"


def judged_in(containers: list[str | None], where: str) -> Judgement:
    count = sum(len(run.workload.steps) for run in scenario("order", "seed").runs)
    gathered = (
        executed_in("order", where, containers[:count]),
        executed_in("rerun", where, containers[count:]),
    )
    return judge_alone(catalogue()["ISO-5"], reader_of(*gathered))


def test_containers_are_undersold_where_every_step_has_its_own() -> None:
    judgement = judged_in([f"{n:064x}" for n in range(40)], "another place")
    assert judgement.status is Status.NOT_APPLICABLE
    assert "declares the capability `containers`" in judgement.advice[0].expected


@pytest.mark.parametrize(
    ("containers", "where"),
    [
        ([f"{n:064x}" for n in range(40)], place.here()),  # the suite itself is in one
        (["a" * 64] * 40, "another place"),  # one for the whole pipeline
        ([None] * 40, "another place"),  # another machine
        (["a" * 64, "b" * 64, *[None] * 38], "another place"),
    ],
)
def test_what_is_no_container_of_its_own_is_not_taken_for_one(
    containers: list[str | None], where: str
) -> None:
    judgement = judged_in(containers, where)
    assert (judgement.status, judgement.advice) == (Status.NOT_APPLICABLE, ())


def test_every_capability_has_its_other_side() -> None:
    seen_both_ways = {r.capability for r in catalogue().values() if r.undeclared is not None}
    assert CAPABILITIES.keys() == seen_both_ways


def test_the_other_side_may_read_other_scenarios() -> None:
    requirement = Requirement(
        id="RUN-99",
        sentence="",
        check=lambda _: (),
        undeclared=lambda _: (),
        capability="resources",
        reads=("many", "more"),
        undeclared_reads=("few",),
    )
    assert requirement.reads_with({"resources"}) == ("many", "more")
    assert requirement.reads_with(()) == ("few",)
