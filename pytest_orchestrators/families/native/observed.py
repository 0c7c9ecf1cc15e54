"""Components of the stack that journal what is done with them, in whatever process that happens."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pytest_orchestrators.contract.deployment.steps import StepRunInfo
from pytest_orchestrators.contract.stack.artifact_store import LocalArtifactStore, LocalArtifactStoreConfig
from pytest_orchestrators.contract.stack.component import StackComponentConfig
from pytest_orchestrators.contract.stack.metadata import SqliteMetadataConfig
from pytest_orchestrators.contract.stack.subprocess_operator import SubprocessStepOperator
from pytest_orchestrators.families.native.record import find_artifact, opened, take_off
from pytest_orchestrators.probes import control, journal
from pytest_orchestrators.probes.faults import OPERATOR_DOWN
from pytest_orchestrators.probes.halting import halt
from pytest_orchestrators.probes.steps import OPERATOR_VARIABLE
from pytest_orchestrators.suite.evidence import LogLine
from pytest_orchestrators.suite.observers.logs import heard

if TYPE_CHECKING:
    from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
    from pytest_orchestrators.contract.stack.stack import Stack


class HookFailure(Exception):
    """Raised by a hook that was told to fail."""


class ObservedConfig(LocalArtifactStoreConfig):
    """Where the journal is, where the record is, and which process started the run."""

    root: Path
    metadata: SqliteMetadataConfig
    host: str
    pid: int


class ObservedArtifactStore(LocalArtifactStore):
    """An artifact store that journals the hooks, fails them on order, and hears the log of other
    processes.
    """

    CONFIG_CLASS: ClassVar[type[StackComponentConfig]] = ObservedConfig

    @property
    def config(self) -> ObservedConfig:
        """The configuration."""
        assert isinstance(self._config, ObservedConfig)
        return self._config

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        """Journal that a deployment is being prepared."""
        del deployment, stack
        journal.append(self.config.root, "prepare_pipeline_deployment", component="artifact_store")
        halt(self.config.root, control.read(self.config.root), "prepare_pipeline_deployment")

    def prepare_step_run(self, info: StepRunInfo) -> None:
        """Journal the hook, and fail if this is to fail."""
        self._listen()
        self._hook("prepare_step_run", info)

    def cleanup_step_run(self, info: StepRunInfo) -> None:
        """Journal the hook and what was logged elsewhere; lose an artifact, and fail, if that is to
        happen.
        """
        self._tell()
        lost = control.read(self.config.root).get("loses", {}).get(info.config.name)
        if lost:
            with opened(self.config.metadata) as store:
                names = (info.pipeline.name, info.run_name, lost["step"], lost["output"])
                take_off(store, find_artifact(store, *names))
        self._hook("cleanup_step_run", info)

    def _hook(self, kind: str, info: StepRunInfo) -> None:
        step = info.config.name
        journal.append(self.config.root, kind, step=step, run_name=info.run_name)
        orders = control.read(self.config.root)
        halt(self.config.root, orders, kind, step)
        if orders.get("hooks", {}).get(step) == kind:
            raise HookFailure(f"{kind} of step {step} was told to fail")

    def _listen(self) -> None:
        """From now on hear everything, if this is not the process that hears it anyway."""
        if (self.config.host, self.config.pid) != (socket.gethostname(), os.getpid()) and not _heard:
            _heard.append(_for_good.enter_context(heard()))

    def _tell(self) -> None:
        for lines in _heard:
            told, lines[:] = tuple(lines), []
            for line in told:
                facts = {"level": line.level, "logger": line.logger, "message": line.message}
                journal.append(self.config.root, "logged", **facts)


#: What this process heard, if it is one that a step was started in; it hears until it ends.
_heard: list[list[LogLine]] = []
_for_good = ExitStack()


class ProbeOperatorConfig(StackComponentConfig):
    """Where the journal is."""

    root: Path


class ProbeStepOperator(SubprocessStepOperator):
    """A step operator that journals what it takes over, and marks the environment of what it executes."""

    CONFIG_CLASS: ClassVar[type[StackComponentConfig]] = ProbeOperatorConfig

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        """Journal that a deployment is being prepared."""
        del deployment, stack
        assert isinstance(self._config, ProbeOperatorConfig)
        journal.append(self._config.root, "prepare_pipeline_deployment", component=self.name)

    def launch(self, info: StepRunInfo, entrypoint_command: list[str], environment: dict[str, str]) -> None:
        """Execute the step in a process of its own."""
        assert isinstance(self._config, ProbeOperatorConfig)
        journal.append(
            self._config.root, "operator", step=info.config.name, run_name=info.run_name, operator=self.name
        )
        if control.read(self._config.root).get("faults", {}).get(info.config.name) == OPERATOR_DOWN:
            raise ConnectionError(f"step operator {self.name} was told to be down")
        super().launch(info, entrypoint_command, {**environment, OPERATOR_VARIABLE: self.name})
