"""FLR: failure."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.probes.faults import last_words
from pytest_orchestrators.suite.case import Case, Reader, names_step
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding
from pytest_orchestrators.suite.requirements.anywhere import (
    failing_steps,
    failures,
    once,
    settled_failures,
    unbroken,
)
from pytest_orchestrators.suite.requirements.looking import (
    FAILURES,
    OTHER_FAILURES,
    PLAIN,
    RAISED,
    SETTLED,
    became,
    chain_text,
    did_not_raise,
    did_not_return,
    ending,
    failing_cases,
    healthy_cases,
    nothing_executed,
    says_miss,
    shown,
)

requirement = Collector()

#: Scenarios with runs that fail, and may be told to be successes.
_FALSE_SUCCESS = (
    *FAILURES,
    *OTHER_FAILURES,
    "first_attempt_fails",
    "failed_name_again",
    "failure_kinds",
    "missing_input",
    "hooks",
    "own_code",
    "operator_fails",
    "operator_down",
)
#: Scenarios with other runs that fail, after which the record is looked at.
_LEAVES_NOTHING_RUNNING = (
    *FAILURES,
    "failing_beside",
    "interruption",
    "missing_input",
    "hooks",
    "missing_class",
)
_DONE = (("complete",), ("cached",))


@requirement(
    "FLR-1",
    anywhere=Anywhere(failing_steps),
    reads=(*FAILURES, *OTHER_FAILURES, "interruption", "failure_kinds"),
    needs=("RUN-1",),
    why="Whoever starts a pipeline learns of a failure by the exception, and mends it by what it says.",
    observed=(
        "A probe step raises an exception of its own, which is of nearly every kind that somebody may "
        "catch, or an `ImportError`, `AttributeError`, `NameError` or `StopIteration`; once two raise that "
        "know nothing of each other. The chain of what `run()` raises is searched for it."
    ),
    example="""
        try:
            self.run_step(step)
        except Exception:
            logger.error("step failed")   # and on we go
    """,
    fix="Let the exception out, or raise another one `from` it.",
    limits=(
        "The error is looked for along `__cause__` and `__context__`, by its class and message, which may be "
        "part of a traceback. A flavor that runs steps elsewhere must bring the original exception back to "
        "be seen."
    ),
)
def failure_comes_out(reader: Reader) -> Iterator[Finding]:
    """A step that raises makes the run raise; the original exception is the error or in its chain."""
    for case in failing_cases(reader, *FAILURES, *OTHER_FAILURES, "interruption", "failure_kinds"):
        kinds = {step: RAISED[f] for step, f in case.expected.faults.items() if f in RAISED}
        if not kinds:
            continue
        yield from did_not_raise(case)
        # Of several that fail one is enough: whoever stops at the first does not come to the others.
        found = any(_in_chain(case, step) for step in kinds)
        for step, kind in kinds.items():
            if case.seen.outcome.kind == "raised" and not found:
                seen = chain_text(case.seen.outcome.chain)
                yield Finding(f"{kind} of step {step} in the chain", seen, case.where)


def _in_chain(case: Case, step: str) -> bool:
    """Whether what the step has raised is in the chain: of its class, and in its words; backends that carry
    it from elsewhere may put them into a traceback of several lines.
    """
    fault = case.expected.faults[step]
    words = last_words(step, fault)
    return any(
        RAISED[fault] in error.bases
        and (error.message == words or (words in error.message and "\n" in error.message))
        for error in case.seen.outcome.chain
    )


@requirement(
    "FLR-2",
    anywhere=Anywhere(failures),
    reads=(*FAILURES, "failure_kinds", "interruption", "missing_input", "hooks"),
    needs=("RUN-1",),
    why="What runs on the output of a failed step works on nothing, or on what an older run left.",
    observed="The journal and the record are searched for steps downstream of the failed one.",
    example="""
        for step in deployment.steps.values():
            with contextlib.suppress(Exception):
                self.run_step(step)
    """,
    fix="Stop at the first failure, or skip everything that depends on it, by data or by order.",
    limits=(
        "Steps are downstream by the edges of the workload. What runs beside the failed step may come to "
        "its end."
    ),
)
def downstream_not_executed(reader: Reader) -> Iterator[Finding]:
    """No step downstream of a failed step is executed."""
    scenarios = (*FAILURES, "failure_kinds", "interruption", "missing_input", "hooks")
    for case in failing_cases(reader, *scenarios):
        for step in sorted(case.expected.certainly("not_run")):
            launched = [state for state in case.states(step) if state not in ("not_run", "canceled")]
            if step in case.seen.action.hook_faults:
                launched = [state for state in launched if state == "complete"]
            if case.started(step) or launched:
                yield Finding(f"step {step} is not launched", became(case, step), case.where)
        if not case.seen.facts:
            raise nothing_executed(case)


@requirement(
    "FLR-3",
    anywhere=Anywhere(failing_steps),
    reads=(*FAILURES, "failure_after_hits", "interruption"),
    needs=("RUN-1",),
    why="The record is what is read the next morning; it must say where to look.",
    observed="The states of all executions are read after the failed run.",
    example="""
        store.put_executions([complete(execution)])   # every execution is closed as complete
    """,
    fix="Launch through `run_step`, which settles the failed execution, and leave the others alone.",
    limits="The record is read after the run. A state that was wrong in the meantime is not seen.",
    provenance="zenml PR 5182 (completed though a step failed)",
)
def failure_on_record(reader: Reader) -> Iterator[Finding]:
    """The failed step is on the record as failed; steps that finished before it stay complete."""
    for case in failing_cases(reader, *FAILURES, "failure_after_hits", "interruption"):
        for step in sorted(case.expected.certainly("failed")):
            if set(case.states(step)) != {"failed"}:
                yield Finding(f"step {step} is on the record as failed", became(case, step), case.where)
        for step in sorted(case.expected.certainly("executed")):
            if case.states(step) != ("complete",):
                yield Finding(f"step {step} stays complete on the record", became(case, step), case.where)
        for step in sorted(_done_beside(case)):
            if case.states(step)[-1:] != ("complete",):
                yield Finding(f"step {step} stays complete on the record", became(case, step), case.where)
        for step in sorted(case.expected.certainly("cached")):
            if "failed" in case.states(step):
                yield Finding(f"step {step} stays cached on the record", became(case, step), case.where)


def _done_beside(case: Case) -> frozenset[str]:
    """Steps that need not have been executed, and were: `run_step` came back, when all is on the record."""
    back = {call.step for call in case.seen.calls if call.ended == "returned"}
    bound = case.expected.certainly("executed", "failed") | case.seen.action.hook_faults.keys()
    return frozenset(back & case.executed() - bound)


@requirement(
    "FLR-4",
    reads=("missing_input", "missing_input_of_last"),
    needs=("RUN-1", "CLN-3", "FLR-1"),
    why=(
        "The launcher comes back as if nothing had happened; taken for cached, the step is silently left out."
    ),
    observed=(
        "A step's input is taken off the record before it is launched, once of a step that has no output."
    ),
    example="""
        @staticmethod
        def _execute_step(tfx_launcher):
            return tfx_launcher.launch()   # no watch on its failure publishing
    """,
    fix="Use the base class's `_execute_step`.",
    limits="An input is lost by being taken off the record. One whose files are gone is CCH-10's.",
    provenance="zenml PR 964 (a failed step reported as cached)",
)
def missing_input_raises(reader: Reader) -> Iterator[Finding]:
    """When a step's input artifacts cannot be found, the run raises an error that names the step; the step is
    on the record as failed and is never taken for cached.
    """
    for scenario in ("missing_input", "missing_input_of_last"):
        yield from _input_not_missed(reader.case(scenario, "lost"))


def _input_not_missed(case: Case) -> Iterator[Finding]:
    yield from did_not_raise(case)
    for step in sorted(case.expected.certainly("failed")):
        chain = case.seen.outcome.chain
        if case.seen.outcome.kind == "raised" and not any(names_step(e.message, step) for e in chain):
            yield Finding(f"an error that names {step}", chain_text(chain), case.where)
        if set(case.states(step)) != {"failed"}:
            yield Finding(f"step {step} is on the record as failed", became(case, step), case.where)
        if any(call.cached for call in case.seen.calls if call.step == step):
            yield Finding(f"step {step} is not taken for cached", "run_step says it is", case.where)
        for line in case.mentions(step, "cached"):
            if not says_miss(line):
                yield Finding(f"step {step} is not taken for cached", shown(line), case.where)


@requirement(
    "FLR-5",
    anywhere=Anywhere(unbroken),
    reads=(*PLAIN, "missing_input", *FAILURES),
    needs=("RUN-1",),
    families=("native",),
    why=(
        "A patched launcher class is patched for every other run in the process, and for good if restoring "
        "fails."
    ),
    observed=(
        "The launcher's class and modules are compared with what they were, before, during and after each "
        "run; the record is read, where the launcher puts the reason of a failure that it publishes."
    ),
    example="""
        Launcher._publish_failed_execution = note_failure   # on the class, and nothing is published any more
    """,
    fix="Wrap the method on the one instance, and call the original.",
    limits=(
        "The launcher, the connection to ML Metadata, and TFX's publishing, caching and resolving of inputs "
        "are compared, in the process of `run()`. A patch elsewhere in TFX, or in the process of a step, is "
        "not seen."
    ),
)
def watch_is_confined(reader: Reader) -> Iterator[Finding]:
    """The watch kept on the launcher's failure publishing still publishes the failure, and is confined to
    that one launcher: no class or module is patched, before, during or after.
    """
    for case in reader.cases(*PLAIN, "missing_input", *FAILURES):
        for patch in case.seen.patched:
            yield Finding("no class or module of the backend is patched", patch, case.where)
        for step in sorted(case.expected.certainly("failed")):
            if "failed" not in case.states(step) and case.seen.outcome.kind == "raised":
                yield Finding(f"the failure of {step} is published", became(case, step), case.where)
            elif case.scenario == "missing_input" and not any(e.reason for e in case.executions(step)):
                seen = "it is on the record as failed, and nothing says why"
                yield Finding(f"the failure of {step} is published with its reason", seen, case.where)


@requirement(
    "FLR-6",
    anywhere=Anywhere(settled_failures),
    reads=("failure_kinds", *_LEAVES_NOTHING_RUNNING),
    needs=("RUN-1", "FLR-1"),
    why=(
        "Steps end in more ways than by an exception; what stays 'running' for ever blocks, alarms and "
        "misleads."
    ),
    observed=(
        "Every kind of failure is provoked once; afterwards the record is searched for what is still running."
    ),
    example="""
        except Exception as error:      # SystemExit is not an Exception
            self._settle(step, error)
    """,
    fix="Treat `BaseException` as a failure, and launch through `run_step`, which settles the execution.",
    limits=(
        "The kinds in the sentence, and a full disk, are tried, each in the middle of a chain. How the "
        "interpreter itself dies is FLR-8's, for steps in processes of their own."
    ),
    provenance="zenml PR 3497, issue 3440 (a crashed step leaves the run running)",
)
def every_kind_counts(reader: Reader) -> Iterator[Finding]:
    """Every kind of failure counts: an exception, `SystemExit`, a missing or ill-typed output, an output that
    cannot be stored; afterwards no execution is left running on the record.
    """
    for case in failing_cases(reader, "failure_kinds"):
        yield from did_not_raise(case)
        for step in sorted(case.expected.certainly("failed")):
            if set(case.states(step)) != {"failed"}:
                yield Finding(f"step {step} is on the record as failed", became(case, step), case.where)
    for case in failing_cases(reader, "failure_kinds", *_LEAVES_NOTHING_RUNNING):
        for execution in case.seen.executions:
            if execution.state not in SETTLED:
                seen = f"{execution.step} is {execution.state}"
                yield Finding("no execution is left running on the record", seen, case.where)


@requirement(
    "FLR-7",
    anywhere=Anywhere(once),
    reads=(*_FALSE_SUCCESS, "rerun"),
    needs=("RUN-1",),
    why="One false success is worth less than no orchestrator at all.",
    observed=(
        "How each run ended is compared with what became of its steps; a step and the hook after it fail "
        "together."
    ),
    example="""
        def run(self, deployment, stack):
            try:
                return super().run(deployment, stack)
            finally:
                return None   # swallows every exception
    """,
    fix="No `return`, `break` or catch-all in cleaning up.",
    limits=(
        "What is compared is how `run()` ends. What a flavor tells its backend or a dashboard is not read."
    ),
    provenance="zenml PR 5182, PR 4747",
)
def never_a_false_success(reader: Reader) -> Iterator[Finding]:
    """A run that failed is never reported as a success, nor the other way round, and no exception is
    swallowed by cleaning up.
    """
    for case in failing_cases(reader, *_FALSE_SUCCESS):
        yield from did_not_raise(case)
        for step in case.expected.faults.keys() & case.seen.action.hook_faults.keys():
            if case.seen.outcome.kind == "raised" and not _in_chain(case, step):
                seen = chain_text(case.seen.outcome.chain)
                yield Finding(
                    f"the exception of step {step}, although its cleanup failed too", seen, case.where
                )
    for case in reader.cases("failed_name_again"):
        undone = [step for step in case.expected.steps if case.states(step)[-1:] not in _DONE]
        if case.seen.outcome.kind == "returned" and undone:
            seen = f"run() returned; {became(case, undone[0])}"
            yield Finding("a run is a success when its steps have succeeded", seen, case.where)
    for case in healthy_cases(reader, "first_attempt_fails"):  # of whom tries again
        yield from did_not_return(case)
    for case in healthy_cases(reader, "rerun"):
        whole = all(case.states(step) in (("complete",), ("cached",)) for step in case.expected.steps)
        if whole and case.seen.outcome.kind != "returned":
            yield Finding(
                "a run all of whose steps succeeded is a success", ending(case.seen.outcome), case.where
            )
