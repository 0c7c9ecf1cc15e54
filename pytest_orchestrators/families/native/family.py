"""The bridge between orchestrators of the contract and the suite."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pytest_orchestrators.families.native.missing import missing_prerequisite
from pytest_orchestrators.families.native.questions import questions
from pytest_orchestrators.families.native.warm_up import WarmUpFlavor
from pytest_orchestrators.families.native.workspace import NativeWorkspace, opened_workspace
from pytest_orchestrators.suite.evidence import Probe
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.workload import Workload, WorkloadStep


class NativeFamily:
    """Orchestrators that subclass `BaseOrchestrator`, on TFX's launcher and ML Metadata."""

    name = "native"

    def prepare(self) -> None:
        """Launch one step of the harness's own: the first launch in a process leaves traces for good."""
        workload = Workload(name="warm_up", steps=(WorkloadStep(name="step"),))
        action = Run(label="warm up", workload=workload)
        with (
            tempfile.TemporaryDirectory() as folder,
            opened_workspace(WarmUpFlavor(), {}, Path(folder)) as workspace,
        ):
            orchestrator = workspace.create()
            workspace.run(orchestrator, workspace.build(action, "warm_up"))

    def missing(self, error: BaseException) -> str:
        """The message of a `MissingPrerequisiteError` in the error's chain of causes, if there is one."""
        return missing_prerequisite(error)

    def versions(self) -> Mapping[str, str]:
        """TFX and ML Metadata, and what they speak through."""
        return _versions()

    def inspect(self, flavor: Any, config: Mapping[str, Any]) -> Mapping[str, Probe]:
        """Ask the flavor and an orchestrator of it everything that can be asked without running."""
        return questions(flavor, config)

    def open(
        self, flavor: Any, config: Mapping[str, Any], root: Path, beside: str = ""
    ) -> AbstractContextManager[NativeWorkspace]:
        """Stores under a folder, with a journal of its own for a workspace beside another one."""
        return opened_workspace(flavor, config, root, beside)


@cache
def _versions() -> Mapping[str, str]:
    """Looked up once: it means searching the environment for distributions."""
    return {name: version(name) for name in ("ml-pipelines-sdk", "ml-metadata", "protobuf")}
