"""A compiled pipeline, ready to be handed to an orchestrator."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError, model_validator

from pytest_orchestrators.contract.deployment.base import DeploymentModel
from pytest_orchestrators.contract.deployment.pipeline_configuration import PipelineConfiguration
from pytest_orchestrators.contract.deployment.schedule import Schedule
from pytest_orchestrators.contract.deployment.steps import Step
from pytest_orchestrators.contract.errors import DeploymentError
from pytest_orchestrators.contract.files import read_file, write_text_atomically
from pytest_orchestrators.contract.mistakes import mistakes_of
from pytest_orchestrators.contract.names import check_name, shown_name


class PipelineDeployment(DeploymentModel):
    """Everything an orchestrator needs to run a pipeline, as data that survives JSON.

    ``proto_pipeline`` is the TFX intermediate representation, as base64 of its protobuf JSON. ``steps`` maps
    step names to steps in an order of execution. A deployment does not change, except for `add_extra`.
    Names that would leave the artifact store are refused, whoever made the deployment.
    """

    run_name: str
    schedule: Schedule | None = None
    stack_id: UUID | None = None
    pipeline: PipelineConfiguration
    proto_pipeline: str
    steps: dict[str, Step]

    @model_validator(mode="after")
    def _validate_names(self) -> PipelineDeployment:
        self.check_names()
        return self

    def check_names(self) -> None:
        """Raise DeploymentError for a name that is not safe, or a step that is named and not there.

        Whoever makes a deployment by a way around validation (`model_copy`, `model_construct`) has it
        checked here, at the latest by the orchestrator that is to run it.
        """
        where = f"the deployment of pipeline {shown_name(self.pipeline.name)}"
        check_name("pipeline", self.pipeline.name, where, DeploymentError)
        check_name("run", self.run_name, where, DeploymentError)
        for name, step in self.steps.items():
            check_name("step", name, where, DeploymentError)
            if name != step.config.name:
                raise DeploymentError(
                    f"Step {shown_name(name)} in {where} calls itself {shown_name(step.config.name)}."
                )
            for output in step.config.outputs:
                check_name("output", output, f"step {shown_name(name)} of {where}", DeploymentError)
            if unknown := [upstream for upstream in step.spec.upstream_steps if upstream not in self.steps]:
                raise DeploymentError(
                    f"Step {shown_name(name)} in {where} comes after steps that are not there: "
                    f"{', '.join(map(shown_name, unknown))}."
                )

    def add_extra(self, key: str, value: Any) -> None:
        """Keep ``value`` under ``pipeline.extra[key]``. Raises DeploymentError if JSON cannot hold it."""
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise DeploymentError(f"The extra {key!r} cannot be stored as JSON: {error}") from error
        self.pipeline.extra[key] = value

    def with_run_name(self, run_name: str) -> PipelineDeployment:
        """Return this deployment under another run name (with an ``extra`` of its own)."""
        where = f"the deployment of pipeline {shown_name(self.pipeline.name)}"
        check_name("run", run_name, where, DeploymentError)
        pipeline = self.pipeline.model_copy(update={"extra": dict(self.pipeline.extra)})
        return self.model_copy(update={"run_name": run_name, "pipeline": pipeline})

    def to_json(self) -> str:
        """Return the deployment as JSON text."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str | bytes, where: str = "this text") -> PipelineDeployment:
        """Read a deployment back from `to_json`; ``where`` tells errors what was being read.

        Raises DeploymentError if it is no deployment, or holds names that are not safe.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise DeploymentError(f"No deployment can be read from {where}: {mistakes_of(error)}") from error

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the deployment to a file that only its owner can read, and return its path."""
        return write_text_atomically(path, self.to_json())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> PipelineDeployment:
        """Read a deployment from a file that `save` made. Raises DeploymentError, also without a file."""
        text = read_file(path, "deployment", DeploymentError)
        return cls.from_json(text, where=f"the file '{path}'")
