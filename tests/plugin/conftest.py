"""A project of somebody else's, and pytest run in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_orchestrators.conformance import conductor
from tests.plugin import flavors
from tests.toy import family

#: Loaded here, so that runs in this process need not load them again.
LOADED = (conductor, flavors, family)
ROOT = Path(__file__).resolve().parents[2]
TABLE = """
[tool.pytest_orchestrators.flavors.right]
source = "tests.plugin.flavors:Right"
[tool.pytest_orchestrators.flavors.forgetful]
source = "tests.plugin.flavors:Forgetful"
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project without tests, whose table knows two toy flavors."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Installed here for one of the tests, which asks for it.
    # A few generated histories: what they find is not what these tests are about.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly --orchestrator-fuzz=2")
    pytester.makepyprojecttoml(TABLE)
    return pytester


@pytest.fixture
def run(project: pytest.Pytester) -> Run:
    """Run pytest in the project, in this process."""

    def run(*arguments: str) -> pytest.RunResult:
        return project.runpytest_inprocess(*arguments)

    return run


def last_verdict(result: pytest.RunResult) -> str:
    """The line of the verdict."""
    found = [line for line in result.outlines if "contract 1.0 (" in line]
    assert found, result.stdout.str()
    return found[-1]
