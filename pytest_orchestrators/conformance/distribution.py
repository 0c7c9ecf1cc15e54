"""The suite over several processes, as pytest-xdist starts them: what they share."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

#: The key under which a worker process is told what it shares with the others.
_KEY = "pytest_orchestrators"


@dataclass(frozen=True)
class Stage:
    """Where the sessions of all flavors take place, for every process that has a part in them.

    Attributes:
        folder: for stores and evidence.
        seeds: what names are drawn from, one for each flavor.
        shared: whether there are others.
    """

    folder: Path
    seeds: tuple[str, ...]
    shared: bool = False

    def tell(self, workerinput: dict[str, Any]) -> None:
        """Let a worker process know."""
        workerinput[_KEY] = {"folder": str(self.folder), "seeds": list(self.seeds)}


def is_worker(config: pytest.Config) -> bool:
    """Whether this process works for another one."""
    return hasattr(config, "workerinput")


def led_stage(config: pytest.Config, folder: Path, flavors: int) -> Stage:
    """A stage of this process, and of workers if it has any."""
    seeds = tuple(secrets.token_hex(8) for _ in range(flavors))
    return Stage(folder, seeds, shared=config.getoption("dist", "no") != "no")


def told_stage(config: Any) -> Stage:
    """The stage that a worker process was told of.

    Raises:
        pytest.UsageError: it is on another machine than the one that leads.
    """
    told = config.workerinput[_KEY]
    folder = Path(told["folder"])
    if not folder.is_dir():
        raise pytest.UsageError(f"the worker cannot see {folder}: all workers must be on one machine")
    return Stage(folder, tuple(told["seeds"]), shared=True)
