"""The base64 of TFX's representation: a pipeline, or a DeploymentError."""

from __future__ import annotations

import base64
import time

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_orchestrators import DeploymentError
from pytest_orchestrators.contract.compiler.representation import decode_pipeline, encode_pipeline
from tests.surface.calling import short
from tests.surface.deployed import deployment, document, representation, stack_in_memory
from tests.surface.mutating import BAD_JSON, as_json, documents, mutated, nested, spoilt
from tests.surface.settled import examples


def encoded(text: bytes | str) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


TEXTS = st.one_of(
    documents(representation()).map(encoded),
    mutated(representation(), bent=True).map(as_json).map(encoded),
    st.binary().map(encoded),
    spoilt(document()["proto_pipeline"].encode()).map(lambda text: text.decode("latin-1")),
    st.text(),
)


@examples(300)
@given(TEXTS)
@example("é")  # was a ValueError of base64's
@example("\ud800")
@example(encoded("null"))  # was a TypeError of protobuf's
@example(encoded("3"))
@example(encoded('{"\\ud800": 1}'))  # was a SystemError
@example(encoded('{"nodes": [{"\\ud800": 1}]}'))
@example(encoded('{"pipelineInfo": {"id": "p"}, "deploymentConfig": {"@type": {}}}'))  # was an AttributeError
@example(encoded(nested("[")))  # was a RecursionError
@example(encoded(nested('{"nodes":')))
@example(encoded(nested('{"nodes":', "}", 500)))
def test_a_representation_is_decoded_or_refused(text: str) -> None:
    try:
        pipeline = decode_pipeline(text)
    except DeploymentError as error:
        short(error)
    else:
        again = decode_pipeline(encode_pipeline(pipeline))
        # Not the messages: what is packed into them is bytes, in which maps have no order.
        assert MessageToDict(again) == MessageToDict(pipeline)


@pytest.mark.parametrize("text", BAD_JSON, ids=lambda text: repr(text[:12]))
def test_what_is_no_representation_is_refused_in_no_time(text: bytes) -> None:
    begin = time.monotonic()
    with pytest.raises(DeploymentError):
        decode_pipeline(encoded(text))
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize("text", ["", "é", encoded("null"), encoded("{}"), encoded(nested("["))])
def test_a_run_of_it_is_refused_before_it_begins(text: str) -> None:
    stack = stack_in_memory()
    broken = deployment().model_copy(update={"proto_pipeline": text})
    with pytest.raises(DeploymentError):
        stack.deploy_pipeline(broken)
    with pytest.raises(DeploymentError):  # and nothing of the first one is in the way
        stack.deploy_pipeline(broken)
