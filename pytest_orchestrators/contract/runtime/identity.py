"""One step of one run, as the record and the fence know it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from functools import cached_property


@dataclass(frozen=True)
class StepRunIdentity:
    """Which step of which run of which pipeline, by their names."""

    pipeline: str
    run: str
    step: str

    @cached_property
    def digest(self) -> str:
        """A short name for it, without the dots and lengths that names may have (hexadecimal, 64 digits)."""
        return hashlib.sha256(json.dumps(astuple(self)).encode()).hexdigest()

    def __str__(self) -> str:
        return f"step {self.step!r} of run {self.run!r} of pipeline {self.pipeline!r}"
