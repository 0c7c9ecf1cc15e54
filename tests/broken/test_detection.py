"""The suite is itself tested: every wrong orchestrator is caught by the requirement that names its sin."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.verdict import ExitCode, Status, Verdict, Word
from tests.broken import launching, logs, running
from tests.broken.all import every, in_containers
from tests.broken.sins import Sinner
from tests.broken.toy import toys
from tests.judging import judged, judgement_on, session_on, stores
from tests.matrix.page import committed
from tests.right import in_this_process, submitting
from tests.toy.system import ToyFlavor

ROOT = Path(__file__).parents[2]
#: Requirements that no wrong flavor can break, and why.
EXEMPT = {"LOG-3": "it is advice, which is given to `logs.ShoutsOfSuccess`"}


@pytest.fixture(scope="module")
def shown_in() -> dict[str, Mapping[str, str]]:
    """Where the matrix saw each of them: what shows a sin is carried out first."""
    return {row.name: row.shown_in for row in committed().wrong}


@pytest.mark.parametrize(
    ("sinner", "requirement"),
    [
        pytest.param(sinner, requirement, id=f"{sinner.name}-{requirement}")
        for sinner in every()
        for requirement in sinner.named_by
    ],
)
def test_every_sin_is_named(sinner: Sinner, requirement: str, shown_in: dict[str, Mapping[str, str]]) -> None:
    known = shown_in.get(sinner.name.removesuffix(".Flavor"), {})
    judgement = judgement_on(sinner.flavor, requirement, known.get(requirement, ""))
    assert judgement.status is Status.FAILED, judgement
    assert all(finding.expected and finding.observed for finding in judgement.findings)


@pytest.mark.parametrize(("flavor", "requirement"), toys, ids=lambda value: getattr(value, "__name__", value))
def test_every_sin_of_a_toy_is_named(flavor: type[ToyFlavor], requirement: str) -> None:
    assert judgement_on(flavor, requirement).status is Status.FAILED


def test_every_requirement_can_fail() -> None:
    proven = {name for sinner in (*every(), *in_containers()) for name in sinner.named_by}
    assert proven <= catalogue().keys()
    assert catalogue().keys() - proven == EXEMPT.keys()


def test_advice_is_given_and_fails_nothing() -> None:
    judgement = judgement_on(logs.ShoutsOfSuccess.Flavor, "LOG-3")  # type: ignore[attr-defined]
    assert judgement.status is Status.PASSED
    assert "has ended well" in judgement.advice[0].observed


class Waitable(submitting.Submits.Flavor):  # type: ignore[name-defined,misc]
    """Can be waited for, and does not declare it."""

    capabilities = frozenset({"step_operator"})

    @staticmethod
    def wait_for_run(returned: submitting.Submitted) -> None:
        returned.wait()


class Undeclared(in_this_process.QueueOfThreads.Flavor):  # type: ignore[name-defined,misc]
    """Runs steps at the same time, and does not declare it."""

    capabilities = frozenset({"step_operator"})


@pytest.mark.parametrize(("flavor", "requirement"), [(Waitable, "RUN-13"), (Undeclared, "RUN-12")])
def test_a_capability_that_is_not_declared_is_undersold(flavor: type, requirement: str) -> None:
    with stores() as root:
        judgement = session_on(flavor, root).ask(requirement)
    assert judgement.status is Status.NOT_APPLICABLE
    assert "declares the capability" in judgement.advice[0].expected


def test_every_sin_is_told() -> None:
    for sinner in (*every(), *in_containers()):
        assert sinner.told, sinner.source


def verdict_on(flavor: type) -> Verdict:
    with stores() as root:
        return judged(session_on(flavor, root))


@pytest.fixture(scope="module")
def verdict_on_null() -> Verdict:
    return verdict_on(running.Null.Flavor)


def test_the_null_orchestrator_passes_nothing_that_needs_a_run(verdict_on_null: Verdict) -> None:
    passed = {judgement.id for judgement in verdict_on_null.of(Status.PASSED)}
    assert not [id for id in passed if catalogue()[id].reads]


def test_the_null_orchestrator_is_told_by_one_root_cause(verdict_on_null: Verdict) -> None:
    assert verdict_on_null.exit_code is ExitCode.DOES_NOT_CONFORM
    assert {j.id for j in verdict_on_null.of(Status.FAILED)} == {"RUN-1", "RUN-10", "RUN-14"}


@pytest.mark.parametrize(
    ("flavor", "failed"),
    [
        (launching.NoWatch.Flavor, {"FLR-2", "FLR-4", "FLR-7", "LOG-1"}),
        (running.LosesTheResult.Flavor, {"RUN-4"}),
        (logs.CachedInSilence.Flavor, {"CCH-7"}),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_a_sin_makes_the_verdict(flavor: type, failed: set[str]) -> None:
    verdict = verdict_on(flavor)
    assert (verdict.word, verdict.exit_code) == (Word.DOES_NOT_CONFORM, ExitCode.DOES_NOT_CONFORM)
    assert {judgement.id for judgement in verdict.of(Status.FAILED)} == failed


PATCHED_EARLY = """
import tfx.orchestration.portable.execution_publish_utils as module
original = module.publish_failed_execution
module.publish_failed_execution = lambda *arguments, **keywords: original(*arguments, **keywords)
from reference_flavors.local import LocalOrchestratorFlavor
from tests.judging import judgement_on
print(judgement_on(LocalOrchestratorFlavor, "FLR-5").status.value)
"""


def test_a_patch_made_before_the_suite_was_imported_is_seen() -> None:
    done = subprocess.run([sys.executable, "-c", PATCHED_EARLY], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == [Status.FAILED.value], done.stderr
