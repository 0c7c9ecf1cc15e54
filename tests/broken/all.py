"""All wrong orchestrators."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from tests.broken import (
    again,
    beside,
    caching,
    changing,
    cleaning,
    containers,
    elsewhere,
    ends,
    failing,
    flavor,
    forgiving,
    handing,
    hooks,
    hostile,
    interrupted,
    launching,
    leaking,
    littering,
    logs,
    order,
    overlapping,
    records,
    running,
    runs,
    survival,
    values,
    warning,
)
from tests.broken.sins import Sinner, sinners

MODULES = (
    flavor,
    running,
    order,
    overlapping,
    runs,
    handing,
    cleaning,
    leaking,
    changing,
    littering,
    warning,
    caching,
    again,
    failing,
    ends,
    hooks,
    forgiving,
    beside,
    launching,
    elsewhere,
    interrupted,
    survival,
    hostile,
    values,
    records,
    logs,
)


def every() -> tuple[Sinner, ...]:
    """Every wrong orchestrator that can be judged anywhere, in the order of the modules."""
    return _of(MODULES)


def in_containers() -> tuple[Sinner, ...]:
    """Every wrong orchestrator that needs a container engine to be judged."""
    return _of((containers,))


def _of(modules: Sequence[ModuleType]) -> tuple[Sinner, ...]:
    names = [module.__name__ for module in modules]
    found = [sinner for sinner in sinners if sinner.source.partition(":")[0] in names]
    return tuple(sorted(found, key=lambda sinner: names.index(sinner.source.partition(":")[0])))
