"""The fixtures for containers on an engine, in a project of somebody else's.

The engine may be in use by others, whose containers a guard would remove: here each is told a label.
"""

import pytest

from pytest_orchestrators.fixtures.containers import ContainerLeakGuard

USES_ALL = """
import pytest

MINE = {"project": PROJECT}

@pytest.fixture(autouse=True)
def only_mine(container_leak_guard):
    container_leak_guard.only(label=f"project={PROJECT}")

@pytest.fixture
def make(docker_engine, parent_image):
    return lambda **options: docker_engine.containers.create(parent_image, ["true"], **options)

def test_image(docker_engine, parent_image):
    assert docker_engine.images.get(parent_image).tags == [parent_image]

def test_leaves_nothing(make):
    make(labels=MINE).remove()

def test_leaves_one(make):
    make(name=PROJECT, labels=MINE)

def test_comes_after_it():
    pass

def test_leaves_one_on_purpose(make, container_leak_guard, request):
    made = make(labels=MINE)
    request.config.add_cleanup(made.remove)
    container_leak_guard.allow(made)

def test_leaves_one_of_somebody_else(make, request):
    request.config.add_cleanup(make(labels={"project": "another"}).remove)
"""


def test_they_work_on_an_engine(engine, pytester, monkeypatch):
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    name = f"leaked-by-{pytester.path.name}-{pytester.path.stat().st_ino}"
    pytester.makepyfile(f"PROJECT = {name!r}\n{USES_ALL}")
    result = pytester.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=6, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_leaves_one *",
            "containers were left behind*",
            f"  {name} of image pytest-orchestrators-parent:*, created: true [[]*project={name}*[]]",
        ]
    )
    assert not engine.containers.list(all=True, filters={"label": f"project={name}"})


@pytest.fixture
def make(engine, parent_image):
    """Make a container, which is removed behind the test if it is still there."""
    made = []

    def create(*command):
        made.append(engine.containers.create(parent_image, command))
        return made[-1]

    yield create
    for container in made:
        if engine.containers.list(all=True, filters={"id": container.id}):
            container.remove(force=True)


def test_a_guard_that_is_told_no_label_sees_every_new_container(engine, make):
    there = make("true")
    guard = ContainerLeakGuard(engine)
    new = make("true")
    found = {container.id for container in guard.leaked()}
    assert new.id in found
    assert there.id not in found


@pytest.mark.parametrize("said", ["id", "short_id", "name"])
def test_what_is_allowed_may_be_said_as_text(engine, make, said):
    guard = ContainerLeakGuard(engine)
    container = make("true")
    guard.allow(getattr(container, said))
    assert container.id not in {found.id for found in guard.leaked()}
