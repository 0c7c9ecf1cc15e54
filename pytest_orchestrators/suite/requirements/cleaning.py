"""CLN: cleaning up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding
from pytest_orchestrators.suite.requirements.anywhere import after_failures, failures, hooked, successes
from pytest_orchestrators.suite.requirements.looking import (
    FAILING,
    FAILURES,
    PLAIN,
    broken_off,
    did_not_raise,
    done_right,
    ending,
    failing_cases,
    leftovers,
    nothing_executed,
)

requirement = Collector()

#: Scenarios in which good runs follow those that fail.
_THEN_MENDED = ("failure", "two_failures", "own_code", "hooks", "interruption", "failure_kinds")


@requirement(
    "CLN-1",
    anywhere=Anywhere(successes),
    reads=(*PLAIN, "rerun", "schedule"),
    why="What is still active after a run is taken for the next one's.",
    observed="The orchestrator is looked at after every run.",
    example="""
        def _cleanup_run(self):
            pass   # for debugging
    """,
    fix="Do not override `_cleanup_run`, or call the base class's.",
    limits=(
        "The two attributes in which the base class keeps what is active are looked at. What a flavor keeps "
        "in attributes of its own shows only in what it does to the next run (RUN-7, CLN-4)."
    ),
)
def nothing_active(reader: Reader) -> Iterator[Finding]:
    """After a run that succeeds, no active deployment or pipeline is left on the orchestrator."""
    for case in reader.cases(*PLAIN, "rerun", "schedule"):
        yield from leftovers(case)
        if not case.executed() | case.cached():
            raise nothing_executed(case)


@requirement(
    "CLN-2",
    anywhere=Anywhere(failures),
    reads=(*FAILING, "record_trouble"),
    needs=("RUN-1", "FLR-1"),
    why="The run after a failure is the one that has to be right; the original leaks its state here.",
    observed=(
        "The orchestrator is looked at after runs that failed in preparation, a step, a hook, or its own "
        "code, or that could not open the record."
    ),
    example="""
        def run(self, deployment, stack):
            self._prepare_run(deployment)
            result = self.prepare_or_run_pipeline(deployment, stack)
            self._cleanup_run()        # not reached when a step raises
            return result
    """,
    fix="Clean up in `finally`, or leave `run` to the base class.",
    limits=(
        "As with CLN-1, attributes of the flavor's own are not looked at; what they spoil is seen by CLN-4."
    ),
)
def nothing_active_after_failure(reader: Reader) -> Iterator[Finding]:
    """After a run that fails, whether in preparation, in a step, or in the flavor's own code, no active
    deployment or pipeline is left on the orchestrator.
    """
    for case in failing_cases(reader, *FAILING):
        yield from leftovers(case)
        if case.seen.action.run_fault:
            yield from did_not_raise(case)
    for case in failing_cases(reader, "record_trouble"):
        if case.seen.outcome.kind == "raised":
            yield from leftovers(case)


@requirement(
    "CLN-3",
    anywhere=Anywhere(hooked),
    reads=(*PLAIN, "rerun", *FAILURES, "failure_kinds", "interruption", "operator"),
    needs=("RUN-1",),
    why="Components open in the one hook what they close in the other: connections, containers, trackers.",
    observed="A component of the stack journals both hooks, wherever the step runs.",
    example="""
        def run_step(self, step, run_name=None):
            ...   # launches by itself and never calls stack.prepare_step_run
    """,
    fix="Launch steps through the base class's `run_step`.",
    limits=(
        "What the hooks are given is not looked at beyond the name of the step and of the run. A step whose "
        "process was ended because another one had failed has no hook after it, and need not have one."
    ),
)
def hooks_pair_up(reader: Reader) -> Iterator[Finding]:
    """`prepare_step_run` and `cleanup_step_run` pair up, once per `run_step` call without a step operator
    (cached or not), the cleanup also when the step fails; neither is called with a step operator.
    """
    for case in reader.cases(*PLAIN, "rerun", *FAILURES, "failure_kinds", "interruption", "operator"):
        for step in case.expected.steps.values():
            kinds = [
                f.kind for f in case.seen.facts if f.step == step.step.name and f.kind.endswith("step_run")
            ]
            if step.step.operator is not None:
                if kinds and case.seen.events("operator", step.step.name):
                    yield Finding(
                        f"no hook around {step.step.name}, which names an operator",
                        ", ".join(kinds),
                        case.where,
                    )
            else:
                yield from _pairs(case, step.step.name, kinds)


def _pairs(case: Case, step: str, kinds: list[str]) -> Iterator[Finding]:
    calls = sum(call.launches for call in case.seen.calls if call.step == step)
    launched = bool(case.started(step) or case.states(step))
    pairs = len(kinds) // 2
    if kinds == ["prepare_step_run"] and broken_off(case, step):
        return
    if kinds != ["prepare_step_run", "cleanup_step_run"] * pairs:
        yield Finding(f"the hooks around {step} pair up", ", ".join(kinds), case.where)
    elif pairs < launched or (calls and pairs != calls):
        seen = f"{pairs} pairs for {max(calls, 1)} calls of run_step"
        yield Finding(f"one pair of hooks around every launch of {step}", seen, case.where)


@requirement(
    "CLN-4",
    anywhere=Anywhere(after_failures, lambda cases: _after_failures(cases)),
    reads=(*_THEN_MENDED, "failed_name_again"),
    needs=("RUN-1", "FLR-1"),
    why="A service that must be restarted after every failed pipeline is not one.",
    observed=(
        "After a failed run the same instance runs a good deployment, and the same one under the same run "
        "name if another instance takes it."
    ),
    example="""
        if self._failed:                      # once failed, always failed
            raise RuntimeError("orchestrator is in an error state")
    """,
    fix="Let go of everything that belongs to a run when it ends.",
    limits=(
        "One good pipeline follows each failure, and one a failure of every kind in a row. What only shows "
        "after a dozen of them is not looked for."
    ),
)
def good_after_bad(reader: Reader) -> Iterator[Finding]:
    """After a failed run the same instance runs a good deployment correctly."""
    for scenario in _THEN_MENDED:
        yield from _after_failures(reader.cases(scenario))
    again, afresh = (reader.case("failed_name_again", "once", occurrence=n) for n in (1, 2))
    if again.seen.outcome.kind == "raised" and afresh.seen.outcome.kind == "returned":
        expected = "the run that failed is run again by the orchestrator that ran it, as by another one"
        yield Finding(expected, ending(again.seen.outcome), again.where)


def _after_failures(cases: Iterable[Case]) -> Iterator[Finding]:
    """Findings of runs in which nothing goes wrong, after one in which something did."""
    failed = False
    for case in cases:
        if failed and not case.expected.raises:
            yield from done_right(case)
        failed = failed or case.expected.raises
