"""The parts that a stack is made of."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict

from pytest_orchestrators.contract.errors import StackError

if TYPE_CHECKING:
    from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
    from pytest_orchestrators.contract.deployment.steps import StepRunInfo
    from pytest_orchestrators.contract.stack.stack import Stack


class StackComponentType(str, Enum):
    """The kinds of stack components."""

    ORCHESTRATOR = "orchestrator"
    ARTIFACT_STORE = "artifact_store"
    CONTAINER_REGISTRY = "container_registry"
    STEP_OPERATOR = "step_operator"


class StackComponentConfig(BaseModel):
    """Base of all component configurations: frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def is_local(self) -> bool:
        """Whether the component only makes sense on this host, so that it cannot be shared with others."""
        return False


class StackComponent:
    """Base of all components of a stack.

    The hooks do nothing by default. A subclass sets ``TYPE``, and ``CONFIG_CLASS`` if it has a configuration
    of its own; without a ``config`` that class's defaults are used.
    """

    TYPE: ClassVar[StackComponentType]
    CONFIG_CLASS: ClassVar[type[StackComponentConfig]] = StackComponentConfig

    def __init__(
        self, name: str = "default", config: StackComponentConfig | None = None, id: UUID | None = None
    ) -> None:
        if config is not None and not isinstance(config, StackComponentConfig):
            raise StackError(
                f"{type(self).__name__} {name!r} needs a {self.CONFIG_CLASS.__name__} as its config, "
                f"not {config!r}. To build one from plain data, use its flavor's `create`."
            )
        self.name = name
        self.id = id or uuid4()
        self._config = self.CONFIG_CLASS() if config is None else config

    @property
    def config(self) -> StackComponentConfig:
        """The configuration: the very object that the component was built with."""
        return self._config

    @property
    def local_path(self) -> str | None:
        """A path on this host that a step's process needs to reach, if there is one."""
        return None

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        """Get ready for a deployment that is about to be run; may call ``deployment.add_extra``."""

    def prepare_step_run(self, info: StepRunInfo) -> None:
        """Get ready for a step that is about to be executed in this environment."""

    def cleanup_step_run(self, info: StepRunInfo) -> None:
        """Clean up after a step, whether it succeeded or not (and whether this component was prepared)."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, id={self.id})"
