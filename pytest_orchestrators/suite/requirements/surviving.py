"""What is asked of runs that are killed or not alone: CLN-10, ISO-1 and ISO-2."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.probes.values import canonical
from pytest_orchestrators.suite.case import Case, Reader, Unobserved
from pytest_orchestrators.suite.evidence import Failure
from pytest_orchestrators.suite.requirement import Collector, Finding, listed
from pytest_orchestrators.suite.requirements.looking import (
    became,
    done_right,
    ending,
    error_text,
    leftovers,
    not_executed,
    nothing_executed,
    shown,
    still_running,
)

requirement = Collector()

#: What an exception is that nobody raised on purpose to refuse something.
_ACCIDENTS = {"AttributeError", "TypeError", "AssertionError", "NameError", "LookupError", "RecursionError"}
#: Seconds after which a run that stands still has waited long enough for one that is to begin beside it.
_STOOD_STILL_S = 10.0
_KILLED = ("killed_early", "killed_late")


def _recorded_wrong(case: Case) -> Iterator[Finding]:
    """Findings where the record does not hold what the steps of a good run came to, and nothing else."""
    foreign = {execution.step for execution in case.seen.executions} - case.expected.steps.keys()
    if foreign:
        yield Finding("only steps of the pipeline are on its record", listed(foreign), case.where)
    for name, step in case.expected.steps.items():
        good = [e for e in case.executions(name) if e.state in ("complete", "cached")]
        if not good:
            yield Finding(f"step {name} is complete on the record", became(case, name), case.where)
        for output, value in step.values.items():
            for artifact in (artifact for e in good for artifact in e.outputs.get(output, ())):
                seen = shown(artifact.value) if artifact.exists else "it cannot be loaded"
                if not artifact.exists or canonical(artifact.value) != canonical(value):
                    yield Finding(f"output {output} of step {name} is {shown(value)}", seen, case.where)


@requirement(
    "CLN-10",
    reads=("called_twice",),
    needs=("RUN-1",),
    why="A service calls `run()` from several threads, sooner or later; what mixes two runs spoils both.",
    observed=(
        "While a step of a run waits, another thread calls `run()` on the same orchestrator for another "
        "pipeline, one of whose steps has the same name; once that one goes on first, once it is in the "
        "middle of a step when the first goes on; once the step of that name is done in the first by then."
    ),
    example="""
        def run(self, deployment, stack):
            self._active_deployment = deployment     # and the run before goes on with this one
    """,
    fix="Leave `run` to the base class, which refuses; or keep what is a run's in an object of its own.",
    limits="Two calls are made, by two threads. A race that shows once in a hundred calls may pass.",
)
def second_run_apart(reader: Reader) -> Iterator[Finding]:
    """A second `run()` on an instance that is already running is either isolated or refused with a clear
    error; never mixed up.
    """
    first = reader.case("called_twice", "first")
    if first.seen.meanwhile is None:
        raise nothing_executed(first)
    yield from _mixed_up(first)
    yield from _mixed_up(reader.case("called_twice", "both in the middle"))
    yield from _mixed_up(reader.case("called_twice", "behind a step"))
    yield from done_right(reader.case("called_twice", "afterwards"))


def _mixed_up(first: Case) -> Iterator[Finding]:
    """Findings of a run and of the one that was called meanwhile."""
    yield from done_right(first)
    yield from _recorded_wrong(first)
    yield from leftovers(first)
    if first.seen.meanwhile is None:
        return
    second = first.of(first.seen.meanwhile)
    kind, chain = second.seen.outcome.kind, second.seen.outcome.chain
    if kind == "raised":
        yield from _refused_badly(second, chain[0])
    elif kind == "returned":
        yield from done_right(second)
        yield from _recorded_wrong(second)
    else:
        yield Finding("the second run() comes to an end", ending(second.seen.outcome), second.where)


def _refused_badly(case: Case, error: Failure) -> Iterator[Finding]:
    if _ACCIDENTS.intersection(error.bases) or "Exception" not in error.bases or not error.message.strip():
        yield Finding("a clear error that refuses the second run()", error_text(error), case.where)
    for step in case.expected.steps:
        if case.started(step) or case.states(step):
            yield Finding(f"step {step} of the refused run is not run", became(case, step), case.where)


@requirement(
    "ISO-1",
    reads=("shared_stores",),
    needs=("RUN-1",),
    families=("native", "zenml"),
    why="A team shares its stores: what two people run at the same time is none of each other's business.",
    observed=(
        "Two processes run pipelines with the same step names on the same stores: once both open fresh "
        "stores at the same moment, once one run begins and the other ends in the middle of a step; these "
        "are of one pipeline, with other parameters. Once the other run fails."
    ),
    example="""
        scratch = stores / "orchestrator.json"       # one name for all who use these stores
        scratch.write_text(deployment.to_json())
    """,
    fix=(
        "Name everything that a run writes into the stores after pipeline and run, and touch nothing of "
        "other runs; leave it to the base class to settle what is abandoned."
    ),
    limits=(
        "Two processes, three meetings. A race that needs a busier store than that may pass. Who has runs on "
        "the same stores take turns, or refuses a second run of a pipeline, is given advice."
    ),
)
def processes_side_by_side(reader: Reader) -> Iterator[Finding]:
    """Two processes running different deployments on the same stores at once both come out right."""
    for case in reader.cases("shared_stores"):
        if case.seen.beside is None:
            raise nothing_executed(case)
        other = case.of(case.seen.beside)
        refused = next((side for side in (case, other) if _refused_beside(case, other, side)), None)
        for side in (case, other):
            if side is refused:
                continue
            yield from still_running(side.seen.executions, side.where)
            if side.expected.raises:  # how that one ends is FLR-1's
                continue
            yield from done_right(side)
            yield from _recorded_wrong(side)
            yield from _taken_for_dead(side)
        if refused or _took_turns(case, other) or _took_turns(other, case):
            seen = "one was refused" if refused else "one waited for the other"
            yield Finding("two runs on the same stores go on side by side", seen, case.where, advisory=True)
        elif not _overlap(case, other):
            raise Unobserved(f"the two runs in {case.where} were not in the middle of a step at once")


def _taken_for_dead(side: Case) -> Iterator[Finding]:
    """A finding for each step that was settled as failed while it was executed, or after it was."""
    if side.seen.midway is None:
        raise Unobserved(f"the record could not be looked at in the middle of {side.where}")
    failed = {
        f"on the record {when}: failed": {e.step for e in executions if e.state == "failed"}
        for when, executions in (("midway", side.seen.midway), ("afterwards", side.seen.executions))
    }
    for seen, steps in failed.items():
        for step in sorted(steps):
            yield Finding(f"step {step}, which is well, is not settled as failed", seen, side.where)


def _refused_beside(one: Case, other: Case, side: Case) -> bool:
    """Whether a side, which is a second run of the same pipeline, was refused by a clear error."""
    same = one.seen.action.workload.name == other.seen.action.workload.name
    raised = same and side.seen.outcome.kind == "raised"
    return raised and not list(_refused_badly(side, side.seen.outcome.chain[0]))


def _took_turns(one: Case, other: Case) -> bool:
    """Whether the other one came no further than the first, which stood still for its sake, let it."""
    step = one.seen.action.waits_in or ""
    still = [fact.monotonic for fact in (*one.started(step), *one.finished(step))]
    if len(still) != 2 or still[1] - still[0] < _STOOD_STILL_S:
        return False
    later = other.started(other.seen.action.waits_in or "")
    return bool(later) and later[0].monotonic > still[1]


def _overlap(one: Case, other: Case) -> bool:
    """Whether each was in the middle of a step while the other was."""
    spans = []
    for case in (one, other):
        step = case.seen.action.waits_in or ""
        started, finished = case.started(step), case.finished(step)
        if not started or not finished:
            return False
        spans.append((started[0].monotonic, finished[-1].monotonic))
    (begin, end), (other_begin, other_end) = spans
    return begin < other_end and other_begin < end


@requirement(
    "ISO-2",
    reads=_KILLED,
    needs=("RUN-1",),
    families=("native", "zenml"),
    why=(
        "Machines are rebooted and processes are killed for their memory: nobody is there to clean up, and "
        "the next run has to be right all the same."
    ),
    observed=(
        "The process that called `run()` is killed before the deployment, in the hook before a step, as the "
        "step begins, with its output half stored, and in the hook after it; then a process that has seen "
        "nothing of it runs the same pipeline, under the same run name and under a new one, once another "
        "pipeline before that."
    ),
    example="""
        lock = stores / "orchestrator.lock"
        lock.touch(exist_ok=False)                   # who is killed leaves it behind, for ever
        try:
            ...
        finally:
            lock.unlink()
    """,
    fix=(
        "Keep no state of a run in files without an owner that can be proved dead; take the record, which "
        "the base class settles, for the only truth about what is done."
    ),
    limits=(
        "Five moments are tried, of one step each. A kill between two instructions of the record's own is "
        "the database's to survive."
    ),
)
def next_run_after_a_kill(reader: Reader) -> Iterator[Finding]:
    """After the orchestrating process is killed (`SIGKILL`) in the middle of a run, the next run on the same
    stores works, under a new run name and under the same one; nothing half-done is taken for cached or found
    in an output; executions that the dead process left running are settled as failed.
    """
    gaps: list[str] = []
    for scenario in _KILLED:
        whole = reader.case(scenario, "undisturbed")
        killed: Case | None = None
        for case in reader.cases(scenario):
            if case.seen.action.killed_at is not None:
                killed, first = case, True
                if case.seen.outcome.kind != "killed":
                    gaps.append(f"the run was not killed in {case.where}: {ending(case.seen.outcome)}")
            elif killed is not None and case.seen.action.workload.name != killed.seen.action.workload.name:
                yield from done_right(case)
                yield from _recorded_wrong(case)
            elif killed is not None:
                yield from _follows_badly(case)
                yield from _files_left(case, whole)
                if first and case.label != killed.label:
                    yield from _finished_by_nobody(case, killed)
                first = False
    if gaps:
        raise Unobserved(gaps[0])


def _follows_badly(case: Case) -> Iterator[Finding]:
    """Findings where a run after a kill is not right."""
    yield from done_right(case)
    yield from not_executed(case, case.expected.certainly("executed"), "the killed run had not done it")
    yield from _recorded_wrong(case)
    yield from still_running(case.seen.executions, case.where)
    yield from still_running(case.seen.of_killed, case.where)
    for name, step in case.expected.steps.items():
        if "skipped" in step.allowed and len(case.started(name)) > 1:
            yield Finding(f"step {name} is executed once at most", became(case, name), case.where)


def _files_left(case: Case, whole: Case) -> Iterator[Finding]:
    """A finding for each output whose folder holds other files than outputs of an undisturbed run."""
    usual = {files for _, files in _files_of(whole)}
    for step, files in _files_of(case):
        if usual and files not in usual:
            expected = f"an output of step {step} has the files of any other: {listed(next(iter(usual)))}"
            yield Finding(expected, listed(files), case.where)


def _files_of(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    for execution in case.seen.executions:
        for artifact in (a for artifacts in execution.outputs.values() for a in artifacts):
            yield execution.step, artifact.files


def _finished_by_nobody(case: Case, killed: Case) -> Iterator[Finding]:
    """A finding if the step in whose middle a run was killed is anything but failed on its record."""
    halt = killed.seen.action.killed_at
    if halt is None or halt.moment not in ("started", "storing") or killed.went_on(halt.step):
        return
    states = {e.state for e in case.seen.of_killed if e.step == halt.step}
    if states - {"failed"}:
        seen = f"on its record: {listed(states)}"
        yield Finding(f"step {halt.step} of the killed run is a failed one", seen, killed.where)
