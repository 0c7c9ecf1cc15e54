"""How many generated histories it takes to see what is wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

from pytest_orchestrators.suite.apart import Child
from pytest_orchestrators.suite.evidence import ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.campaign import Campaign, draw, histories_for
from pytest_orchestrators.suite.fuzzing.judging import broken_by
from pytest_orchestrators.suite.fuzzing.profiles import PROFILES
from pytest_orchestrators.suite.fuzzing.scope import Scope
from pytest_orchestrators.suite.history import History
from tests.broken.sins import Sinner
from tests.judging import carried_out_apart, session_on

SEEDS = (1, 2, 3, 4, 5)
#: The profile by which each is to be seen, and time for it on any machine.
PROFILE = replace(PROFILES["ci"], seconds=1_200.0, shrinking=0.0)


class _Seen(BaseException):
    """Ends a campaign: what is wrong was seen."""


def examples_needed(sinner: Sinner, seed: int, root: Path) -> int:
    """The number of the first example that breaks one of the requirements that name a sin; 0 if none does."""
    subject = session_on(sinner.flavor, root / "session").subject
    environment = subject.environment()

    def search() -> str:
        done = 0

        def note(seen: ScenarioEvidence) -> None:
            nonlocal done
            done += 1
            if broken_by(seen, environment).keys() & set(sinner.named_by):
                raise _Seen

        campaign = Campaign(
            subject, PROFILE, seed, root / f"campaign {seed}", root / f"examples {seed}", first=0.0, note=note
        )
        try:
            campaign.carry_out()
        except _Seen:
            return str(done)
        return "0"

    return int(Child(search).answer(PROFILE.seconds + 60.0))


def breaks(sinner: Sinner, history: History, root: Path) -> set[str]:
    """The requirements that a wrong orchestrator breaks in a history."""
    subject = session_on(sinner.flavor, root / "session").subject
    stores = root / "stores"
    stores.mkdir()
    return set(broken_by(carried_out_apart(history, subject, stores), subject.environment()))


def example(sinner: Sinner, seed: int, number: int, root: Path) -> History:
    """The example of a number that a campaign draws from a seed for a flavor."""
    return _examples(Scope.of(session_on(sinner.flavor, root / "drawing").subject), seed)[number - 1]


@cache
def _examples(scope: Scope, seed: int) -> list[History]:
    """As many as the profile has, in the order in which a campaign carries them out."""
    strategy = histories_for(scope, PROFILE)
    drawn: dict[str, History] = {}

    def keep(history: History) -> None:
        drawn.setdefault(history.model_dump_json(), history)

    at = count()
    while len(drawn) < PROFILE.examples:
        draw(strategy, f"{seed}, {next(at)}", keep)
    return list(drawn.values())
