"""The least pipeline that shows a requirement: which run of which scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_orchestrators.suite.history import History, Run
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.scenarios import scenario
from pytest_orchestrators.suite.workload import Workload

#: Names of steps are drawn from this seed, and then replaced by letters.
_SEED = "documentation"


@dataclass(frozen=True)
class Example:
    """A run that shows a requirement.

    Attributes:
        history: the scenario that it is part of.
        run: the run itself.
        letters: every step's name in the scenario to the letter by which it is told.
    """

    history: History
    run: Run
    letters: Mapping[str, str]

    def lettered(self, text: str) -> str:
        """The text with letters instead of the names of steps."""
        names = "|".join(sorted(map(re.escape, self.letters), key=len, reverse=True))
        return re.sub(rf"\b({names})\b", lambda found: self.letters[found[0]], text)


def least(requirement: Requirement) -> Example | None:
    """The smallest run of the first scenario that it reads, which it is about most; none if it reads none.

    Where something goes wrong in the scenario, it is a run in which it does; and one with a dependency rather
    than one without, because a lone step shows little.
    """
    if not requirement.reads:
        return None
    history = scenario(requirement.reads[0], _SEED)
    run = min(_showing(history), key=lambda run: _size(run.workload))
    return Example(history, run, _letters(history, run))


def _runs(history: History) -> list[Run]:
    return [action for action in history.actions if isinstance(action, Run)]


def _showing(history: History) -> list[Run]:
    runs = _runs(history)
    return [run for run in runs if not run.healthy] or runs


def _size(workload: Workload) -> tuple[bool, int]:
    return not any(workload.edges()), len(workload.steps)


def _letters(history: History, shown: Run) -> dict[str, str]:
    """Letters in the order in which the steps can run, those of the shown run first."""
    ordered = [name for run in (shown, *_runs(history)) for name in run.workload.order()]
    return {name: _letter(number) for number, name in enumerate(dict.fromkeys(ordered))}


def _letter(number: int) -> str:
    rounds, place = divmod(number, 26)
    return chr(ord("A") + place) + (str(rounds) if rounds else "")
