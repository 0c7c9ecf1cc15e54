"""An engine that stops in the middle of a run and is started again: one of the tests' own."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker_steps import sleep, where

from pytest_orchestrators import Pipeline, connect_to_engine
from reference_flavors.local_docker import EngineLostError, StepKilledError
from reference_flavors.local_docker.ownership import OWNER_LABEL

DOCKERD = shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class OwnEngine:
    """An engine in a network namespace of its own, so that it leaves the bridge of others alone."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "engine.sock"
        self.process = None

    def start(self):
        for name in ("pid", "run/containerd/containerd.pid"):
            (self.folder / name).unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            places = {"data-root": "data", "exec-root": "run", "pidfile": "pid"}
            options = [f"--{option}={self.folder / name}" for option, name in places.items()]
            options += [f"--host=unix://{self.socket}", "--bridge=none", "--iptables=false"]
            self.process = subprocess.Popen(
                ["unshare", "--net", DOCKERD, *options], stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                with connect_to_engine():
                    return
            except Exception:
                assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
                assert time.monotonic() < deadline, "the engine does not answer"
                time.sleep(0.2)

    def stop(self, number):
        """End the engine by a signal; SIGKILL takes its children along, but not the containers."""
        if self.process is not None:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
            self.process.wait(60)
            self.process = None


@pytest.fixture
def own_engine(monkeypatch):
    if DOCKERD is None or os.getuid() != 0:
        reason = "an engine of the tests' own needs root and dockerd: apt-get install docker.io iptables"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    # Not under pytest's folders: the path of a Unix socket may have 107 bytes only.
    with tempfile.TemporaryDirectory(prefix="engine-", ignore_cleanup_errors=True) as folder:
        engine = OwnEngine(Path(folder))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{engine.socket}")
        try:
            engine.start()
            yield engine
        finally:
            engine.stop(signal.SIGTERM)
            # The engine mounts its data on itself.
            subprocess.run(["umount", "--lazy", f"{folder}/data"], capture_output=True, check=False)


def own_containers():
    with connect_to_engine() as client:
        return client.containers.list(all=True, filters={"label": OWNER_LABEL})


@contextmanager
def meanwhile(started, action):
    def wait_and_act():
        while not started.exists():
            time.sleep(0.05)
        action()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    yield
    thread.join()


def test_an_engine_that_stops_and_starts_again(own_engine, bare_stack, states, stores):
    stack = bare_stack(network_mode="none")

    def run_while_it_stops(number):
        started = stores / f"started-{number}"
        deployment = Pipeline("demo", sleep(seconds=60, started=str(started))).compile(stack=stack)
        stack.prepare_pipeline_deployment(deployment)
        with (
            meanwhile(started, lambda: own_engine.stop(number)),
            pytest.raises((EngineLostError, StepKilledError), match=r"Step `sleep` was (lost|killed)"),
        ):
            stack.deploy_pipeline(deployment)
        own_engine.start()

    run_while_it_stops(signal.SIGKILL)
    assert len(own_containers()) == 1, "nobody could remove it"
    run_while_it_stops(signal.SIGTERM)
    Pipeline("demo", where(n=1)).run(stack=stack)
    assert own_containers() == []
    assert states(stack) == ["FAILED", "FAILED", "COMPLETE"]
