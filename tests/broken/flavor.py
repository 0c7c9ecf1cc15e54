"""Wrong flavors and wrong configurations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from pydantic import ConfigDict, Field, field_validator, model_validator

from pytest_orchestrators import (
    BaseOrchestrator,
    BaseOrchestratorConfig,
    BaseOrchestratorFlavor,
    StackComponent,
    StackComponentConfig,
    StackComponentType,
)
from reference_flavors.local import LocalOrchestrator, LocalOrchestratorFlavor
from tests.broken.sins import sin


@sin("FLV-1")
class NamePerInstance(LocalOrchestratorFlavor):
    """Every instance has another name."""

    _numbers = itertools.count()

    def __init__(self) -> None:
        self._number = next(self._numbers)

    @property
    def name(self) -> str:
        return f"mine{self._number}"


@sin("FLV-1")
class NamelessFlavor(LocalOrchestratorFlavor):
    """The name is empty."""

    name = ""


@sin("FLV-1")
class SentenceForAName(LocalOrchestratorFlavor):
    """The name is no identifier."""

    name = "My Own Orchestrator (v2)"


@sin("FLV-2")
class WrongType(LocalOrchestratorFlavor):
    """The flavor says that it makes step operators."""

    type = StackComponentType.STEP_OPERATOR


@sin("FLV-2")
class TypeRaises(LocalOrchestratorFlavor):
    """The type was never filled in."""

    @property
    def type(self) -> StackComponentType:
        raise NotImplementedError


class HalfDone(BaseOrchestrator):
    """Implements a method, but not the one that matters."""

    def run_pipeline(self, deployment: Any, stack: Any) -> None:
        for step in deployment.steps.values():
            self.run_step(step)


@sin("FLV-3")
class AbstractImplementation(BaseOrchestratorFlavor):
    """The orchestrator still has an abstract method."""

    name = "half_done"
    implementation_class = HalfDone


@sin("FLV-3")
class ForeignConfigClass(LocalOrchestratorFlavor):
    """The configuration is one of any component."""

    config_class = StackComponentConfig  # type: ignore[assignment]


@sin("FLV-3")
class ForeignImplementation(LocalOrchestratorFlavor):
    """What it makes is no orchestrator."""

    implementation_class = StackComponent  # type: ignore[assignment]


class _ForgivingConfig(BaseOrchestratorConfig):
    model_config = ConfigDict(extra="ignore")


@sin("FLV-4")
class IgnoresUnknownFields(LocalOrchestratorFlavor):
    """A mistyped field of the configuration is lost without a word."""

    config_class = _ForgivingConfig


class _OpenConfig(BaseOrchestratorConfig):
    model_config = ConfigDict(extra="allow")


@sin("FLV-4")
class KeepsUnknownFields(LocalOrchestratorFlavor):
    """A mistyped field of the configuration is kept as if it meant something."""

    config_class = _OpenConfig


class _MutteringConfig(BaseOrchestratorConfig):
    @model_validator(mode="before")
    @classmethod
    def _check(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.keys() - {"custom_docker_base_image_name"}:
            raise ValueError("bad configuration")
        return values

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValueError:
            raise ValueError("bad configuration") from None


@sin("FLV-4")
class ErrorWithoutField(LocalOrchestratorFlavor):
    """An unknown field is refused, and nobody is told which one it was."""

    config_class = _MutteringConfig


class _CoercingConfig(BaseOrchestratorConfig):
    workers: int = 1

    @model_validator(mode="before")
    @classmethod
    def _forgive(cls, values: Any) -> Any:
        if isinstance(values, dict) and not isinstance(values.get("workers", 1), int):
            return {**values, "workers": 1}
        return values


@sin("FLV-4")
class ForgivesIllTypedValues(LocalOrchestratorFlavor):
    """A value of the wrong type becomes the default."""

    config_class = _CoercingConfig


class _ForgetfulConfig(BaseOrchestratorConfig):
    created: datetime = Field(default_factory=lambda: datetime.now(timezone.utc), exclude=True)


@sin("FLV-4")
class ForgetsAField(LocalOrchestratorFlavor):
    """A field is left out of the JSON, and another value is made up when the config is read back."""

    config_class = _ForgetfulConfig


class _RevivingConfig(BaseOrchestratorConfig):
    custom_docker_base_image_name: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _drop_deprecated_field(cls, values: Any) -> Any:
        return values


@sin("FLV-5")
class TakesDeprecatedFieldIn(LocalOrchestratorFlavor):
    """The deprecated field is a field again, and nobody is told."""

    config_class = _RevivingConfig


class _StrictConfig(BaseOrchestratorConfig):
    @model_validator(mode="before")
    @classmethod
    def _drop_deprecated_field(cls, values: Any) -> Any:
        return values


@sin("FLV-5")
class RefusesDeprecatedField(LocalOrchestratorFlavor):
    """The validator is overridden, so old configurations cannot be loaded any more."""

    config_class = _StrictConfig


class _SilentConfig(BaseOrchestratorConfig):
    @model_validator(mode="before")
    @classmethod
    def _drop_deprecated_field(cls, values: Any) -> Any:
        return {k: v for k, v in values.items() if k != "custom_docker_base_image_name"}


@sin("FLV-5")
class DropsDeprecatedFieldInSilence(LocalOrchestratorFlavor):
    """The deprecated field is dropped, and nobody is told."""

    config_class = _SilentConfig


class _NaggingConfig(BaseOrchestratorConfig):
    def __init__(self, **values: Any) -> None:
        BaseOrchestratorConfig(**values)
        super().__init__(**values)


@sin("FLV-5")
class WarnsTwiceOfDeprecatedField(LocalOrchestratorFlavor):
    """The configuration is validated twice, and so is the warning given twice."""

    config_class = _NaggingConfig


@sin("FLV-5")
class LooksAtTheDataFirst(LocalOrchestratorFlavor):
    """`create` validates data once to explain what is wrong with it, and once to make an orchestrator."""

    def create(self, config: Any = None, name: str | None = None) -> BaseOrchestrator:
        if isinstance(config, Mapping):
            self.config_class.model_validate(dict(config))
        return super().create(config, name)


class _TextualConfig(BaseOrchestratorConfig):
    @property
    def is_local(self) -> bool:
        return "yes"  # type: ignore[return-value]


@sin("FLV-6")
class LocalByWord(LocalOrchestratorFlavor):
    """`is_local` is a text."""

    config_class = _TextualConfig


class _UndecidedConfig(BaseOrchestratorConfig):
    @property
    def is_local(self) -> bool:
        return None  # type: ignore[return-value]


@sin("FLV-6")
class LocalOrNot(LocalOrchestratorFlavor):
    """`is_local` is neither true nor false."""

    config_class = _UndecidedConfig


@sin("FLV-6")
class CopiesItsConfig(LocalOrchestrator):
    """`config` gives a copy, equal and not the same."""

    @property
    def config(self) -> BaseOrchestratorConfig:
        return super().config.model_copy()


@sin("FLV-6")
class SharesItsConfig(LocalOrchestrator):
    """The configuration is kept on the class, so that of the latest orchestrator is every one's."""

    _shared: BaseOrchestratorConfig

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        type(self)._shared = super().config

    @property
    def config(self) -> BaseOrchestratorConfig:
        return self._shared


