"""Evidence made by hand: scenarios in which every step was executed."""

from __future__ import annotations

import os
from collections.abc import Iterable

from pytest_orchestrators.probes import place
from pytest_orchestrators.suite.evidence import Fact, Outcome, RunEvidence, ScenarioEvidence
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.scenarios import scenario


def executed_in(
    scenario_name: str, where: str, containers: Iterable[str | None] = (), pid: int = 1
) -> ScenarioEvidence:
    """The steps of all runs were executed by one process of a place, in these containers in turn."""
    history = scenario(scenario_name, "seed")
    left = iter(containers)
    runs = []
    for action in history.actions:
        assert isinstance(action, Run)
        facts = tuple(
            Fact(
                kind=kind,
                step=step,
                pid=pid,
                thread=1,
                monotonic=0.0,
                facts={"place": where, "container": container},
            )
            for step in action.workload.order()
            for container in [next(left, None)]
            for kind in ("started", "finished")
        )
        runs.append(RunEvidence(action=action, run_name="r", outcome=Outcome(kind="returned"), facts=facts))
    return ScenarioEvidence(
        name=history.name, actions=history.actions, runs=tuple(runs), pid=os.getpid(), place=place.here()
    )
