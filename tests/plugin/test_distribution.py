"""The suite over the workers of pytest-xdist: each scenario once, the same verdict, no loss unseen."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.plugin.conftest import Run, last_verdict

RIGHT, WRONG = "--orchestrator-flavor=right", "--orchestrator-flavor=forgetful"
#: Scenarios with several orchestrators: the last run has one of its own; so has another interpreter, with one
#: before and one after it here.
SEVERAL = {"same_name": 2, "failed_name_again": 2, "another_process": 3}
#: What a verdict's lines begin with that name no step; names are drawn anew each session.
STABLE = (
    "FLV",
    "RUN",
    "CLN",
    "WRN",
    "CCH",
    "FLR",
    "ISO",
    "LOG",
    "FAILED",
    "BLOCKED",
    "N/A",
    "right",
    "forgetful",
)


def verdict(result: pytest.RunResult) -> tuple[int, list[str]]:
    """The exit code, and the lines of the summary that are the same in every session."""
    begin = next(n for n, line in enumerate(result.outlines) if "conformance of right" in line)
    return int(result.ret), [line for line in result.outlines[begin:] if line.startswith(STABLE)]


@pytest.fixture(scope="module")
def alone() -> dict[str, tuple[int, list[str]]]:
    """The verdict of a session in one process, once there was one."""
    return {}


@pytest.mark.parametrize(
    "options",
    [
        "-n 2",
        "-n 4 --dist worksteal",
        "-n 2 --dist loadscope -p randomly",
        "-n 2 --dist loadfile -p no:cacheprovider",
        "-n 2 --dist each",
        "-n 0 -p randomly",
        "--dist no",
    ],
)
def test_the_verdict_is_the_same(run: Run, alone: dict[str, tuple[int, list[str]]], options: str) -> None:
    if not alone:
        alone["verdict"] = verdict(run(RIGHT, WRONG))
    code, lines = alone["verdict"]
    assert code == 1
    assert len(lines) > 20
    assert verdict(run(RIGHT, WRONG, *options.split())) == (code, lines)


COUNTING = """
import os
from pathlib import Path
from tests.toy.system import ToyFlavor, ToyOrchestrator

class Orchestrator(ToyOrchestrator):
    def __init__(self, config, store):
        super().__init__(config, store)
        parts = Path(store.root).parts
        with open("carried", "a") as file:
            # The stores of the first flavor are in a folder 0, those of each scenario below.
            file.write((parts[parts.index("0") + 1] if parts else "questions") + "\\n")
            file.flush()

class Counting(ToyFlavor):
    name = "counting"
    implementation = Orchestrator
"""


@pytest.mark.parametrize("options", ["-n 2", "-n 3 --dist each"])
def test_nothing_is_carried_out_twice(run: Run, project: pytest.Pytester, options: str) -> None:
    project.makepyfile(counting=COUNTING)
    result = run("--orchestrator-flavor=counting:Counting", *options.split())
    assert last_verdict(result).startswith("counting: CONFORMS")
    counted = Counter((project.path / "carried").read_text().split())
    assert {"questions", "first", "shapes", "rerun", "failure", "damaged"} <= counted.keys()
    assert counted.pop("generated") >= 2, "each generated history has an orchestrator of its own"
    assert counted == {**dict.fromkeys(counted, 1), **SEVERAL}
    assert result.stdout.str().count("scenario generated (2, seed ") == 1


DIES = """
import os, signal
def pytest_runtest_{when}(item):
    if item.name == "RUN-3" and "PYTEST_XDIST_WORKER" in os.environ:
        {act}
"""


@pytest.mark.parametrize(
    ("when", "act"),
    [
        ("setup", "os._exit(0)"),
        ("call", "os.kill(os.getpid(), signal.SIGKILL)"),
        ("teardown", "os._exit(0)"),
    ],
)
def test_a_worker_that_dies_is_missed(run: Run, project: pytest.Pytester, when: str, act: str) -> None:
    project.makeconftest(DIES.format(when=when, act=act))
    result = run(RIGHT, "-n", "2")
    assert result.ret == 8
    assert "right: INCOMPLETE" in last_verdict(result)


def test_a_worker_that_dies_in_a_scenario_does_not_have_it_repeated(
    run: Run, project: pytest.Pytester
) -> None:
    kills = "\n    def execute(self, deployment):\n        if self.store.root.endswith('order'):\n"
    kills += "            os.kill(os.getppid(), 9)\n        return super().execute(deployment)\n"
    project.makepyfile(counting=COUNTING.replace("\nclass Counting", f"{kills}\nclass Counting"))
    result = run("--orchestrator-flavor=counting:Counting", "-n", "2")
    assert result.ret == 8
    assert "counting: BLOCKED" in last_verdict(result)
    result.stdout.fnmatch_lines("BLOCKED *its process ended without an answer*")
    counted = Counter((project.path / "carried").read_text().split())
    counted.pop("generated", None)
    assert counted == {**dict.fromkeys(counted, 1), **SEVERAL}


def test_a_worker_that_hangs_is_ended(
    run: Run, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_orchestrators.conformance.vigil.SILENCE_S", 5.0)
    project.makeconftest(DIES.format(when="call", act="import time; time.sleep(3600)"))
    result = run(RIGHT, "-n", "2")
    assert result.ret == 8
    assert "right: INCOMPLETE" in last_verdict(result)


@pytest.mark.parametrize("options", ["-k RUN-1", "--deselect conformance::right::RUN-3", "--collect-only"])
def test_what_was_left_out_is_incomplete(run: Run, options: str) -> None:
    result = run(RIGHT, "-n", "2", *options.split())
    assert result.ret == 8
    assert "right: INCOMPLETE" in last_verdict(result)


def test_the_first_failure_can_end_it(run: Run) -> None:
    result = run(WRONG, "-n", "2", "-x")
    assert result.ret in (1, 8, pytest.ExitCode.INTERRUPTED)
    # Which one comes first is chance.
    assert last_verdict(result).startswith(("forgetful: DOES NOT CONFORM", "forgetful: BLOCKED"))
    result.stdout.fnmatch_lines(["CCH * not run", "*stopping after*"])
