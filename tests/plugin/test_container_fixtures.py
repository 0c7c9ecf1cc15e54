"""The fixtures for containers where there is no engine, or no way to one."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

NEEDS = """
def test_one(docker_engine):
    assert docker_engine.ping()

def test_other(container_leak_guard, parent_image):
    pass
"""


def told(result: pytest.RunResult) -> list[str]:
    """The line below each headline of an error."""
    lines = result.outlines
    return [after for line, after in pairwise(lines) if " ERROR at " in line]


@pytest.mark.parametrize("host", ["unix:///nonexistent.sock", "tcp://127.0.0.1:1", "nonsense://engine"])
def test_without_an_engine_they_are_blocked_with_advice(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    project.makepyfile(NEEDS)
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    first, second = told(result)
    assert first == second
    assert first.startswith("BLOCKED: No container engine answers: ")
    assert first.endswith("Start one, or let DOCKER_HOST say where one is.")


def test_without_docker_py_they_are_blocked_with_advice(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    monkeypatch.delitem(sys.modules, "pytest_orchestrators.fixtures.containers", raising=False)
    project.makepyfile(NEEDS)
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    for line in told(result):
        assert line.startswith("BLOCKED: ")
        assert line.endswith("the extra: pytest-orchestrators[docker]")


def test_a_verdict_without_an_engine_is_blocked(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    result = project.runpytest_subprocess("--orchestrator-flavor=local_docker")
    assert result.ret == 8
    result.stdout.fnmatch_lines(["local_docker: BLOCKED*No container engine answers*DOCKER_HOST*"])
