"""A parent image made from this interpreter."""

import subprocess
import sys

import docker
import pytest
from docker_steps import where

from pytest_orchestrators import DockerSettings, ParentImageError, Pipeline, PipelineDockerImageBuilder
from pytest_orchestrators.contract.containers.parent_image.__main__ import main
from pytest_orchestrators.contract.containers.parent_image.distributions import closure, files_of, is_editable
from pytest_orchestrators.contract.containers.parent_image.making import (
    ParentImageContents,
    ensure_parent_image,
)

TAG = "pytest-orchestrators-parent:of-a-test"


@pytest.fixture
def tag(engine):
    yield TAG
    engine.images.remove(TAG, force=True)


LOOK = """
import pathlib, ssl, sqlite3
import pytest_orchestrators.contract.entrypoints.step as step
import reference_flavors.local
import tfx.orchestration.portable.launcher as launcher
print(*(pathlib.Path(module.__cached__).exists() for module in (step, launcher)))
"""


def test_the_command_makes_an_image_once(engine, tag):
    command = [sys.executable, "-m", "pytest_orchestrators.contract.containers.parent_image", "--tag", tag]
    first = subprocess.run([*command, "psutil"], capture_output=True, text=True, check=True)
    assert f"Making the parent image {tag}" in first.stderr
    made = engine.images.get(tag).id
    assert main(["--tag", tag, "psutil"]) == 0
    assert engine.images.get(tag).id == made
    options = {"remove": True, "user": "1234:1234", "network_mode": "none"}
    assert engine.containers.run(tag, ["python", "-c", LOOK], **options) == b"True True\n"
    assert engine.containers.run(tag, ["sh", "-c", "ls /usr | grep local"], **options) == b"local\n"


def test_an_outdated_image_makes_way_with_what_was_built_upon_it(engine, tag, bare_stack):
    def contents(*distributions):
        return ParentImageContents.of(distributions)

    first = ensure_parent_image(engine, contents("iniconfig"), tag)
    settings = DockerSettings(parent_image=tag, environment={"OUTDATED": "1"})
    deployment = Pipeline("demo", where(n=1), settings={"docker": settings}).compile(stack=bare_stack())
    built = PipelineDockerImageBuilder(engine).build_and_push_docker_image(deployment, bare_stack())
    assert ensure_parent_image(engine, contents("iniconfig"), tag).id == first.id
    second = ensure_parent_image(engine, contents("iniconfig", "packaging"), tag)
    assert second.id != first.id
    for gone in (built, first.id):
        with pytest.raises(docker.errors.ImageNotFound):
            engine.images.get(gone)


def test_what_is_not_installed_is_named(capsys):
    with pytest.raises(ParentImageError, match="'no-such-thing' is not installed here"):
        closure(["no-such-thing"])
    with pytest.raises(ParentImageError, match="'not a name' is not the name of a distribution"):
        closure(["not a name"])
    assert main(["no-such-thing"]) == 1
    assert "error: The distribution 'no-such-thing' is not installed here" in capsys.readouterr().err


def test_requirements_are_followed_as_far_as_they_apply():
    assert "pydantic-core" in closure(["pydantic"])
    assert "ml-metadata" not in closure(["pytest-orchestrators"])
    assert "ml-metadata" in closure(["pytest-orchestrators[tfx]"])


def test_an_editable_distribution_is_laid_out_as_if_it_were_installed():
    distribution = closure(["pytest-orchestrators"])["pytest-orchestrators"]
    places = {str(place) for place, _ in files_of(distribution)}
    assert {"pytest_orchestrators/py.typed", "reference_flavors/local_docker/lines.py"} <= places
    assert not [place for place in places if place.endswith((".pyc", ".pth"))]
    assert is_editable(distribution) or "pytest_orchestrators/__init__.py" in places
