"""All wrong orchestrators."""

from __future__ import annotations

from tests.broken import (
    caching,
    cleaning,
    failing,
    flavor,
    handing,
    launching,
    logs,
    order,
    running,
    runs,
    warning,
)
from tests.broken.sins import Sinner, sinners

MODULES = (flavor, running, order, runs, handing, cleaning, warning, caching, failing, launching, logs)


def every() -> tuple[Sinner, ...]:
    """Every wrong orchestrator, in the order of the modules."""
    names = [module.__name__ for module in MODULES]
    return tuple(sorted(sinners, key=lambda sinner: names.index(sinner.source.partition(":")[0])))
