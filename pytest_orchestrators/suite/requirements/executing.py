"""RUN, what becomes of the steps: each once, in order, with the right values, by the right hands."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.case import Case, Reader, names_step
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding, listed
from pytest_orchestrators.suite.requirements.anywhere import any_run, at_first, successes
from pytest_orchestrators.suite.requirements.looking import (
    LAUNCHES,
    PLAIN,
    became,
    did_not_return,
    done_once,
    ending,
    failing_cases,
    nothing_executed,
    wrong_values,
)

requirement = Collector()


@requirement(
    "RUN-1",
    anywhere=Anywhere(at_first),
    reads=PLAIN,
    why="A step that is left out is missing work; one that runs twice repeats its side effects.",
    observed=(
        "Every probe step writes to a journal when it is entered and when it ends; the record is read as "
        "well."
    ),
    example="""
        def prepare_or_run_pipeline(self, deployment, stack):
            for step in list(deployment.steps.values())[:-1]:   # the last one is forgotten
                self.run_step(step)
    """,
    fix="Call `run_step` once for every value of `deployment.steps`.",
    limits=(
        "A step leaves its mark when its function is entered. Work that is submitted twice and never gets "
        "that far is not seen."
    ),
    provenance="zenml PR 3923 (an orphan second run)",
)
def every_step_once(reader: Reader) -> Iterator[Finding]:
    """Every step of the deployment is executed exactly once per run, or served from the cache."""
    for case in reader.cases(*PLAIN):
        yield from did_not_return(case)
        for step in case.expected.steps:
            if not done_once(case, step):
                yield Finding(f"step {step} is executed once", became(case, step), case.where)
        for fact in case.seen.events("started"):
            if fact.step not in case.expected.steps:
                yield Finding("only steps of the pipeline are executed", f"{fact.step} was", case.where)


@requirement(
    "RUN-2",
    anywhere=Anywhere(successes),
    reads=(*PLAIN, "partly_cached"),
    why="A step that starts too early reads what is not there yet, or what an earlier run left behind.",
    observed=(
        "For every dependency along which data flows, the order of the journal's events is looked at, also "
        "where some of the steps are cached."
    ),
    example="""
        for step in reversed(deployment.steps.values()):
            self.run_step(step)
    """,
    fix=(
        "Keep the order of `deployment.steps`, or start a step when all its `spec.upstream_steps` have ended."
    ),
    limits=(
        "Every kind of dependency is run a few times. A flavor that keeps the order by luck, and loses it "
        "once in a hundred runs, may pass."
    ),
)
def upstream_first(reader: Reader) -> Iterator[Finding]:
    """A step starts only after every one of its upstream steps has finished."""
    for case in reader.cases(*PLAIN, "partly_cached"):
        yield from _started_early(case, data=True)
        if not case.executed():
            raise nothing_executed(case)


@requirement(
    "RUN-3",
    anywhere=Anywhere(any_run),
    reads=("first", "shapes", "parameters", "two_runs", "hostile_parameters"),
    why="A right order with wrong values gives a wrong model that looks like a right one.",
    observed=(
        "Probe steps journal what they were given, also of texts that somebody cuts, quotes or fills in; "
        "their outputs are digests of everything that went in."
    ),
    example="""
        step.config.parameters.clear()   # every step runs with nothing
    """,
    fix="Hand the step on as it is in the deployment, and let `run_step` resolve its inputs.",
    limits=(
        "Values are what JSON can hold. What a materializer makes of arrays, tables or models is not looked "
        "at."
    ),
)
def right_values(reader: Reader) -> Iterator[Finding]:
    """A step receives exactly the values its upstream steps produced, and its own parameters."""
    for case in reader.cases("first", "shapes", "parameters", "two_runs"):
        yield from wrong_values(case)
        if not case.seen.events("started"):
            raise nothing_executed(case)
    for case in reader.cases("hostile_parameters"):  # which may be refused
        yield from wrong_values(case)


@requirement(
    "RUN-10",
    reads=("first", "shapes"),
    why=(
        "Orchestrators are tried out on chains and break on joins, on islands and on more than ten of a kind."
    ),
    observed="One pipeline of each shape is run.",
    example="""
        for step in list(deployment.steps.values())[:10]:   # enough for everyone
            self.run_step(step)
    """,
    fix="Run every step of the deployment, whatever it hangs on.",
    limits=(
        "The widest layer has eleven steps and the longest chain three. What a target environment cannot "
        "take of hundreds is not found out."
    ),
)
def every_shape(reader: Reader) -> Iterator[Finding]:
    """Shapes: a single step, a chain, a fan-out, a fan-in, a diamond, disconnected parts, a wide layer and
    branches of unequal length all run whole.
    """
    for case in reader.cases("first", "shapes"):
        left_out = [s for s in case.expected.steps if not done_once(case, s)]
        if left_out or case.seen.outcome.kind != "returned":
            seen = f"{ending(case.seen.outcome)}; not run whole: {listed(left_out)}"
            yield Finding(f"a pipeline of shape {case.label!r} runs whole", seen, case.where)


def _silent_without_operator(reader: Reader) -> Iterator[Finding]:
    """Not declared: the step is refused or warned about, or it works all the same (the flavor is
    undersold).
    """
    for case in reader.cases("operator"):
        if _refused(case):
            continue
        if not case.executed():
            raise nothing_executed(case)
        for step in _operated(case):
            if case.seen.events("operator", step) and not list(_operator_findings(case, step)):
                advice = "it works: the flavor could declare step_operator"
                yield Finding("step_operator is not declared", advice, case.where, advisory=True)
            elif case.seen.outcome.kind == "returned" and not case.mentions(step, "operator", level=30):
                seen = f"no warning names it; {became(case, step)}"
                yield Finding(f"step {step} names an operator: a warning or a refusal", seen, case.where)


@requirement(
    "RUN-14",
    anywhere=Anywhere(successes),
    reads=("operator", "operator_moved", "operator_fails", "operator_down"),
    level="capability",
    capability="step_operator",
    undeclared=_silent_without_operator,
    why="A step operator is named because the step needs what this environment does not have.",
    observed=(
        "The stack's operators, of which the step names neither the first nor the last, journal what they "
        "take over, and mark the environment of what they execute; once the step fails there, once "
        "the operator cannot execute it, once it names another one, and once it names none any more."
    ),
    example="""
        config = step.config.model_copy(update={"step_operator": None})   # run it here, it is only a step
        self.run_step(step.model_copy(update={"config": config}))
    """,
    fix="Hand the step to `run_step` unchanged; it calls the operator.",
    limits=(
        "The operators are the suite's own and run the step in a process of this machine. Nothing is said "
        "about the operators that a flavor's users have."
    ),
)
def operator_executes(reader: Reader) -> Iterator[Finding]:
    """A step that names a step operator is executed by that operator and by nobody else."""
    for case in reader.cases("operator", "operator_moved"):
        yield from did_not_return(case)
        for step in _operated(case):
            yield from _operator_findings(case, step)
        for fact in case.seen.events("operator"):
            if fact.step not in _operators(case):
                yield Finding("only the step that names it", f"the operator executed {fact.step}", case.where)
    for case in failing_cases(reader, "operator_fails", "operator_down"):
        for step in _operators(case):
            yield from _by_somebody_else(case, step)


def _refused(case: Case) -> bool:
    """Whether the whole deployment was refused, by an error that names the step or operators."""
    told = " ".join(error.message for error in case.seen.outcome.chain)
    named = "operator" in told or any(names_step(told, step) for step in _operated(case))
    return case.seen.outcome.kind == "raised" and named


def _operated(case: Case) -> list[str]:
    """Steps that name an operator and are to be executed."""
    return [name for name in _operators(case) if name in case.expected.certainly("executed")]


def _operators(case: Case) -> list[str]:
    """Steps that name an operator."""
    return [s.name for s in case.seen.action.workload.steps if s.operator]


def _operator_findings(case: Case, step: str) -> Iterator[Finding]:
    taken = case.seen.events("operator", step)
    if len(taken) != 1:
        yield Finding(f"the operator takes step {step} over once", f"{len(taken)} times", case.where)
    started = case.started(step)
    if len(started) != 1:
        yield Finding(f"step {step} is executed once", became(case, step), case.where)
    yield from _by_somebody_else(case, step)


def _by_somebody_else(case: Case, step: str) -> Iterator[Finding]:
    wanted = case.seen.action.workload[step].operator
    for fact in case.started(step):
        if fact.facts.get("operator") != wanted:
            by = fact.facts.get("operator") or "somebody else"
            yield Finding(f"executed by {wanted}", f"step {step} was executed by {by}", case.where)


@requirement(
    "RUN-16",
    anywhere=Anywhere(successes),
    reads=("order",),
    why=(
        "Some dependencies carry no data: a table is filled, a service started. Dropped, they fail now and "
        "then."
    ),
    observed="Steps that must come first take their time; the order of the journal's events is looked at.",
    example="""
        ready = [s for s in steps if not s.config.inputs]   # who reads nothing waits for nobody
    """,
    fix="Order by `spec.upstream_steps`, not by inputs.",
    limits=(
        "A dependency is seen to be dropped if somebody runs ahead: by luck, a flavor may keep an order "
        "that it does not know of."
    ),
    provenance="zenml PR 1601 (an ordering-only dependency was dropped)",
)
def order_without_data(reader: Reader) -> Iterator[Finding]:
    """A dependency that is only about order (no data) is honoured like any other."""
    for case in reader.cases("order"):
        yield from _started_early(case, data=False)
        if not case.executed():
            raise nothing_executed(case)


def _started_early(case: Case, data: bool) -> Iterator[Finding]:
    """A finding for every step that started before one upstream of it, along data or order, had ended."""
    for before, after, along_data in case.seen.action.workload.edges():
        starts = sorted(p for kind in LAUNCHES for p in case.seen.positions(kind, after))
        settled = {"cached", "complete"}.intersection(case.states(before)) and not case.started(before)
        if along_data is not data or not starts or settled:
            continue
        ends = case.seen.positions("finished", before)
        if not ends or starts[0] < ends[-1]:
            seen = "started before it had" if ends else "started although it never did"
            yield Finding(f"step {after} starts after {before} has ended", f"{after} {seen}", case.where)
