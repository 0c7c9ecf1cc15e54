"""Steps: functions with declared inputs and outputs, to be called inside pipelines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from pytest_orchestrators.contract.authoring.invocation import StepInvocation, StepOptions
from pytest_orchestrators.contract.authoring.signature import inspect_signature
from pytest_orchestrators.contract.deployment.resources import ResourceSettings
from pytest_orchestrators.contract.errors import PipelineError, SourceError
from pytest_orchestrators.contract.sources import load_source, resolve_source


@dataclass(frozen=True, eq=False)
class StepDefinition:
    """A step as it can be used in pipelines. `step` makes one from a function; plain data does as well.

    Attributes:
        source: the function that is run, as ``package.module.name``. It gets all inputs and parameters as
            keywords and returns None, the value of its one output, or a tuple of several in declared order.
        inputs: argument name to declared type (Any if unknown). Each may be given as another step's output
            or as a parameter.
        outputs: output name to declared type, in the order in which the function returns them.
        defaults: the arguments that may be left out, with the values that they then have.
        takes_others: whether arguments that ``inputs`` does not name are accepted (``**kwargs``).
        name: name of its steps; by default the function's.
        options: caching, step operator, resources and settings of its steps.
        function: the function itself, where the definition was made from one.
    """

    source: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    takes_others: bool = True
    name: str = ""
    options: StepOptions = field(default_factory=StepOptions)
    function: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.source.replace(":", ".").rpartition(".")[2])

    def __call__(self, /, *arguments: Any, **keywords: Any) -> StepInvocation:
        """Use the step in a pipeline: nothing is run yet, and nothing is checked before compiling."""
        return StepInvocation(self, arguments, keywords)


@overload
def step(function: Callable[..., Any], /) -> StepDefinition: ...


@overload
def step(
    *,
    name: str | None = ...,
    enable_cache: bool | None = ...,
    step_operator: str | None = ...,
    resources: ResourceSettings | None = ...,
    settings: Mapping[str, Any] | None = ...,
    outputs: Sequence[str] | Mapping[str, Any] | None = ...,
) -> Callable[[Callable[..., Any]], StepDefinition]: ...


def step(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    enable_cache: bool | None = None,
    step_operator: str | None = None,
    resources: ResourceSettings | None = None,
    settings: Mapping[str, Any] | None = None,
    outputs: Sequence[str] | Mapping[str, Any] | None = None,
) -> StepDefinition | Callable[[Callable[..., Any]], StepDefinition]:
    """Make a step from a typed function at the top level of a module.

    The annotation of what it returns says what its outputs are: ``None`` for none, a type for one that is
    called "output", a NamedTuple for several. ``outputs`` gives names to the one or to the members of a
    tuple, or names and types at once. ``enable_cache=None`` leaves caching to the pipeline.

    Raises PipelineError when the function cannot be a step: not importable by other processes, without
    annotation of its result, with positional-only or ``*args`` parameters, or when ``outputs`` does not fit.
    """
    options = StepOptions(enable_cache, step_operator, resources or ResourceSettings(), dict(settings or {}))

    def define(function: Callable[..., Any]) -> StepDefinition:
        step_name = name or function.__name__
        signature = inspect_signature(function, step_name, outputs)
        try:
            source = resolve_source(function)
        except SourceError as error:
            raise PipelineError(f"Step {step_name!r} cannot be made: {error}") from error
        return StepDefinition(
            source=source,
            inputs=signature.inputs,
            outputs=signature.outputs,
            defaults=signature.defaults,
            takes_others=signature.takes_others,
            name=step_name,
            options=options,
            function=function,
        )

    return define if function is None else define(function)


def load_step_function(source: str) -> Callable[..., Any]:
    """Load the function that a step runs, whether or not its name now stands for a `StepDefinition`.

    Raises SourceError if there is none.
    """
    found = load_source(source)
    function = found.function if isinstance(found, StepDefinition) else found
    if not callable(function):
        raise SourceError(f"{source!r} is {found!r}, which is no function and no step.")
    return function
