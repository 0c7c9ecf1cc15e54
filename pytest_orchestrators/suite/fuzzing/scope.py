"""What generated histories may ask of a flavor."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from pytest_orchestrators.probes.steps import OPERATOR
from pytest_orchestrators.suite.fuzzing.workloads import workloads
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.workload import Workload


@dataclass(frozen=True)
class Scope:
    """What can be asked.

    Attributes:
        operator: that a step operator executes some of the steps.
        out_of_process: that the process of a step is killed, or hangs.
        anew: that another process goes on with another orchestrator.
        resources: resources of any amount; who applies them may not have as many.
        schedules: schedules; who applies them does not run the pipeline now.
    """

    operator: bool
    out_of_process: bool
    anew: bool
    resources: bool
    schedules: bool

    @classmethod
    def of(cls, *subjects: Subject) -> Scope:
        """What can be asked of all of these flavors."""

        def all_can(capability: str) -> bool:
            return all(capability in subject.profile for subject in subjects)

        def none_can(capability: str) -> bool:
            return not any(capability in subject.profile for subject in subjects)

        return cls(
            operator=all_can("step_operator"),
            out_of_process=all_can("out_of_process"),
            anew=all(subject.forks for subject in subjects),
            resources=none_can("resources"),
            schedules=none_can("schedules"),
        )

    def workloads(self, max_steps: int = 8, names: str = "tame") -> st.SearchStrategy[Workload]:
        """Pipelines that ask for nothing else; steps and names are knobs of `workloads`."""
        return workloads(
            max_steps=max_steps,
            names=names,
            resources=self.resources,
            schedules=self.schedules,
            operator=OPERATOR if self.operator else None,
        )
