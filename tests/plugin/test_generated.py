"""Generated histories as part of the verdict: options, counter-examples, replay, waivers that name one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugin.conftest import ROOT, TABLE, Run, last_verdict
from tests.plugin.test_waivers import table

FLAVOR = "--orchestrator-flavor=tests.plugin.flavors"
WRONG, RIGHT = f"{FLAVOR}:EndsAtTwelve", f"{FLAVOR}:Right"
SEARCH = ("--orchestrator-fuzz=ci", "--orchestrator-fuzz-seed=1")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A project, and what was printed when a flavor was judged in it that only generated histories catch."""
    folder = tmp_path_factory.mktemp("found")
    (folder / "pyproject.toml").write_text(TABLE)
    command = [sys.executable, "-m", "pytest", WRONG, *SEARCH, "-k", "RUN-1", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    return folder, done.stdout


@pytest.fixture
def kept(found: tuple[Path, str]) -> Path:
    """The folder of what was kept of it."""
    return found[0] / ".conformance" / "ends_at_twelve"


def test_it_counts_against_the_requirement(found: tuple[Path, str]) -> None:
    printed = found[1].splitlines()
    assert [line for line in printed if line.startswith("FAILED RUN-1 (generated, example ")], found[1]
    assert "RUN-1 is broken by this history:" in printed
    assert any(line.startswith("  run '1 first': pipeline ") for line in printed)


def test_scenarios_alone_do_not_see_it(run: Run) -> None:
    result = run(WRONG, "--orchestrator-fuzz=0")
    assert result.ret == 8
    assert "INCOMPLETE" in last_verdict(result)
    result.stdout.fnmatch_lines(["*no pipelines were generated for it (--orchestrator-fuzz 0)*"])


def test_what_is_found_is_made_small_and_kept(kept: Path, found: tuple[Path, str]) -> None:
    example = json.loads((kept / "counterexample_RUN-1.json").read_text())
    [action] = example["history"]["actions"]
    assert len(action["workload"]["steps"]) >= 13
    page = (kept / "counterexample_RUN-1.md").read_text()
    for part in ("flowchart TD", "-->", "expected: step ", "from pytest_orchestrators.reproduction import"):
        assert part in page
    script = [sys.executable, str(kept / "repro_RUN-1.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(script, cwd=found[0], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    assert "FAILED RUN-1" in done.stdout


def test_a_counter_example_is_replayed(run: Run, kept: Path) -> None:
    replay = f"--orchestrator-replay={kept / 'counterexample_RUN-1.json'}"
    result = run(WRONG, "-k", "RUN-1", "--orchestrator-fuzz=0", replay)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["FAILED RUN-1 (generated, example 1) *"])
    result = run(RIGHT, "-k", "RUN-1", replay)
    result.assert_outcomes(passed=1, deselected=63)


def test_a_waiver_names_its_counter_example(run: Run, kept: Path, project: pytest.Pytester) -> None:
    pinned = project.path / "pinned.json"
    pinned.write_text((kept / "counterexample_RUN-1.json").read_text())
    terms = ("kind = 'not-implemented'", "reason = 'soon'", "expires = 2999-12-31")
    names = "flavors = ['tests.plugin.flavors:EndsAtTwelve']"
    project.makepyprojecttoml("\n".join([TABLE, table("RUN-1", *terms, names, "example = 'pinned.json'")]))
    result = run(WRONG, "-k", "RUN-1")
    result.stdout.fnmatch_lines(["WAIVED RUN-1 (generated, example*"])
    project.makepyprojecttoml("\n".join([TABLE, table("RUN-1", *terms, names, "example = 'nowhere.json'")]))
    result = run(WRONG)
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*RUN-1.example: *nowhere.json cannot be read: No such file*"])


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("--orchestrator-fuzz=many", "'many' is neither a number of examples nor one of quick, ci, deep"),
        ("--orchestrator-fuzz-seed=-1", "-1 is not a number from 0 to 4294967295"),
        ("--orchestrator-replay=nowhere.json", "nowhere.json cannot be read: No such file or directory"),
        ("--orchestrator-replay=pyproject.toml", "pyproject.toml is no counter-example: "),
    ],
)
def test_what_cannot_be_used_is_said(run: Run, option: str, complaint: str) -> None:
    result = run(RIGHT, option)
    assert result.ret == 4
    assert complaint in result.stderr.str()
