"""What generated histories may ask of a flavor."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_orchestrators.suite.subject import Subject


@dataclass(frozen=True)
class Scope:
    """What can be asked.

    Attributes:
        operator: that a step operator executes some of the steps.
        out_of_process: that the process of a step is killed, or hangs.
        anew: that another process goes on with another orchestrator.
    """

    operator: bool
    out_of_process: bool
    anew: bool

    @classmethod
    def of(cls, *subjects: Subject) -> Scope:
        """What can be asked of all of these flavors."""
        return cls(
            operator=all("step_operator" in subject.profile for subject in subjects),
            out_of_process=all("out_of_process" in subject.profile for subject in subjects),
            anew=all(subject.forks for subject in subjects),
        )
