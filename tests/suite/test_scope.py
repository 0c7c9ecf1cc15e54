"""What generated histories ask of a flavor is what it declares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_orchestrators.suite.fuzzing.campaign import histories_for
from pytest_orchestrators.suite.fuzzing.profiles import PROFILES
from pytest_orchestrators.suite.fuzzing.scope import Scope
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.subject import Subject
from tests.fuzzing.drawing import drawn
from tests.judging import session_on
from tests.plugin.flavors import Right


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    """A flavor that declares nothing."""
    return replace(session_on(Right, tmp_path).subject, capabilities=frozenset())


def declaring(subject: Subject, *capabilities: str) -> Subject:
    """The same flavor, if it declared these."""
    return replace(subject, capabilities=frozenset(capabilities))


def runs_of(scope: Scope) -> list[Run]:
    histories = drawn(histories_for(scope, PROFILES["ci"]), 200)
    return [run for history in histories for run in history.actions if isinstance(run, Run)]


def test_all_that_can_be_ignored_is_asked_of_one_that_declares_nothing(subject: Subject) -> None:
    runs = runs_of(Scope.of(subject))
    steps = [step for run in runs for step in run.workload.steps]
    assert any(run.workload.schedule for run in runs)
    assert any(not step.resources.empty for step in steps)
    assert not any(step.operator for step in steps)
    assert not any(run.interrupted or "kill" in run.faults.values() for run in runs)


def test_who_applies_resources_or_schedules_is_not_asked_for_any(subject: Subject) -> None:
    runs = runs_of(Scope.of(declaring(subject, "resources", "schedules")))
    assert not any(run.workload.schedule for run in runs)
    assert all(step.resources.empty for run in runs for step in run.workload.steps)


def test_who_runs_elsewhere_and_has_operators_is_asked_for_that(subject: Subject) -> None:
    runs = runs_of(Scope.of(declaring(subject, "out_of_process", "step_operator")))
    assert any(run.interrupted for run in runs)
    assert any("kill" in run.faults.values() for run in runs)
    assert any(step.operator for run in runs for step in run.workload.steps)


def test_of_several_only_that_is_asked_which_can_be_asked_of_all(subject: Subject) -> None:
    operator, resources = declaring(subject, "step_operator"), declaring(subject, "resources")
    assert Scope.of(operator, operator).operator
    assert not Scope.of(operator, resources).operator
    assert not Scope.of(operator, resources).resources
    assert Scope.of(operator, subject).resources
    assert not Scope.of(subject, replace(subject, forks=False)).anew
