"""Every wrong orchestrator on containers is caught by the requirement that names its sin, no right one is."""

import pytest

from pytest_orchestrators.suite.verdict import Status
from tests.broken.all import in_containers
from tests.judging import judgement_on
from tests.right import containers as right

pytestmark = pytest.mark.usefixtures("engine")


@pytest.mark.parametrize(
    ("flavor", "requirement"),
    [
        pytest.param(sinner.flavor, requirement, id=f"{sinner.name}-{requirement}")
        for sinner in in_containers()
        for requirement in sinner.named_by
    ],
)
def test_every_sin_is_named(flavor, requirement):
    judgement = judgement_on(flavor, requirement)
    assert judgement.status is Status.FAILED, judgement
    assert all(finding.expected and finding.observed for finding in judgement.findings)


@pytest.mark.parametrize("requirement", ["CLN-8", "FLR-8", "FLR-11", "ISO-5", "LOG-2"])
def test_a_right_one_is_not_accused(requirement):
    judgement = judgement_on(right.Flavor, requirement)
    assert judgement.status is Status.PASSED, judgement
