"""Whether evidence goes together: what one part of it names is there in another.

Types are seen to by the models. What is looked at here is what they cannot see, and what would have a check
look at less than was planned without saying so.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.evidence import Evidence, GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.history import Damage, Run
from pytest_orchestrators.suite.workload import OutputRef, Workload


class UnsoundEvidence(ValueError):
    """Parts of the evidence do not go together; the message says which, and where."""


def check_sound(evidence: Evidence) -> None:
    """Make sure that evidence goes together.

    Raises:
        UnsoundEvidence: it does not; the message tells the first thing that is wrong.
    """
    for complaint in _complaints(evidence):
        raise UnsoundEvidence(complaint)


def _complaints(evidence: Evidence) -> Iterator[str]:
    for waiver in evidence.waivers:
        if waiver.id not in catalogue():
            yield f"the evidence holds a waiver of {waiver.id}, which is not in the catalogue"
    for name, scenario in evidence.scenarios.items():
        where = f"scenarios.{name}"
        if scenario.name != name:
            yield f"{where}: it calls itself {scenario.name!r}"
        yield from _of_scenario(where, scenario)
    if evidence.generated is not None:
        yield from _of_generated(evidence.generated)


def _of_generated(generated: GeneratedEvidence) -> Iterator[str]:
    if not 0 <= generated.replayed <= len(generated.examples):
        yield f"generated.replayed: {generated.replayed} of {len(generated.examples)} examples"
    for number, example in enumerate(generated.examples):
        yield from _of_scenario(f"generated.examples.{number}", example)
    for id, example in generated.least.items():
        if id not in catalogue():
            yield f"generated.least: {id} is not in the catalogue"
        yield from _of_scenario(f"generated.least.{id}", example)


def _of_scenario(where: str, scenario: ScenarioEvidence) -> Iterator[str]:
    yield from (f"{where}.{complaint}" for complaint in _of_actions(scenario))
    yield from (f"{where}.{complaint}" for complaint in _of_runs(scenario))


def _of_actions(scenario: ScenarioEvidence) -> Iterator[str]:
    """What actions name and is not there: steps of their own workload, runs before them."""
    before: dict[str, Workload] = {}
    for number, action in enumerate(scenario.actions):
        where = f"actions.{number}"
        if isinstance(action, Damage):
            if action.label not in before:
                yield f"{where}: it damages the run {action.label!r}, which is not before it"
            elif not _has(before[action.label], action.artifact):
                yield f"{where}: it damages {_shown(action.artifact)}, which run {action.label!r} has not"
            continue
        if action.recalls is not None and action.recalls not in before:
            yield f"{where}: it recalls the run {action.recalls!r}, which is not before it"
        yield from (f"{where}: {complaint}" for complaint in _of_run(action))
        before[action.label] = action.workload


def _of_run(action: Run) -> Iterator[str]:
    """What a planned run names and its workload does not have."""
    named: dict[str, tuple[str | None, ...]] = {
        "faults": tuple(action.faults),
        "hook_faults": tuple(action.hook_faults),
        "loses": tuple(action.loses),
        "lost_class": (action.lost_class,),
        "waits_in": (action.waits_in,),
        "wait_too": action.wait_too,
        "meets": action.meets,
        "seconds": tuple(action.seconds),
        "prints": tuple(action.prints),
        "killed_at": (action.killed_at.step if action.killed_at else None,),
    }
    for field, steps in named.items():
        for step in steps:
            if step is not None and step not in action.workload.names:
                yield f"{field} names the step {step!r}, which workload {action.workload.name!r} has not"
    for lost in action.loses.values():
        if not _has(action.workload, lost):
            yield f"loses names {_shown(lost)}, which workload {action.workload.name!r} has not"
    if action.interrupted and action.waits_in is None:
        yield "it is interrupted, and no step waits for that"
    if action.wait_too and action.waits_in is None:
        yield "steps are to wait with another one, and there is none"
    if action.meanwhile_waits and not (action.meanwhile and action.meanwhile.steps):
        yield "a step is to wait in a second call, and there is none"
    if action.beside is not None and not action.beside.workload.steps:
        yield "the workload beside it has no step"


def _of_runs(scenario: ScenarioEvidence) -> Iterator[str]:
    """Runs that were not planned, or that are missing though the scenario came to its end."""
    planned = [run.label for run in scenario.history.runs]
    for number, run in enumerate(scenario.runs):
        wanted = planned[number] if number < len(planned) else None
        if run.label != wanted:
            instead = "none is planned" if wanted is None else f"{wanted!r} is planned"
            yield f"runs.{number}: it is the run {run.label!r}, where {instead}"
    if len(scenario.runs) < len(planned) and not (scenario.broken or scenario.missing or scenario.killed):
        yield f"runs: {len(scenario.runs)} of {len(planned)} are there, and `broken` does not say why"


def _has(workload: Workload, ref: OutputRef) -> bool:
    return ref.step in workload.names and ref.output in workload[ref.step].outputs


def _shown(ref: OutputRef) -> str:
    return f"the output {ref.output!r} of step {ref.step!r}"
