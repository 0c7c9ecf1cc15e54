"""Authoring as its users see it: steps, calls, arguments; everything that is refused names the step."""

import enum
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Optional, Protocol, TypeVar, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pytest_orchestrators import PipelineError, ResourceSettings, SourceError, StepDefinition, step
from pytest_orchestrators.contract.authoring.binding import bind_arguments
from pytest_orchestrators.contract.authoring.compatibility import clearly_incompatible
from pytest_orchestrators.contract.authoring.step import load_step_function
from pytest_orchestrators.contract.authoring.values import NotJsonError, json_copy, type_problem

WHERE = "Step 's' of pipeline 'p'"


class Parts(NamedTuple):
    train: list[int]
    test: str


@step
def load(n: int, scale: float = 1.0) -> int:
    return int(n * scale)


@step(name="halves", enable_cache=False, step_operator="far", settings={"a": 1}, outputs=("left", "right"))
def split(x: int) -> tuple[int, str]:
    return x, str(x)


@step
def cut(x: int) -> Parts:
    return Parts([x], str(x))


@step
def sink(x: Any = None, **rest: Any) -> None:
    pass


def plain(x: int) -> int:
    return x


def bound(invocation):
    return bind_arguments(invocation, WHERE)


def test_a_step_knows_its_source_inputs_outputs_and_options():
    assert load_step_function(split.source) is split.function
    assert (load.name, load.inputs, load.outputs) == ("load", {"n": int, "scale": float}, {"output": int})
    assert (split.name, split.outputs) == ("halves", {"left": int, "right": str})
    assert cut.outputs == {"train": list[int], "test": str}
    assert sink.outputs == {}
    assert (split.options.enable_cache, split.options.step_operator) == (False, "far")
    assert load.options.enable_cache is None


def test_a_plain_function_is_loaded_as_a_step_function_too():
    assert load_step_function(f"{__name__}.plain") is plain
    with pytest.raises(SourceError, match="no function"):
        load_step_function(f"{__name__}.WHERE")


def define(outputs=None, **annotations):
    def function(**received):
        return None

    function.__annotations__ = annotations
    function.__qualname__ = "function"
    return step(outputs=outputs)(function).outputs


@pytest.mark.parametrize(
    ("outputs", "result", "expected"),
    [
        (("whole",), tuple[int, str], {"whole": tuple[int, str]}),
        (("a", "b"), Parts, {"a": list[int], "b": str}),
        (("a", "b"), tuple, {"a": Any, "b": Any}),
        (("a", "b"), tuple[int, ...], {"a": int, "b": int}),
        (("a", "b"), Any, {"a": Any, "b": Any}),
        ({"a": int, "b": str}, Any, {"a": int, "b": str}),
        (None, "list[int]", {"output": list[int]}),
        ((), None, {}),
    ],
)
def test_outputs_are_named_after_what_is_declared(outputs, result, expected):
    assert define(outputs, **{"return": result}) == expected


@pytest.mark.parametrize(
    ("outputs", "result", "reason"),
    [
        (("a", "b"), int, "which is 1"),
        (("a",), None, "which is 0"),
        (("a", "b", "c"), tuple[int, str], "which is 2"),
        (("a", "a"), tuple[int, str], "one name of its own"),
        ("ab", tuple[int, str], "are a string"),
        (None, "Undefined", "cannot be evaluated"),
    ],
)
def test_outputs_that_do_not_fit_are_refused(outputs, result, reason):
    with pytest.raises(PipelineError, match=f"'function'.*{reason}"):
        define(outputs, **{"return": result})


def test_functions_that_cannot_be_steps_are_refused():
    def local(x: int) -> int:
        return x

    def untyped(x):
        return x

    def by_position(x: int, /) -> int:
        return x

    def many(*x: int) -> int:
        return len(x)

    for function, reason in [
        (local, "top level"),
        (untyped, "what it returns"),
        (by_position, "by position"),
        (many, "by position"),
    ]:
        with pytest.raises(PipelineError, match=f"'{function.__name__}'.*{reason}"):
            step(function)


def test_arguments_are_data_or_parameters():
    loaded = load(3)
    arguments = bound(sink(loaded, k=split(x=1)["right"], deep={"a": [None, True]}))
    assert {name: (ref.invocation, ref.name) for name, ref in arguments.data.items()}["x"] == (
        loaded,
        "output",
    )
    assert arguments.data["k"].name == "right"
    assert arguments.parameters == {"deep": {"a": [None, True]}}
    assert bound(loaded).parameters == {"n": 3, "scale": 1.0}


def test_several_outputs_can_be_taken_apart():
    halves = split(x=1)
    left, right = halves
    assert (left.invocation, left.name, right.name) == (halves, "left", "right")
    assert halves.outputs.left.name == halves["left"].name == "left"


def test_invocations_are_renamed_ordered_and_configured_in_place():
    first, invocation = load(1), load(2)
    same = invocation.named("other").after(first, split(x=1)["left"], "by name")
    assert same.with_options(enable_cache=False, resources=ResourceSettings(gpu_count=1)) is invocation
    assert (invocation.name, [getattr(other, "name", other) for other in invocation.comes_after]) == (
        "other",
        ["load", "halves", "by name"],
    )
    assert invocation.options.resources.gpu_count == 1
    assert load.options.enable_cache is None
    assert split(x=1).with_options(settings={"b": 2}).options.settings == {"a": 1, "b": 2}
    assert split(x=1).with_options().options == split.options


