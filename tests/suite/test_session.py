"""Sessions that cannot be carried out as planned: something is missing, or a process is lost."""

from __future__ import annotations

import ctypes
import logging
import os
import posix
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from pytest_orchestrators import MissingPrerequisiteError, PipelineDeployment, Stack
from pytest_orchestrators.probes.faults import ProbeFailure
from pytest_orchestrators.suite.session import HANGS
from pytest_orchestrators.suite.verdict import ExitCode, Status, Word
from pytest_orchestrators.suite.workload import WorkloadStep
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import flavor_of
from tests.judging import judged, session_on
from tests.toy.system import ToyDeployment, ToyOrchestrator, ToyStore, toy_flavor


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


class EndsEverything(ToyOrchestrator):
    """Kills the process that called `run()`, once a step has failed."""

    def launch(self, step: WorkloadStep, run_name: str) -> bool:
        try:
            return super().launch(step, run_name)
        except ProbeFailure:
            os.kill(os.getpid(), signal.SIGKILL)
            raise


def test_a_process_that_is_killed_costs_its_scenario_only(tmp_path: Path) -> None:
    session = session_on(toy_flavor(EndsEverything), tmp_path)
    verdict = judged(session, ["RUN-16", "FLR-3", "FLR-9"])
    assert verdict["RUN-16"].status is Status.PASSED
    assert verdict["FLR-3"].status is Status.BLOCKED
    assert "exit code -9" in session.evidence.scenarios["failure"].broken
    labels = [run.label for run in session.evidence.scenarios["hooks"].runs]
    assert labels == ["prepare fails"], "runs that came to an end before are evidence all the same"


class SeparatesLines(EndsEverything):
    """Logs a text with a line separator that is none in JSON, before it kills the process."""

    def execute(self, deployment: ToyDeployment) -> Any:
        logging.getLogger("toy").info("one\u2028two")
        return super().execute(deployment)


def test_what_a_run_says_does_not_cut_its_evidence(tmp_path: Path) -> None:
    session = session_on(toy_flavor(SeparatesLines), tmp_path)
    session.ask("FLR-9")
    evidence = session.evidence.scenarios["hooks"]
    assert "exit code -9" in evidence.broken
    assert [run.label for run in evidence.runs] == ["prepare fails"]
    assert "one\u2028two" in [line.message for line in evidence.runs[0].log]


class Leaves(ToyOrchestrator):
    """Ends the process with success by a way that nobody watches, from a thread."""

    def execute(self, deployment: ToyDeployment) -> Any:
        leaving = threading.Thread(target=posix._exit, args=(0,))
        leaving.start()
        leaving.join()


def test_a_process_that_leaves_with_success_has_no_answer(tmp_path: Path) -> None:
    session = session_on(toy_flavor(Leaves), tmp_path)
    assert session.ask("RUN-16").status is Status.BLOCKED
    assert "without an answer, exit code 0" in session.evidence.scenarios["order"].broken


class NeverComesBack(ToyOrchestrator):
    """Hangs when it has run a pipeline."""

    def execute(self, deployment: ToyDeployment) -> Any:
        super().execute(deployment)
        time.sleep(600)


def test_after_runs_that_hang_the_rest_is_blocked(tmp_path: Path) -> None:
    session = session_on(toy_flavor(NeverComesBack), tmp_path, budget=0.5)
    judgement = session.ask("CCH-1")
    hung = [s for s in session.evidence.scenarios.values() if s.hung]
    assert len(hung) in (HANGS, HANGS + 1), "two are under way at once"
    assert all("time.sleep(600)" in s.runs[0].outcome.stacks for s in hung)
    assert "not carried out after runs that did not end" in session.evidence.scenarios["rerun"].broken
    assert judgement.status is not Status.PASSED


class WaitsInNativeCode(ToyOrchestrator):
    """Waits for a lock of the system's that it holds itself: no signal reaches Python."""

    def execute(self, deployment: ToyDeployment) -> Any:
        mutex = ctypes.create_string_buffer(128)
        system = ctypes.CDLL(None)
        system.pthread_mutex_lock(mutex)
        system.pthread_mutex_lock(mutex)


def test_a_run_that_no_interrupt_reaches_ends_with_its_stacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_orchestrators.suite.observers.budget.GRACE", 0.5)
    session = session_on(toy_flavor(WaitsInNativeCode), tmp_path, budget=0.5)
    judgement = session.ask("RUN-1")
    assert judgement.status is Status.FAILED
    assert "did not end within 1 s" in judgement.findings[0].observed
    assert "in execute" in judgement.findings[0].observed


class HangsBeforeItRuns(ToyOrchestrator):
    """Cannot be built in any time."""

    def __init__(self, config: dict[str, Any], store: ToyStore) -> None:
        super().__init__(config, store)
        if store.root:
            time.sleep(600)


def test_what_hangs_outside_of_a_run_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_orchestrators.suite.observers.budget.GRACE", 0.2)
    monkeypatch.setattr("pytest_orchestrators.suite.crew._MARGIN_S", 0.2)
    session = session_on(toy_flavor(HangsBeforeItRuns), tmp_path, budget=0.2)
    judgement = session.ask("RUN-16")
    assert judgement.status is Status.BLOCKED
    assert "did not end within 1 s and was killed; stacks of all threads" in judgement.reason
    assert "in __init__" in judgement.reason
    assert session.evidence.scenarios["order"].hung


class LeavesBehind(ToyOrchestrator):
    """Leaves a process and a thread that waits for it."""

    def execute(self, deployment: ToyDeployment) -> Any:
        sleeper = subprocess.Popen(["sleep", "600"])
        Path(self.store.root, "sleeper").write_text(str(sleeper.pid))
        threading.Thread(target=sleeper.wait).start()
        return super().execute(deployment)


def test_what_a_run_leaves_behind_ends_with_its_process(tmp_path: Path) -> None:
    session = session_on(toy_flavor(LeavesBehind), tmp_path)
    assert session.ask("RUN-16").status is Status.PASSED
    sleepers = [int(file.read_text()) for file in tmp_path.glob("*/sleeper")]
    assert sleepers
    deadline = time.monotonic() + 30
    while any(alive(pid) for pid in sleepers):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
