"""Right orchestrators that hand on names and parameters in ways of their own, or refuse them in time."""

from __future__ import annotations

import hashlib
import re
import shlex
import subprocess
from typing import Any

from pytest_orchestrators import GlobalConfiguration, MetadataStoreError, PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.right.elsewhere import ForkedEntrypoint
from tests.right.flavors import right


@right
class RefusesUnusualNames(LocalOrchestrator):
    """Refuses all but small letters, digits, underscores and dashes in any name, before anything is run."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        names = [deployment.pipeline.name, deployment.run_name]
        for step in deployment.steps.values():
            names += [step.config.name, *step.config.outputs, *step.config.parameters]
        for name in names:
            if not re.fullmatch(r"[a-z0-9_-]+", name):
                raise ValueError(f"{name!r} cannot be a name here: use a-z, 0-9, '_' and '-'")
        return super().run(deployment, stack)


@right
class RefusesWhenPreparing(LocalOrchestrator):
    """Refuses names with other than ASCII characters when the deployment is prepared."""

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        for name in (deployment.pipeline.name, deployment.run_name, *deployment.steps):
            if not name.isascii():
                raise ValueError(f"{name!r} is not ASCII")


@right
class QuotesForTheShell(ForkedEntrypoint):
    """Has the command of every step pass through a shell, quoted as it must be."""

    def start(self, command: list[str], environment: dict[str, str]) -> None:
        script = f"printf '%s\\0' {shlex.join(command)}"
        done = subprocess.run(["sh", "-c", script], capture_output=True, check=True, text=True)
        super().start(done.stdout.split("\0")[:-1], environment)


@right
class FilesByDigest(LocalOrchestrator):
    """Keeps a file for each run and step in a folder of its own, named by a digest."""

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        self._note("run", deployment.run_name)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        self._note("step", step.config.name)
        return super().run_step(step, run_name)

    def _note(self, kind: str, name: str) -> None:
        folder = GlobalConfiguration().local_stores_path / "by digest"
        folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(f"{kind} {name}".encode()).hexdigest()
        (folder / digest).write_text(name, encoding="utf-8")


@right
class TriesTheRecordAgain(LocalOrchestrator):
    """Gives a record that cannot be opened a second chance, and says in its own words that there is none."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().run(deployment, stack)
        except MetadataStoreError:
            pass
        try:
            return super().run(deployment, stack)
        except MetadataStoreError as error:
            raise RuntimeError(f"{deployment.run_name} cannot be put on record") from error
