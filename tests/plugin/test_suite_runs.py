"""The conformance suite inside pytest: what is run, what is said, and how the process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import psutil
import pytest

from pytest_orchestrators.suite.catalogue import applicable
from tests.plugin.conftest import Run, last_verdict

TOTAL = len(applicable("toy"))
FLAVOR = "--orchestrator-flavor"


def test_a_right_flavor_conforms(run: Run) -> None:
    result = run(f"{FLAVOR}=right")
    assert result.ret == 0
    assert last_verdict(result).startswith("right: CONFORMS to contract 1.0")
    result.stdout.fnmatch_lines(["RUN  running a deployment*passed*"])
    assert not [line for line in result.outlines if line.startswith("FAILED")]


def test_tests_that_are_to_end_in_time_by_pytest_hang_nothing(run: Run) -> None:
    result = run(f"{FLAVOR}=right", "-o", "faulthandler_timeout=300")
    assert last_verdict(result).startswith("right: CONFORMS to contract 1.0")


def test_a_wrong_flavor_is_told_what_it_breaks(run: Run) -> None:
    result = run(f"{FLAVOR}=forgetful")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "RUN  running a deployment*failed*",
            "FAILED RUN-1 Every step of the deployment is executed exactly once per run*",
            "    expected: *is executed once",
            "    observed: *was not executed*",
            "    where: *scenario first*",
            "BLOCKED *: it needs RUN-1, which failed",
            f"forgetful: DOES NOT CONFORM to contract 1.0 (* of {TOTAL} requirements failed*",
        ]
    )
    blocked_by_run_1 = [line for line in result.outlines if line.endswith("it needs RUN-1, which failed")]
    assert len(blocked_by_run_1) == 1


def test_the_flavor_of_the_readme_breaks_two_requirements(run: Run) -> None:
    result = run(f"{FLAVOR}=tests.plugin.flavors:Silent")
    assert result.ret == 1
    failed = [line.split()[1] for line in result.outlines if line.startswith("FAILED")]
    assert failed == ["WRN-1", "WRN-3"]
    assert (
        last_verdict(result) == f"silent: DOES NOT CONFORM to contract 1.0 (2 of {TOTAL} requirements failed)"
    )


def test_the_header_says_what_is_judged(run: Run) -> None:
    result = run(f"{FLAVOR}=right", "--orchestrator-config=depth=3", "-k", "FLV-1")
    result.stdout.fnmatch_lines(
        [
            "orchestrator flavor: right (tests.plugin.flavors:Right), capabilities: step_operator",
            '  config: {"depth": 3}',
            "  contract 1.0, family toy: toy 1",
        ]
    )


def test_progress_is_shown_per_scenario(run: Run) -> None:
    result = run(f"{FLAVOR}=right", "-k", "CCH-1")
    result.stdout.fnmatch_lines(
        ["right: scenario first ... 1 run, * s*", "right: scenario rerun ... 2 runs, *"]
    )


def test_quiet_shows_no_progress_and_still_a_verdict(run: Run) -> None:
    result = run(f"{FLAVOR}=right", "-k", "RUN-1", "-q")
    result.stdout.no_fnmatch_line("*scenario*")
    assert "INCOMPLETE" in last_verdict(result)


@pytest.mark.parametrize(
    ("arguments", "looked_at"),
    [
        (["-k", "RUN-1"], 1),
        (["-k", "run-1 or FLV-2"], 2),
        (["-k", "RUN-1x"], 0),
        (["--deselect", "conformance::right::RUN-3"], TOTAL - 1),
        (["--collect-only"], 0),
    ],
)
def test_what_was_not_asked_makes_the_verdict_incomplete(
    run: Run, arguments: list[str], looked_at: int
) -> None:
    result = run(f"{FLAVOR}=right", *arguments)
    assert result.ret == 8
    expected = f"right: INCOMPLETE, contract 1.0 ({looked_at} of {TOTAL} requirements were looked at)"
    assert last_verdict(result) == expected


def test_a_group_can_be_selected(run: Run) -> None:
    result = run(f"{FLAVOR}=right", "-k", "FLV", "-v")
    result.stdout.fnmatch_lines(["conformance::right::FLV-1 PASSED*", "conformance::right::FLV-6 PASSED*"])
    result.assert_outcomes(passed=6, deselected=TOTAL - 6)


def test_the_first_failure_can_end_it(run: Run) -> None:
    result = run(f"{FLAVOR}=forgetful", "-x")
    assert result.ret == 1
    failed = [line for line in result.outlines if line.startswith("FAILED")]
    assert [line.split()[1] for line in failed] == ["RUN-1"]


def test_several_flavors_end_as_the_worst(run: Run) -> None:
    result = run(f"{FLAVOR}=right", f"{FLAVOR}=forgetful")
    assert result.ret == 1
    assert [line for line in result.outlines if line.startswith("right: CONFORMS")]
    assert [line for line in result.outlines if line.startswith("forgetful: DOES NOT CONFORM")]


def test_junit_file_tells_failed_from_blocked(run: Run, project: pytest.Pytester) -> None:
    run(f"{FLAVOR}=forgetful", "--junitxml=report.xml")
    cases = {case.get("name"): case for case in ET.parse(project.path / "report.xml").iter("testcase")}
    assert "was not executed" in (cases["RUN-1"].findtext("failure") or "")
    assert "BLOCKED CCH-1: it needs RUN-1, which failed" in (cases["CCH-1"].findtext("failure") or "")
    assert len(cases) == TOTAL


def test_a_hanging_flavor_ends_with_the_stacks_of_its_threads(run: Run) -> None:
    result = run(f"{FLAVOR}=tests.plugin.flavors:Hanging", "--orchestrator-budget=0.2", "-k", "RUN-1")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["FAILED RUN-1 *", "*did not end within*", "*Thread MainThread*"])


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
@pytest.mark.parametrize("whom", ["all", "parent"])
def test_an_interruption_ends_the_children_too(project: pytest.Pytester, whom: str, workers: str) -> None:
    arguments = [sys.executable, "-m", "pytest", f"{FLAVOR}=tests.plugin.flavors:Hanging", workers]
    suite = subprocess.Popen(arguments, cwd=project.path, stdout=subprocess.PIPE, start_new_session=True)
    children: list[psutil.Process] = []
    deadline = time.monotonic() + 60
    while not children and time.monotonic() < deadline:
        # The second child is that of the first scenario, in which the flavor hangs.
        started = (project.path / "started").exists()
        children = psutil.Process(suite.pid).children(recursive=True) if started else []
    (os.killpg if whom == "all" else os.kill)(suite.pid, signal.SIGINT)
    told, _ = suite.communicate(timeout=60)
    assert suite.returncode == pytest.ExitCode.INTERRUPTED
    assert "hanging: INCOMPLETE" in told.decode()
    assert len(children) > (workers == "-n2") * 2
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


@pytest.mark.parametrize("budget", ["0", "-1", "nan"])
def test_a_budget_is_a_time(run: Run, budget: str) -> None:
    result = run(f"{FLAVOR}=right", f"--orchestrator-budget={budget}")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: --orchestrator-budget: * is not a time in seconds above 0"])


def test_a_contract_can_be_named(run: Run) -> None:
    result = run(f"{FLAVOR}=right", "--contract=1.0", "-k", "FLV-1")
    result.stdout.fnmatch_lines(["  contract 1.0, family toy: *", "*conformance of right to contract 1.0*"])
    assert result.ret == 8
