"""Flavors of the toy family, judged once, and reports on them."""

from __future__ import annotations

import pytest

from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.report import FlavorAccount, Report
from pytest_orchestrators.suite.reporting import report_on
from tests.judging import stores
from tests.plugin.flavors import Forgetful, Right
from tests.report.making import evidence_on, judged_again


@pytest.fixture(scope="session")
def right_evidence() -> Evidence:
    with stores() as root:
        return evidence_on(Right, root)


@pytest.fixture(scope="session")
def right(right_evidence: Evidence) -> FlavorAccount:
    return judged_again(right_evidence)


@pytest.fixture(scope="session")
def forgetful() -> FlavorAccount:
    with stores() as root:
        return judged_again(evidence_on(Forgetful, root))


@pytest.fixture
def report(right: FlavorAccount, forgetful: FlavorAccount) -> Report:
    """One flavor that conforms, and one that does not."""
    return report_on([right, forgetful])
