"""Comparing: what counts as a regression, and what only as a change."""

from __future__ import annotations

import pytest

from pytest_orchestrators.suite.comparing import BADNESS, WORD_BADNESS, Change, changes
from pytest_orchestrators.suite.report import FlavorAccount
from pytest_orchestrators.suite.reporting import report_on
from pytest_orchestrators.suite.verdict import Status, Word
from tests.report.making import with_statuses


def between(old: FlavorAccount, new: FlavorAccount) -> list[Change]:
    return changes(report_on([old]), report_on([new]))


def test_nothing_has_changed(right: FlavorAccount) -> None:
    assert between(right, right) == []


def test_every_status_and_verdict_is_better_or_worse() -> None:
    assert set(BADNESS) == set(Status)
    assert set(WORD_BADNESS) == set(Word)


@pytest.mark.parametrize(
    ("before", "after", "regression"),
    [
        (Status.PASSED, Status.FAILED, True),
        (Status.PASSED, Status.BLOCKED, True),
        (Status.PASSED, Status.NOT_RUN, True),
        (Status.PASSED, Status.NOT_APPLICABLE, False),
        (Status.NOT_APPLICABLE, Status.FAILED, True),
        (Status.PASSED, Status.WAIVED, True),
        (Status.WAIVED, Status.FAILED, True),
        (Status.FAILED, Status.WAIVED, False),
        (Status.WAIVED, Status.PASSED, False),
        (Status.FAILED, Status.PASSED, False),
        (Status.FAILED, Status.BLOCKED, False),
        (Status.NOT_RUN, Status.PASSED, False),
        (Status.BLOCKED, Status.NOT_APPLICABLE, False),
    ],
)
def test_a_requirement_that_is_not_kept_any_more(
    right: FlavorAccount, before: Status, after: Status, regression: bool
) -> None:
    # Another one failed before and after: the verdict is the same.
    old, new = (with_statuses(right, {"RUN-2": Status.FAILED, "RUN-3": s}) for s in (before, after))
    (change,) = between(old, new)
    assert (change.subject, change.regression) == ("RUN-3", regression)
    assert (change.before, change.after) == (before.value, after.value)


def test_regressions_come_first_and_say_what_was_seen(right: FlavorAccount) -> None:
    old = with_statuses(right, {"FLV-1": Status.FAILED})
    new = with_statuses(right, {"RUN-1": Status.FAILED})
    worse, better = between(old, new)
    assert (worse.subject, worse.regression, better.subject, better.regression) == (
        "RUN-1",
        True,
        "FLV-1",
        False,
    )
    assert worse.detail.endswith("that")


def test_a_failure_that_was_not_looked_for_before_makes_the_verdict_worse(right: FlavorAccount) -> None:
    old, new = (with_statuses(right, {"RUN-3": status}) for status in (Status.NOT_RUN, Status.FAILED))
    verdict, requirement = between(old, new)
    assert (verdict.subject, verdict.regression) == ("the verdict", True)
    assert (requirement.subject, requirement.regression) == ("RUN-3", False)


def test_a_better_verdict_is_no_regression(right: FlavorAccount) -> None:
    old = with_statuses(right, {"RUN-3": Status.FAILED})
    assert not any(change.regression for change in between(old, right))


def test_what_has_disappeared_is_a_regression(right: FlavorAccount, forgetful: FlavorAccount) -> None:
    fewer = right.model_copy(update={"requirements": right.requirements[1:]})
    (gone,) = between(right, fewer)
    assert (gone.subject, gone.after, gone.regression) == ("FLV-1", "", True)
    (come,) = between(fewer, right)
    assert (come.subject, come.before, come.regression) == ("FLV-1", "", False)
    lost, new = between(right, forgetful)
    assert (lost.flavor, lost.regression) == ("Right", True)
    assert (new.flavor, new.regression) == ("Forgetful", False)


def test_another_environment_is_a_change(right: FlavorAccount) -> None:
    environment = right.environment.model_copy(update={"versions": {"toy": "2"}})
    (change,) = between(right, right.model_copy(update={"environment": environment}))
    assert (change.subject, change.regression) == ("versions", False)
    assert "'2'" in change.after
