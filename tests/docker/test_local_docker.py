"""The local_docker flavor on a real engine: what holds when all goes well."""

import gc
import importlib
import json
import logging
import os
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from docker_steps import after, look, sleep, speak_slowly, where

from pytest_orchestrators import (
    ORCHESTRATOR_DOCKER_IMAGE_KEY,
    DeploymentError,
    DockerSettings,
    LocalArtifactStore,
    Pipeline,
    ResourceSettings,
    Schedule,
    SqliteMetadataConfig,
    Stack,
    StackError,
)
from reference_flavors.local_docker import (
    LocalDockerOrchestrator,
    LocalDockerOrchestratorConfig,
    LocalDockerOrchestratorFlavor,
)
from reference_flavors.local_docker.ownership import OWNER_LABEL, RUN_LABEL, STEP_LABEL


def test_the_flavor():
    flavor = LocalDockerOrchestratorFlavor()
    assert (flavor.name, flavor.type.value) == ("local_docker", "orchestrator")
    assert flavor.capabilities == {"containers", "step_operator"}
    orchestrator = flavor.create()
    assert type(orchestrator) is LocalDockerOrchestrator
    assert type(orchestrator.config) is LocalDockerOrchestratorConfig
    assert orchestrator.config.is_local


def test_three_steps_run_in_three_containers_and_are_cached(make_stack, states, outputs):
    stack = make_stack()
    pipeline = Pipeline("demo", after(where(n=1)), where(n=2).named("other"))
    assert pipeline.run(stack=stack) is None
    assert states(stack) == ["COMPLETE"] * 3
    [pair] = [value for value in outputs(stack) if isinstance(value, list)]
    hosts = {value["host"] for value in outputs(stack) if isinstance(value, dict)} | set(pair)
    assert len(hosts) == 3
    assert os.uname().nodename not in hosts
    pipeline.run(stack=stack)
    assert states(stack) == ["COMPLETE"] * 3 + ["CACHED"] * 3


def test_lines_are_logged_as_they_come(make_stack, caplog):
    caplog.set_level(logging.INFO)
    Pipeline("demo", speak_slowly(pause=1.0)).run(stack=make_stack())
    said = {record.getMessage(): record.created for record in caplog.records}
    assert said["[speak_slowly] second"] - said["[speak_slowly] first"] > 0.9
    assert {"[speak_slowly] on stderr", "Running step `speak_slowly` in Docker:"} <= said.keys()
    assert "[speak_slowly] no line end" in said
    assert any("Step `speak_slowly` has finished in" in line for line in said)


def test_the_surroundings_of_a_step(make_stack, outputs, tmp_path):
    data, code = tmp_path / "data", tmp_path / "code"
    data.mkdir()
    code.mkdir()
    stack = make_stack(
        environment={"MINE": "a $b 'c'"},
        volumes={str(data): "/data", str(code): "/code:ro"},
        extra_hosts={"elsewhere": "10.9.8.7"},
        network_mode="none",
        memory="400MiB",
        cpu_count=1.5,
        run_args={"shm_size": "1m"},
    )
    paths = ["/data", "/code", str(data), sys.prefix + "/bin"]
    Pipeline("demo", look(paths=paths, variables=["MINE", "USER"])).run(stack=stack)
    [seen] = outputs(stack)
    assert seen["user"] == f"{os.getuid()}:{os.getgid()}"
    assert seen["exist"] == ["/data", "/code"]
    assert seen["writable"] == ["/data"]
    assert seen["variables"] == {"MINE": "a $b 'c'", "USER": "step"}
    assert seen["home"] == "/tmp"
    assert seen["memory"] == str(400 << 20)
    assert seen["interfaces"] == ["lo"]
    assert "init" in seen["init"] or "tini" in seen["init"]


def test_extra_hosts_are_known(make_stack, outputs):
    stack = make_stack(extra_hosts={"elsewhere": "10.9.8.7"})
    Pipeline("demo", look(paths=[], variables=[])).run(stack=stack)
    assert "10.9.8.7\telsewhere" in outputs(stack)[0]["hosts"]


