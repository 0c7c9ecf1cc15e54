"""The other side of capabilities: advice to a flavor that can do what it does not declare.

None of these checks fails anything. Whether what is not declared is refused or warned about is for core
requirements to say, as WRN-1 and WRN-3 do.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.requirement import Finding
from pytest_orchestrators.suite.requirements.looking import PLAIN, ended_after_return, nothing_executed, shown
from pytest_orchestrators.suite.requirements.places import FEW, HEALTHY, in_this_process, steps_seen
from pytest_orchestrators.suite.requirements.targets import (
    covers,
    resources_applied_to,
    resources_asked,
    schedule_applied_to,
)


def _undeclared(capability: str, who: str, seen: str, case: Case) -> Finding:
    """Advice to declare a capability that was seen."""
    return Finding(f"a flavor {who} declares the capability `{capability}`", seen, case.where, advisory=True)


def out_of_process(reader: Reader) -> Iterator[Finding]:
    """Advice if a step was executed outside of the process of `run()`."""
    for case, fact in steps_seen(reader, *HEALTHY):
        if not in_this_process(reader, case, fact):
            yield _undeclared(
                "out_of_process",
                "that runs steps outside of this process",
                f"step {fact.step} ran in process {fact.pid}",
                case,
            )
            return


def containers(reader: Reader) -> Iterator[Finding]:
    """Advice if every step was executed in a container of its own.

    A suite that is itself run in a container has steps in that one, too: it counts for none.
    """
    seen = list(steps_seen(reader, *FEW))
    own = {
        fact.facts.get("container")
        for case, fact in seen
        if fact.facts.get("place") != reader.scenario(case.scenario).place
    }
    if seen and len(own - {None}) == len(seen):
        case, fact = seen[0]
        yield _undeclared(
            "containers",
            "that runs every step in a container of its own",
            f"step {fact.step} ran in container {str(fact.facts['container'])[:12]}",
            case,
        )


def resources(reader: Reader) -> Iterator[Finding]:
    """Advice if the flavor shows that all steps were given the resources that they ask for."""
    given = [
        (case, step, resources_applied_to(case, step))
        for case in reader.cases("resources")
        for step in sorted(case.expected.needy & case.executed())
    ]
    if given and all(covers(got, resources_asked(case, step)) for case, step, got in given):
        case, step, got = given[0]
        yield _undeclared(
            "resources", "that applies resources", f"it shows that step {step} was given {shown(got)}", case
        )


def schedules(reader: Reader) -> Iterator[Finding]:
    """Advice if the flavor shows that the schedule was set up."""
    for case in reader.cases("schedule"):
        wanted = case.seen.action.workload.schedule
        if wanted is not None and schedule_applied_to(case) == wanted:
            yield _undeclared(
                "schedules", "that sets up schedules", f"it shows that the schedule {wanted} was set up", case
            )
            return


def parallel_steps(reader: Reader) -> Iterator[Finding]:
    """Advice if two independent steps were under way at the same time."""
    for case in reader.cases("order"):
        steps = _overlap(case)
        if steps is not None:
            yield _undeclared(
                "parallel_steps",
                "whose independent steps overlap",
                f"steps {steps[0]} and {steps[1]} were under way at the same time",
                case,
            )
            return
        if not case.executed():
            raise nothing_executed(case)


def _overlap(case: Case) -> tuple[str, str] | None:
    """Two steps, neither of which depends on the other, that were under way at the same time."""
    workload, going = case.seen.action.workload, dict[str, frozenset[str]]()
    for fact in case.seen.facts:
        if fact.kind == "started" and fact.step in case.expected.steps:
            related = workload.upstream(frozenset({fact.step}))
            for other in going.keys() - related:
                return other, fact.step
            going[fact.step] = related
        elif fact.kind == "finished" and fact.step is not None:
            going.pop(fact.step, None)
    return None


def async_submission(reader: Reader) -> Iterator[Finding]:
    """Advice if a step ended after `run()` had come back, and was waited for."""
    for case in reader.cases(*PLAIN):
        if steps := ended_after_return(case):
            yield _undeclared(
                "async_submission",
                "whose run() comes back early",
                f"step {steps[0]} ended after run() had come back",
                case,
            )
            return
