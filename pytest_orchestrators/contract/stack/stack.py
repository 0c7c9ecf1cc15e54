"""The stack: an orchestrator together with the stores and services that it works with."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from pytest_orchestrators.contract.errors import StackError
from pytest_orchestrators.contract.files import read_file, write_text_atomically
from pytest_orchestrators.contract.session import GlobalConfiguration
from pytest_orchestrators.contract.stack.artifact_store import BaseArtifactStore
from pytest_orchestrators.contract.stack.component import StackComponent, StackComponentType
from pytest_orchestrators.contract.stack.container_registry import ContainerRegistry
from pytest_orchestrators.contract.stack.serialization import (
    ComponentRecord,
    load_component,
    read_record,
    stack_to_json,
)
from pytest_orchestrators.contract.stack.step_operator import BaseStepOperator

if TYPE_CHECKING:
    from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
    from pytest_orchestrators.contract.deployment.steps import StepRunInfo
    from pytest_orchestrators.contract.orchestrators.base import BaseOrchestrator
    from pytest_orchestrators.contract.stack.metadata import MetadataStoreConfig

logger = logging.getLogger(__name__)
ComponentT = TypeVar("ComponentT", bound=StackComponent)


class Stack:
    """An orchestrator, an artifact store, a record store, and what else steps may need.

    ``metadata`` says where ML Metadata keeps the record of runs. ``step_operators`` maps the names that steps
    use to the operators. Raises StackError when a component is not of the kind that its place asks for.
    """

    def __init__(
        self,
        name: str,
        orchestrator: BaseOrchestrator,
        artifact_store: BaseArtifactStore,
        metadata: MetadataStoreConfig,
        container_registry: ContainerRegistry | None = None,
        step_operators: Mapping[str, BaseStepOperator] | None = None,
        id: UUID | None = None,
    ) -> None:
        self.name = name
        self.id = id or uuid4()
        self.orchestrator = _of_type(orchestrator, StackComponentType.ORCHESTRATOR)
        self.artifact_store = _of_type(artifact_store, StackComponentType.ARTIFACT_STORE)
        self.metadata = metadata
        self.container_registry = container_registry and _of_type(
            container_registry, StackComponentType.CONTAINER_REGISTRY
        )
        self.step_operators: Mapping[str, BaseStepOperator] = MappingProxyType(
            {
                operator_name: _of_type(operator, StackComponentType.STEP_OPERATOR)
                for operator_name, operator in (step_operators or {}).items()
            }
        )

    @property
    def components(self) -> Iterator[StackComponent]:
        """All components, the orchestrator first."""
        yield self.orchestrator
        yield self.artifact_store
        if self.container_registry:
            yield self.container_registry
        yield from self.step_operators.values()

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment) -> None:
        """Call the hook of that name of every component, once, before ``deployment`` is run."""
        for component in self.components:
            component.prepare_pipeline_deployment(deployment=deployment, stack=self)

    def deploy_pipeline(self, deployment: PipelineDeployment) -> Any:
        """Let the orchestrator run ``deployment`` and return what it returns."""
        return self.orchestrator.run(deployment, self)

    def prepare_step_run(self, info: StepRunInfo) -> None:
        """Prepare every component for a step. If one fails, call `cleanup_step_run` all the same."""
        for component in self.components:
            component.prepare_step_run(info=info)

    def cleanup_step_run(self, info: StepRunInfo) -> None:
        """Let every component clean up after a step, the last prepared first.

        A component that fails keeps no other from cleaning up: the first error is raised in the end, and
        later ones are logged.
        """
        failures: list[BaseException] = []
        for component in reversed(list(self.components)):
            try:
                component.cleanup_step_run(info=info)
            except BaseException as failure:
                if failures:
                    logger.error("%r also failed to clean up:", component, exc_info=failure)
                failures.append(failure)
        if failures:
            raise failures[0]

    def check_local_paths(self) -> bool:
        """Return whether any component, or the record store, keeps files on this host.

        Raises StackError for files outside `GlobalConfiguration.local_stores_path`, the one folder that is
        shared with steps that run in containers.
        """
        stores = GlobalConfiguration().local_stores_path
        holders: list[Any] = [*self.components, self.metadata]
        paths = [Path(holder.local_path) for holder in holders if holder.local_path]
        for path in paths:
            if not path.resolve().is_relative_to(stores.resolve()):
                raise StackError(
                    f"Stack {self.name!r} keeps files under '{path}', outside the local stores folder "
                    f"'{stores}', so that steps in other environments cannot reach them: move them there."
                )
        return bool(paths)

    def to_json(self) -> str:
        """Return the stack as JSON text. It holds secrets in the clear: keep it as `save` does."""
        return stack_to_json(self)

    @classmethod
    def from_json(cls, text: str | bytes, where: str = "this text") -> Stack:
        """Build the stack that `to_json` wrote, or raise StackError, which says ``where`` it was read."""
        record = read_record(text, where)
        registry = record.container_registry

        def load(component: ComponentRecord) -> Any:
            return load_component(component)

        return cls(
            name=record.name,
            orchestrator=load(record.orchestrator),
            artifact_store=load(record.artifact_store),
            metadata=record.metadata,
            container_registry=load(registry) if registry else None,
            step_operators={name: load(operator) for name, operator in record.step_operators.items()},
            id=record.id,
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the stack to a file that only its owner can read, and return its path."""
        return write_text_atomically(path, self.to_json())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Stack:
        """Build the stack that `save` wrote. Raises StackError, also when there is no such file."""
        text = read_file(path, "stack", StackError)
        return cls.from_json(text, where=f"the file '{path}'")

    def __repr__(self) -> str:
        return f"Stack(name={self.name!r}, id={self.id})"


def _of_type(component: ComponentT, expected: StackComponentType) -> ComponentT:
    if getattr(component, "TYPE", None) is not expected:
        raise StackError(f"A stack needs a component of type {expected.value!r} here, not {component!r}.")
    return component
