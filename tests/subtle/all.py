"""All subtly wrong orchestrators."""

from __future__ import annotations

from tests.broken.sins import Sinner
from tests.subtle import caching, failing, histories, shapes, telling, values
from tests.subtle.registry import subtle

MODULES = (caching, failing, histories, shapes, telling, values)


def every() -> list[Sinner]:
    """All of them, in the order in which the modules are imported."""
    return list(subtle)
