"""Steps that pipelines are compiled from, and a look at what comes out."""

from typing import Any

from pytest_orchestrators import BaseOrchestrator, BaseStepOperator, step
from pytest_orchestrators.contract.compiler.representation import decode_pipeline


class Orchestrator(BaseOrchestrator):
    def prepare_or_run_pipeline(self, deployment, stack):
        return deployment.run_name


class Operator(BaseStepOperator):
    def launch(self, info, entrypoint_command, environment):
        raise NotImplementedError


@step
def load(n: int, flag: bool = False) -> int:
    return n


@step
def double(x: int) -> int:
    return 2 * x


@step(outputs=("self", "x"))
def split(x: int) -> tuple[int, str]:
    return x, str(x)


def probe(**received: Any) -> Any:
    return received


@step
def sink(x: Any = None) -> None:
    pass


def nodes_of(deployment):
    pipeline = decode_pipeline(deployment.proto_pipeline)
    return {node.pipeline_node.node_info.id: node.pipeline_node for node in pipeline.nodes}
