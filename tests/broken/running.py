"""Wrong ways of running a deployment: which steps, how often, with which values."""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Iterator
from difflib import get_close_matches
from string import Template
from typing import Any

from ml_metadata.proto import metadata_store_pb2 as pb

from pytest_orchestrators import PipelineDeployment, Stack, Step, load_source
from reference_flavors.local import LocalOrchestrator
from tests.broken.nodes import RewritesNodes, change_parameters, change_payload
from tests.broken.sins import sin
from tests.warns import Warns


class ChoosesSteps(LocalOrchestrator):
    """Runs the steps that `chosen` gives, in that order. On its own it runs all of them."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        """The steps to run."""
        yield from deployment.steps.values()

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        for step in self.chosen(deployment):
            self.warn_resources_ignored(step)
            self.run_step(step)


@sin("RUN-1", "RUN-10")
class Null(LocalOrchestrator):
    """Does nothing, and says that all is well."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        return None


@sin("RUN-1")
class DropsTheLastStep(ChoosesSteps):
    """The last step is never run."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from list(deployment.steps.values())[:-1]


@sin("RUN-1", "RUN-10")
class DropsStepsWithoutOutput(ChoosesSteps):
    """A step that puts nothing out is thought to do nothing."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from (step for step in deployment.steps.values() if step.config.outputs)


@sin("RUN-10")
class TenIsEnough(ChoosesSteps):
    """Steps beyond the tenth are dropped, as by a query that gives its first page."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from list(deployment.steps.values())[:10]


@sin("RUN-10")
class ForgetsIslands(ChoosesSteps):
    """Walks from the first step along the dependencies, and never comes to what hangs on nothing."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        connected = {next(iter(deployment.steps))}
        for _ in deployment.steps:
            for name, step in deployment.steps.items():
                if connected & {name, *step.spec.upstream_steps}:
                    connected |= {name, *step.spec.upstream_steps}
        yield from (step for name, step in deployment.steps.items() if name in connected)


@sin("RUN-1")
class OrphanSecondRun(LocalOrchestrator):
    """Every deployment is run a second time, under a name of its own."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        super().run(deployment.with_run_name(f"{deployment.run_name}-verify"), stack)
        return super().run(deployment, stack)


@sin("RUN-1")
class ComesBackAtOnce(LocalOrchestrator):
    """Runs the steps in the background and comes back before they are done, without saying that it does."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        behind = LocalOrchestrator(name="behind")
        threading.Timer(0.05, behind.run, (deployment, stack)).start()


@sin("RUN-3")
class DropsFalsyParameters(RewritesNodes):
    """Parameters that are false in Python are taken for not given."""

    def rewrite(self, node: Any) -> None:
        def drop(payload: dict[str, Any]) -> None:
            payload["parameters"] = {k: v for k, v in payload["parameters"].items() if v}

        change_payload(node, drop)


@sin("RUN-3")
class PrefersDefaults(RewritesNodes):
    """For a parameter that is false in Python the default is taken, if the step's function has one."""

    def rewrite(self, node: Any) -> None:
        def drop(payload: dict[str, Any]) -> None:
            parameters = inspect.signature(load_source(payload["source"])).parameters
            optional = {name for name, one in parameters.items() if one.default is not one.empty}
            given = payload["parameters"].items()
            payload["parameters"] = {k: v for k, v in given if v or k not in optional}

        change_payload(node, drop)


@sin("RUN-3")
class ParametersAsText(RewritesNodes):
    """Numbers and switches reach the step as texts, as through a command line."""

    def rewrite(self, node: Any) -> None:
        change_parameters(node, lambda _, value: str(value) if isinstance(value, int | float) else value)


@sin("RUN-3")
class CutsLongParameters(RewritesNodes):
    """Texts are cut at 4096 characters, as a label of some backend would be."""

    def rewrite(self, node: Any) -> None:
        change_parameters(node, lambda _, value: value[:4096] if isinstance(value, str) else value)


@sin("RUN-3")
class FillsInTemplates(RewritesNodes):
    """Texts are taken for templates, which the environment fills in."""

    def rewrite(self, node: Any) -> None:
        def fill_in(_: str, value: Any) -> Any:
            return Template(value).safe_substitute(os.environ) if isinstance(value, str) else value

        change_parameters(node, fill_in)


