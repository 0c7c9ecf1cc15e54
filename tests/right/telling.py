"""What right orchestrators share that tell of steps in words of their own."""

from __future__ import annotations

import time
from typing import Any, Literal

from pytest_orchestrators import Step, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.muted import muted

#: How a step ends.
End = Literal["done", "cached", "failed"]


class TellsOfSteps(LocalOrchestrator):
    """Has `begins` and `ends` tell of a step, in place of the base class."""

    def begins(self, name: str) -> None:
        """Tell that a step begins."""
        raise NotImplementedError

    def ends(self, name: str, how: End, seconds: float) -> None:
        """Tell how a step has ended, and after how many seconds."""
        raise NotImplementedError

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        begin = time.monotonic()
        how: End = "failed"
        self.begins(step.config.name)
        try:
            with muted():
                info = super().run_step(step, run_name)
            how = "cached" if get_cache_status(info) else "done"
            return info
        finally:
            self.ends(step.config.name, how, time.monotonic() - begin)
