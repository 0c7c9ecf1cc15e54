"""Served from the cache: when, with what, and when not."""

import logging
import shutil

import pytest
from ml_metadata.proto.metadata_store_pb2 import Execution
from sample_steps import constant, double, pair, show
from tfx.orchestration.portable.data_types import ExecutionInfo

from pytest_orchestrators import BaseOrchestrator, Pipeline, get_cache_status


class Recording(BaseOrchestrator):
    def prepare_or_run_pipeline(self, deployment, stack):
        return {name: self.run_step(step) for name, step in deployment.steps.items()}


@pytest.fixture
def stack(make_stack):
    return make_stack(Recording(), on_disk=True)


def chain(n=1, **options):
    return Pipeline("demo", double(constant(n=n)), **options)


def run(stack, pipeline):
    """Run and return the names of the cached steps and the infos."""
    infos = stack.deploy_pipeline(pipeline.compile(stack=stack))
    return {name for name, info in infos.items() if get_cache_status(info)}, infos


def test_later_identical_runs_are_cached_whole(stack, record, calls):
    assert run(stack, chain())[0] == set()
    for _ in range(2):
        cached, infos = run(stack, chain())
        assert cached == {"constant", "double"}
    assert calls == ["constant 1", "double 1"]
    states = [each.state for each in record(stack)]
    assert states == ["COMPLETE"] * 2 + ["CACHED"] * 4
    first, *_, last = [each for each in record(stack) if each.step == "double"]
    assert last.artifacts["output"].uri == first.artifacts["output"].uri
    assert last.outputs == {"output": 2}
    [artifact] = infos["double"].output_dict["out_output"]
    assert artifact.uri == first.artifacts["output"].uri


def test_several_outputs_come_back_under_their_own_names(stack, record):
    both = pair(n=4)
    pipeline = Pipeline("demo", show(left=both["left"], right=both["right"]))
    run(stack, pipeline)
    _, infos = run(stack, pipeline)
    cached = [each for each in record(stack) if each.step == "pair"][-1]
    assert (cached.state, cached.outputs) == ("CACHED", {"left": 4, "right": "right of 4"})
    uris = {key: artifact.uri for key, [artifact] in infos["pair"].output_dict.items()}
    assert uris == {f"out_{name}": artifact.uri for name, artifact in cached.artifacts.items()}


def test_what_has_changed_is_executed_and_nothing_else(stack, calls):
    run(stack, chain(1))
    calls.clear()
    assert run(stack, chain(2))[0] == set()
    assert calls == ["constant 2", "double 2"]
    assert run(stack, chain(1))[0] == {"constant", "double"}


def test_with_caching_off_a_run_still_fills_the_cache(stack, calls):
    run(stack, chain(enable_cache=False))
    run(stack, chain(enable_cache=False))
    assert calls == ["constant 1", "double 1"] * 2
    assert run(stack, chain())[0] == {"constant", "double"}


@pytest.mark.parametrize("remove", ["file", "folder", "content"])
def test_an_entry_that_has_lost_a_file_is_not_used(stack, calls, caplog, record, remove):
    run(stack, chain())
    run(stack, chain())
    [file] = (stack.artifact_store.config.path / "demo" / "constant").rglob("value.json")
    if remove == "file":
        file.unlink()
    elif remove == "folder":
        shutil.rmtree(file.parent)
    else:
        file.write_text("")
    calls.clear()
    caplog.set_level(logging.WARNING, logger="pytest_orchestrators")
    assert run(stack, chain())[0] == set()
    assert calls == ["constant 1", "double 1"]
    [warning] = [each.message for each in caplog.records if each.name.startswith("pytest_orchestrators")]
    assert warning.startswith("Not using the cached version of `constant`: its file ")
    assert str(file) in warning
    caplog.clear()
    assert run(stack, chain())[0] == {"constant", "double"}
    assert not [each for each in caplog.records if each.name.startswith("pytest_orchestrators")]


def test_an_input_that_has_lost_its_file_fails_the_step(stack, record, caplog):
    deployment = chain().compile(stack=stack)
    with stack.orchestrator.active_run(deployment, stack):
        stack.orchestrator.run_step(deployment.steps["constant"])
        shutil.rmtree(stack.artifact_store.config.path / "demo" / "constant" / "out_output")
        with pytest.raises(RuntimeError, match="input artifacts for the step double could not be found"):
            stack.orchestrator.run_step(deployment.steps["double"])
    assert record(stack, deployment.run_name)["double"].state == "FAILED"
    assert "An input of step `double` cannot be read: its file" in caplog.text


EXECUTED = ExecutionInfo(execution_id=1, exec_properties={"step": "{}"}, execution_output_uri="/x")
CACHED = ExecutionInfo(execution_id=1, exec_properties={"step": "{}"})


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (None, False),
        (EXECUTED, False),
        (CACHED, True),
        (ExecutionInfo(execution_id=1), False),
        (ExecutionInfo(), False),
    ],
)
def test_cache_status_of_an_info(info, expected):
    assert get_cache_status(info) is expected


def test_the_state_on_the_record_decides_where_it_is_known():
    assert get_cache_status(CACHED, Execution.COMPLETE) is False
    assert get_cache_status(None, Execution.CACHED) is True
