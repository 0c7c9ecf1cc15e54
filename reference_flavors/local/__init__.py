"""The local flavor: the steps run one after the other in this process."""

from __future__ import annotations

from reference_flavors.local.flavor import LocalOrchestratorFlavor
from reference_flavors.local.orchestrator import LocalOrchestrator, LocalOrchestratorConfig

__all__ = ["LocalOrchestrator", "LocalOrchestratorConfig", "LocalOrchestratorFlavor"]
