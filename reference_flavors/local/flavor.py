"""The flavor of the local orchestrator."""

from __future__ import annotations

from pytest_orchestrators import BaseOrchestratorFlavor
from reference_flavors.local.orchestrator import LocalOrchestrator, LocalOrchestratorConfig


class LocalOrchestratorFlavor(BaseOrchestratorFlavor):
    """``local``: runs pipelines in this process."""

    name = "local"
    config_class = LocalOrchestratorConfig
    implementation_class = LocalOrchestrator
    capabilities = frozenset({"step_operator"})
