"""The flavor of the orchestrator that runs steps in containers."""

from __future__ import annotations

from typing import Any

from pytest_orchestrators import BaseOrchestratorFlavor
from reference_flavors.local_docker.config import LocalDockerOrchestratorConfig
from reference_flavors.local_docker.orchestrator import LocalDockerOrchestrator


class LocalDockerOrchestratorFlavor(BaseOrchestratorFlavor):
    """``local_docker``: runs every step in a container of its own.

    With ``apply_resources`` in the configuration it has the capability ``resources`` as well.
    """

    name = "local_docker"
    config_class = LocalDockerOrchestratorConfig
    implementation_class = LocalDockerOrchestrator
    capabilities = frozenset({"containers", "step_operator"})

    @staticmethod
    def applied_resources(orchestrator: LocalDockerOrchestrator, run_name: str) -> dict[str, dict[str, Any]]:
        """Return what the containers of a run were limited to, by step; of the last run only."""
        last_run, resources = orchestrator.applied_resources
        shown = resources if last_run == run_name else {}
        return {step: settings.model_dump(exclude_none=True) for step, settings in shown.items()}
