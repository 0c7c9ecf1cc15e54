"""What is refused, and what is said about it."""

import re

import pytest
from definitions import double, load, nodes_of, probe, split

from pytest_orchestrators import DeploymentError, Pipeline, PipelineDeployment, PipelineError, StepDefinition
from pytest_orchestrators.contract.compiler.payload import StepPayload
from pytest_orchestrators.contract.compiler.representation import decode_pipeline, encode_pipeline


def in_a_cycle():
    first, second = load(n=1), double(2)
    first.after(second)
    return double(first).named("third"), second.after(first)


WRONG = {
    "cycle": (in_a_cycle, "'double' -> 'load' -> 'double'|'load' -> 'double' -> 'load'"),
    "own upstream": (lambda: (load(n=1).after("load"),), "cycle: 'load' -> 'load'"),
    "duplicate": (lambda: (double(load(n=1)), load(n=2)), "two steps .* 'load'.*named"),
    "unknown upstream": (lambda: (load(n=1).after("gone"),), "step 'load' .* after 'gone'"),
    "upstream that is no step": (lambda: (load(n=1).after(double),), "call the step|no step"),
    "uncalled": (lambda: (load,), "call the step"),
    "empty": (lambda: (), "no step"),
    "missing parameter": (lambda: (double(load()),), "step 'load' .*'n'"),
    "wrong type": (lambda: (double("2"),), "step 'double' .*'x' as int"),
    "wrong type upstream": (lambda: (double(split(1)["x"]),), "step 'double' .*'split' is str"),
    "step name": (lambda: (load(n=1).named("../x"),), r"step name '\.\./x'"),
    "name of the pipeline": (lambda: (load(n=1).named("demo"),), "'demo' has the name of its pipeline"),
    "output name": (
        lambda: (StepDefinition(f"{probe.__module__}.probe", outputs={"../../o": int})(),),
        r"output name '\.\./\.\./o' in step 'probe'",
    ),
    "name of a parameter": (
        lambda: (StepDefinition(f"{probe.__module__}.probe")(**{"\ud800": 1}),),
        r"step 'probe' .*'\\ud800' that JSON cannot hold",
    ),
    "operator": (
        lambda: (load(n=1).with_options(step_operator="near"),),
        r"step 'load' .*'near'.*has 'far'",
    ),
    "unstorable": (
        lambda: (StepDefinition(f"{probe.__module__}.probe", outputs={"o": object.__init__})(),),
        "step 'probe' .*'o'",
    ),
    "source": (lambda: (StepDefinition("gone.function")(),), "step 'function' .*'gone.function'"),
    "builtin": (lambda: (StepDefinition("builtins.len")(),), "step 'len' .*not written in Python"),
    "settings": (lambda: (load(n=1).with_options(settings={"k": object()}),), "step 'load' .*settings"),
}


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in WRONG.items()])
def test_wrong_pipelines_are_refused(stack, make):
    steps, reason = make[0](), make[1]
    with pytest.raises(PipelineError) as caught:
        Pipeline("demo", *steps).compile(stack)
    assert re.search(reason, str(caught.value), re.IGNORECASE)
    assert not list((stack.artifact_store.config.path).parent.rglob("*"))


@pytest.mark.parametrize("name", ["", "..", "a/b", "/abs", "x" * 64, 3])
def test_unsafe_pipeline_and_run_names_are_refused(stack, name):
    with pytest.raises(PipelineError, match="pipeline name"):
        Pipeline(name, load(n=1)).compile(stack)
    if name != "x" * 64:
        with pytest.raises(PipelineError, match="run name"):
            Pipeline("demo", load(n=1)).compile(stack, run_name=name)


def test_names_may_be_as_long_as_their_limits(stack):
    step_name, output, run_name = "s" * 190, "o" * 200, "r" * 200
    definition = StepDefinition(f"{probe.__module__}.probe", name=step_name, outputs={output: int})
    deployment = Pipeline("p" * 63, definition()).compile(stack, run_name)
    assert list(nodes_of(deployment)[step_name].outputs.outputs) == [f"out_{output}"]
    assert PipelineDeployment.from_json(deployment.to_json()).run_name == run_name


@pytest.mark.parametrize("field", ["settings", "extra"])
def test_a_pipelines_settings_and_extra_are_plain_data(stack, field):
    with pytest.raises(PipelineError, match=f"pipeline 'demo' has .*{field}"):
        Pipeline("demo", load(n=1), **{field: {"k": (1,)}}).compile(stack)


def test_names_that_were_smuggled_into_a_representation_are_refused(stack):
    deployment = Pipeline("demo", load(n=1)).compile(stack)

    def smuggle(change):
        ir = decode_pipeline(deployment.proto_pipeline)
        change(ir)
        return encode_pipeline(ir)

    def rename_step(ir):
        ir.nodes[0].pipeline_node.node_info.id = "../../x"

    def rename_output(ir):
        outputs = ir.nodes[0].pipeline_node.outputs.outputs
        outputs["out_/../../x"].CopyFrom(outputs["out_output"])

    def rename_output_without_prefix(ir):
        outputs = ir.nodes[0].pipeline_node.outputs.outputs
        outputs["../"].CopyFrom(outputs["out_output"])

    def rename_pipeline(ir):
        ir.pipeline_info.id = ".."

    for change, kind in [
        (rename_step, "step"),
        (rename_output, "output"),
        (rename_output_without_prefix, "output"),
        (rename_pipeline, "pipeline"),
    ]:
        with pytest.raises(DeploymentError, match=f"{kind} name"):
            decode_pipeline(smuggle(change))
    for text in ("", "not base64!", "e30"):
        with pytest.raises(DeploymentError):
            decode_pipeline(text)


def test_a_payload_that_is_none_is_refused():
    for text in ("", "[]", '{"source": 1}'):
        with pytest.raises(DeploymentError, match="cannot be read"):
            StepPayload.from_text(text)
