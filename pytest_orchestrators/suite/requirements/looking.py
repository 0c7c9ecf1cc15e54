"""What several requirements look for: whether a run came to what the model expects, told as findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_orchestrators.probes.values import canonical, condensed
from pytest_orchestrators.suite.case import Case, Reader, Unobserved
from pytest_orchestrators.suite.evidence import Execution, Fact, Failure, Outcome
from pytest_orchestrators.suite.requirement import Finding

#: Scenarios in which nothing is made to go wrong and nothing unusual is asked for.
PLAIN = ("first", "shapes", "parameters", "order", "two_runs")
#: Scenarios in which a step raises: in the middle of others, before them all, behind them all. Nothing fails
#: before it on the same orchestrator, or these would tell of what a failure leaves behind (CLN-4).
FAILURES = ("failure", "failing_first", "failing_last")
#: Scenarios in which a step raises what another one cannot be at the same time, or two steps raise at once;
#: nothing fails before that, either.
OTHER_FAILURES = ("raises_import_error", "raises_attribute_error", "raises_name_error", "two_failures")
#: Scenarios with runs that fail: in preparation, in a step, in a hook, in the flavor's own code.
FAILING = (
    *FAILURES,
    "failure_kinds",
    "interruption",
    "missing_input",
    "hooks",
    "missing_class",
    "own_code",
)
#: Runs that succeed, also by cache, by operator and with odd names, and runs that fail in every way, also by
#: operator, or are interrupted.
EVERY_WAY = (
    *(*PLAIN, "operator", "rerun", "edits", "resources", "schedule", "like_run_names", "hostile_names"),
    *(*FAILING, "operator_fails"),
)

#: Faults by which a step raises, and what it raises then.
RAISED = {
    "raise": "ProbeFailure",
    "raise_at_first": "ProbeFailure",
    "stop_iteration": "ProbeStop",
    "import_error": "ProbeImportError",
    "attribute_error": "ProbeAttributeError",
    "name_error": "ProbeNameError",
    "interrupt": "KeyboardInterrupt",
}
#: What tells that a step was launched; one that finds no input gets no further than the hook.
LAUNCHES = ("prepare_step_run", "started")
#: How a log line says that a step was served from the cache, and that it was not.
_HIT = re.compile(
    r"using cached|\b(?:is|was) cached(?! for)|cache hit|hit in the cache|cached: (?:yes|true)", re.I
)
_MISS = re.compile(r"cache miss|\bmiss(?:ed)?\b|\bnot (?:in the cache|cached)|cached: (?:no|false)\b", re.I)
#: States on the record in which nothing goes on any more.
SETTLED = ("complete", "cached", "failed", "canceled")
#: Seconds that may lie between the end of a step's function and what its process does then.
_JUST_S = 1.0
#: The longest piece of a value that a finding shows.
SHOWN = 160


def shown(value: object) -> str:
    """A value as a finding shows it."""
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"


def ending(outcome: Outcome) -> str:
    """How a run ended, in words."""
    if outcome.kind == "returned":
        return "run() returned"
    if outcome.kind == "timed_out":
        return f"run() did not end within {outcome.seconds:.0f} s"
    if outcome.kind == "killed":
        return f"run() went on until its process was killed, for {outcome.seconds:.0f} s"
    if outcome.kind == "refused":
        return "the deployment was refused: " + error_text(outcome.chain[0])
    if outcome.kind == "left":
        return "run() ended the whole process: " + error_text(outcome.chain[0])
    return "run() raised " + error_text(outcome.chain[0]) if outcome.chain else "run() raised"


def error_text(error: Failure) -> str:
    """An exception as a finding shows it: class, message, and the innermost frame."""
    frame = error.where.splitlines()[-1] if error.where else ""
    name = error.type.removeprefix("builtins.")
    return f"{name}: {shown(error.message)}" + (f"\n  at {frame}" if frame else "")


def chain_text(chain: tuple[Failure, ...]) -> str:
    """An exception and everything in its chain as a finding shows it."""
    return " <- ".join(error_text(error) for error in chain) or "nothing"


def did_not_return(case: Case) -> Iterator[Finding]:
    """A finding if a run in which nothing is wrong did not come back with success."""
    outcome = case.seen.outcome
    if outcome.kind != "returned":
        stacks = f"; stacks of all threads:\n{outcome.stacks}" if outcome.stacks else ""
        yield Finding("run() returns, nothing being wrong", ending(outcome) + stacks, case.where)


def did_not_raise(case: Case) -> Iterator[Finding]:
    """A finding if a run in which something failed came back with success, or not at all."""
    if case.seen.outcome.kind != "raised":
        yield Finding("run() raises", ending(case.seen.outcome), case.where)


def says_miss(line: str) -> bool:
    """Whether a log line about a step and the cache says that the step was not served from it."""
    return _MISS.search(line) is not None


def numberless(text: str) -> str:
    """A text without what is another number each time: a duration, an attempt, an id."""
    return re.sub(r"\d+", "#", text)


def says_hit(line: str) -> bool:
    """Whether a log line about a step says that it was served from the cache."""
    return _HIT.search(line) is not None and not says_miss(line)


def leftovers(case: Case) -> Iterator[Finding]:
    """A finding for everything that is still active on the orchestrator after the run."""
    for name, value in sorted(case.seen.leftover.items()):
        yield Finding("nothing is active after the run", f"{name} is {value}", case.where)


def nothing_executed(case: Case) -> Unobserved:
    """What a check raises that can say nothing about a run in which no step was executed."""
    return Unobserved(f"no step was executed in {case.where}")


def became(case: Case, step: str) -> str:
    """What became of a step, in words."""
    starts, ends, states = len(case.started(step)), len(case.finished(step)), case.states(step)
    if starts > 1:
        doing = f"was started {starts} times"
    elif starts:
        doing = "was executed" if ends else "was started and did not finish"
    else:
        doing = "was not executed"
    return f"step {step} {doing}; on the record: {', '.join(states) or 'nothing'}"


def ended_after_return(case: Case) -> list[str]:
    """The steps that ended after `run()` had come back."""
    kinds = [fact.kind for fact in case.seen.facts]
    back = kinds.index("run_is_back") if "run_is_back" in kinds else len(kinds)
    return [fact.step for fact in case.seen.facts[back:] if fact.kind == "finished" and fact.step]


def broken_off(case: Case, step: str) -> bool:
    """Whether a step was ended on its way, with a process of its own, because another one had failed; also
    when its function had just come to its end, and what follows that had not.
    """
    own = [fact for fact in case.seen.facts if fact.step == step]
    faulted = [fact.monotonic for fact in case.seen.events("faulted") if fact.step != step]
    if not own or not faulted or step in case.expected.faults or case.pid in {fact.pid for fact in own}:
        return False
    ended = case.finished(step) or {"complete", "cached"}.intersection(case.states(step))
    return not ended or own[-1].monotonic > min(faulted) - _JUST_S


def done_once(case: Case, step: str) -> bool:
    """Whether a step was executed exactly once, or not at all and is on the record as cached."""
    starts, ends = len(case.started(step)), len(case.finished(step))
    return (starts == ends == 1) or (starts == 0 and "cached" in case.states(step))


def not_executed(case: Case, steps: frozenset[str], because: str) -> Iterator[Finding]:
    """A finding for each of these steps that was not executed exactly once."""
    for step in sorted(steps):
        if len(case.started(step)) != 1 or len(case.finished(step)) != 1:
            yield Finding(f"step {step} is executed once: {because}", became(case, step), case.where)


def not_cached(case: Case, steps: frozenset[str], because: str) -> Iterator[Finding]:
    """A finding for each of these steps that was executed, or is not on the record as cached."""
    for step in sorted(steps):
        if case.started(step) or "cached" not in case.states(step):
            yield Finding(f"step {step} is served from the cache: {because}", became(case, step), case.where)


def wrong_values(case: Case) -> Iterator[Finding]:
    """A finding for each input, parameter or output of an executed step that is not what it must be."""
    for fact in case.seen.events("started"):
        expected = case.expected.steps.get(fact.step or "")
        if expected is None:
            yield Finding("only steps of the pipeline are executed", f"{fact.step} was", case.where)
            continue
        for kind, wanted in (("inputs", expected.inputs), ("parameters", expected.step.parameters)):
            yield from _differences(case, fact, kind, wanted)
    for fact in case.seen.events("finished"):
        if fact.step in case.expected.steps:
            yield from _differences(case, fact, "values", case.expected.steps[fact.step].values)


def _differences(case: Case, fact: Fact, kind: str, wanted: object) -> Iterator[Finding]:
    given, wanted = fact.facts.get(kind) or {}, condensed(wanted)
    if canonical(given) == canonical(wanted) or not isinstance(given, dict) or not isinstance(wanted, dict):
        return
    for name in sorted({*wanted, *given}):
        want = shown(wanted[name]) if name in wanted else "nothing"
        got = shown(given[name]) if name in given else "nothing"
        if name not in wanted or name not in given or canonical(wanted[name]) != canonical(given[name]):
            singular = {"inputs": "input", "parameters": "parameter", "values": "output"}[kind]
            yield Finding(f"step {fact.step} has {singular} {name} = {want}", got, case.where)


def done_as_expected(case: Case) -> Iterator[Finding]:
    """Findings where a run in which nothing is wrong did not do what the model says, with the right
    values.
    """
    yield from did_not_return(case)
    yield from not_executed(case, case.expected.certainly("executed"), "nothing can serve it from the cache")
    yield from not_cached(case, case.expected.certainly("cached"), "it ran before and nothing changed")
    yield from wrong_values(case)


def done_right(case: Case) -> Iterator[Finding]:
    """Findings where a run, nothing being wrong, left a step out, ran one twice, or worked on wrong values.

    Whether a step was executed or served from the cache is left to the requirements about the cache.
    """
    yield from did_not_return(case)
    for step in sorted(case.expected.certainly("executed", "cached")):
        if not done_once(case, step):
            yield Finding(f"step {step} is executed once, or cached", became(case, step), case.where)
    yield from wrong_values(case)


def still_running(executions: Iterable[Execution], where: str) -> Iterator[Finding]:
    """A finding for each execution that the record says goes on."""
    for execution in executions:
        if execution.state not in SETTLED:
            seen = f"{execution.step} of run {execution.run_name} is {execution.state}"
            yield Finding("no execution is left running on the record", seen, where)


def failing_cases(reader: Reader, *scenarios: str) -> Iterator[Case]:
    """The runs of these scenarios that must fail."""
    return (case for case in reader.cases(*scenarios) if case.expected.raises)


def healthy_cases(reader: Reader, *scenarios: str) -> Iterator[Case]:
    """The runs of these scenarios in which nothing is wrong."""
    return (case for case in reader.cases(*scenarios) if not case.expected.raises)
