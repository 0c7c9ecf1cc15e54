"""Wrong ways of dealing with the cache: one of its own, or the framework's bent."""

from __future__ import annotations

import copy
import json
import logging
from typing import Any, ClassVar
from uuid import uuid4

from pytest_orchestrators import PipelineDeployment, Stack, Step, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.broken.nodes import RewritesNodes, change_payload
from tests.broken.sins import sin
from tests.muted import muted


class Remembers(LocalOrchestrator):
    """Has a memory of steps, over runs. On its own it uses it for nothing."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._memory: dict[str, Any] = {}

    def key(self, step: Step) -> str:
        """What identifies a step and all that it is run with."""
        assert self._active_deployment is not None
        return json.dumps([self._active_deployment.pipeline.name, step.model_dump(mode="json")])


@sin("CCH-1")
class CacheOfTheBackend(Remembers):
    """What the backend has seen before is not launched at all: nothing is on the record."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if step.config.enable_cache and self.key(step) in self._memory:
            return self._memory[self.key(step)]
        self._memory[self.key(step)] = super().run_step(step, run_name)
        return self._memory[self.key(step)]


def set_caching(node: Any, enabled: bool) -> None:
    """Switch the cache on or off in a node."""
    node.execution_options.caching_options.enable_cache = enabled


@sin("CCH-1")
class NeverCaches(RewritesNodes):
    """The cache is off, to be on the safe side."""

    def rewrite(self, node: Any) -> None:
        set_caching(node, False)


@sin("CCH-1")
class EveryRunIsNew(RewritesNodes):
    """Something that is new in every run gets into what the cache looks at."""

    def rewrite(self, node: Any) -> None:
        def stamp(payload: dict[str, Any]) -> None:
            payload["code"] = uuid4().hex

        change_payload(node, stamp)


@sin("CCH-1")
class HashesTheCode(RewritesNodes):
    """Code is known by its hash: Python's own, which is another one in every process."""

    def rewrite(self, node: Any) -> None:
        change_payload(node, lambda payload: payload.update(code=str(hash(payload["code"]))))


@sin("CCH-1")
class CacheOfTheInstance(RewritesNodes):
    """What other instances have done is not trusted."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._mine = uuid4().hex

    def rewrite(self, node: Any) -> None:
        change_payload(node, lambda payload: payload.update(code=payload["code"] + self._mine))


@sin("CCH-2")
class AlwaysCaches(RewritesNodes):
    """The switch of the step is ignored."""

    def rewrite(self, node: Any) -> None:
        set_caching(node, True)


@sin("CCH-2")
class SwitchOfTheFirstStep(RewritesNodes):
    """The switch of the first step holds for the whole pipeline."""

    def rewrite(self, node: Any) -> None:
        assert self._active_deployment is not None
        first = next(iter(self._active_deployment.steps.values()))
        set_caching(node, first.config.enable_cache)


@sin("CCH-2")
class CachesWhatIsOperated(LocalOrchestrator):
    """Operators are dear: what they have done is never done twice."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if step.config.step_operator:
            node = self._get_node_with_step_name(step.config.name)
            node.execution_options.caching_options.enable_cache = True
            step = step.model_copy(update={"config": step.config.model_copy(update={"enable_cache": True})})
        return super().run_step(step, run_name)


@sin("CCH-3")
class CachedByName(Remembers):
    """A step's definition is registered under its name once and for all: later edits are never seen."""

    def _get_node_with_step_name(self, step_name: str) -> Any:
        assert self._active_deployment is not None
        key = f"{self._active_deployment.pipeline.name}/{step_name}"
        return self._memory.setdefault(key, super()._get_node_with_step_name(step_name))


@sin("CCH-3")
class BlindToCode(RewritesNodes):
    """The version of a step's code is not part of what the cache looks at."""

    def rewrite(self, node: Any) -> None:
        change_payload(node, lambda payload: payload.update(code="", source=payload["source"][:-1] + "a"))


@sin("CCH-3")
class OrderSpoilsTheCache(RewritesNodes):
    """What comes after an executed step is executed too, although it reads nothing of it."""

    def run(self, deployment: Any, stack: Any) -> Any:
        self._executed: set[str] = set()
        return super().run(deployment, stack)

    def rewrite(self, node: Any) -> None:
        if self._executed.intersection(node.upstream_nodes):
            set_caching(node, False)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        if info.execution_output_uri:
            self._executed.add(step.config.name)
        return info


@sin("CCH-4")
class CopiesCachedArtifacts(LocalOrchestrator):
    """When a run is over, its cached steps are given copies of the artifacts, as if they had made them."""

    def prepare_or_run_pipeline(self, deployment: Any, stack: Any) -> Any:
        self._infos: list[Any] = []
        super().prepare_or_run_pipeline(deployment, stack)
        for info in self._infos:
            if get_cache_status(info):
                self._copy_outputs(info)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        self._infos.append(super().run_step(step, run_name))
        return self._infos[-1]

    def _copy_outputs(self, info: Any) -> None:
        store = self._require_active_run().store
        events = [e for e in store.get_events_by_execution_ids([info.execution_id]) if e.type == e.OUTPUT]
        for event in events:
            [artifact] = store.get_artifacts_by_id([event.artifact_id])
            artifact.ClearField("id")
            event.artifact_id = store.put_artifacts([artifact])[0]
            store.put_events([event])


