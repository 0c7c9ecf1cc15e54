"""Deployment JSON: what is read is what was written, or a DeploymentError says what is wrong and where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_orchestrators import DeploymentError, PipelineDeployment
from pytest_orchestrators.contract.compiler.payload import StepPayload
from tests.surface.calling import short
from tests.surface.deployed import deployment, document, payload
from tests.surface.mutating import BAD_JSON, documents, nested
from tests.surface.settled import examples


def named(name: str) -> bytes:
    changed = json.loads(deployment().to_json())
    changed["pipeline"]["name"] = name
    return json.dumps(changed).encode()


@examples(300)
@given(documents(document()))
@example(named("long" * 9999))  # was shown whole
@example(named("\ud800"))
def test_a_deployment_is_read_or_refused(text: bytes) -> None:
    try:
        read = PipelineDeployment.from_json(text, where="deployment.json")
    except DeploymentError as error:
        short(error, "deployment.json")
    else:
        read.check_names()
        again = PipelineDeployment.from_json(read.to_json())
        # NaN, which JSON as Python writes it knows, is null in ours.
        assert again == read or "NaN" in text.decode(errors="replace") or "Infinity" in text.decode()


@pytest.mark.parametrize("text", BAD_JSON, ids=lambda text: repr(text[:12]))
def test_a_file_that_is_no_deployment_is_named(text: bytes, tmp_path: Path) -> None:
    file = tmp_path / "deployment.json"
    file.write_bytes(text)
    with pytest.raises(DeploymentError) as caught:
        PipelineDeployment.load(file)
    short(caught.value, f"No deployment can be read from the file '{file}': ")


def test_a_refused_deployment_is_not_shown() -> None:
    secret = json.loads(deployment().to_json())
    secret["steps"]["one"]["config"]["parameters"] = "hunter2"
    with pytest.raises(DeploymentError, match=r"text: steps\.one\.config\.parameters: ") as caught:
        PipelineDeployment.from_json(json.dumps(secret))
    assert "hunter2" not in str(caught.value)


@examples(200)
@given(documents(payload()).map(lambda text: text.decode(errors="replace")) | st.text())
@example(nested("["))
@example(nested('{"a":'))
def test_what_a_node_carries_is_read_or_refused(text: str) -> None:
    try:
        read = StepPayload.from_text(text)
    except DeploymentError as error:
        short(error, "What a node carries")
    else:
        assert isinstance(read.parameters, dict)