@pytest.fixture
def open_stores(monkeypatch):
    """A stores folder of user 12345; the folders of tests can only be entered by who runs them."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 12345, 12345)
        monkeypatch.setenv("PYTEST_ORCHESTRATORS_STORES", folder)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_user_whom_the_image_does_not_know(open_stores, engine):
    stack = Stack(
        "docker",
        LocalDockerOrchestratorFlavor().create({"mount_sources": False}),
        LocalArtifactStore.at(open_stores / "artifacts"),
        SqliteMetadataConfig(path=open_stores / "metadata.db"),
    )
    settings = {"docker": DockerSettings(build_context=Path(__file__).parent)}
    step = look(paths=[str(open_stores)], variables=["USER"])
    deployment = Pipeline("demo", step, settings=settings).compile(stack=stack)
    stack.prepare_pipeline_deployment(deployment)
    try:
        run_as(12345, lambda: stack.deploy_pipeline(deployment))
    finally:
        engine.images.remove(deployment.pipeline.extra[ORCHESTRATOR_DOCKER_IMAGE_KEY])
    [file] = open_stores.rglob("value.json")
    seen = json.loads(file.read_text())
    assert (seen["user"], seen["known"], seen["home"]) == ("12345:12345", False, "/tmp")
    assert seen["writable"] == [str(open_stores)]
    assert file.stat().st_uid == 12345


def run_as(user, action):
    """Do something in a process of that user, who may do nothing but talk to the engine."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([Path("/var/run/docker.sock").stat().st_gid])
            os.setgid(user)
            os.setuid(user)
            action()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_code_that_is_imported_here_is_imported_there(make_stack, outputs, tmp_path, monkeypatch):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "mine_of_today.py").write_text(
        "from pytest_orchestrators import step\n@step\ndef today() -> list:\n    return ['Sunday']\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    module = importlib.import_module("mine_of_today")
    stack = make_stack()
    Pipeline("demo", module.today()).run(stack=stack)
    assert outputs(stack) == [["Sunday"]]


def test_containers_say_whose_they_are(make_stack, containers, tmp_path):
    seen = []
    started = tmp_path / "stores" / "started"
    stack = make_stack()
    deployment = Pipeline("demo", sleep(seconds=2, started=str(started))).compile(stack=stack, run_name="one")
    stack.prepare_pipeline_deployment(deployment)
    watcher = threading.Thread(target=lambda: (wait_for(started), seen.extend(containers())))
    watcher.start()
    stack.deploy_pipeline(deployment)
    watcher.join()
    [container] = seen
    assert container.labels[RUN_LABEL] == "one"
    assert container.labels[STEP_LABEL] == "sleep"
    assert json.loads(container.labels[OWNER_LABEL])["pid"] == os.getpid()
    assert container.name.startswith("step-demo-sleep-")


def wait_for(path, seconds=20):
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} does not appear"
        time.sleep(0.05)


def test_two_runs_at_once(make_stack, states):
    stacks = [make_stack(), make_stack()]
    pipelines = [Pipeline(name, after(where(n=1))) for name in ("left", "right")]
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(p.run, stack=s) for p, s in zip(pipelines, stacks, strict=True)]
        assert [run.result() for run in runs] == [None, None]
    assert states(stacks[0]) == ["COMPLETE"] * 4


def test_it_warns_of_schedules_and_resources_and_goes_on(make_stack, states, caplog):
    step = where(n=1).with_options(resources=ResourceSettings(memory="300MiB"))
    stack = make_stack()
    schedule = Schedule(interval_second=timedelta(days=1), start_time="2030-01-01T00:00:00")
    Pipeline("demo", step, schedule=schedule).run(stack=stack)
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert "does not support the use of schedules" in warnings[0]
    assert "ignoring resource configuration for step where." in warnings[1]
    assert states(stack) == ["COMPLETE"]


def test_resources_become_limits_where_this_is_configured(make_stack, outputs, caplog):
    stack = make_stack(apply_resources=True, memory="1GB")
    step = look(paths=[], variables=[]).with_options(resources=ResourceSettings(memory="300MiB", cpu_count=1))
    Pipeline("demo", step).run(stack=stack)
    assert outputs(stack)[0]["memory"] == str(300 << 20)
    assert [each for each in caplog.records if each.levelno == logging.WARNING] == []
    flavor, run_name = LocalDockerOrchestratorFlavor(), stack.orchestrator.applied_resources[0]
    assert flavor.applied_resources(stack.orchestrator, run_name) == {
        "look": {"memory": "300MiB", "cpu_count": 1.0}
    }


def test_a_step_operator_works_in_the_container(make_stack, states, caplog):
    caplog.set_level(logging.INFO)
    stack = make_stack()
    Pipeline("demo", where(n=1).with_options(step_operator="subprocess")).run(stack=stack)
    assert states(stack) == ["COMPLETE"]


def test_stores_that_containers_cannot_reach_are_refused(make_stack, tmp_path):
    stack = make_stack()
    outside = Stack(
        "outside", stack.orchestrator, LocalArtifactStore.at(tmp_path / "elsewhere"), stack.metadata
    )
    with pytest.raises(StackError, match="elsewhere"):
        Pipeline("demo", where(n=1)).run(stack=outside)


def test_a_run_without_an_image_is_refused(make_stack):
    stack = make_stack()
    with pytest.raises(
        DeploymentError, match=r"No image was built for pipeline 'demo': call `stack\.prepare"
    ):
        stack.deploy_pipeline(Pipeline("demo", where(n=1)).compile(stack=stack))


def test_a_run_leaves_no_thread_and_no_open_file(make_stack):
    stack = make_stack()
    Pipeline("demo", where(n=0)).run(stack=stack)
    before = _held()
    Pipeline("demo", where(n=1)).run(stack=stack)
    assert _held() == before


def _held() -> tuple[int, int, int]:
    """Threads and descriptors of this process."""
    gc.collect()  # answers of docker-py are held in cycles, and with each its socket
    process = psutil.Process()
    return process.num_threads(), process.num_fds(), threading.active_count()


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"labels": {"a": "b"}}, "'labels' is given by the orchestrator itself: remove it"),
        ({"mem_limit": "1g"}, "'mem_limit' is given by the orchestrator itself: use the field 'memory'"),
    ],
)
def test_arguments_that_would_break_it_are_refused(given, advice):
    with pytest.raises(StackError, match=advice):
        LocalDockerOrchestratorFlavor().create({"run_args": given})