@sin("CCH-5")
class DoneBeforeItRan(Remembers):
    """A step is ticked off before it runs; one that fails is never run again."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if step.config.enable_cache and self.key(step) in self._memory:
            return None
        self._memory[self.key(step)] = True
        return super().run_step(step, run_name)


@sin("CCH-6")
class ExecutedLooksCached(LocalOrchestrator):
    """Takes the output URI out of what it reports, so that everything executed looks cached."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        return with_output_uri(info, None)


@sin("CCH-6")
class CachedLooksExecuted(LocalOrchestrator):
    """Makes up an output URI for what was cached, so that it looks executed."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        return with_output_uri(info, "somewhere/executor_output.pb")


def with_output_uri(info: Any, uri: str | None) -> Any:
    """What `run_step` reported, with another output URI."""
    changed = copy.copy(info)
    changed.execution_output_uri = uri
    return changed


class MutesLoggers(LocalOrchestrator):
    """Raises the level of the package's loggers during a run. On its own to DEBUG, which mutes nothing."""

    level = logging.DEBUG
    logger = "pytest_orchestrators"

    def run(self, deployment: Any, stack: Any) -> Any:
        with muted(self.logger, self.level):
            return super().run(deployment, stack)


@sin("CCH-8")
class StartsFromScratch(LocalOrchestrator):
    """An earlier run of the same name is declared void on the record, and all is executed again."""

    def prepare_or_run_pipeline(self, deployment: Any, stack: Any) -> Any:
        store = self._require_active_run().store
        run = store.get_context_by_type_and_name("pipeline_run", deployment.run_name)
        executions = store.get_executions_by_context(run.id) if run else []
        for execution in executions:
            execution.last_known_state = execution.FAILED
        store.put_executions(executions)
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("CCH-10")
class ForgetsTheFiles(LocalOrchestrator):
    """Takes off the record which files an artifact has, so that nobody notices when one is gone."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        store = self._require_active_run().store
        artifacts = store.get_artifacts()
        for artifact in artifacts:
            artifact.custom_properties["files"].string_value = "{}"
        store.put_artifacts(artifacts)
        return info


@sin("CCH-10")
class GoneInSilence(MutesLoggers):
    """A cache entry whose files are gone is not used, and nobody is told."""

    level = logging.ERROR
    logger = "pytest_orchestrators.contract.runtime.cache"


@sin("CCH-3")
class KnowsCodeByItsName(RewritesNodes):
    """The name of a function is what its code is known by."""

    def rewrite(self, node: Any) -> None:
        change_payload(node, lambda payload: payload.update(code=""))


@sin("CCH-3")
class ForgetsTheOutput(LocalOrchestrator):
    """How a step is wired is kept for as long as it reads from the same steps, whichever of their outputs."""

    _kept: ClassVar[dict[tuple[str, ...], Any]] = {}

    def wiring(self, node: Any) -> list[str]:
        """What a step reads from, as far as it is looked at."""
        return list(node.upstream_nodes)

    def _get_node_with_step_name(self, step_name: str) -> Any:
        node = super()._get_node_with_step_name(step_name)
        assert self._active_deployment is not None
        key = (self._active_deployment.pipeline.name, step_name, *self.wiring(node))
        copy = type(node)()
        copy.CopyFrom(node)
        copy.inputs.CopyFrom(self._kept.setdefault(key, node).inputs)
        return copy


@sin("CCH-3")
class ForgetsWhichIsWhich(ForgetsTheOutput):
    """How a step is wired is kept for as long as it reads the same outputs, whatever they are to it."""

    def wiring(self, node: Any) -> list[str]:
        channels = (channel for source in node.inputs.inputs.values() for channel in source.channels)
        return sorted(f"{channel.producer_node_query.id}.{channel.output_key}" for channel in channels)


@sin("CCH-8")
class VoidsWhatOthersRan(LocalOrchestrator):
    """Starts from scratch where another orchestrator, which it takes for dead, has left something under the
    run's name.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._begun: set[str] = set()

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if deployment.run_name not in self._begun:
            self._void(deployment.run_name)
            self._begun.add(deployment.run_name)
        return super().prepare_or_run_pipeline(deployment, stack)

    def _void(self, run_name: str) -> None:
        store = self._require_active_run().store
        run = store.get_context_by_type_and_name("pipeline_run", run_name)
        left = store.get_executions_by_context(run.id) if run else []
        for execution in left:
            execution.last_known_state = execution.FAILED
        if left:
            store.put_executions(left)


@sin("CCH-10")
class OneFileIsEnough(LocalOrchestrator):
    """Of the files of an artifact the first is remembered: where that one is, the others will be."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        store = self._require_active_run().store
        artifacts = store.get_artifacts()
        for artifact in artifacts:
            files = artifact.custom_properties["files"]
            files.string_value = json.dumps(dict([*json.loads(files.string_value).items()][:1]))
        store.put_artifacts(artifacts)
        return info
