import json
import stat
from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest
from pydantic import ValidationError

from pytest_orchestrators import (
    ArtifactConfiguration,
    DeploymentError,
    OutputConfiguration,
    PipelineConfiguration,
    PipelineDeployment,
    ResourceSettings,
    Schedule,
    Step,
    StepConfiguration,
    StepSpec,
)
from pytest_orchestrators.contract.files import write_text_atomically

ARTIFACT = "some.Artifact"


def a_step(name, *upstream, **config):
    return Step(
        spec=StepSpec(source="module.function", upstream_steps=list(upstream)),
        config=StepConfiguration(name=name, **config),
    )


@pytest.fixture
def deployment():
    steps = [
        a_step("z", outputs={"b": OutputConfiguration(artifact_source=ARTIFACT, materializer_source="m.M")}),
        a_step(
            "a",
            "z",
            parameters={"n": 10**40, "flag": False, "nothing": None, "text": "ü\x7f", "one": 1.0},
            inputs={"x": ArtifactConfiguration(artifact_source=ARTIFACT)},
            resource_settings=ResourceSettings(cpu_count=0.5, memory="2GiB"),
            step_operator="elsewhere",
            enable_cache=False,
        ),
    ]
    return PipelineDeployment(
        run_name="run 1",
        schedule=Schedule(
            cron_expression="* * * * *",
            start_time=datetime(2030, 1, 2, tzinfo=timezone.utc),
            interval_second=timedelta(seconds=90),
        ),
        stack_id=uuid4(),
        pipeline=PipelineConfiguration(name="demo", settings={"k": [1, {"l": "m"}]}),
        proto_pipeline="e30=",
        steps={step.config.name: step for step in steps},
    )


def test_a_deployment_survives_json_with_its_order_and_types(deployment):
    again = PipelineDeployment.from_json(deployment.to_json())
    assert again == deployment
    assert list(again.steps) == ["z", "a"]
    parameters = again.steps["a"].config.parameters
    assert {name: type(value) for name, value in parameters.items()} == {
        "n": int,
        "flag": bool,
        "nothing": type(None),
        "text": str,
        "one": float,
    }


def test_a_deployment_survives_a_file_which_only_its_owner_reads(deployment, tmp_path):
    path = deployment.save(tmp_path / "new" / "deployment.json")
    assert PipelineDeployment.load(path) == deployment
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{", "{}", '{"run_name": 3}', "null"])
def test_what_is_no_deployment_is_refused_with_its_place(text, tmp_path):
    path = tmp_path / "deployment.json"
    path.write_text(text)
    with pytest.raises(DeploymentError, match=r"deployment\.json"):
        PipelineDeployment.load(path)


def test_a_missing_file_is_a_deployment_error(tmp_path):
    with pytest.raises(DeploymentError, match=r"nowhere\.json"):
        PipelineDeployment.load(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("place", "name"),
    [("run", ".."), ("pipeline", "../x"), ("step", "/abs"), ("output", "a/b"), ("run", ""), ("step", "a\nb")],
)
def test_unsafe_names_are_refused_when_a_deployment_is_decoded(deployment, place, name):
    data = json.loads(deployment.to_json())
    if place == "run":
        data["run_name"] = name
    elif place == "pipeline":
        data["pipeline"]["name"] = name
    elif place == "step":
        data["steps"] = {name: {"spec": {"source": "m.f"}, "config": {"name": name}}}
    else:
        data["steps"]["z"]["config"]["outputs"] = {name: data["steps"]["z"]["config"]["outputs"]["b"]}
    with pytest.raises(DeploymentError, match=f"{place} name"):
        PipelineDeployment.from_json(json.dumps(data))


def test_steps_must_agree_with_their_keys_and_their_upstream(deployment):
    data = deployment.model_dump()
    with pytest.raises(ValidationError, match="calls itself 'z'"):
        PipelineDeployment.model_validate({**data, "steps": {"other": a_step("z")}})
    with pytest.raises(ValidationError, match="not there"):
        PipelineDeployment.model_validate({**data, "steps": {"a": a_step("a", "gone")}})


def test_unknown_fields_are_refused_and_fields_cannot_be_set(deployment):
    with pytest.raises(ValidationError, match="surplus"):
        StepConfiguration(name="x", surplus=1)
    with pytest.raises(ValidationError, match="frozen"):
        deployment.run_name = "other"


def test_extra_is_the_one_thing_that_grows(deployment):
    deployment.add_extra("image", {"digest": "sha256:1"})
    assert PipelineDeployment.from_json(deployment.to_json()).pipeline.extra == {
        "image": {"digest": "sha256:1"}
    }
    with pytest.raises(DeploymentError, match="'bad'"):
        deployment.add_extra("bad", object())
    assert "bad" not in deployment.pipeline.extra


def test_another_run_name_is_another_deployment(deployment):
    other = deployment.with_run_name("run 2")
    other.add_extra("only", "there")
    assert (deployment.run_name, other.run_name) == ("run 1", "run 2")
    assert deployment.pipeline.extra == {}
    assert other.steps == deployment.steps
    with pytest.raises(DeploymentError, match="run name"):
        deployment.with_run_name("../run")


@pytest.mark.parametrize(
    ("settings", "empty"),
    [({}, True), ({"cpu_count": 1}, False), ({"gpu_count": 0}, False), ({"memory": "1GB"}, False)],
)
def test_resources_are_empty_if_nothing_is_asked_for(settings, empty):
    assert ResourceSettings(**settings).empty is empty


@pytest.mark.parametrize(
    "settings",
    [{"cpu_count": 0}, {"cpu_count": float("inf")}, {"gpu_count": -1}, {"memory": "much"}, {"memory": "5"}],
)
def test_resources_that_make_no_sense_are_refused(settings):
    with pytest.raises(ValidationError, match=next(iter(settings))):
        ResourceSettings(**settings)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.json"
    write_text_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text_atomically(path, "new \ud800")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "old"
