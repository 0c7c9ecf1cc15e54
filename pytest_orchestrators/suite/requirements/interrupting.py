"""What is asked of runs that are interrupted: CLN-9."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.evidence import Failure
from pytest_orchestrators.suite.requirement import Collector, Finding
from pytest_orchestrators.suite.requirements.leaking import left
from pytest_orchestrators.suite.requirements.looking import (
    LAUNCHES,
    chain_text,
    did_not_raise,
    done_right,
    leftovers,
    nothing_executed,
    still_running,
)

requirement = Collector()

#: Seconds within which an interrupted run has to come back, beside those that a whole run takes.
PROMPT_S = 20.0


@requirement(
    "CLN-9",
    reads=("stopped", "interruption"),
    needs=("RUN-1",),
    why=(
        "Ctrl-C is how a person says stop: a pipeline that goes on, or an error that hides the reason, takes "
        "that away."
    ),
    observed=(
        "While a step waits, the process that called `run()` is interrupted. The step is let go when `run()` "
        "has come back, and before that if `run()` evidently waits; whether it then goes on all the same is "
        "seen in its journal. So it is for a pipeline of nine steps, none of which waits for another: who "
        "had some of them under way and takes up others is given advice. One is interrupted in its last "
        "step. A step raises the interrupt itself; then the pipeline runs again."
    ),
    example="""
        try:
            self.run_step(step)
        except BaseException as error:          # Ctrl-C, too
            raise RuntimeError("step failed") from error
    """,
    fix=(
        "Catch `Exception`, not `BaseException`; where work goes on in threads or processes, end it in "
        "`finally`, wait for its end, and let the interrupt out."
    ),
    limits=(
        "What becomes of a run that goes on elsewhere, and is only waited for here, is not asked. Who has "
        "nine steps under way at a time, or each in a process that was made for it, does not show what "
        "becomes of steps that still wait for a place."
    ),
)
def interruption_comes_out(reader: Reader) -> Iterator[Finding]:
    """An interruption (`KeyboardInterrupt`) leaves the run promptly, cleaned up as after any failure, and
    comes out as it went in.
    """
    stopped = reader.case("stopped", "stopped")
    if not stopped.seen.events("interrupted"):
        raise nothing_executed(stopped)
    interrupt = _at(stopped, "interrupted")
    if _at(stopped, "run_is_back") < interrupt:
        return  # who was interrupted only waited for the run, which goes on
    afterwards = reader.case("stopped", "afterwards")
    yield from _stopped_badly(stopped, afterwards.seen.outcome.seconds)
    for fact in stopped.seen.facts[interrupt:]:
        if fact.kind == "started":
            yield Finding("no step is started after the interrupt", f"{fact.step} was", stopped.where)
    yield from still_running(stopped.seen.executions, stopped.where)
    yield from leftovers(stopped)
    yield from left(
        [stopped], "what the run has made is cleaned up", "file", "state", "thread", "process", "descriptor"
    )
    yield from done_right(afterwards)
    yield from _stopped_among_many(reader.case("stopped", "many ready"), afterwards.seen.outcome.seconds)
    last = reader.case("stopped", "in the last step")
    if _at(last, "run_is_back") >= _at(last, "interrupted"):
        yield from _stopped_badly(last, afterwards.seen.outcome.seconds)
    raised = reader.case("interruption", "interrupted")
    if _in_the_thread_of_run(raised):
        yield from _not_the_interrupt(raised)
        yield from _gone_on(raised)


def _at(case: Case, kind: str) -> int:
    """Where in the run's order of events the first of a kind is; behind all of them if there is none."""
    kinds = [fact.kind for fact in case.seen.facts]
    return kinds.index(kind) if kind in kinds else len(kinds)


def _not_the_interrupt(case: Case) -> Iterator[Finding]:
    chain = case.seen.outcome.chain
    yield from did_not_raise(case)
    if case.seen.outcome.kind == "raised" and not _is_interrupt(chain[0]):
        yield Finding("run() raises the KeyboardInterrupt itself", chain_text(chain), case.where)


def _stopped_badly(case: Case, besides: float) -> Iterator[Finding]:
    """Findings about how a run ended that was interrupted, whose steps may take so many seconds."""
    yield from _not_the_interrupt(case)
    yield from _late(case, besides)
    yield from _left_behind(case)


def _stopped_among_many(case: Case, seconds_of_a_run: float) -> Iterator[Finding]:
    """Findings about a run of more steps than are under way at a time; advice where one of those that had to
    wait is taken up after the interrupt: that is prompt as long as steps are short.
    """
    let_go = _at(case, "let_go")
    launches = [fact for fact in case.seen.facts[:let_go] if fact.kind in LAUNCHES]
    # Each of those that are under way may take as long to be stopped as a whole run.
    yield from _stopped_badly(case, seconds_of_a_run * len({fact.step for fact in launches}))
    had = {(fact.pid, fact.thread): fact.step for fact in launches}
    taken_up = {
        fact.step: before
        for fact in case.seen.facts[let_go:]
        if fact.kind in LAUNCHES and (before := had.get((fact.pid, fact.thread))) not in (None, fact.step)
    }
    for step, before in taken_up.items():
        seen = f"{step} was, by the thread that had run {before}"
        yield Finding("steps that wait for a place are called off", seen, case.where, advisory=True)


def _gone_on(case: Case) -> Iterator[Finding]:
    """A finding for each step that was begun where one had raised the interrupt."""
    [fault] = case.seen.events("faulted")
    for fact in case.seen.facts[case.seen.facts.index(fault) :]:
        if fact.kind == "started" and (fact.pid, fact.thread) == (fault.pid, fault.thread):
            yield Finding("no step is started after the interrupt", f"{fact.step} was", case.where)


def _is_interrupt(error: Failure) -> bool:
    return "KeyboardInterrupt" in error.bases


def _late(case: Case, besides: float) -> Iterator[Finding]:
    """A finding if the run came back long after the step that it waited for was let go."""
    ends = case.seen.events("run_ended")
    let_go = case.seen.events("let_go")
    seconds = ends[0].monotonic - let_go[0].monotonic if ends and let_go else 0.0
    if seconds > PROMPT_S + besides:
        yield Finding(
            f"run() comes back within {PROMPT_S:g} s, and {besides:.1f} s that its steps may take, after it "
            "was interrupted and they were let go",
            f"it took {seconds:.1f} s",
            case.where,
        )


def _left_behind(case: Case) -> Iterator[Finding]:
    """A finding for each step that went on when `run()` had come back already."""
    for fact in case.seen.facts[_at(case, "run_ended") :]:
        if fact.kind == "finished":
            seen = f"step {fact.step} went on, and ended after it"
            yield Finding("nothing of the run goes on when run() has come back", seen, case.where)


def _in_the_thread_of_run(case: Case) -> bool:
    """Whether the step that raised the interrupt ran where `run()` was called: in another thread or process
    it has to find its own way there.
    """
    ends = {(fact.pid, fact.thread) for fact in case.seen.events("run_ended")}
    return any((fact.pid, fact.thread) in ends for fact in case.seen.events("faulted"))
