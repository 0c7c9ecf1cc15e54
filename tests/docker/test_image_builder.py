"""Images of pipelines, on a real engine and a registry of the tests' own."""

import logging
import os
import shutil
import socket
import subprocess
import time
import urllib.request
import uuid
from contextlib import closing

import pytest
from docker_steps import where

from pytest_orchestrators import (
    ORCHESTRATOR_DOCKER_IMAGE_KEY,
    DockerSettings,
    ImageBuildError,
    Pipeline,
    PipelineDockerImageBuilder,
    PipelineError,
    connect_to_engine,
)
from pytest_orchestrators.suite.apart import Child

REGISTRY = shutil.which("docker-registry")


@pytest.fixture
def builder(engine):
    return PipelineDockerImageBuilder(engine)


@pytest.fixture
def deployment_with(make_stack):
    """Make a deployment with these Docker settings; its stack is not used."""

    def make(**settings):
        pipeline = Pipeline("demo", where(n=1), settings={"docker": DockerSettings(**settings)})
        return pipeline.compile(stack=make_stack())

    return make


@pytest.fixture
def build(builder, engine, make_stack):
    """Build the image of a deployment and return its name; it is removed in the end."""
    built = []

    def do(deployment, stack=None):
        before = {container.id for container in engine.containers.list(all=True)}
        try:
            name = builder.build_and_push_docker_image(deployment, stack or make_stack())
        finally:
            assert {container.id for container in engine.containers.list(all=True)} == before
        built.append(name)
        return name

    yield do
    default = builder.get_target_image_name(Pipeline("demo", where(n=1)).compile(stack=make_stack()))
    for name in set(built) - {default}:
        engine.images.remove(name, force=True)


def says(engine, image, code, **options):
    output = engine.containers.run(image, ["python", "-c", code], remove=True, **options)
    return output.decode().strip()


def test_what_the_settings_say_is_in_the_image(engine, build, deployment_with, tmp_path):
    for name in ("mine.py", "secret.txt", ".dockerignore", "old.log"):
        (tmp_path / name).write_text("*.log\n" if name == ".dockerignore" else "")
    (tmp_path / "mine.py").write_text("VALUE = 42\n")
    awkward = "a \"b\" $HOME \\ 'c'"
    image = build(
        deployment_with(
            build_context=tmp_path, leave_out=["secret.*"], environment={"AWKWARD": awkward}, user="1234:1234"
        )
    )
    code = "import mine, os; print(mine.VALUE, os.environ['AWKWARD'], os.getuid(), sorted(os.listdir('.')))"
    assert says(engine, image, code) == f"42 {awkward} 1234 ['.dockerignore', '__pycache__', 'mine.py']"


def test_the_same_content_is_not_built_twice(build, deployment_with, tmp_path, caplog):
    (tmp_path / "mine.py").write_text("one")
    first = build(deployment_with(build_context=tmp_path))
    caplog.set_level(logging.INFO)
    (tmp_path / "mine.py").touch()
    began = time.monotonic()
    assert build(deployment_with(build_context=tmp_path)) == first
    assert time.monotonic() - began < 1, "0.1 s on a quiet machine"
    assert "Building" not in caplog.text
    (tmp_path / "mine.py").write_text("two")
    assert build(deployment_with(build_context=tmp_path)) != first
    assert "Building the image pytest-orchestrators-pipeline:" in caplog.text
    assert "Step 1/" in caplog.text


def test_two_who_build_the_same_at_once_leave_one_image(engine, build, deployment_with, make_stack):
    deployment, stack = deployment_with(environment={"DRAWN": uuid.uuid4().hex}), make_stack()
    before = {image.id for image in engine.images.list()}
    processes = [Child(lambda: builder_of_its_own(deployment, stack)) for _ in range(3)]
    names = {process.answer(60) for process in processes}
    assert names == {build(deployment)}
    made = [image for image in engine.images.list() if image.id not in before]
    assert [image.tags for image in made] == [[*names]]


