"""Step operators: components that execute single steps somewhere else than the orchestrator does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from pytest_orchestrators.contract.stack.component import StackComponent, StackComponentType

if TYPE_CHECKING:
    from pytest_orchestrators.contract.deployment.steps import StepRunInfo


class BaseStepOperator(StackComponent, ABC):
    """Base of all step operators."""

    TYPE = StackComponentType.STEP_OPERATOR

    @abstractmethod
    def launch(self, info: StepRunInfo, entrypoint_command: list[str], environment: dict[str, str]) -> None:
        """Run ``entrypoint_command`` where this operator runs things, and wait for its end.

        ``environment`` has to reach the command on top of the environment that it finds there. Anything but
        success is raised as an exception.
        """
