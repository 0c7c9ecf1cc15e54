"""LOG: what a person sees."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding
from pytest_orchestrators.suite.requirements.anywhere import told
from pytest_orchestrators.suite.requirements.looking import PLAIN, healthy_cases, nothing_executed, shown

requirement = Collector()

_START = ("start", "launch", "begin", "running", "executing")
_END = ("finish", "took", "complet", "done", "ended", "succe")
_DURATION = re.compile(r"\d+(\.\d+)?\s*(ns|µs|us|ms|s|sec|secs|seconds?|m|min|minutes?|h|hours?)\b|\d+:\d\d")


@requirement(
    "LOG-1",
    anywhere=Anywhere(told),
    reads=PLAIN,
    needs=("RUN-1",),
    why=(
        "A log without names and times cannot answer the two questions it is read for: where is it, what "
        "takes so long."
    ),
    observed=(
        "The log of every run is searched for each step's name, with a word for start, and one for end with"
        " a duration."
    ),
    example="""
        @staticmethod
        def _execute_step(tfx_launcher):
            return tfx_launcher.launch()   # in silence
    """,
    fix="Launch through `run_step`, which says both, and leave its logger alone.",
    limits=(
        "Lines are recognised by the step's name and by English words for start and end; a duration by a "
        "number with a unit."
    ),
)
def start_and_end_logged(reader: Reader) -> Iterator[Finding]:
    """The start and the end of every step are logged by step name, the end with its duration."""
    for case in reader.cases(*PLAIN):
        for step in sorted(case.executed()):
            lines = f"{len(case.mentions(step, level=logging.INFO))} log lines name it, none of them so"
            if not case.mentions(step, *_START, level=logging.INFO):
                yield Finding(f"a log line that names {step} and says that it starts", lines, case.where)
            ends = case.mentions(step, *_END, level=logging.INFO)
            if not any(_DURATION.search(line.replace(step, "")) for line in ends):
                yield Finding(f"a log line that names {step} and says how long it took", lines, case.where)
        if not case.executed():
            raise nothing_executed(case)


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
