"""What fails around a step: the hooks before and after it (FLR-9), and the classes of what it reads and makes
(FLR-10).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding
from pytest_orchestrators.suite.requirements.anywhere import failing_hooks
from pytest_orchestrators.suite.requirements.looking import (
    became,
    chain_text,
    did_not_raise,
    failing_cases,
    leftovers,
)

requirement = Collector()


@requirement(
    "FLR-9",
    anywhere=Anywhere(failing_hooks),
    reads=("hooks", "hook_of_last"),
    needs=("RUN-1", "CLN-3", "FLR-1"),
    why="A hook that fails has left something open or unchecked; going on builds on it.",
    observed=(
        "A component's hook before a step fails, then the one after a step that fails as well, then the one "
        "after a step, in the middle of a pipeline and at its end, where it is cached the next time."
    ),
    example="""
        with contextlib.suppress(Exception):
            stack.cleanup_step_run(info)
    """,
    fix="Let the hook's exception out; where the step's own comes out instead, log it.",
    limits=(
        "That the hook's error is told beside the step's is looked for where the hook is called in the "
        "process of `run()`; in the log it is recognised by a warning or an error that names the step."
    ),
    provenance="zenml PR 1115 (cleanup was not told of the failure)",
)
def failing_hook(reader: Reader) -> Iterator[Finding]:
    """A failing hook (`prepare_step_run`, `cleanup_step_run`) fails the run and still leaves it cleaned up;
    when the step has failed as well, both errors are told.
    """
    for case in failing_cases(reader, "hooks", "hook_of_last"):
        yield from did_not_raise(case)
        for step, hook in case.seen.action.hook_faults.items():
            if not case.seen.events(hook, step):
                yield Finding(f"{hook} is called for {step}", "it was not", case.where)
            if hook == "prepare_step_run" and case.started(step):
                yield Finding(f"step {step} is not executed", became(case, step), case.where)
            if step in case.seen.action.faults:
                yield from _hook_untold(case, step, hook)
        yield from leftovers(case)


def _hook_untold(case: Case, step: str, hook: str) -> Iterator[Finding]:
    """A finding if the error of a hook in the process of `run()` is neither in the chain nor in the log."""
    if not any(fact.pid == case.pid for fact in case.seen.events(hook, step)):
        return
    raised = any(hook in error.message and step in error.message for error in case.seen.outcome.chain)
    if not raised and not case.mentions(step, level=logging.WARNING):
        seen = f"only {chain_text(case.seen.outcome.chain)}"
        yield Finding(f"the error of {hook} of step {step} in the chain or in the log", seen, case.where)


@requirement(
    "FLR-10",
    reads=("missing_class", "class_lost_later"),
    needs=("RUN-1", "FLR-1"),
    families=("native",),
    why=(
        "TFX finds artifact classes among those loaded; a missing one gives another type, and a wrong type "
        "later."
    ),
    observed=(
        "A deployment names a class that is not there, of what a step makes, then of what it reads; another "
        "one does so when it has run well before."
    ),
    example="""
        @staticmethod
        def _ensure_artifact_classes_loaded(step_configuration):
            pass
    """,
    fix="Let the base class load and validate the classes.",
    limits=(
        "One class is missing, of what a step in the middle of a chain makes or reads, in the process that "
        "calls `run()`."
    ),
)
def missing_class_reported(reader: Reader) -> Iterator[Finding]:
    """A missing artifact class is reported before the step is executed, with the class's source in the
    error.
    """
    for case in failing_cases(reader, "missing_class", "class_lost_later"):
        yield from did_not_raise(case)
        step = case.seen.action.lost_class or ""
        if case.started(step):
            yield Finding(f"step {step} is not executed", became(case, step), case.where)
        source, chain = case.seen.lost_source, case.seen.outcome.chain
        if case.seen.outcome.kind == "raised" and not any(source in error.message for error in chain):
            yield Finding(f"an error that names {source}", chain_text(chain), case.where)
