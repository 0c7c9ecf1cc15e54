"""What goes wrong on a real engine, and what is said, recorded and left behind then."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker_steps import Odd, fail, greedy, leave, sleep, where

from pytest_orchestrators import MetadataStoreError, NoContainerEngineError, Pipeline
from reference_flavors.local_docker import (
    ContainerImageMissingError,
    ContainerRemovedError,
    StepExitError,
    StepKilledError,
    StepNotStartedError,
    StepOutOfMemoryError,
    StepTimeoutError,
)
from reference_flavors.local_docker.ownership import OWNER_LABEL, sweep


@pytest.fixture
def started(stores):
    """The file that says that the step `sleep` has started."""
    return stores / "started"


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)


@contextmanager
def meanwhile(started, action):
    """Do something as soon as the step has started."""
    thread = threading.Thread(target=lambda: (wait_until(started.exists), action()))
    thread.start()
    yield
    thread.join()


def test_a_steps_exception_comes_back_as_it_is(make_stack, states):
    stack = make_stack()
    with pytest.raises(Odd, match=r"^over there$") as caught:
        Pipeline("demo", where(n=1).after(fail(message="over there"))).run(stack=stack)
    cause = caught.value.__cause__
    assert type(cause) is StepExitError
    assert (cause.step, cause.exit_code) == ("fail", 1)
    assert cause.last_lines[-1].endswith("Odd: over there")
    assert states(stack) == ["FAILED"]


@pytest.mark.parametrize(
    ("code", "problem"),
    [(9, "ended with exit code 9"), (0, "ended with exit code 0 and without a result on the record")],
)
def test_a_process_that_leaves_is_a_failure(make_stack, states, code, problem):
    stack = make_stack()
    with pytest.raises(StepExitError, match=f"Step `leave` {problem}") as caught:
        Pipeline("demo", leave(code=code)).run(stack=stack)
    assert caught.value.last_lines[-1] == "last words"
    assert states(stack) == ["FAILED"]


def test_a_container_that_is_killed(make_stack, states, started, containers):
    stack = make_stack()
    with (
        meanwhile(started, lambda: containers()[0].kill()),
        pytest.raises(StepKilledError, match=r"Step `sleep` was killed by signal 9(.|\n)*sleeping") as caught,
    ):
        Pipeline("demo", sleep(seconds=60, started=str(started))).run(stack=stack)
    assert type(caught.value) is StepKilledError
    assert states(stack) == ["FAILED"]


def test_a_container_that_is_removed(make_stack, states, started, containers):
    stack = make_stack()
    with (
        meanwhile(started, lambda: containers()[0].remove(force=True)),
        pytest.raises((ContainerRemovedError, StepKilledError), match="Step `sleep` was "),
    ):
        Pipeline("demo", sleep(seconds=60, started=str(started))).run(stack=stack)
    assert states(stack) == ["FAILED"]


def test_too_little_memory(make_stack, states):
    stack = make_stack(memory="200MiB")
    with pytest.raises(StepOutOfMemoryError, match=r"Step `greedy` ran out of memory(.|\n)*taking memory"):
        Pipeline("demo", greedy(megabytes=600)).run(stack=stack)
    assert states(stack) == ["FAILED"]


def test_too_little_time(make_stack, states, started):
    stack = make_stack(step_timeout_s=4, stop_grace_s=3)
    began = time.monotonic()
    with pytest.raises(StepTimeoutError, match="Step `sleep` took too long and was stopped"):
        Pipeline("demo", sleep(seconds=60, started=str(started))).run(stack=stack)
    assert time.monotonic() - began < 12
    assert Path(f"{started}.interrupted").exists(), "the step could clean up"
    assert states(stack) == ["FAILED"]


def test_an_image_that_is_removed_between_build_and_run(make_stack, states, engine):
    stack = make_stack()
    pipeline = Pipeline(
        "demo", where(n=1), settings={"docker": {"environment": {"ONLY_HERE": str(time.time_ns())}}}
    )
    deployment = pipeline.compile(stack=stack)
    stack.prepare_pipeline_deployment(deployment)
    [image] = deployment.pipeline.extra.values()
    engine.images.remove(image)
    with pytest.raises(
        ContainerImageMissingError, match=f"Step `where` cannot be started: the image {image}"
    ):
        stack.deploy_pipeline(deployment)
    assert states(stack) == []


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"python": "no-such-python"}, "no-such-python|no such command"),
        ({"volumes": {"/no/such/folder": "/data"}}, "/no/such/folder"),
        ({"run_args": {"no_such_argument": 1}}, "no_such_argument"),
        ({"network_mode": "no-such-network"}, "no-such-network"),
    ],
)
def test_a_container_that_cannot_be_started(make_stack, states, config, reason):
    stack = make_stack(**config)
    with pytest.raises(StepNotStartedError, match=f"Step `where` cannot be started(.|\n)*({reason})"):
        Pipeline("demo", where(n=1)).run(stack=stack)
    assert states(stack) == []
    assert not Path("/no").exists()


def test_stores_on_a_disk_that_cannot_be_written_to(make_stack, stores):
    stack = make_stack()
    Pipeline("demo", where(n=1)).run(stack=stack)
    read_only = make_stack(volumes={str(stores / "artifacts"): f"{stores}/artifacts:ro"})
    with pytest.raises((OSError, MetadataStoreError), match="Read-only file system"):
        Pipeline("demo", where(n=2)).run(stack=read_only)


PROGRAM = """
import sys
sys.path[:0] = sys.argv[1:2]
from docker_steps import sleep
from pytest_orchestrators import *
from reference_flavors.local_docker import LocalDockerOrchestratorFlavor
stores = GlobalConfiguration().local_stores_path
stack = Stack("own", LocalDockerOrchestratorFlavor().create({"stop_grace_s": 3}),
              LocalArtifactStore.at(stores / "artifacts"), SqliteMetadataConfig(path=stores / "metadata.db"))