@sin("FLV-6")
class FreshConfig(LocalOrchestrator):
    """`config` gives the defaults, whatever it was built with."""

    @property
    def config(self) -> BaseOrchestratorConfig:
        return type(super().config)()


@sin("FLV-6")
class NamesByClass(LocalOrchestratorFlavor):
    """Who is given no name is not called as the flavor is."""

    def create(self, config: Any = None, name: str | None = None) -> Any:
        return super().create(config, name or self.implementation_class.__name__)


@sin("FLV-6")
class WantsMore(LocalOrchestrator):
    """Cannot be made as orchestrators are made: it wants an argument that nobody gives it."""

    def __init__(self, *arguments: Any, workers: int, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)


@sin("FLV-4")
class TakesWhatItKnows(LocalOrchestratorFlavor):
    """`create` picks from the data what it knows, and drops the rest."""

    def create(self, config: Any = None, name: str | None = None) -> BaseOrchestrator:
        if isinstance(config, Mapping):
            known = {*self.config_class.model_fields, "custom_docker_base_image_name"}
            config = {key: value for key, value in config.items() if key in known}
        return super().create(config, name)


class _LeavesItsTokenOut(BaseOrchestratorConfig):
    token: str | None = Field(default=None, exclude=True, repr=False)

    @property
    def is_local(self) -> bool:
        return True


@sin("FLV-4")
class LeavesItsTokenOut(LocalOrchestratorFlavor):
    """A field that is a secret is not written into JSON, and nobody has it who reads that."""

    config_class = _LeavesItsTokenOut


class _EndpointConfig(BaseOrchestratorConfig):
    endpoint: str | None = None

    @property
    def is_local(self) -> bool:
        here: Any = re.match(r"https?://(localhost|127\.)", self.endpoint or "")
        return self.endpoint is None or here  # type: ignore[no-any-return]


@sin("FLV-6")
class LocalByMatch(LocalOrchestratorFlavor):
    """`is_local` is what a regular expression finds in an endpoint, if there is one."""

    config_class = _EndpointConfig


class _LenientConfig(BaseOrchestratorConfig):
    workers: int = 4

    @field_validator("workers", mode="before")
    @classmethod
    def _or_default(cls, value: Any) -> Any:
        return 4 if isinstance(value, str) and not value.isdigit() else value


@sin("FLV-4")
class TakesWordsForNumbers(LocalOrchestratorFlavor):
    """A text that is no number is the default, as it comes from the environment in so many ways."""

    config_class = _LenientConfig
