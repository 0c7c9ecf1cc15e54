"""Hostile names: the sandbox sees what leaves it, and a refusal is evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_orchestrators.contract.errors import DeploymentError
from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.history import History, Run
from pytest_orchestrators.suite.requirements.looking import done_as_expected, ending
from pytest_orchestrators.suite.sandbox import SANDBOX, Sandbox
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain, single
from pytest_orchestrators.suite.workload import Workload, WorkloadStep
from reference_flavors.local import LocalOrchestratorFlavor
from tests.judging import session_on, stores

UP = "../../../../../../away"


def named(name: str) -> Workload:
    return Workload(name="pipeline", steps=(WorkloadStep(name=name),))


def carried_out(*actions: Run) -> Reader:
    with stores() as root:
        session = session_on(LocalOrchestratorFlavor, root)
        evidence = carry_out(
            History(name="hostile", actions=actions), session.subject, root / "here", Limits(60)
        )
        return Reader(session.evidence.model_copy(update={"scenarios": {"hostile": evidence}}))


def test_what_is_written_outside_the_stores_is_seen_once(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    (sandbox.stores / "inside").mkdir()
    (sandbox.stores / "inside" / "file").touch()
    assert sandbox.escaped() == ()
    (tmp_path / "folder").mkdir()
    (sandbox.stores.parent / "link").symlink_to(sandbox.stores)
    beside = str(sandbox.stores.parent.relative_to(tmp_path))
    assert sandbox.escaped() == ("folder", f"{beside}/link")
    assert sandbox.escaped() == ()


def test_what_is_changed_or_removed_outside_the_stores_is_seen(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    bystander = sandbox.stores.parent / "bystander.txt"
    bystander.write_text("changed")
    assert sandbox.escaped() == (str(bystander.relative_to(tmp_path)),)
    bystander.unlink()
    assert sandbox.escaped() == (str(bystander.relative_to(tmp_path)),)


def test_absolute_names_lead_into_the_sandbox_and_relative_ones_do_not_leave_it(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    history = History(name="h", actions=(Run(label="l", workload=named(f"{SANDBOX}/x"), run_name=SANDBOX),))
    [action] = sandbox.settled(history).actions
    assert isinstance(action, Run)
    assert action.workload.names == (f"{tmp_path}/x",)
    assert action.run_name == str(tmp_path)
    assert (sandbox.stores / UP).resolve().is_relative_to(tmp_path.resolve())


def test_a_deployment_that_is_refused_is_evidence() -> None:
    reader = carried_out(
        Run(label="refused", workload=named("a/b"), hostile=True),
        Run(label="served", workload=single(Names("seed")), hostile=True, run_name="a run's name"),
    )
    refused, served = reader.case("hostile", "refused").seen, reader.case("hostile", "served").seen
    assert refused.outcome.kind == "refused"
    assert "PipelineError: The step name 'a/b'" in ending(refused.outcome)
    assert (refused.facts, refused.executions, refused.escaped) == ((), (), ())
    assert served.outcome.kind == "returned"
    assert {e.run_name for e in served.executions} == {served.run_name} == {"a run's name"}


def test_a_deployment_that_should_not_be_refused_breaks_the_scenario() -> None:
    reader = carried_out(Run(label="refused", workload=named("a/b")))
    assert "The step name 'a/b'" in reader.scenario("hostile").broken


def test_an_unchecked_deployment_of_harmless_names_runs_as_any_other() -> None:
    workload = chain(Names("seed"))
    reader = carried_out(
        Run(label="checked", workload=workload), Run(label="unchecked", workload=workload, smuggled=True)
    )
    assert not list(done_as_expected(reader.case("hostile", "checked")))
    unchecked = reader.case("hostile", "unchecked")
    assert not list(done_as_expected(unchecked))
    assert unchecked.cached() == set(workload.names)


@pytest.mark.parametrize("kind", ["pipeline", "run", "step", "output"])
def test_an_unchecked_deployment_carries_its_names_everywhere(kind: str) -> None:
    reader = carried_out(_named(kind))
    seen = reader.case("hostile", kind).seen
    assert seen.outcome.kind == "raised"
    assert DeploymentError.__qualname__ in seen.outcome.chain[0].bases
    assert f"{kind} name '{UP}'" in seen.outcome.chain[0].message
    assert (seen.executions, seen.leftover, seen.escaped) == ((), {}, ())


def _named(kind: str) -> Run:
    step = WorkloadStep(
        name=UP if kind == "step" else "step", outputs=(UP if kind == "output" else "output",)
    )
    workload = Workload(name=UP if kind == "pipeline" else "pipeline", steps=(step,))
    run_name = UP if kind == "run" else "run"
    return Run(label=kind, workload=workload, run_name=run_name, hostile=True, smuggled=True)


def test_names_that_need_quoting_are_not_smuggled() -> None:
    reader = carried_out(Run(label="quote", workload=named('"'), smuggled=True))
    assert "cannot be smuggled: it would have to be quoted" in reader.scenario("hostile").broken
