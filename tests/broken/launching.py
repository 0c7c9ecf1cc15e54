"""Wrong ways of launching a step: no watch on the launcher, one on all launchers, classes not loaded."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from tfx.orchestration.portable import execution_publish_utils
from tfx.orchestration.portable.launcher import Launcher

from pytest_orchestrators import PipelineDeployment, Stack, Step, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin

logger = logging.getLogger(__name__)


@sin("FLR-4")
class NoWatch(LocalOrchestrator):
    """Skips the watch on the launcher, so that a step without its input passes for done."""

    @staticmethod
    def _execute_step(tfx_launcher: Launcher) -> Any:
        name = tfx_launcher._pipeline_node.node_info.id
        logger.info("Step %s has started", name)
        info = tfx_launcher.launch()
        if get_cache_status(info):
            logger.info("Using cached version of %s.", name)
        logger.info("Step %s has finished in 0.1 s", name)
        return info


@sin("FLR-4")
class FailedPassesForCached(NoWatch):
    """The original's early sin: no output URI, so the step was cached."""

    @staticmethod
    def _execute_step(tfx_launcher: Launcher) -> Any:
        info = NoWatch._execute_step(tfx_launcher)
        if info and not info.execution_output_uri:
            logger.info("Using cached version of `%s`.", tfx_launcher._pipeline_node.node_info.id)
        return info


@sin("FLR-4")
class MissingInputOfSomeStep(LocalOrchestrator):
    """The error about a missing input does not say of which step."""

    @staticmethod
    def _execute_step(tfx_launcher: Launcher) -> Any:
        try:
            return LocalOrchestrator._execute_step(tfx_launcher)
        except RuntimeError as error:
            if "could not be found" in str(error):
                raise RuntimeError("Failed to execute step: some input could not be found.") from None
            raise


@sin("FLR-5")
class PatchesTheLauncherClass(LocalOrchestrator):
    """Keeps its watch on the class of all launchers, while a step is launched."""

    @staticmethod
    def _execute_step(tfx_launcher: Launcher) -> Any:
        original = Launcher._publish_failed_execution

        def watched(self: Any, *arguments: Any, **keywords: Any) -> None:
            original(self, *arguments, **keywords)

        Launcher._publish_failed_execution = watched
        try:
            return LocalOrchestrator._execute_step(tfx_launcher)
        finally:
            Launcher._publish_failed_execution = original


@sin("FLR-5")
class PatchesTheLaunchersOwnClass(LocalOrchestrator):
    """Keeps its watch on whatever class the launcher happens to have."""

    @staticmethod
    def _execute_step(tfx_launcher: Launcher) -> Any:
        kind = type(tfx_launcher)
        original = kind._publish_failed_execution
        kind._publish_failed_execution = lambda self, *a, **k: original(self, *a, **k)
        try:
            return LocalOrchestrator._execute_step(tfx_launcher)
        finally:
            del kind._publish_failed_execution


@sin("FLR-5")
class PatchesAModule(LocalOrchestrator):
    """Replaces a function of the module that publishes, while a run goes on."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        original = execution_publish_utils.publish_failed_execution

        def noted(*arguments: Any, **keywords: Any) -> Any:
            return original(*arguments, **keywords)

        execution_publish_utils.publish_failed_execution = noted
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        finally:
            execution_publish_utils.publish_failed_execution = original


def _publish_nothing(self: Any, *arguments: Any, **keywords: Any) -> None:
    """Put nothing on the record."""


@sin("FLR-5")
class PatchesWithoutPublishing(LocalOrchestrator):
    """While it launches a step, no launcher in this process puts a failure on the record."""

    @staticmethod
    def _execute_step(tfx_launcher: Launcher) -> Any:
        original = Launcher._publish_failed_execution
        Launcher._publish_failed_execution = _publish_nothing
        try:
            return LocalOrchestrator._execute_step(tfx_launcher)
        finally:
            Launcher._publish_failed_execution = original


@sin("FLR-5")
class NotesWithoutPublishing(LocalOrchestrator):
    """Its watch on the one launcher keeps the reason of a failure to itself."""

    @staticmethod
    def _execute_step(tfx_launcher: Launcher) -> Any:
        tfx_launcher._publish_failed_execution = lambda *arguments, **keywords: None
        return LocalOrchestrator._execute_step(tfx_launcher)


@sin("FLR-10")
class LoadsNoClasses(LocalOrchestrator):
    """Artifact classes are not loaded, so nobody notices that one is missing."""

    @staticmethod
    def _ensure_artifact_classes_loaded(step_configuration: Any) -> None:
        pass


@sin("FLR-10")
class LoadsClassesOfOutputs(LocalOrchestrator):
    """The classes of inputs are left to the steps that made them."""

    @staticmethod
    def _ensure_artifact_classes_loaded(step_configuration: Any) -> None:
        made_here = step_configuration.model_copy(update={"inputs": {}})
        LocalOrchestrator._ensure_artifact_classes_loaded(made_here)


@sin("FLR-10")
class MissingClassWithoutSource(LocalOrchestrator):
    """A missing class is an error that does not say which class."""

    @staticmethod
    def _ensure_artifact_classes_loaded(step_configuration: Any) -> None:
        try:
            LocalOrchestrator._ensure_artifact_classes_loaded(step_configuration)
        except Exception:
            raise RuntimeError("An artifact class of the step cannot be loaded.") from None


@sin("FLR-10")
class LoadsClassesAfterwards(LocalOrchestrator):
    """Artifact classes are looked at when the step has been executed."""

    @staticmethod
    def _ensure_artifact_classes_loaded(step_configuration: Any) -> None:
        pass

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        LocalOrchestrator._ensure_artifact_classes_loaded(step.config)
        return info


@sin("FLR-10")
class ChecksClassesOnce(LocalOrchestrator):
    """Artifact classes are looked at when a step is met for the first time."""

    _checked: ClassVar[set[str]] = set()

    @classmethod
    def _ensure_artifact_classes_loaded(cls, step_configuration: Any) -> None:  # type: ignore[override]
        if step_configuration.name not in cls._checked:
            LocalOrchestrator._ensure_artifact_classes_loaded(step_configuration)
            cls._checked.add(step_configuration.name)


@sin("FLR-4")
class WatchesWhoMakesSomething(LocalOrchestrator):
    """The launcher of a step that has no outputs is not watched: there is nothing to be lost."""

    @staticmethod
    def _execute_step(tfx_launcher: Any) -> Any:
        if not tfx_launcher._pipeline_node.outputs.outputs:
            return tfx_launcher.launch()
        return LocalOrchestrator._execute_step(tfx_launcher)
