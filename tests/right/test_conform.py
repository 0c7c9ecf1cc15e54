"""No right orchestrator is accused, however unlike the reference it is."""

from __future__ import annotations

import pytest

from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.history import History, Run
from pytest_orchestrators.suite.requirements.looking import did_not_raise, done_as_expected
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain, fan_in
from pytest_orchestrators.suite.verdict import Status, Verdict, Word
from tests.judging import judged, session_on, stores
from tests.right import elsewhere
from tests.right.all import MODULES, every
from tests.right.flavors import righteous

#: Each step, or each pipeline, in a new interpreter: minutes for the whole catalogue, which is the matrix's.
SLOW = {
    elsewhere.ProcessPerStep.Flavor,
    elsewhere.LiveProcessPerStep.Flavor,
    elsewhere.ProcessPerPipeline.Flavor,
}


def accusations(verdict: Verdict) -> str:
    """What a verdict holds against a flavor, as text."""
    accused = verdict.of(Status.FAILED, Status.BLOCKED, Status.NOT_RUN)
    return "\n".join(f"{j.id} {j.status.value} {j.reason} {j.findings}" for j in accused)


def test_all_are_registered() -> None:
    modules = {flavor.__module__ for flavor in righteous}
    assert modules == {module.__name__ for module in MODULES}


@pytest.mark.parametrize(
    "flavor", [each for each in every() if each not in SLOW], ids=lambda flavor: flavor.__qualname__
)
def test_conforms(flavor: type) -> None:
    with stores() as root:
        verdict = judged(session_on(flavor, root))
    assert verdict.word is Word.CONFORMS, accusations(verdict)


@pytest.mark.parametrize("flavor", sorted(SLOW, key=repr), ids=lambda flavor: flavor.__qualname__)
def test_tour_through_processes(flavor: type) -> None:
    names = Names("tour")
    joined, broken = fan_in(names, 1), chain(names, 2)
    first, _ = broken.names
    actions = (
        Run(label="first", workload=joined),
        Run(label="cached", workload=joined),
        Run(label="failed", workload=broken, faults={first: "raise"}),
        Run(label="exited", workload=broken, faults={first: "exit_zero"}),
    )
    with stores() as root:
        session = session_on(flavor, root)
        tour = carry_out(History(name="tour", actions=actions), session.subject, root / "tour", Limits(120.0))
        reader = Reader(session.evidence.model_copy(update={"scenarios": {"tour": tour}}))
    for label in ("first", "cached"):
        assert not list(done_as_expected(reader.case("tour", label)))
    for label, error in (("failed", "ProbeFailure"), ("exited", "SystemExit")):
        case = reader.case("tour", label)
        assert not list(did_not_raise(case))
        assert case.states(first) == ("failed",)
        assert error in {base for failure in case.seen.outcome.chain for base in failure.bases}
        assert case.seen.leftover == {}
