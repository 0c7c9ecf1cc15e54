"""TFX's intermediate representation as text inside a deployment."""

from __future__ import annotations

from tfx.proto.orchestration import pipeline_pb2

from pytest_orchestrators.contract.compiler.naming import output_name
from pytest_orchestrators.contract.encoding import base64_json_to_proto, proto_to_base64_json
from pytest_orchestrators.contract.errors import DeploymentError
from pytest_orchestrators.contract.names import check_name, shown_name


def encode_pipeline(pipeline: pipeline_pb2.Pipeline) -> str:
    """Return the text under which a deployment keeps ``pipeline``."""
    return proto_to_base64_json(pipeline)


def decode_pipeline(text: str) -> pipeline_pb2.Pipeline:
    """Return the pipeline that a deployment keeps as ``text``.

    Raises DeploymentError if it is none, or if a name in it would leave its place in the artifact store: TFX
    itself would write there without a word.
    """
    pipeline = base64_json_to_proto(text, pipeline_pb2.Pipeline())
    where = f"the intermediate representation of pipeline {shown_name(pipeline.pipeline_info.id)}"
    check_name("pipeline", pipeline.pipeline_info.id, where, DeploymentError)
    for node in pipeline.nodes:
        # Sub-pipelines are not looked into, here as in the lookup of nodes.
        if node.WhichOneof("node") == "pipeline_node":
            step = node.pipeline_node.node_info.id
            check_name("step", step, where, DeploymentError)
            for key in node.pipeline_node.outputs.outputs:
                check_name("output", output_name(key), f"step {shown_name(step)} of {where}", DeploymentError)
    return pipeline
