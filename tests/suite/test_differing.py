"""Two flavors side by side: what is a difference, whether the contract leaves it open, how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_orchestrators.suite.differing import Comparison, compared, differences
from pytest_orchestrators.suite.evidence import (
    Execution,
    Fact,
    GeneratedEvidence,
    LogLine,
    Outcome,
    RunEvidence,
)
from pytest_orchestrators.suite.evidence import ScenarioEvidence as Seen
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.packing import Packed
from pytest_orchestrators.suite.rendering.differing import comparison_lines
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain, fan_out
from pytest_orchestrators.suite.workload import Workload
from tests.campaigns import campaign_on
from tests.plugin.flavors import Right
from tests.suite.test_generated import ForgetsFlavor

PAIR = chain(Names("pair"), 2)
FIRST, LAST = PAIR.names


def executed(step: str, at: float, **values: object) -> list[Fact]:
    """What is seen of a step that is executed."""
    told = {"pid": 1, "thread": 1, "step": step, "facts": values}
    return [Fact(kind=kind, monotonic=at, **told) for kind in ("started", "finished")]


def seen(
    workload: Workload,
    steps: Sequence[str],
    ending: str = "returned",
    states: Sequence[str] = (),
    **action: object,
) -> Seen:
    """A history of one run in which these steps were executed, one after the other."""
    run = Run(label="only", workload=workload, **action)
    facts = [fact for at, step in enumerate(steps) for fact in executed(step, float(at))]
    executions = [
        Execution(step=step, run_name="r", state=state)
        for step, state in zip(steps, states or ["complete"] * len(steps), strict=True)
    ]
    outcome = Outcome(kind=ending, seconds=1.0)
    evidence = RunEvidence(run_name="r", action=run, outcome=outcome, facts=facts, executions=executions)
    return Seen(name="generated", actions=(run,), runs=(evidence,))


def of_one_kind(first: Seen, second: Seen) -> list[tuple[str, bool]]:
    return [(difference.what, difference.left_open) for difference in differences(first, second)]


def test_the_same_is_no_difference() -> None:
    assert not list(differences(seen(PAIR, PAIR.names), seen(PAIR, PAIR.names)))


def test_a_step_left_out_is_one() -> None:
    assert of_one_kind(seen(PAIR, PAIR.names), seen(PAIR, [FIRST])) == [
        (f"what became of step {LAST}", False)
    ]


def test_a_step_executed_twice_is_one() -> None:
    [difference] = differences(seen(PAIR, PAIR.names), seen(PAIR, [FIRST, LAST, LAST]))
    assert (difference.reference, difference.other) == ("executed", "executed, started 2 times")
    assert not difference.left_open


def test_another_ending_is_one() -> None:
    assert of_one_kind(seen(PAIR, PAIR.names), seen(PAIR, PAIR.names, "raised")) == [
        ("how run() ended", False)
    ]


def test_a_refusal_of_odd_names_is_left_open() -> None:
    found = of_one_kind(seen(PAIR, PAIR.names, hostile=True), seen(PAIR, [], "refused", hostile=True))
    assert found[0] == ("how run() ended", True)


def test_other_values_are_one() -> None:
    first = seen(PAIR, PAIR.names)
    facts = tuple(
        fact.model_copy(update={"facts": {"values": {"output": 1}}}) if fact.kind == "finished" else fact
        for fact in first.runs[0].facts
    )
    second = first.model_copy(update={"runs": (first.runs[0].model_copy(update={"facts": facts}),)})
    assert (f"values of step {FIRST}", False) in of_one_kind(first, second)


def test_what_may_run_or_not_after_a_failure_is_left_open() -> None:
    workload = fan_out(Names("open"), 2)
    root, one, another = workload.names
    fault = {"faults": {one: "raise"}}
    fails = ["complete", "failed"]
    stops = seen(workload, [root, one], "raised", fails, **fault)
    goes_on = seen(workload, [root, one, another], "raised", [*fails, "complete"], **fault)
    assert of_one_kind(stops, goes_on) == [(f"what became of step {another}", True)]


def test_the_order_of_what_does_not_wait_is_left_open() -> None:
    workload = fan_out(Names("order"), 2)
    root, one, another = workload.names
    found = of_one_kind(seen(workload, [root, one, another]), seen(workload, [root, another, one]))
    assert found == [("the order of steps", True)]


def test_whom_warnings_name_is_left_open() -> None:
    first = seen(PAIR, PAIR.names)
    line = LogLine(level=30, logger="any", message=f"step {FIRST} asks for too much")
    second = first.model_copy(update={"runs": (first.runs[0].model_copy(update={"log": (line,)}),)})
    [difference] = differences(first, second)
    assert (difference.reference, difference.other, difference.left_open) == ("none", FIRST, True)


def generated(*examples: Seen) -> GeneratedEvidence:
    return GeneratedEvidence(wanted=len(examples), seed=1, profile="quick", examples=Packed(Seen, examples))


def test_only_what_both_carried_out_is_compared() -> None:
    one, other = seen(PAIR, PAIR.names), seen(chain(Names("other")), [])
    comparison = compared("a", generated(other, one), "b", generated(one))
    assert (comparison.histories, comparison.runs, comparison.differing) == (1, 1, ())
    assert compared("a", generated(one), "b", None).histories == 0


def told(comparison: Comparison) -> str:
    return "\n".join(line.text for line in comparison_lines(comparison))


def test_it_is_told_with_the_pipeline_and_both_sides() -> None:
    text = told(compared("ours", generated(seen(PAIR, PAIR.names)), "theirs", generated(seen(PAIR, [FIRST]))))
    for part in ("DIFFERENT in generated example 1", f"[{FIRST}]", "ours: executed", "theirs: not run"):
        assert part in text
    assert "ours and theirs DIFFER in 1 of 1 generated histories, 1 runs with each" in text


def test_that_nothing_was_compared_is_told() -> None:
    assert "nothing was carried out with both" in told(compared("a", None, "b", None))


@pytest.mark.parametrize(("flavor", "alike"), [(Right, True), (ForgetsFlavor, False)])
def test_generated_histories_of_one_seed_are_compared(tmp_path: Path, flavor: type, alike: bool) -> None:
    first = campaign_on(Right, tmp_path / "first", seed=2)
    second = campaign_on(flavor, tmp_path / "second", seed=2)
    comparison = compared("first", first, "second", second)
    assert comparison.histories == len(first.examples)
    assert (not comparison.wrong()) is alike
