"""Steps inside a pipeline: calls that are not made yet, and references to what they will give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_orchestrators.contract.deployment.resources import ResourceSettings

if TYPE_CHECKING:
    from pytest_orchestrators.contract.authoring.step import StepDefinition


@dataclass(frozen=True)
class StepOptions:
    """How a step is to be run. ``enable_cache=None`` leaves caching to the pipeline."""

    enable_cache: bool | None = None
    step_operator: str | None = None
    resources: ResourceSettings = field(default_factory=ResourceSettings)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class OutputReference:
    """One named output of a step, to be passed to another step."""

    invocation: StepInvocation
    name: str


class _Outputs:
    """The outputs of an invocation as attributes."""

    def __init__(self, invocation: StepInvocation) -> None:
        self._invocation = invocation

    def __getattr__(self, name: str) -> OutputReference:
        if name.startswith("__"):
            raise AttributeError(name)
        return OutputReference(self._invocation, name)


class StepInvocation:
    """A step of a pipeline: a definition together with its arguments.

    Pass it to another step for its one output, or one of several as ``invocation["name"]`` or
    ``invocation.outputs.name``, or take them apart: ``train, test = split(data)``.
    `after`, `named` and `with_options` change this very invocation, and return it for the next call.
    """

    def __init__(
        self, definition: StepDefinition, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> None:
        self.definition = definition
        self.arguments = arguments
        self.keywords = dict(keywords)
        self.name = definition.name
        self.options = definition.options
        self.comes_after: list[StepInvocation | str] = []

    def named(self, name: str) -> StepInvocation:
        """Give the step another name than its definition's."""
        self.name = name
        return self

    def after(self, *others: StepInvocation | OutputReference | str) -> StepInvocation:
        """Let the step start only after others have finished, whose data it does not need.

        A step may be given by its name, if it gets into the pipeline in another way.
        """
        for other in others:
            self.comes_after.append(other.invocation if isinstance(other, OutputReference) else other)
        return self

    def with_options(
        self,
        *,
        enable_cache: bool | None = None,
        step_operator: str | None = None,
        resources: ResourceSettings | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> StepInvocation:
        """Change options of the step; what is None stays as it is, and ``settings`` are added to."""
        self.options = StepOptions(
            enable_cache=self.options.enable_cache if enable_cache is None else enable_cache,
            step_operator=step_operator or self.options.step_operator,
            resources=resources or self.options.resources,
            settings={**self.options.settings, **(settings or {})},
        )
        return self

    @property
    def outputs(self) -> Any:
        """The outputs as attributes: ``invocation.outputs.name``."""
        return _Outputs(self)

    def __getitem__(self, output: str) -> OutputReference:
        return OutputReference(self, output)

    def __iter__(self) -> Iterator[OutputReference]:
        return (OutputReference(self, output) for output in self.definition.outputs)

    def upstream(self) -> Iterator[StepInvocation]:
        """The invocations that this one names: its data's producers and what it comes after."""
        for value in (*self.arguments, *self.keywords.values(), *self.comes_after):
            if isinstance(value, OutputReference):
                yield value.invocation
            elif isinstance(value, StepInvocation):
                yield value

    def __repr__(self) -> str:
        return f"<step {self.name!r} of {self.definition.source}>"