def builder_of_its_own(deployment, stack):
    with connect_to_engine() as client:
        return PipelineDockerImageBuilder(client).build_and_push_docker_image(deployment, stack)


def test_name_and_build_go_together(engine, builder, build, deployment_with, make_stack):
    deployment = deployment_with(environment={"A": "1"})
    name = builder.get_target_image_name(deployment)
    builder.build_docker_image(name, deployment, make_stack())
    assert build(deployment) == name
    assert says(engine, name, "import os; print(os.environ['A'])") == "1"


def test_requirements_are_installed(engine, build, deployment_with, tmp_path):
    image = build(deployment_with(requirements=["iniconfig>=2", "toolz==1.0.0"]))
    assert says(engine, image, "import toolz; print(toolz.__version__)") == "1.0.0"


def test_a_build_that_fails_shows_its_last_lines_and_leaves_no_container(build, deployment_with):
    with pytest.raises(ImageBuildError, match=r"did not build the image (.|\n)*apt-get: not found"):
        build(deployment_with(apt_packages=["git", "libgomp1=12.2.0-14+deb12u1"]))


def test_a_parent_image_that_cannot_be_had(build, deployment_with):
    parent = "localhost:1/nobody/nothing:latest"
    with pytest.raises(ImageBuildError, match=r"(?s)localhost:1/nobody/nothing.*containers\.parent_image"):
        build(deployment_with(parent_image=parent))


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"requirement": ["a"]}, "requirement"),
        ({"requirements": ["a\nRUN rm -rf /"]}, "requirements"),
        ({"apt_packages": ["git; reboot"]}, "apt_packages"),
        ({"environment": {"A B": "1"}}, "'A B' is not a name for an environment variable"),
        ({"environment": {"A": "1\nUSER root"}}, "control character"),
        ({"build_context": "/no/such/folder"}, "no folder '/no/such/folder'"),
        ({"user": "me\nRUN"}, "user"),
    ],
)
def test_settings_that_are_not_valid(builder, make_stack, settings, what):
    deployment = Pipeline("demo", where(n=1), settings={"docker": settings}).compile(stack=make_stack())
    with pytest.raises(PipelineError, match=f"(?s)'docker' of pipeline 'demo' are not valid.*{what}"):
        builder.get_target_image_name(deployment)


@pytest.fixture
def registry(tmp_path):
    """A registry on loopback; yields its address."""
    if REGISTRY is None:
        reason = "pushing images needs a registry: apt-get install docker-registry"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    configuration = tmp_path / "registry.yml"
    configuration.write_text(
        "version: 0.1\n"
        f"storage: {{filesystem: {{rootdirectory: {tmp_path}/registry}}}}\n"
        f"http: {{addr: '{address}'}}\n"
    )
    process = subprocess.Popen(
        [REGISTRY, "serve", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"http://{address}/v2/"):
                    break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def test_an_image_is_pushed_where_the_stack_has_a_registry(engine, registry, make_stack, states):
    stack = make_stack(registry=f"{registry}/team")
    deployment = Pipeline("demo", where(n=1)).compile(stack=stack)
    stack.prepare_pipeline_deployment(deployment)
    image = deployment.pipeline.extra[ORCHESTRATOR_DOCKER_IMAGE_KEY]
    try:
        assert image.startswith(f"{registry}/team/pytest-orchestrators-pipeline@sha256:")
        stack.deploy_pipeline(deployment)
        assert states(stack) == ["COMPLETE"]
    finally:
        for tag in [tag for tag in engine.images.get(image).tags if tag.startswith(registry)]:
            engine.images.remove(tag)


def test_a_registry_that_does_not_answer(make_stack, engine):
    stack = make_stack(registry="127.0.0.1:1/team")
    deployment = Pipeline("demo", where(n=1)).compile(stack=stack)
    with pytest.raises(ImageBuildError, match=r"did not push the image 127\.0\.0\.1:1/team/"):
        stack.prepare_pipeline_deployment(deployment)
    [tag] = [tag for image in engine.images.list() for tag in image.tags if tag.startswith("127.0.0.1:1/")]
    engine.images.remove(tag)
