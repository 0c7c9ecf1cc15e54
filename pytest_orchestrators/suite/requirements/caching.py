"""CCH: cache detection: what is executed, and what is served from the cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding, listed
from pytest_orchestrators.suite.requirements.anywhere import (
    any_run,
    by_cache,
    repeated,
    successes,
)
from pytest_orchestrators.suite.requirements.looking import (
    became,
    did_not_return,
    done_as_expected,
    not_cached,
    not_executed,
    numberless,
    shown,
)

requirement = Collector()


@requirement(
    "CCH-1",
    anywhere=by_cache("identical"),
    reads=("rerun", "another_process", "operator_again"),
    needs=("RUN-1",),
    why=(
        "The cache is why people rerun a pipeline without fear; a miss costs hours, a false hit a wrong "
        "model."
    ),
    observed=(
        "The same pipeline runs twice under two names; journal and record of the second run are looked at. "
        "So does one with a step operator, where these are supported, and one that an interpreter of its own "
        "has run before."
    ),
    example="""
        step.config.enable_cache = False   # to be on the safe side
    """,
    fix="Hand steps on as they are in the deployment.",
    limits=(
        "Both processes are of one machine and one user. If a flavor's class cannot be imported by its name, "
        "or does not run where nothing was set up for it, a fork stands for the other interpreter, so that "
        "what depends on how Python hashes text passes."
    ),
    provenance="zenml PR 1079 (a backend's own cache shadows the framework's)",
)
def second_run_cached(reader: Reader) -> Iterator[Finding]:
    """A second, identical run executes no step function; every step is reported as cached and is on the
    record as cached.
    """
    for case in (reader.case("rerun", "again"), reader.case("another_process", "here")):
        yield from did_not_return(case)
        yield from not_cached(case, frozenset(case.expected.steps), "the run is identical to the first")
        for call in case.seen.calls:
            if call.cached is False:
                yield Finding(f"run_step reports {call.step} as cached", "it does not", case.where)
    operated = reader.case("operator_again", "again")
    if operated.seen.outcome.kind == "returned":  # who has no operators may refuse those steps
        steps = frozenset(operated.expected.steps)
        yield from not_cached(operated, steps, "the run is identical to the first")


@requirement(
    "CCH-2",
    anywhere=by_cache("off"),
    reads=("caching_off", "taken_up", "operator"),
    needs=("RUN-1",),
    why=(
        "Caching is switched off for steps that read the world; served from the cache, they show yesterday's."
    ),
    observed=(
        "A chain with caching off in its middle runs twice; so do one whose middle names an operator, and "
        "one that fails the first time."
    ),
    example="""
        if step.config.name in self._done:   # a cache of its own, that knows no switch
            continue
    """,
    fix="Leave caching to `run_step`.",
    limits=(
        "Caching is switched by the step. A switch for a whole pipeline or stack is not part of this "
        "contract."
    ),
    provenance="zenml issue 1446 (the step-level switch was ignored)",
)
def switch_honoured(reader: Reader) -> Iterator[Finding]:
    """A step with caching off is executed every time, and so is what depends on its data."""
    why = "caching is off for it, or for what it reads from"
    for case in reader.cases("caching_off"):
        yield from did_not_return(case)
        yield from not_executed(case, case.expected.certainly("executed"), why)
    mended = reader.case("taken_up", "mended")
    for step in sorted(mended.expected.certainly("executed") & mended.cached()):
        yield Finding(f"step {step} is executed: {why}", became(mended, step), mended.where)
    for case in reader.cases("operator"):
        if case.seen.outcome.kind == "returned":  # who has no operators may refuse those steps
            yield from not_executed(case, case.expected.certainly("executed"), why)


@requirement(
    "CCH-3",
    anywhere=by_cache("changed", "unchanged"),
    reads=("edits", "rewritten", "rewired", "caching_off"),
    needs=("CCH-1",),
    why="An edit that does not show in the result is the worst kind of cache bug.",
    observed=(
        "Parameter, code and input of one step are changed one after the other; of other steps nothing but "
        "the body of the function, or which output of its upstream is read. Every run is compared with the "
        "model."
    ),
    example="""
        key = step.config.name   # whatever else has changed
    """,
    fix="Leave caching to `run_step`.",
    limits=(
        "The step's own function is edited. That a change in a function which it calls, or in an installed "
        "library, is noticed is neither wanted nor looked for."
    ),
)
def change_seen(reader: Reader) -> Iterator[Finding]:
    """A changed parameter, a changed step function or a changed input causes re-execution of that step and of
    what depends on its data, and of nothing else (what depends on it by order only stays cached).
    """
    for case in reader.cases("edits", "rewritten", "rewired"):
        yield from done_as_expected(case)
    for case in reader.cases("caching_off"):
        yield from not_cached(case, case.expected.certainly("cached"), "nothing that it reads has changed")


@requirement(
    "CCH-4",
    anywhere=Anywhere(successes, lambda cases: _shared(cases)),
    reads=("rerun", "edits"),
    needs=("CCH-1",),
    why="A copy of an artifact has no lineage, and sends everything below it past the cache.",
    observed=(
        "Ids on the record are compared: of a cached step's outputs with the run it was cached from, of a "
        "reader's inputs with its upstream's outputs."
    ),
    example="""
        store.put_artifacts([copy_of(cached_output)])   # a new artifact with the same files
    """,
    fix="Link the cached execution to the original artifacts, as the launcher does.",
    limits="Ids on the record are compared. Whether the files behind an artifact were copied is not.",
)
def same_artifacts(reader: Reader) -> Iterator[Finding]:
    """A cached step hands its downstream steps the same artifacts as the run it was cached from."""
    for scenario in ("rerun", "edits"):
        yield from _shared(reader.cases(scenario))


def _shared(cases: Iterable[Case]) -> Iterator[Finding]:
    """Findings where what should be one artifact through the runs of a history is several."""
    made: dict[tuple[int, str, str], str] = {}
    for case in cases:
        for step, expected in case.expected.steps.items():
            for execution in case.executions(step):
                yield from _linked(case, execution.step, execution.outputs, expected.artifacts, made)
                for name, ref in expected.step.inputs.items():
                    wanted = made.get(case.expected.steps[ref.step].artifacts[ref.output])
                    if execution.inputs.get(name) != (wanted,):
                        seen = listed(execution.inputs.get(name, ()))
                        yield Finding(f"{step} reads artifact {wanted}", f"it reads {seen}", case.where)


def _linked(
    case: Case, step: str, outputs: object, artifacts: object, made: dict[tuple[int, str, str], str]
) -> Iterator[Finding]:
    assert isinstance(outputs, dict)
    assert isinstance(artifacts, dict)
    for output, identity in artifacts.items():
        ids = [artifact.id for artifact in outputs.get(output, ())]
        if len(ids) != 1:
            yield Finding(f"one artifact for {step}.{output}", f"{len(ids)} on the record", case.where)
        elif made.setdefault(identity, ids[0]) != ids[0]:
            seen = f"artifact {ids[0]} instead of {made[identity]}"
            yield Finding(f"the same artifact for the cached {step}.{output}", seen, case.where)


@requirement(
    "CCH-5",
    anywhere=by_cache("failed"),
    reads=("failure", "failure_kinds", "interruption"),
    needs=("RUN-1", "FLR-1"),
    why="A failure that counts as done is never done again.",
    observed="After a step failed or was interrupted, the same step with the same inputs runs mended.",
    example="""
        try:
            self.run_step(step)
        except Exception:
            mark_complete(step)
    """,
    fix="Let a failed execution stay failed on the record.",
    limits=(
        "Failed and interrupted executions are tried here. One that a killed process abandoned is ISO-2's."
    ),
    provenance="zenml PR 964 (a failed step reported as cached)",
)
def failure_not_cached(reader: Reader) -> Iterator[Finding]:
    """A failed, interrupted or abandoned execution never serves as a cache."""
    for scenario in ("failure", "failure_kinds", "interruption"):
        failed: set[str] = set()
        for case in reader.cases(scenario):
            if case.expected.raises:
                failed |= case.expected.certainly("failed")
            elif failed:
                again = frozenset(failed & case.expected.certainly("executed"))
                yield from not_executed(case, again, "it failed before")
                failed.clear()


@requirement(
    "CCH-8",
    anywhere=Anywhere(any_run, repeated(lambda first, again: _repeated(first, again))),
    reads=("same_name",),
    needs=("RUN-1",),
    why="A run submitted twice by mistake must not train, charge or send twice.",
    observed=(
        "A deployment runs again under the run name under which it succeeded, on the same orchestrator and "
        "on another one."
    ),
    example="""
        self.run_step(step, run_name=f"{deployment.run_name}-{uuid4()}")   # never the same run again
    """,
    fix="Run under the deployment's run name.",
    limits=(
        "A flavor that gives every run a name of its own never runs under the same name again; nothing is "
        "asked of it."
    ),
)
def same_name_again(reader: Reader) -> Iterator[Finding]:
    """Running again under a run name that has already succeeded neither repeats side effects nor is reported
    as a fresh success of the step functions.
    """
    first = reader.case("same_name", "once")
    yield from did_not_return(first)
    for occurrence in (1, 2):
        yield from _repeated(first, reader.case("same_name", "once", occurrence=occurrence))


def _repeated(first: Case, again: Case) -> Iterator[Finding]:
    """Findings where a second run under the same name did something."""
    if not first.run_names & again.run_names and first.seen.run_name not in first.run_names:
        return  # the flavor gives every run a name of its own: this is another run, to be judged as one
    for step in first.expected.steps:
        if again.started(step):
            yield Finding(f"step {step} is not executed again", became(again, step), again.where)
        # One more that is cached tells no more than that there was nothing to do.
        before, now = first.states(step), again.states(step)
        if len(before) != 1 or now[:1] != before or set(now[1:]) - {"cached"}:
            yield Finding(
                f"the one execution of {step} stays on the record", became(again, step), again.where
            )
        ids = [
            {a.id for e in case.executions(step) for v in e.outputs.values() for a in v}
            for case in (first, again)
        ]
        if ids[0] != ids[1]:
            yield Finding(f"the artifacts of {step} stay as they were", f"now {listed(ids[1])}", again.where)


@requirement(
    "CCH-10",
    anywhere=by_cache("gone"),
    reads=("damaged",),
    needs=("CCH-1",),
    why="A hit on files that are gone fails later, elsewhere, with an error that names neither.",
    observed=(
        "A file inside an artifact's folder is deleted, then a whole folder; each time the pipeline runs "
        "again. Warnings that the run before has given, too, do not count."
    ),
    example="""
        if os.path.isdir(artifact.uri):   # the folder stands, the file in it is gone
            use(artifact)
    """,
    fix="Compare what is there with what the materializer wrote, as the base class does.",
    limits=(
        "Files are deleted. Files whose content was changed behind the record's back are not looked for, "
        "and the contract does not want them to be noticed."
    ),
    provenance="zenml issue 3975 (a cache hit on deleted artifacts)",
)
def gone_files_not_used(reader: Reader) -> Iterator[Finding]:
    """A cache entry any of whose files (as the materializer wrote them) is gone is not used: the step is
    executed, with one warning.
    """
    for case in reader.cases("damaged"):
        yield from done_as_expected(case)
    for label, number in (("file gone", 1), ("folder gone", 0)):
        case = reader.case("damaged", label)
        step = case.seen.action.workload.names[number]
        before = reader.case("damaged", "first").warnings_about(step)
        usual = {numberless(line.message) for line in before}
        told = (line.message for line in case.warnings_about(step))
        warned = [message for message in told if numberless(message) not in usual]
        if len(set(warned)) != 1 or len(warned) > 2:
            yield Finding(f"one warning that names {step}", f"{len(warned)}: {shown(warned)}", case.where)
