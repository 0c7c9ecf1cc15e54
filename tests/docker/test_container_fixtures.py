"""The fixtures for containers, in a project of somebody else's."""

import sys

import pytest

pytest_plugins = ["pytester"]

USES_ALL = """
def test_image(docker_engine, parent_image):
    assert docker_engine.images.get(parent_image).tags == [parent_image]

def test_leaves_nothing(docker_engine, parent_image, container_leak_guard):
    docker_engine.containers.create(parent_image, ["true"]).remove()

def test_leaves_one(docker_engine, parent_image, container_leak_guard):
    docker_engine.containers.create(parent_image, ["true"], name=NAME, labels={"mine": "yes"})

def test_leaves_one_on_purpose(docker_engine, parent_image, container_leak_guard, request):
    made = docker_engine.containers.create(parent_image, ["true"])
    request.config.add_cleanup(made.remove)
    container_leak_guard.allow(made)

def test_leaves_one_of_somebody_else(docker_engine, parent_image, container_leak_guard, request):
    made = docker_engine.containers.create(parent_image, ["true"], labels={"mine": "no"})
    request.config.add_cleanup(made.remove)
    container_leak_guard.only(label="mine=yes")
"""


@pytest.fixture
def project(pytester, monkeypatch):
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return pytester


def test_they_work_on_an_engine(engine, project):
    name = f"leaked-by-{project.path.name}"
    project.makepyfile(f"NAME = {name!r}\n{USES_ALL}")
    result = project.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=5, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_leaves_one *",
            "containers were left behind*",
            f"  {name} of image*[[]mine=yes*",
        ]
    )
    assert not engine.containers.list(all=True, filters={"name": name})


NEEDS = """
def test_one(docker_engine):
    assert docker_engine.ping()

def test_other(container_leak_guard, parent_image):
    pass
"""


def test_without_an_engine_they_are_blocked_with_advice(project, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    project.makepyfile(NEEDS)
    result = project.runpytest()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["BLOCKED: No container engine answers*DOCKER_HOST*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_without_docker_py_they_are_blocked_with_advice(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "docker", None)
    monkeypatch.delitem(sys.modules, "pytest_orchestrators.fixtures.containers", raising=False)
    project.makepyfile(NEEDS)
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["BLOCKED: *docker*the extra: pytest-orchestrators[[]docker[]]"])


def test_a_verdict_without_an_engine_is_blocked(project, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    result = project.runpytest_subprocess("--orchestrator-flavor=local_docker")
    assert result.ret == 8
    result.stdout.fnmatch_lines(["local_docker: BLOCKED*No container engine answers*DOCKER_HOST*"])
