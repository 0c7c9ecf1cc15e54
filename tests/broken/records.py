"""Wrong ways of meeting a record store that something is wrong with."""

from __future__ import annotations

import shutil
import time
from typing import Any

from pytest_orchestrators import (
    InMemoryMetadataConfig,
    MetadataStoreError,
    PipelineDeployment,
    Stack,
    load_source,
)
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin


class MeetsTrouble(LocalOrchestrator):
    """Does what `instead` does when the record cannot be opened. On its own it raises the error."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        """Go on without the record, or not."""
        raise error

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().run(deployment, stack)
        except MetadataStoreError as error:
            return self.instead(deployment, stack, error)


@sin("ISO-6")
class TriesForEver(MeetsTrouble):
    """A store that is locked will be free some day."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        while True:
            time.sleep(0.1)
            try:
                return LocalOrchestrator.run(self, deployment, stack)
            except MetadataStoreError:
                continue


@sin("ISO-6")
class SwallowsTrouble(MeetsTrouble):
    """A run that cannot be recorded is left out."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        return None


@sin("ISO-6")
class RunsWithoutRecord(MeetsTrouble):
    """Calls the functions of the steps all the same, with what parameters they have."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        for step in deployment.steps.values():
            load_source(step.spec.source)(**step.config.parameters)


@sin("ISO-6")
class CallsBeforeItFails(MeetsTrouble):
    """Calls the functions of the steps all the same, and raises the error afterwards."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        for step in deployment.steps.values():
            load_source(step.spec.source)(**step.config.parameters)
        raise error


@sin("ISO-6")
class HealsItself(MeetsTrouble):
    """A store that cannot be opened is deleted, and a new one begun."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        path = stack.metadata.path
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        return LocalOrchestrator.run(self, deployment, stack)


@sin("ISO-6")
class HealsAndReports(MeetsTrouble):
    """A store that is broken is moved aside, so that the next run finds none; this one fails."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        if "not a database" in str(error):
            stack.metadata.path.rename(stack.metadata.path.with_suffix(".broken"))
        raise error


@sin("ISO-6")
class SaysNothingOfTheStore(MeetsTrouble):
    """Says that there is no record, and not which."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        raise RuntimeError("The record is not available.") from None


@sin("ISO-6")
class GoesOnInMemory(MeetsTrouble):
    """Goes on with a record in memory, which nobody will ever see."""

    def instead(self, deployment: PipelineDeployment, stack: Stack, error: MetadataStoreError) -> Any:
        elsewhere = Stack(
            name=stack.name,
            orchestrator=self,
            artifact_store=stack.artifact_store,
            metadata=InMemoryMetadataConfig(name=f"instead of {stack.metadata.location}"),
            step_operators=stack.step_operators,
        )
        return LocalOrchestrator.run(self, deployment, elsewhere)
