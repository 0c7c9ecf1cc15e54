"""CCH: what is told of the cache: the status that is handed back, and the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding
from pytest_orchestrators.suite.requirements.anywhere import any_run, each, heard
from pytest_orchestrators.suite.requirements.looking import became, says_hit, says_miss, shown

requirement = Collector()

#: Words for what is served from the cache.
_CACHED = ("cache", "reus", "re-us", "up to date", "up-to-date")


@requirement(
    "CCH-6",
    anywhere=Anywhere(any_run, each(lambda case: _status(case))),
    reads=("rerun", "failure", "same_name"),
    needs=("RUN-1",),
    why=(
        "The launcher's answer looks alike for cached, skipped and failed; who mixes them up reports a "
        "failure as a hit."
    ),
    observed=(
        "What `run_step` handed back is put to `get_cache_status` and compared with what became of the step."
    ),
    example="""
        return execution_info is not None and execution_info.execution_output_uri is None   # also after a
        failure
    """,
    fix="Ask `get_cache_status`; the record decides.",
    limits=(
        "What `run_step` handed back is looked at where `run()` was called. Of a flavor that launches steps "
        "in other processes, only the answer for `None` is."
    ),
    provenance="zenml PR 964 (a failed step reported as cached)",
)
def cache_status(reader: Reader) -> Iterator[Finding]:
    """`get_cache_status` is true for a cached execution and false for one that was executed, failed, was
    skipped, or is `None`.
    """
    nothing = reader.probe("cache_status_of_none")
    if nothing.value is not False:
        yield Finding("no execution is not a cached one", shown(nothing.value), "get_cache_status(None)")
    for case in reader.cases("rerun", "failure", "same_name"):
        yield from _status(case)


def _status(case: Case) -> Iterator[Finding]:
    """Findings where what `run_step` handed back says something else than what became of the step."""
    for call in case.seen.calls:
        expected = case.expected.steps.get(call.step)
        if expected is None or call.ended == "raised" or call.cached is None:
            continue
        if expected.because == "done" and call.step in case.cached():
            continue  # it was cached when this run was run before: it may be called so again
        if call.cached is not (call.step in case.cached()):
            said = "cached" if call.cached else "not cached"
            yield Finding(
                "the status that the record tells", f"{said}, but {became(case, call.step)}", case.where
            )


@requirement(
    "CCH-7",
    anywhere=Anywhere(heard, each(lambda case: _announced(case))),
    reads=("rerun", "edits", "operator_again"),
    needs=("CCH-1",),
    why="A person who sees a run end in no time must see why.",
    observed=(
        "The log of a fully cached run is searched for every step's name, also of a step with an operator; "
        "the logs of runs in which something has changed, for the steps that are cached time and again, and "
        "for steps that are called cached and were executed."
    ),
    example="""
        logging.getLogger("pytest_orchestrators").setLevel(logging.ERROR)   # too much noise
    """,
    fix="Launch through `run_step`, which says it, and leave its logger alone.",
    limits=(
        "The line is recognised by the step's name and the word cache, and is none if it says that the step "
        "is not cached, or speaks of a miss."
    ),
)
def cached_said(reader: Reader) -> Iterator[Finding]:
    """A step's cached status is announced by step name in the log."""
    for case in (reader.case("rerun", "again"), *reader.cases("edits")):
        yield from _announced(case)
    operated = reader.case("operator_again", "again")
    if operated.seen.outcome.kind == "returned" and operated.seen.calls:  # else by nobody, or out of hearing
        yield from _announced(operated)
    for case in (reader.case("rerun", "first"), *reader.cases("edits")):
        for step in sorted(case.executed()):
            for line in case.mentions(step, "cache", level=logging.INFO):
                if says_hit(line):
                    expected = f"{step}, which was executed, is not said to be cached"
                    yield Finding(expected, shown(line), case.where)


def _announced(case: Case) -> Iterator[Finding]:
    """A finding for every cached step that the log does not call so."""
    for step in sorted(case.expected.certainly("cached")):
        if all(says_miss(line) for line in case.mentions(step, *_CACHED, level=logging.INFO)):
            yield Finding(f"a log line that names {step} and says it is cached", "there is none", case.where)
