"""RUN-12 and RUN-13: what overlaps in time, steps with each other and the run with its caller."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.requirement import Collector, Finding
from pytest_orchestrators.suite.requirements import undersold
from pytest_orchestrators.suite.requirements.looking import (
    PLAIN,
    did_not_raise,
    done_right,
    ended_after_return,
    nothing_executed,
)

requirement = Collector()


@requirement(
    "RUN-12",
    reads=("meeting",),
    undeclared_reads=("order",),
    needs=("RUN-1",),
    level="capability",
    capability="parallel_steps",
    undeclared=undersold.parallel_steps,
    why="Ten experiments side by side are an hour; one after the other they are a night.",
    observed="Each of two independent steps waits, for a bounded time, until the other one is under way.",
    example="""
        with ThreadPoolExecutor(8) as pool:
            for step in deployment.steps.values():
                pool.submit(self.run_step, step).result()   # waits for each before the next
    """,
    fix="Submit every step whose upstream steps have ended before you wait for any of them.",
    limits="Two steps are made to overlap; how many more can is not asked.",
)
def independent_steps_overlap(reader: Reader) -> Iterator[Finding]:
    """Independent steps overlap in time, and every step is still executed once, in order, with the right
    values.
    """
    for case in reader.cases("meeting"):
        yield from done_right(case)
        met = {fact.step: fact.facts.get("met") for fact in case.seen.events("met")}
        for step in case.seen.action.meets:
            if met.get(step) is False:
                others = ", ".join(other for other in case.seen.action.meets if other != step)
                yield Finding(
                    f"step {step} is under way at the same time as {others}",
                    f"{others} was not started while {step} waited for it",
                    case.where,
                )
        if not met:
            raise nothing_executed(case)


@requirement(
    "RUN-13",
    reads=("submission",),
    undeclared_reads=PLAIN,
    needs=("RUN-1",),
    level="capability",
    capability="async_submission",
    undeclared=undersold.async_submission,
    why="Whoever submits for the night wants the terminal back, and the outcome in the morning.",
    observed=(
        "A step waits, for a bounded time, until `run()` has come back; then the end of the run is waited "
        "for. Another run, whose first step fails, is waited for as well."
    ),
    example="""
        def prepare_or_run_pipeline(self, deployment, stack):
            threading.Thread(target=self._work).start()   # and nobody can wait for it
    """,
    fix=(
        "Return something with a `wait()` or `result()` that comes back at the end of the run and raises "
        "what the run failed with, or give the flavor a method `wait_for_run(returned)`."
    ),
    limits=(
        "Whether the run can be waited for is asked by the one way that the contract has for it. What a "
        "caller sees who polls the backend is not asked."
    ),
)
def comes_back_early(reader: Reader) -> Iterator[Finding]:
    """`run()` comes back before the steps are done, and the run can be waited for to its end."""
    case = reader.case("submission", "submitted")
    yield from done_right(case)
    waiting = case.seen.action.waits_in
    if case.executed() and waiting not in ended_after_return(case):
        yield Finding(
            f"run() comes back while step {waiting} is under way",
            "it came back when the step had ended",
            case.where,
        )
    yield from did_not_raise(reader.case("submission", "failed"))
