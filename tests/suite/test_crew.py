"""The crew: who may begin when everybody else is at work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_orchestrators.suite.crew import Crew
from pytest_orchestrators.suite.ledger import Ledger


@dataclass(frozen=True)
class Waiting:
    """Goes on until a file is there."""

    name: str
    until: Path
    idle: bool = False
    seconds: float = 60.0

    def do(self) -> str:
        while not self.until.exists():
            pass
        return f"{self.name} is done"

    def lost(self, reason: str, killed: bool) -> str:
        return f"{self.name} is lost ({killed}): {reason}"


@pytest.mark.parametrize(("idle", "begun"), [(False, False), (True, True)])
def test_who_waits_needs_no_place(tmp_path: Path, idle: bool, begun: bool) -> None:
    ledger, until = Ledger(tmp_path / "ledger", places=1), tmp_path / "until"
    crew = Crew(ledger)
    assert crew.begin(Waiting("first", until))
    assert crew.begin(Waiting("second", until, idle=idle)) is begun
    assert ledger.claimed("second") is begun
    until.touch()
    while crew.busy:
        crew.wait(10)
    assert crew.begin(Waiting("third", until)), "the place was given back"
    while crew.busy:
        crew.wait(10)
    assert ledger.answer("first") == "first is done"
    assert ledger.answer("second") == ("second is done" if idle else None)
    assert ledger.answer("third") == "third is done"
