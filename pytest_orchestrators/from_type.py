"""Which strategies hypothesis takes for the types of the contract; nothing is imported before its time.

Either hypothesis is imported first, and the package registers a type when it is asked for it; or the type is
there first, and hypothesis has it registered when it is imported (an entry point in its group `hypothesis`).
"""

from __future__ import annotations

import sys
from typing import Any

_PACKAGE = "pytest_orchestrators"
#: Type to the function that makes its strategy.
STRATEGIES = {
    "PipelineDeployment": "deployments",
    "ResourceSettings": "resource_settings",
    "Schedule": "schedules",
    "StepConfiguration": "step_configurations",
}


def register(name: str, kind: type) -> None:
    """Have hypothesis draw a type, if it is one of these; how is looked up when something is drawn."""
    if name not in STRATEGIES:
        return
    from hypothesis import strategies as st

    def strategy(_: type) -> Any:
        from pytest_orchestrators import strategies

        return getattr(strategies, STRATEGIES[name])()

    st.register_type_strategy(kind, strategy)


def register_all() -> None:
    """Have hypothesis draw the types that were asked for before it was imported."""
    for name, value in list(vars(sys.modules[_PACKAGE]).items()):
        if isinstance(value, type):
            register(name, value)
