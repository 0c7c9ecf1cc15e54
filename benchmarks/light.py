"""A step whose module costs nothing to import where it runs."""

from __future__ import annotations

from pytest_orchestrators import step


@step
def one_more(n: int) -> int:
    return n + 1
