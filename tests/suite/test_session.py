"""Sessions that cannot be carried out as planned: something is missing, or a process is lost."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from pytest_orchestrators import MissingPrerequisiteError, PipelineDeployment, Stack
from pytest_orchestrators.suite.verdict import ExitCode, Status, Word
from reference_flavors.local import LocalOrchestrator
from tests.broken.elsewhere import Forks
from tests.broken.sins import flavor_of
from tests.judging import judged, session_on


class NeedsALicence(LocalOrchestrator):
    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            raise MissingPrerequisiteError("no licence was found: buy one at the counter")
        except MissingPrerequisiteError as error:
            raise RuntimeError("cannot go on") from error


def test_what_is_missing_blocks_everything_with_its_own_words(tmp_path: Path) -> None:
    session = session_on(flavor_of(NeedsALicence, ()), tmp_path)
    verdict = judged(session, ["FLV-1", "RUN-1", "FLR-1"])
    assert (verdict.word, verdict.exit_code) == (Word.BLOCKED, ExitCode.UNDECIDED)
    assert verdict.blocked == "no licence was found: buy one at the counter"
    assert len(session.evidence.scenarios) == 1
    assert verdict["FLR-1"].status is Status.BLOCKED


class EndsEverything(Forks):
    """Kills the process that called `run()`, once a step has failed."""

    def judge(self, step: Any, code: int, here: Any) -> None:
        try:
            super().judge(step, code, here)
        except BaseException:
            os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_costs_its_scenario_only(tmp_path: Path) -> None:
    session = session_on(flavor_of(EndsEverything, ("out_of_process",)), tmp_path)
    verdict = judged(session, ["RUN-16", "FLR-3"])
    assert verdict["RUN-16"].status is Status.PASSED
    assert verdict["FLR-3"].status is Status.BLOCKED
    assert "exit code -9" in session.evidence.scenarios["failure"].broken


class NeverComesBack(Forks):
    """Hangs when it has run a pipeline."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        super().prepare_or_run_pipeline(deployment, stack)
        time.sleep(600)


def test_a_run_that_hangs_in_a_child_is_seen_with_its_stacks(tmp_path: Path) -> None:
    session = session_on(flavor_of(NeverComesBack, ("out_of_process",)), tmp_path, budget=8.0)
    judgement = session.ask("CCH-1")
    outcomes = [run.outcome for s in session.evidence.scenarios.values() for run in s.runs]
    assert {outcome.kind for outcome in outcomes} == {"timed_out"}
    assert any("time.sleep(600)" in outcome.stacks for outcome in outcomes)
    assert "not carried out after runs that did not end" in session.evidence.scenarios["rerun"].broken
    assert judgement.status is not Status.PASSED
