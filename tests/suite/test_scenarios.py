"""Scenarios and the catalogue: whole, repeatable, and not to be recognised."""

from __future__ import annotations

import pytest

from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.scenarios import scenario, scenario_names

#: Names that have no room for a word of their own.
NAMES_OF_NOTHING = {"", ".."}


def names_in(scenario_name: str, seed: str) -> set[str]:
    workloads = [run.workload for run in scenario(scenario_name, seed).runs]
    names = {name for workload in workloads for name in (workload.name, *workload.names)}
    return names - NAMES_OF_NOTHING


@pytest.mark.parametrize("name", scenario_names())
def test_names_come_from_the_seed(name: str) -> None:
    assert scenario(name, "one") == scenario(name, "one")
    assert not names_in(name, "one") & names_in(name, "two")


@pytest.mark.parametrize("name", scenario_names())
def test_a_run_name_belongs_to_one_workload(name: str) -> None:
    pipelines: dict[str, str] = {}
    for action in scenario(name, "seed").actions:
        if isinstance(action, Run):
            assert pipelines.setdefault(action.label, action.workload.name) == action.workload.name


def test_unknown_scenario_is_named_with_those_that_are_known() -> None:
    with pytest.raises(KeyError, match=r"no scenario 'nowhere'; known: first"):
        scenario("nowhere", "seed")


def test_every_scenario_is_read_and_every_one_read_exists() -> None:
    read = {name for r in catalogue().values() for name in (*r.reads, *(r.undeclared_reads or ()))}
    assert read == set(scenario_names())


def test_every_requirement_is_told_in_full() -> None:
    for requirement in catalogue().values():
        assert requirement.sentence.endswith(".")
        assert requirement.why
        assert requirement.observed
        assert requirement.fix
        assert (requirement.level == "capability") == (requirement.capability is not None)
        assert requirement.id not in requirement.needs
