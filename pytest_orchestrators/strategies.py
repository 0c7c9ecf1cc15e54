"""Strategies for hypothesis: pipelines, what goes wrong in them, and what is done with them.

`workloads`, `faults` and `histories` draw data that `judge` carries out on any flavor. `deployments` and what
they are made of (`step_configurations`, `resource_settings`, `schedules`) are for tests of one's own that
call an orchestrator themselves; hypothesis knows them by their types: `st.from_type(PipelineDeployment)`.
"""

from __future__ import annotations

from pytest_orchestrators.families.native.drawing import (
    deployments,
    resource_settings,
    schedules,
    step_configurations,
)
from pytest_orchestrators.suite.fuzzing.faults import faults
from pytest_orchestrators.suite.fuzzing.histories import histories
from pytest_orchestrators.suite.fuzzing.workloads import workloads

__all__ = [
    "deployments",
    "faults",
    "histories",
    "resource_settings",
    "schedules",
    "step_configurations",
    "workloads",
]
