"""The performer: collects the requirements as items and has them run, in every process that runs items."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any

import pytest

from pytest_orchestrators.conformance.distribution import Stage
from pytest_orchestrators.conformance.fuzzing import fuzzing_of
from pytest_orchestrators.conformance.items import FlavorCollector, RequirementItem, exact_ids
from pytest_orchestrators.conformance.progress import Progress
from pytest_orchestrators.conformance.vigil import Presence
from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION
from pytest_orchestrators.suite.frozen import UnknownContract, shipped
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.subject import Subject


def sessions_on(
    config: pytest.Config,
    stage: Stage,
    subjects: Sequence[Subject],
    on_wait: Callable[[], None] = lambda: None,
) -> list[Session]:
    """A session for each flavor, closed with the configuration.

    Raises:
        pytest.UsageError: the budget is not a positive time, the version of the contract is unknown, or what
            is to be generated makes no sense.
    """
    contract = _contract(config)
    budget = config.getoption("orchestrator_budget")
    if budget is not None and not budget > 0:
        raise pytest.UsageError(f"--orchestrator-budget: {budget:g} is not a time in seconds above 0")
    fuzzing = fuzzing_of(config, stage, subjects)
    progress = Progress(config)
    sessions = [
        Session(
            subject,
            stage.folder / str(number),
            seed=stage.seeds[number],
            budget=budget,
            shared=stage.shared,
            contract=contract,
            on_scenario=partial(progress.scenario, subject.name),
            on_evidence=progress.evidence,
            on_generated=partial(progress.generated, subject.name),
            fuzzing=fuzzing[number],
            on_wait=on_wait,
        )
        for number, subject in enumerate(subjects)
    ]
    for gathering in sessions:
        config.add_cleanup(gathering.close)
    return sessions


def _contract(config: pytest.Config) -> str:
    """The version of the contract to judge by; raises pytest.UsageError if there is none like it."""
    version: str = config.getoption("orchestrator_contract") or CONTRACT_VERSION
    try:
        return shipped(version).contract
    except UnknownContract as error:
        raise pytest.UsageError(f"--contract: {error}") from error


class Performer:
    """A plugin that is there only when the suite runs, in the process that runs it or in each that does."""

    def __init__(
        self, config: pytest.Config, sessions: Sequence[Session], presence: Presence | None = None
    ) -> None:
        self._sessions = sessions
        self._presence = presence
        config.option.keyword = exact_ids(config.option.keyword)
        if config.getoption("tbstyle", None) == "auto":
            config.option.tbstyle = "no"

    def pytest_collection(self, session: pytest.Session) -> Sequence[Any]:
        """Collect no files."""
        return session.perform_collect([])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Add the requirements before anybody selects among items."""
        for gathering in self._sessions:
            items.extend(session.genitems(FlavorCollector.of(session, gathering)))
        return (yield)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Let scenarios that are to be carried out go on while others are waited for."""
        for gathering in self._sessions:
            asked = [i for i in session.items if isinstance(i, RequirementItem) and i.gathering is gathering]
            gathering.plan(item.requirement.id for item in asked)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Let the process that leads see that this one is at work, and whether it still lives."""
        if self._presence is None:
            return (yield)
        with self._presence:
            return (yield)
