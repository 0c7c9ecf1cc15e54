"""LOG: what a person sees."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from pytest_orchestrators.suite.case import Case, Reader, saying
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding
from pytest_orchestrators.suite.requirements.anywhere import heard
from pytest_orchestrators.suite.requirements.looking import (
    PLAIN,
    broken_off,
    healthy_cases,
    nothing_executed,
    shown,
)
from pytest_orchestrators.suite.requirements.spelled import durations

requirement = Collector()

#: Runs that succeed, also from the cache, and runs with a step that fails: that one comes to its end, too.
_LOGGED = (*PLAIN, "long_step", "rerun", "failure", "failure_kinds", "operator")
#: Seconds by which a step may be said to have taken longer than what is left of its run, or less long than it
#: saw itself: whoever looks every now and then whether it has ended sees that a while later.
_LONGER_S, _LESS_S = 1.0, 1.0

#: Words, and signs that stand for them.
_START = (
    *("start", "launch", "begin", "running", "executing", "processing", "entering", "dispatch", "submit"),
    *("invoking", "kick", "commenc", "spawn", "in progress", "under way", "underway", "working on"),
    *(">>>", "▶", "►", "➜", "→"),
)
_END = ("finish", "took", "complet", "done", "ended", "succe", "processed", "<<<", "✓", "✔", "✅", "■", "←")
_FAILURE = ("fail", "rais", "error", "abort", "exit", "✗", "✘", "❌", "✖", *_END)


@requirement(
    "LOG-1",
    anywhere=Anywhere(heard),
    reads=_LOGGED,
    needs=("RUN-1",),
    why=(
        "A log without names and times cannot answer the two questions it is read for: where is it, what "
        "takes so long."
    ),
    observed=(
        "The log of every run is searched for each step's name, with a word for start, and one for end, or "
        "for failure, with a duration, which is compared with what the run took and with what the step saw "
        "itself; one of them takes three seconds, and another one is behind it; one fails after two. Of a "
        "cached step that is said to start the end is looked for, too."
    ),
    example="""
        @staticmethod
        def _execute_step(tfx_launcher):
            return tfx_launcher.launch()   # in silence
    """,
    fix="Launch through `run_step`, which says both, and leave its logger alone.",
    limits=(
        "Lines are recognised by the step's name and by English words for start, end and failure, or signs "
        "such as `>>>` and `<<<`; a duration by a number with a unit, and it is that of the end if its line "
        "does not speak of the start. It is wrong if it is a second "
        "longer than what is left of the run when all that the step waits for has ended, or a second shorter "
        "than the step's function, and that by more than it is told in: a minute, if in whole minutes. No "
        "end is looked for of a step whose process was ended because another one had failed."
    ),
)
def start_and_end_logged(reader: Reader) -> Iterator[Finding]:
    """The start and the end of every step are logged by step name, the end with its duration."""
    for case in reader.cases(*_LOGGED):
        failed = {step for step in case.expected.certainly("failed") if case.started(step)}
        for step in sorted(case.executed() | _begun(case) | failed):
            if _out_of_hearing(case, step):
                continue
            named = case.mentions(step, level=logging.INFO)
            lines = f"{len(named)} log lines name it, none of them so"
            if not saying(named, *_START):
                yield Finding(f"a log line that names {step} and says that it starts", lines, case.where)
            words = _FAILURE if step in failed else _END
            ends = [line for line in named if saying([line], *words) or not saying([line], *_START)]
            told = [duration for line in ends for duration in durations(line.replace(step, ""))]
            if not told and broken_off(case, step):
                continue
            if not told:
                how = "after how long it failed" if step in failed else "how long it took"
                yield Finding(f"a log line that names {step} and says {how}", lines, case.where)
                continue
            least, most = _possible(case, step)
            if not any(least - d.grain < d.seconds < most + d.grain for d in told):
                expected = f"step {step} is said to have taken between {max(least, 0):.1f} and {most:.0f} s"
                yield Finding(expected, f"{min(told).seconds:.1f} s", case.where)
        if not case.executed() | case.cached() | failed and case.scenario != "operator":
            raise nothing_executed(case)


def _out_of_hearing(case: Case, step: str) -> bool:
    """Whether a step names an operator that is called by another process, or not called at all."""
    operated = case.expected.steps[step].step.operator is not None
    return operated and not any(call.step == step for call in case.seen.calls)


def _begun(case: Case) -> set[str]:
    """Steps that are said to have started, and are served from the cache."""
    told = {step: case.mentions(step, level=logging.INFO) for step in case.cached()}
    return {s for s, texts in told.items() if any("cache" not in t for t in saying(texts, "start", "begin"))}


def _possible(case: Case, step: str) -> tuple[float, float]:
    """The least and the most seconds that a step of a run may be said to have taken.

    What it saw itself counts if it was started once, and came to an end. It may have taken whatever is left
    of the run when all that it waits for has ended.
    """
    ends = (*case.finished(step), *case.seen.events("faulted", step))
    own = [fact.monotonic for fact in (*case.started(step), *ends)]
    took = own[1] - own[0] if len(own) == 2 and ends else 0.0
    times = [fact.monotonic for fact in case.seen.facts]
    before = case.expected.steps[step].step.upstream
    ready = [fact.monotonic for other in before for fact in case.finished(other)]
    span = max(case.seen.outcome.seconds, max(times) - min(times))
    return took - _LESS_S, span - (max(ready, default=min(times)) - min(times)) + _LONGER_S


@requirement(
    "LOG-3",
    reads=(*PLAIN, "rerun"),
    needs=("RUN-1",),
    level="advisory",
    why="Errors in the log of a run that succeeded teach people not to look at errors.",
    observed="The log of every run that succeeds is searched for records of level ERROR and above.",
    example="""
        logger.error("step %s has finished", step.config.name)   # so that it is not overlooked
    """,
    fix="Log at ERROR what somebody has to mend, and nothing else.",
    limits="It is advice: a backend may log errors that its orchestrator cannot keep it from logging.",
)
def no_errors_in_success(reader: Reader) -> Iterator[Finding]:
    """The run logs nothing at ERROR or above when it succeeds."""
    for case in healthy_cases(reader, *PLAIN, "rerun"):
        if case.seen.outcome.kind == "returned":
            for line in case.seen.log:
                if line.level >= logging.ERROR and line.source == "log":
                    seen = f"{line.logger}: {shown(line.message)}"
                    yield Finding("nothing at ERROR in the log of a success", seen, case.where)
