"""Deployments with names that never passed a check: made under other names, which are replaced afterwards."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.deployment.pipeline_configuration import PipelineConfiguration
from pytest_orchestrators.contract.deployment.steps import Step
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep


class Aliases:
    """A harmless name for every name of a workload and for its run."""

    def __init__(self, workload: Workload, run_name: str) -> None:
        outputs = [output for step in workload.steps for output in step.outputs]
        names = dict.fromkeys((workload.name, run_name, *workload.names, *outputs))
        self._aliases = {name: f"alias-{number:04d}" for number, name in enumerate(names)}
        self.run_name = self._aliases[run_name]
        self.workload = Workload(
            name=self._aliases[workload.name], steps=tuple(self._step(step) for step in workload.steps)
        )

    def _step(self, step: WorkloadStep) -> WorkloadStep:
        alias = self._aliases
        inputs = {
            name: OutputRef(step=alias[ref.step], output=alias[ref.output])
            for name, ref in step.inputs.items()
        }
        changes = {
            "name": alias[step.name],
            "inputs": inputs,
            "after": tuple(alias[name] for name in step.after),
            "outputs": tuple(alias[output] for output in step.outputs),
        }
        return step.model_copy(update=changes)

    def taken_off(self, deployment: PipelineDeployment, by_half: bool = False) -> PipelineDeployment:
        """The deployment of the harmless workload, with the names of the other everywhere in it; by half, the
        representation keeps the aliases of those that are no usual names.
        """
        shown = {name: a for name, a in self._aliases.items() if name.isidentifier() or not by_half}
        data: dict[str, Any] = json.loads(_renamed(deployment.to_json(), self._aliases))
        representation = base64.b64decode(deployment.proto_pipeline).decode()
        return PipelineDeployment.model_construct(
            run_name=data["run_name"],
            schedule=deployment.schedule,
            stack_id=deployment.stack_id,
            pipeline=PipelineConfiguration.model_validate(data["pipeline"]),
            proto_pipeline=base64.b64encode(_renamed(representation, shown).encode()).decode(),
            steps={name: Step.model_validate(step) for name, step in data["steps"].items()},
        )


def _renamed(text: str, aliases: Mapping[str, str]) -> str:
    """JSON text in which the names stand again.

    They are put in as they are: parts of the text are JSON within JSON, so they must need no quoting.
    """
    for name, alias in aliases.items():
        if json.dumps(name) != f'"{name}"':
            raise ValueError(f"the name {name!r} cannot be smuggled: it would have to be quoted")
        text = text.replace(alias, name)
    return text