Pipeline("demo", sleep(seconds=60, started=str(stores / "started"))).run(stack=stack)
"""


def as_from_a_shell():
    """On a terminal, which can interrupt it, also where these tests run in the background and ignore that."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def program(engine, stores, started):
    """A process that runs a step which sleeps, on a terminal of its own; yields both when the step sleeps."""
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)],
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=as_from_a_shell,
    )
    os.close(terminal)
    wait_until(started.exists)
    yield process, main
    process.kill()
    process.wait()
    os.close(main)


def test_ctrl_c_in_a_terminal(program, make_stack, states, started, containers):
    process, terminal = program
    assert len(containers()) == 1
    os.write(terminal, b"\x03")
    assert process.wait(20) == -signal.SIGINT
    assert containers() == []
    assert Path(f"{started}.interrupted").exists()
    assert states(make_stack()) == ["FAILED"]


def test_sigterm(program, make_stack, states, containers):
    process, _ = program
    process.terminate()
    assert process.wait(20) == 128 + signal.SIGTERM
    assert containers() == []
    assert states(make_stack()) == ["FAILED"]


def test_what_a_killed_run_leaves_behind_is_removed_by_the_next_one(
    program, make_stack, states, containers, engine
):
    process, _ = program
    [left] = containers()
    foreign = engine.containers.create(left.image, ["true"], labels={OWNER_LABEL: "somebody else's"})
    try:
        assert sweep(engine) == [], "its owner is alive"
        process.kill()
        process.wait()
        stack = make_stack()
        Pipeline("demo", where(n=1)).run(stack=stack)
        assert [container.id for container in containers()] == [foreign.id]
        assert states(stack) == ["FAILED", "COMPLETE"]
    finally:
        foreign.remove()


def test_no_engine(monkeypatch, make_stack, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(NoContainerEngineError, match=r"No container engine answers(.|\n)*DOCKER_HOST"):
        Pipeline("demo", where(n=1)).run(stack=make_stack())
