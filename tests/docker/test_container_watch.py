"""The suite's eye on containers: what is the run's, what is somebody else's, and what was done to either."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import closing

import docker
import pytest

from pytest_orchestrators.suite.observers import containers as observed
from pytest_orchestrators.suite.observers.containers import BYSTANDER_LABEL, ContainerWatch, EngineSilent

MARK = "/stores/of/this/scenario"
#: Bystanders of these tests; others may be judging on the same engine.
OURS = f"{BYSTANDER_LABEL}={observed._owner(os.getpid())}"
GREEDY = "import time; time.sleep(1); taken = bytearray(1 << 30); time.sleep(60)"


@pytest.fixture
def make(engine, parent_image, container_leak_guard):
    """Make a container; all of them, and all bystanders, are gone in the end."""
    container_leak_guard.only(label=OURS)
    made = []

    def make(code="pass", start=True, **options):
        container = engine.containers.create(parent_image, ["python", "-c", code], **options)
        made.append(container)
        if start:
            container.start()
        return container

    yield make
    for container in made:
        try:
            container.remove(force=True)
        except observed._engine_errors():
            pass


@pytest.fixture
def watch(engine):
    watch = ContainerWatch(engine, MARK)
    watch.begin("run-1")
    return watch


@pytest.mark.parametrize(
    "options",
    [
        {"environment": {"STORES": f"{MARK}/artifacts"}},
        {"labels": {"run": "run-1"}},
        {"mounts": [{"Type": "tmpfs", "Target": MARK}]},
    ],
    ids=["environment", "label", "mount"],
)
def test_what_bears_a_mark_is_the_runs(watch, make, options, monkeypatch):
    monkeypatch.setattr(observed, "_PATIENCE_S", 0.2)
    container = make("import time; time.sleep(60)", **options)
    [left] = watch.left()
    assert (left.name, left.state, left.exit_code) == (container.name, "running", None)
    assert left.command.startswith("python -c import time")
    assert watch.left() == ()


def test_what_a_step_said_it_is_in_is_the_runs(watch, make, monkeypatch):
    monkeypatch.setattr(observed, "_PATIENCE_S", 0.2)
    container = make("raise SystemExit(3)")
    container.wait()
    watch.saw(container.id, "python")
    [left] = watch.left()
    assert (left.state, left.exit_code) == ("exited", 3)


def test_what_goes_by_itself_is_not_left(watch, make):
    container = make("import time; time.sleep(60)", labels={"run": "run-1"})
    threading.Timer(0.5, lambda: container.remove(force=True)).start()
    begin = time.monotonic()
    assert watch.left() == ()
    assert time.monotonic() - begin < observed._PATIENCE_S


def test_what_is_somebody_elses_is_left_alone(engine, watch, make):
    other = make("import time; time.sleep(60)", labels={"run": "run-2"})
    assert watch.left() == ()
    assert engine.containers.get(other.id).status == "running"


def test_a_mark_of_other_letters_is_found(engine, make, monkeypatch):
    monkeypatch.setattr(observed, "_PATIENCE_S", 0.0)
    watch = ContainerWatch(engine, '/störes/of "this"')
    watch.begin("run-1")
    container = make(start=False, environment={"STORES": '/störes/of "this"/artifacts'})
    [left] = watch.left()
    assert (left.name, left.state) == (container.name, "created")


def test_a_longer_name_is_no_mark(engine, watch, make):
    other = make(start=False, environment={"STORES": f"{MARK}_too/artifacts"})
    assert watch.left() == ()
    assert other.id in {c.id for c in engine.containers.list(all=True)}


def test_what_was_there_before_the_run_is_not_the_runs(engine, make):
    other = make(start=False, labels={"stores": MARK})
    watch = ContainerWatch(engine, MARK)
    watch.begin("run-1")
    assert watch.left() == ()
    assert engine.containers.get(other.id).status == "created"


def test_memory_is_limited_while_a_container_runs(watch, make):
    container = make(GREEDY)
    assert watch.squeeze(container.id)
    assert container.wait()["StatusCode"] == 137
    container.reload()
    assert container.attrs["State"]["OOMKilled"]
    assert not watch.squeeze(container.id)
    assert not watch.squeeze("no-such-container")


@pytest.fixture
def seen(watch, make):
    """A watch that has seen an image."""
    watch.saw(make(start=False).id, "python")
    return watch


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda c: c.remove(force=True), "was removed"),
        (lambda c: c.kill(), "is exited now"),
        (lambda c: c.restart(timeout=0), "was last started at"),
        (lambda c: c.pause(), "is paused now"),
        (lambda c: c.rename(f"no-{c.name}"), "was renamed to no-bystander-"),
    ],
    ids=["remove", "kill", "restart", "pause", "rename"],
)
def test_harm_to_a_running_bystander_is_told(engine, seen, harm, told):
    with seen.bystanders() as harmed:
        [running] = engine.containers.list(filters={"label": OURS})
        assert harmed() == ()
        harm(running)
        [text] = harmed()
        assert told in text
        assert running.name in text
        assert "a running container of somebody else" in text
    assert not engine.containers.list(all=True, filters={"label": OURS})


def test_pruning_is_told(engine, seen):
    with seen.bystanders() as harmed:
        engine.containers.prune(filters={"label": OURS})
        [text] = harmed()
        assert text.startswith("a created container of somebody else")


def test_bystanders_of_the_dead_are_removed_and_those_of_the_living_stay(engine, seen, make):
    dead = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    alive = make(start=False, labels={BYSTANDER_LABEL: observed._owner(os.getppid())})
    left = make(start=False, labels={BYSTANDER_LABEL: observed._owner(dead.pid)})
    far = make(start=False, labels={BYSTANDER_LABEL: json.dumps(["another machine", dead.pid, "0"])})
    odd = make(start=False, labels={BYSTANDER_LABEL: "no json"})
    dead.kill()
    dead.communicate()
    with seen.bystanders():
        there = {c.id for c in engine.containers.list(all=True, filters={"label": BYSTANDER_LABEL})}
    assert {alive.id, far.id, odd.id} < there
    assert left.id not in there


def test_before_a_run_only_the_stores_are_a_mark(engine, make):
    other = make(start=False)
    assert ContainerWatch(engine, MARK).left() == ()
    assert engine.containers.get(other.id).status == "created"


def test_without_an_image_there_can_be_no_bystanders(watch):
    with pytest.raises(LookupError, match="no container of a step"), watch.bystanders():
        pass


def test_an_engine_that_does_not_answer_is_told(tmp_path):
    with closing(docker.DockerClient(f"unix://{tmp_path}/none.sock", version="1.40")) as client:
        watch = ContainerWatch(client, MARK)
        watch.saw("any", "python")
        assert not watch.squeeze("any")
        with pytest.raises(EngineSilent, match="did not list containers"):
            watch.begin("run-1")


class Fickle(docker.DockerClient):
    """A client of the engine, which is not there any more for it once `vanish()` was called."""

    def vanish(self):
        nowhere = docker.transport.UnixHTTPAdapter("http+unix:///nowhere.sock")
        self.api.get_adapter = lambda url: nowhere

    def come_back(self):
        del self.api.get_adapter


@pytest.fixture
def fickle(engine):
    with closing(Fickle.from_env()) as client:
        yield client


def test_an_engine_that_vanishes_between_two_answers_has_not_told_that_nothing_is_left(fickle, make):
    watch = ContainerWatch(fickle, MARK)
    watch.begin("run-1")
    make(start=False, labels={"run": "run-1"})
    fickle.api.hooks["response"].append(lambda *_, **__: fickle.vanish())
    with pytest.raises(EngineSilent, match="did not tell of a container"):
        watch.left()


def test_an_engine_that_vanishes_beside_bystanders_has_not_told_that_they_are_well(fickle, make):
    watch = ContainerWatch(fickle, MARK)
    watch.saw(make(start=False).id, "python")
    with watch.bystanders() as harmed:
        fickle.vanish()
        with pytest.raises(EngineSilent, match="did not say what became"):
            harmed()
        fickle.come_back()
