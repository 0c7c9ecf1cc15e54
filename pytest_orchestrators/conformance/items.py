"""Requirements as pytest items, so that `-k`, `-v`, `-x`, `--collect-only` and JUnit files work on them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.rendering.terminal import failure_lines
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.verdict import Judgement, Status

#: The user property of a report that holds what became of the requirement.
STATUS = "status"


class NotPassed(Exception):
    """A requirement is broken, or could not be judged."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(f"{judgement.id} {judgement.status.value}")
        self.judgement = judgement


class FlavorCollector(pytest.Collector):
    """All requirements that apply to one flavor."""

    def __init__(self, session_of_flavor: Session, **node: Any) -> None:
        super().__init__(**node)
        self.gathering = session_of_flavor

    @classmethod
    def of(cls, parent: pytest.Session, gathering: Session) -> FlavorCollector:
        """The collector of a flavor's session; ids of its items begin with `conformance::NAME`."""
        name = gathering.subject.name
        collector: FlavorCollector = cls.from_parent(
            parent, name=name, nodeid=f"conformance::{name}", session_of_flavor=gathering
        )
        return collector

    def collect(self) -> Iterator[RequirementItem]:
        """One item per requirement, in the order of the contract."""
        for requirement in applicable(self.gathering.subject.family.name):
            yield RequirementItem.of(self, requirement)


class RequirementItem(pytest.Item):
    """One requirement. Running it gathers the evidence, judges, and fails if the judgement does."""

    def __init__(self, requirement: Requirement, gathering: Session, **node: Any) -> None:
        super().__init__(**node)
        self.requirement = requirement
        self.gathering = gathering
        self.extra_keyword_matches.add(closed(requirement.id))
        self.user_properties.append(("sentence", requirement.sentence))

    @classmethod
    def of(cls, parent: FlavorCollector, requirement: Requirement) -> RequirementItem:
        """The item of a requirement."""
        item: RequirementItem = cls.from_parent(
            parent, name=requirement.id, requirement=requirement, gathering=parent.gathering
        )
        return item

    def runtest(self) -> None:
        """Carry out what the requirement reads and was not carried out yet, and judge it."""
        judgement = self.gathering.ask(self.requirement.id)
        self.user_properties.append((STATUS, judgement.status.value))
        if judgement.status in (Status.NOT_APPLICABLE, Status.WAIVED):
            pytest.skip(judgement.reason)
        if judgement.status is not Status.PASSED:
            raise NotPassed(judgement)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002
        """What was expected and observed, or why it is blocked; of a crash of the suite, its traceback."""
        if not isinstance(excinfo.value, NotPassed):
            return super().repr_failure(excinfo, "short")
        judgement = excinfo.value.judgement
        if judgement.status is Status.FAILED:
            return "\n".join(line.text for line in failure_lines(judgement))
        return f"{judgement.status.name} {judgement.id}: {judgement.reason}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the check is."""
        code = inspect.unwrap(self.requirement.check).__code__
        return Path(code.co_filename), code.co_firstlineno, self.nodeid


_ID = re.compile(r"(?<![\w.-])[A-Za-z]{3}-\d+(?![\w.-])")


def closed(id: str) -> str:
    """An id with an end of its own, so that `RUN-1` is no part of `RUN-10`."""
    return f"{id}."


def exact_ids(expression: str) -> str:
    """A `-k` expression in which ids of requirements are closed: they select themselves only."""
    return _ID.sub(lambda found: closed(found[0]), expression)
