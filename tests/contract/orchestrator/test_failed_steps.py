"""Steps that fail, and steps that are run again under the same name."""

import pytest
from recording import Recording, left_on
from sample_steps import Odd, constant, double, fail, fails_while, interrupted, leave
from tfx.orchestration.portable import launcher as tfx_launcher

from pytest_orchestrators import ArtifactSourceError, BaseOrchestrator, Pipeline, get_cache_status


@pytest.mark.parametrize(
    ("step", "error"),
    [(fail(message="as it was"), Odd), (leave(), SystemExit), (interrupted(), KeyboardInterrupt)],
)
def test_every_failure_comes_out_unwrapped_and_is_on_the_record(stack, record, step, error):
    deployment = Pipeline("demo", step, double(step).named("after")).compile(stack=stack)
    with pytest.raises(error) as caught:
        stack.deploy_pipeline(deployment)
    assert type(caught.value) is error
    [execution] = record(stack)
    assert execution.state == "FAILED"
    assert left_on(stack.orchestrator) == (None, None, None)
    again = Pipeline("other", constant(n=1)).compile(stack=stack)
    stack.deploy_pipeline(again)
    assert record(stack, again.run_name)["constant"].state == "COMPLETE"


def test_a_success_that_cannot_be_published_is_settled_as_failed(make_stack, record, monkeypatch):
    class Watching(Recording):
        @staticmethod
        def _execute_step(launcher):
            def refuse(*arguments, **keywords):
                raise OSError("the disk is full")

            launcher._publish_successful_execution = refuse
            return BaseOrchestrator._execute_step(launcher)

    stack = make_stack(Watching())
    with pytest.raises(OSError, match="disk is full"):
        stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack))
    assert [execution.state for execution in record(stack)] == ["FAILED"]


def test_a_record_that_fails_with_the_step_does_not_hide_the_steps_own_error(make_stack, caplog):
    class Unsettled(Recording):
        @staticmethod
        def _execute_step(launcher):
            try:
                return BaseOrchestrator._execute_step(launcher)
            finally:
                launcher._step_store._connection.close()

    stack = make_stack(Unsettled())
    with pytest.raises(Odd, match="the first error"):
        stack.deploy_pipeline(Pipeline("demo", fail(message="the first error")).compile(stack=stack))
    assert "may still say of a dead step that it is running" in caplog.text


def test_missing_inputs_are_an_error_that_names_the_step(make_stack, record):
    class Backwards(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            for step in reversed(deployment.steps.values()):
                self.run_step(step)

    stack = make_stack(Backwards())
    deployment = Pipeline("demo", double(constant(n=1))).compile(stack=stack)
    before = dict(vars(tfx_launcher.Launcher))
    with pytest.raises(
        RuntimeError, match="some input artifacts for the step double could not be found in the"
    ):
        stack.deploy_pipeline(deployment)
    assert [(each.step, each.state) for each in record(stack)] == [("double", "FAILED")]
    assert dict(vars(tfx_launcher.Launcher)) == before


def test_a_step_that_has_succeeded_is_not_run_again_under_the_same_name(make_stack, record, calls):
    stack = make_stack(Recording())
    for n in (1, 2):
        deployment = Pipeline("demo", constant(n=n), enable_cache=False).compile(stack=stack, run_name="one")
        infos = stack.deploy_pipeline(deployment)
    assert calls == ["constant 1"]
    assert not get_cache_status(infos["constant"])
    assert [(each.step, each.state) for each in record(stack)] == [("constant", "COMPLETE")]


def test_a_failed_attempt_can_be_repeated_under_the_same_name(make_stack, record, calls, tmp_path):
    stack = make_stack(Recording())
    flag = tmp_path / "flag"
    flag.touch()

    def deployment(n, run_name):
        return Pipeline("demo", double(fails_while(flag=str(flag), n=n))).compile(
            stack=stack, run_name=run_name
        )

    with pytest.raises(Odd):
        stack.deploy_pipeline(deployment(1, "one"))
    flag.unlink()
    stack.deploy_pipeline(deployment(2, "one"))
    assert record(stack, "one")["double"].outputs == {"output": 4}
    assert [(each.step, each.state) for each in record(stack)] == [
        ("fails_while", "FAILED"),
        ("fails_while", "COMPLETE"),
        ("double", "COMPLETE"),
    ]
    # What succeeded with n=2 must not be taken for the result of n=1, which has never succeeded.
    calls.clear()
    stack.deploy_pipeline(deployment(1, "two"))
    assert calls == ["fails_while", "double 1"]
    assert record(stack, "two")["double"].outputs == {"output": 2}


@pytest.mark.parametrize("source", ["no.such.Class", "builtins.dict"])
def test_an_artifact_class_that_cannot_be_used_is_named_before_anything_runs(stack, record, source):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    step = deployment.steps["constant"]
    output = step.config.outputs["output"].model_copy(update={"artifact_source": source})
    broken = step.model_copy(
        update={"config": step.config.model_copy(update={"outputs": {"output": output}})}
    )
    with (
        stack.orchestrator.active_run(deployment, stack),
        pytest.raises(ArtifactSourceError, match=f"'{source}' of output 'output' of step 'constant'"),
    ):
        stack.orchestrator.run_step(broken)
    assert record(stack) == []