def test_what_is_passed_is_copied():
    values = [1]
    arguments = bound(sink(values))
    values.append(2)
    assert arguments.parameters == {"x": [1]}


@pytest.mark.parametrize(
    ("invocation", "reason"),
    [
        (load(), "lacks the argument 'n'"),
        (load(1, 2, 3), "given 3 arguments by position, and takes 2"),
        (load(1, n=1), "'n' twice"),
        (load(n=1, m=2), r"no argument 'm' \(it has 'n', 'scale'\)"),
        (load(n="1"), "'n' as int, not as '1'"),
        (load(n=True), "'n' as int"),
        (load(n=1, scale=float("nan")), "'scale' that JSON cannot hold"),
        (sink((1, 2)), "'x' that JSON cannot hold: a tuple would come back as a list"),
        (sink([load(1)]), "let a step make the value"),
        (sink(load), "JSON cannot hold"),
        (load(n=split(x=1)), "has 2 outputs: choose one of 'left', 'right'"),
        (load(n=sink()), "has 0 outputs"),
        (load(n=split(x=1)["middle"]), r"no such output \(it has 'left', 'right'\)"),
        (load(n=split(x=1)["right"]), "'n' as int, and the output 'right' of step 'halves' is str"),
    ],
)
def test_wrong_arguments_are_refused(invocation, reason):
    with pytest.raises(PipelineError, match=f"{WHERE}.*{reason}"):
        bound(invocation)


def test_a_definition_can_be_plain_data():
    definition = StepDefinition("probes:steps.run", inputs={"x": int}, outputs={"a": int, "self": dict})
    assert definition.name == "run"
    invocation = definition(x=load(1), anything=[1])
    assert bound(invocation).parameters == {"anything": [1]}
    assert bound(load(n=definition(x=1)["a"])).data["n"].invocation.definition is definition


def test_no_argument_name_is_kept_for_ourselves():
    definition = StepDefinition("m.f")
    assert bound(definition(self=1, definition=2, arguments=3)).parameters == {
        "self": 1,
        "definition": 2,
        "arguments": 3,
    }


def test_a_default_that_json_cannot_hold_is_left_to_the_function():
    definition = StepDefinition("m.f", inputs={"x": Any, "y": Any}, defaults={"x": object(), "y": 5})
    assert bound(definition()).parameters == {"y": 5}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@given(JSON)
def test_every_kind_of_json_is_kept_exactly(value):
    assert repr(json_copy(value)) == repr(value)


class Colour(str, enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    "value",
    [(1,), {1: 2}, {1}, b"x", float("inf"), Decimal(1), Colour.RED, "\ud800", {"a": [(1,)]}, object()],
)
def test_what_json_would_change_is_refused(value):
    with pytest.raises(NotJsonError):
        json_copy(value)


def test_endless_values_are_refused():
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NotJsonError):
        json_copy(endless)
    deep: list[Any] = []
    for _ in range(sys.getrecursionlimit() * 2):
        deep = [deep]
    with pytest.raises(NotJsonError):
        json_copy(deep)


class Model(BaseModel):
    n: int


class Anything:
    pass


class Sized(Protocol):
    def __len__(self) -> int: ...


T = TypeVar("T")


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (1, Any),
        (1, int),
        (1, float),
        (None, int | None),
        ("a", Literal["a", "b"]),
        ({"a": [1]}, dict[str, list[int]]),
        (1, Annotated[int, "meta", []]),
        (1, T),
    ],
)
def test_values_of_the_right_type_are_fine(value, annotation):
    assert type_problem(value, annotation) is None


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        ("1", int),
        (True, int),
        (1.5, int),
        (None, int),
        ("c", Literal["a", "b"]),
        ({"a": ["1"]}, dict[str, list[int]]),
        ([1], tuple[int]),
        ({"n": 1}, Model),
        ({}, Anything),
    ],
)
def test_values_of_a_wrong_type_are_not(value, annotation):
    assert type_problem(value, annotation)


@pytest.mark.parametrize(
    ("produced", "expected"),
    [
        (int, str),
        (list[int], dict),
        (list[int], list[str]),
        (dict[str, int], dict[str, str]),
        (Union[int, str], bytes | list),  # noqa: UP007
        (None, int),
        (Model, Anything),
        (Annotated[int, "meta"], str),
    ],
)
def test_clear_clashes_between_steps_are_seen(produced, expected):
    assert clearly_incompatible(produced, expected)


@pytest.mark.parametrize(
    ("produced", "expected"),
    [
        (int, int),
        (bool, int),
        (int, bool),
        (int, float),
        (Any, int),
        (int, Any),
        (int, object),
        (list, list[int]),
        (list[int], Sequence[int]),
        (tuple[int, ...], tuple[int, int]),
        (Optional[int], int),  # noqa: UP045
        (int | None, str | None),
        (str, Sized),
        (str, T),
        (int, Literal[1]),
        (Annotated[int, "meta"], int),
    ],
)
def test_in_doubt_types_go_together(produced, expected):
    assert not clearly_incompatible(produced, expected)
