"""WRN: resources, schedules and what is not supported."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.evidence import LogLine
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding, listed
from pytest_orchestrators.suite.requirements import undersold
from pytest_orchestrators.suite.requirements.anywhere import named
from pytest_orchestrators.suite.requirements.looking import done_right, numberless, shown
from pytest_orchestrators.suite.requirements.targets import (
    covers,
    resources_applied_to,
    resources_asked,
    schedule_applied_to,
)

requirement = Collector()

_RESOURCE_WORDS = ("resource", "cpu", "gpu", "memory")
#: Where there is a schedule, a warning about it may call it by other names, or speak of what is done instead.
_SCHEDULE = re.compile(
    r"schedul|cron|time ?table|calendar|recurr|periodic|interval|trigger|start[ _]time|"
    r"\bat once\b|immediately|right away|straight away",
    re.IGNORECASE,
)
#: Where there is none, it has to be more than a word for what has the steps run one after the other.
_A_SCHEDULE = re.compile(r"\bschedul(?:e|es|ed|ing)\b(?! (?:of )?(?:the )?steps?\b)|\bcron", re.IGNORECASE)


def _about_resources(case: Case, step: str) -> list[LogLine]:
    """Warnings that name the step and speak of resources."""
    return [
        line
        for line in case.warnings_about(step)
        if any(word in line.message.lower() for word in _RESOURCE_WORDS)
    ]


@requirement(
    "WRN-1",
    anywhere=Anywhere(named),
    reads=("resources", "first_attempt_fails", "schedule"),
    needs=("RUN-1",),
    exempt="resources",
    why="Who asked for a GPU and got none must hear of it before the bill, not after.",
    observed=(
        "Steps with resource settings, two of them with the same, run twice, with all warning filters at "
        "'always'; another one raises when it is tried for the first time, and one is in a deployment with a "
        "schedule."
    ),
    example="""
        for step in deployment.steps.values():
            self.run_step(step)   # resource settings are ignored without a word
    """,
    fix="Call `self.warn_resources_ignored(step)` before a step that asks for resources.",
    limits=(
        "A warning is recognised by the step's name and by one of the words resource, CPU, GPU and memory, "
        "so it has to be in English."
    ),
)
def resources_warned_about(reader: Reader) -> Iterator[Finding]:
    """A step with resource settings and no step operator draws a warning that names the step; the run goes
    on.
    """
    for case in reader.cases("resources", "first_attempt_fails", "schedule"):
        at_once = case.seen.action.healthy and not case.seen.action.workload.schedule
        if at_once:
            yield from done_right(case)
        for step in sorted(case.expected.needy):
            if (case.started(step) or at_once) and not _about_resources(case, step):
                yield Finding(f"a warning that names {step} and its resources", _heard(case), case.where)


def _heard(case: Case) -> str:
    heard = sorted({line.message for line in case.warnings})
    return f"no such warning; others there were: {shown(heard)}" if heard else "no warning at all"


@requirement(
    "WRN-2",
    anywhere=Anywhere(named),
    reads=("resources", "operator", "operator_again"),
    needs=("RUN-1",),
    why="A warning that is always there is one that nobody reads.",
    observed=(
        "Steps without resource settings, and one with a step operator, run beside those that ask for them; "
        "so does one with a step operator alone."
    ),
    example="""
        for step in deployment.steps.values():
            logger.warning("Resources are not supported, ignoring them for step %s", step.config.name)
    """,
    fix="Ask `requires_resources_in_orchestration_environment(step)` first.",
    limits=(
        "A warning that speaks of none of resource, CPU, GPU and memory is not taken for one about resources."
    ),
)
def no_needless_warning(reader: Reader) -> Iterator[Finding]:
    """A step without resource settings, or one with a step operator, draws no such warning."""
    for case in reader.cases("resources", "operator", "operator_again"):
        for step in sorted(set(case.expected.steps) - case.expected.needy):
            for line in _about_resources(case, step):
                yield Finding(f"no warning about resources of {step}", shown(line.message), case.where)


@requirement(
    "WRN-3",
    anywhere=Anywhere(named),
    reads=("schedule",),
    needs=("RUN-1",),
    exempt="schedules",
    why="A nightly pipeline that ran once, now, and never again is found out weeks later.",
    observed=(
        "Deployments with a cron expression, with an interval, and with nothing but a time to start at are "
        "run, beside one without a schedule."
    ),
    example="""
        def prepare_or_run_pipeline(self, deployment, stack):
            for step in deployment.steps.values():   # deployment.schedule is never looked at
                self.run_step(step)
    """,
    fix="Call `self.warn_schedule_ignored(deployment)` first.",
    limits=(
        "A warning is recognised by words such as schedule, cron, timetable and at once, so it has to be in "
        "English; one about a scheduler or the scheduling of steps, where there is no schedule, is none. Two "
        "in different words count as two that say different things."
    ),
)
def schedule_warned_about(reader: Reader) -> Iterator[Finding]:
    """A deployment with a schedule draws one warning, and is run at once."""
    for case in reader.cases("schedule"):
        yield from done_right(case)
        if case.seen.action.workload.schedule and not any(
            _SCHEDULE.search(line.message) for line in case.warnings
        ):
            yield Finding("a warning about the schedule", _heard(case), case.where)
        about = [line for line in case.warnings if _A_SCHEDULE.search(line.message)]
        if not case.seen.action.workload.schedule and about:
            seen = shown([line.message for line in about])
            yield Finding("no warning about a schedule, there being none", seen, case.where)
        for text, times in _repeated((line.source, line.message) for line in about):
            yield Finding("one warning about the schedule", f"{times} times: {shown(text)}", case.where)


def _form(text: str, step: str) -> str:
    """A warning about a step with everything out of it that is this step's or this attempt's own."""
    return numberless(text.replace(step, "#"))


def _repeated(warnings: Iterable[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    """Each text that came several times from one source, and how often; numbers make no difference."""
    texts = Counter((source, numberless(message)) for source, message in warnings)
    return ((text, times) for (_, text), times in texts.items() if times > 1)


@requirement(
    "WRN-4",
    anywhere=Anywhere(named),
    reads=("resources",),
    needs=("RUN-1",),
    level="capability",
    capability="resources",
    undeclared=undersold.resources,
    why="A flavor that says it supports resources is chosen for it.",
    observed=(
        "The flavor's `applied_resources(orchestrator, run_name)` shows what reached the target environment."
    ),
    example="""
        class MyFlavor(BaseOrchestratorFlavor):
            capabilities = frozenset({"resources"})   # declared, and nothing is applied
    """,
    fix="Apply them, and show them by `applied_resources`; or do not declare the capability.",
    limits=(
        "What reached the target environment is what the flavor's own method says: nobody else can look "
        "into it, and the flavor is believed."
    ),
)
def resources_applied(reader: Reader) -> Iterator[Finding]:
    """The resources reach the target environment (as the flavor's profile shows), and no warning is given."""
    for case in reader.cases("resources"):
        for step in sorted(case.expected.needy):
            wanted, got = resources_asked(case, step), resources_applied_to(case, step)
            if step in case.executed() and not covers(got, wanted):
                yield Finding(f"step {step} gets {shown(wanted)}", shown(got), case.where)
            for line in _about_resources(case, step):
                yield Finding("no warning about resources", shown(line.message), case.where)


@requirement(
    "WRN-5",
    anywhere=Anywhere(named),
    reads=("schedule",),
    needs=("RUN-1",),
    level="capability",
    capability="schedules",
    undeclared=undersold.schedules,
    why="A flavor that says it supports schedules is chosen for it.",
    observed=(
        "The flavor's `applied_schedule(orchestrator, run_name)` shows what reached the target environment."
    ),
    example="""
        class MyFlavor(BaseOrchestratorFlavor):
            capabilities = frozenset({"schedules"})   # declared, and the schedule is dropped
    """,
    fix="Hand the schedule on, and show it by `applied_schedule`; or do not declare the capability.",
    limits=(
        "The flavor is believed about what was set up, intervals and times are not asked for, and the hour "
        "at which the schedule comes due is not waited for."
    ),
)
def schedule_applied(reader: Reader) -> Iterator[Finding]:
    """The schedule reaches the target environment, and no warning is given."""
    for case in reader.cases("schedule"):
        wanted = case.seen.action.workload.cron
        if wanted is None:
            continue
        if schedule_applied_to(case) != wanted:
            yield Finding(f"the schedule {wanted}", shown(case.seen.target.get("schedule")), case.where)
        for line in case.warnings:
            if _A_SCHEDULE.search(line.message):
                yield Finding("no warning about the schedule", shown(line.message), case.where)


@requirement(
    "WRN-6",
    anywhere=Anywhere(named),
    reads=("resources", "first_attempt_fails"),
    needs=("RUN-1",),
    exempt="resources",
    why="The same warning ten times hides the one that matters.",
    observed=(
        "Warnings about resources are counted by step, also of one that may be tried again; what is logged "
        "and warned counts once."
    ),
    example="""
        for attempt in range(3):
            self.warn_resources_ignored(step)   # once per attempt
    """,
    fix="Warn where a run begins, or once for every step before it is launched, of all that it asks for.",
    limits="A warning about several steps counts for each of them.",
)
def warned_once(reader: Reader) -> Iterator[Finding]:
    """There is one warning per step and run, not one per attempt or per call."""
    usual = {
        _form(line.message, step)
        for case in reader.cases("resources")
        for step in case.expected.needy
        for line in _about_resources(case, step)
    }
    for case in reader.cases("resources", "first_attempt_fails"):
        for step in sorted(case.expected.needy):
            about = _about_resources(case, step)
            for source in sorted({line.source for line in about}):
                texts = [line.message for line in about if line.source == source]
                if not case.seen.action.healthy:  # one that fails may be warned of in words of its own
                    texts = [text for text in texts if _form(text, step) in usual]
                if len(texts) > 1:
                    yield Finding(f"one warning about {step}", f"{len(texts)}: {listed(texts)}", case.where)


@requirement(
    "WRN-7",
    needs=("FLV-3",),
    why="Whether a step needs resources *here* decides about warnings, limits and where a step is sent.",
    observed=(
        "The predicate is asked for steps with and without settings and operator, also for one that asks for "
        "no GPU in so many words: its settings are not empty."
    ),
    example="""
        @staticmethod
        def requires_resources_in_orchestration_environment(step):
            return not step.config.resource_settings.empty   # also with a step operator
    """,
    fix="Do not override the predicate.",
    limits=(
        "Seven kinds of steps are asked about. The predicate may be right, and not be asked by the flavor; "
        "the other WRN requirements see that."
    ),
)
def predicate(reader: Reader) -> Iterator[Finding]:
    """`requires_resources_in_orchestration_environment` is false with a step operator, false with empty
    settings, true otherwise.
    """
    for question, wanted in (
        ("requires_resources: settings", True),
        ("requires_resources: memory only", True),
        ("requires_resources: accelerators only", True),
        ("requires_resources: no accelerators", True),
        ("requires_resources: no settings", False),
        ("requires_resources: settings and operator", False),
        ("requires_resources: operator", False),
    ):
        probe = reader.probe(question)
        if probe.error is not None or probe.value is not wanted:
            seen = probe.error.message if probe.error else shown(probe.value)
            yield Finding(f"{wanted}", seen, question)
