"""How much is tried: little and always the same, or as much as somebody asks for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

#: Times the usual number of examples, drawn anew each time if it is not 1.
TIMES = int(os.environ.get("PYTEST_ORCHESTRATORS_FUZZ", "1"))


def examples(number: int) -> settings:
    """Settings for so many examples; each may take long, on a machine that does other things too."""
    return settings(
        max_examples=number * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