@sin("RUN-3")
class SwapsInputs(RewritesNodes):
    """A step with several inputs is given them in another order."""

    def rewrite(self, node: Any) -> None:
        inputs = node.inputs.inputs
        first, *_, last = sorted(inputs) or [None, None]
        if first != last:
            channel, other = type(inputs[first])(), type(inputs[first])()
            channel.CopyFrom(inputs[first])
            other.CopyFrom(inputs[last])
            inputs[first].CopyFrom(other)
            inputs[last].CopyFrom(channel)


class ReturnsAHandle(ChoosesSteps):
    """Returns something that its caller needs. On its own it is right."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        super().prepare_or_run_pipeline(deployment, stack)
        return {"id": deployment.run_name}


@sin("RUN-4")
class LosesTheResult(ReturnsAHandle):
    """What `prepare_or_run_pipeline` returned does not come out of `run`."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        super().run(deployment, stack)


@sin("RUN-4")
class CopiesTheResult(ReturnsAHandle):
    """Another object comes out of `run`, equal to the one that went in."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        return dict(super().run(deployment, stack))


@sin("RUN-5")
class NotesTheSchedule(LocalOrchestrator):
    """When a schedule was last served is on the record as an execution of the run, which is no step of it."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        super().prepare_or_run_pipeline(deployment, stack)
        if deployment.schedule is None:
            return
        assert self._active_run is not None
        store = self._active_run.store
        serving = store.put_execution_type(pb.ExecutionType(name="scheduling.Served"))
        served = pb.Execution(type_id=serving, last_known_state=pb.Execution.COMPLETE)
        contexts = {"pipeline": deployment.pipeline.name, "pipeline_run": deployment.run_name}
        found = [store.get_context_by_type_and_name(kind, name) for kind, name in contexts.items()]
        store.put_execution(served, [], found)


@sin("RUN-5")
class KeepsNoRecord(Warns):
    """Calls the step functions by itself: nothing is on the record, nothing in the artifact store."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        assert self._active_pb2_pipeline is not None
        self._values: dict[tuple[str, str], Any] = {}
        for name, step in deployment.steps.items():
            inputs = self._get_node_with_step_name(name).inputs.inputs
            received = {}
            for key, spec in inputs.items():
                [channel] = spec.channels
                received[key.removeprefix("in_")] = self._values[
                    channel.producer_node_query.id, channel.output_key
                ]
            returned = load_source(step.spec.source)(**received, **step.config.parameters)
            outputs = list(step.config.outputs)
            values = [returned] if len(outputs) == 1 else list(returned or ())
            for output, value in zip(outputs, values, strict=True):
                self._values[name, f"out_{output}"] = value


@sin("RUN-9")
class NoSuchNode(LocalOrchestrator):
    """An unknown step has no node, and nobody is told."""

    def _get_node_with_step_name(self, step_name: str) -> Any:
        try:
            return super()._get_node_with_step_name(step_name)
        except KeyError:
            return None


@sin("RUN-9")
class NodesByDictionary(LocalOrchestrator):
    """An unknown step is a `KeyError` that does not say which pipeline was asked."""

    def _get_node_with_step_name(self, step_name: str) -> Any:
        assert self._active_pb2_pipeline is not None
        nodes = {n.pipeline_node.node_info.id: n.pipeline_node for n in self._active_pb2_pipeline.nodes}
        return nodes[step_name]


@sin("RUN-9")
class CorrectsNames(LocalOrchestrator):
    """A mistyped step is taken for the one that is most like it."""

    def _get_node_with_step_name(self, step_name: str) -> Any:
        assert self._active_pb2_pipeline is not None
        known = [node.pipeline_node.node_info.id for node in self._active_pb2_pipeline.nodes]
        return super()._get_node_with_step_name(*(get_close_matches(step_name, known, 1) or [step_name]))


@sin("RUN-9")
class RemembersNodes(LocalOrchestrator):
    """Steps of the pipelines before are found as well."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._nodes: dict[str, Any] = {}

    def _get_node_with_step_name(self, step_name: str) -> Any:
        assert self._active_pb2_pipeline is not None
        for node in self._active_pb2_pipeline.nodes:
            self._nodes[node.pipeline_node.node_info.id] = node.pipeline_node
        return self._nodes.get(step_name) or super()._get_node_with_step_name(step_name)


@sin("RUN-11")
class PreparesAgain(LocalOrchestrator):
    """Prepares the deployment that was prepared already."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        stack.prepare_pipeline_deployment(deployment)
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("RUN-11")
class PreparesOneAgain(LocalOrchestrator):
    """Prepares the artifact store only, a second time, and after the first step."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        run = self._require_active_run()
        run.stack.artifact_store.prepare_pipeline_deployment(deployment=run.deployment, stack=run.stack)
        return info
