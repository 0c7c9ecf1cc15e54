"""Running deployments: order, state, names, and what is on the record."""

import json
import threading

import pytest
from recording import Recording, left_on
from sample_steps import constant, double
from tfx.orchestration.portable.python_executor_operator import PythonExecutorOperator

from pytest_orchestrators import (
    BaseOrchestrator,
    Client,
    DeploymentError,
    NoActiveRunError,
    Pipeline,
    RunInProgressError,
    RunNameError,
    StepExecutorOperator,
    get_cache_status,
)


class InThreads(BaseOrchestrator):
    """Runs every step in a thread of its own as soon as its upstream steps have ended."""

    def prepare_or_run_pipeline(self, deployment, stack):
        ended = {name: threading.Event() for name in deployment.steps}
        errors = []

        def run(name, step):
            for upstream in step.spec.upstream_steps:
                ended[upstream].wait()
            try:
                self.run_step(step)
            except BaseException as error:
                errors.append(error)
            ended[name].set()

        threads = [threading.Thread(target=run, args=item) for item in deployment.steps.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return errors


def test_run_returns_what_the_author_returns(make_stack):
    stack = make_stack(Recording())
    deployment = Pipeline("demo", double(constant(n=2))).compile(stack=stack)
    infos = stack.orchestrator.run(deployment, stack)
    assert list(infos) == ["constant", "double"]
    assert [get_cache_status(info) for info in infos.values()] == [False, False]
    assert left_on(stack.orchestrator) == (None, None, None)


def test_every_execution_is_on_the_record_with_its_contexts(make_stack, record):
    stack = make_stack(Recording())
    deployment = Pipeline("demo", double(constant(n=2)), extra={"k": 1}).compile(stack=stack, run_name="one")
    stack.deploy_pipeline(deployment)
    for name, execution in record(stack, "one").items():
        contexts = set(execution.contexts)
        assert contexts == {
            "pipeline", "pipeline_run", "node", "execution_cache", "pytest_orchestrators.step_run"
        }  # fmt: skip
        assert execution.contexts["node"] == f"demo.{name}"
        assert execution.properties["run"] == "one"
        assert json.loads(execution.properties["stack"])["name"] == "test"
        assert json.loads(execution.properties["pipeline_configuration"])["extra"] == {"k": 1}
        assert json.loads(execution.properties["step_configuration"])["name"] == name


def test_many_steps_run_in_threads_on_one_connection(make_stack, record):
    stack = make_stack(InThreads(), on_disk=True)
    layer = [double(constant(n=n).named(f"c{n}")).named(f"d{n}") for n in range(12)]
    deployment = Pipeline("demo", *layer).compile(stack=stack)
    assert stack.deploy_pipeline(deployment) == []
    steps = record(stack, deployment.run_name)
    assert {steps[f"d{n}"].outputs["output"] for n in range(12)} == {2 * n for n in range(12)}
    assert {step.state for step in steps.values()} == {"COMPLETE"}


def test_all_steps_of_a_run_go_under_one_name(make_stack, record):
    class TwoNames(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            first, second = deployment.steps.values()
            self.run_step(first, run_name="another")
            with pytest.raises(RunNameError, match="'another', and now 'one' is asked for"):
                self.run_step(second)
            with pytest.raises(RunNameError, match="holds a slash"):
                self.run_step(second, run_name="../another")
            self.run_step(second, run_name="another")

    stack = make_stack(TwoNames())
    stack.deploy_pipeline(Pipeline("demo", double(constant(n=1))).compile(stack=stack, run_name="one"))
    assert set(record(stack, "another")) == {"constant", "double"}
    assert len(record(stack)) == 2


@pytest.mark.parametrize("name", ["..", "../../x", "/abs", "", "a/b"])
@pytest.mark.parametrize("kind", ["run", "pipeline", "step", "output"])
def test_names_that_got_round_validation_are_refused_before_anything_is_done(make_stack, calls, kind, name):
    stack = make_stack(Recording())
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    with pytest.raises(DeploymentError, match=f"{kind} name '{name}'"):
        stack.deploy_pipeline(unchecked(deployment, kind, name))
    assert left_on(stack.orchestrator) == (None, None, None)
    assert calls == []
    assert not stack.artifact_store.config.path.exists()


def unchecked(deployment, kind, name):
    """The deployment with a name that validation would refuse; its pipeline is as it was."""
    if kind == "run":
        return deployment.model_copy(update={"run_name": name})
    if kind == "pipeline":
        pipeline = deployment.pipeline.model_copy(update={"name": name})
        return deployment.model_copy(update={"pipeline": pipeline})
    step = deployment.steps["constant"]
    changes = {"name": name} if kind == "step" else {"outputs": {name: step.config.outputs["output"]}}
    config = step.config.model_copy(update=changes)
    steps = {config.name: step.model_copy(update={"config": config})}
    return deployment.model_copy(update={"steps": steps})


def test_run_step_needs_an_active_run(stack):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    with pytest.raises(NoActiveRunError, match="No deployment is active"):
        stack.orchestrator.run_step(deployment.steps["constant"])
    with pytest.raises(NoActiveRunError, match="No deployment is active"):
        stack.orchestrator._get_node_with_step_name("constant")


def test_a_second_run_at_the_same_time_is_refused(make_stack):
    class Nested(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            with pytest.raises(RunInProgressError, match="already running a deployment"):
                self.run(deployment, stack)
            assert self._active_deployment is deployment

    stack = make_stack(Nested())
    stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack))


def test_an_unknown_step_is_a_key_error_that_names_step_and_pipeline(stack):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    other = Pipeline("other", double(constant(n=1))).compile(stack=stack)
    with (
        stack.orchestrator.active_run(deployment, stack),
        pytest.raises(KeyError, match="Step double not found in Pipeline demo"),
    ):
        stack.orchestrator.run_step(other.steps["double"])


def test_operators_are_chosen_by_the_step():
    assert BaseOrchestrator._get_executor_operator(None) is PythonExecutorOperator
    assert BaseOrchestrator._get_executor_operator("subprocess") is StepExecutorOperator


def test_prepare_run_falls_back_on_the_active_stack(stack, record):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    with Client().temporary_stack(stack):
        stack.orchestrator._prepare_run(deployment)
        assert stack.orchestrator._active_deployment is deployment
        stack.orchestrator.run_step(deployment.steps["constant"])
        stack.orchestrator._cleanup_run()
    assert left_on(stack.orchestrator) == (None, None, None)
    assert record(stack, deployment.run_name)["constant"].state == "COMPLETE"


def test_the_deployment_and_the_node_are_left_as_they_were(make_stack):
    class Looking(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            before = self._active_pb2_pipeline.SerializeToString(deterministic=True)
            for step in deployment.steps.values():
                self.run_step(step)
                self.run_step(step)
            assert self._active_pb2_pipeline.SerializeToString(deterministic=True) == before

    stack = make_stack(Looking())
    deployment = Pipeline("demo", double(constant(n=1))).compile(stack=stack)
    before = deployment.to_json()
    stack.deploy_pipeline(deployment)
    assert deployment.to_json() == before


def test_a_step_starts_from_empty_output_folders(stack, record):
    folder = stack.artifact_store.config.path / "demo" / "constant" / "out_output" / "1"
    folder.mkdir(parents=True)
    (folder / "left by a lost record").touch()
    Pipeline("demo", constant(n=1)).run(stack=stack)
    assert record(stack)[0].artifacts["output"].uri == str(folder)
    assert [file.name for file in folder.iterdir()] == ["value.json"]
