"""Looking on while a run goes on: what the flavor's methods are called with and return, and what it
patches.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any, Literal, TypeAlias

from tfx.orchestration import metadata
from tfx.orchestration.portable import cache_utils, execution_publish_utils, inputs_utils, launcher

from pytest_orchestrators.contract.orchestrators.base import BaseOrchestrator
from pytest_orchestrators.contract.orchestrators.cache_status import get_cache_status
from pytest_orchestrators.contract.runtime.launcher import StepLauncher
from pytest_orchestrators.probes import journal
from pytest_orchestrators.suite.evidence import StepCall
from pytest_orchestrators.suite.history import Run

#: Classes and modules that decide what is launched, published, resolved and cached.
_GUARDED: tuple[type | ModuleType, ...] = (
    launcher.Launcher,
    StepLauncher,
    metadata.Metadata,
    launcher,
    execution_publish_utils,
    cache_utils,
    inputs_utils,
)


#: Given a method, the method that watches it.
Watcher: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]


class FlavorFailure(Exception):
    """Raised in place of the flavor's own method when its code is to fail."""


class PreparationFailure(Exception):
    """Raised when the run has been made the active one, and preparing it is to fail."""


class NativeWatch:
    """What is seen of one run from within this process."""

    def __init__(self) -> None:
        self.calls: list[StepCall] = []
        self.handed_back: list[Any] = []
        self.patched: list[str] = []
        self.names: dict[str, list[str]] = {}

    def note_call(self, step: str, ended: Literal["returned", "raised"], cached: bool | None = None) -> None:
        """Note a call of `run_step`, with the run names under which it came to the base class, if it did."""
        names = self.names.pop(step, [])
        name, launches = (names or [""])[-1], max(len(names), 1)
        call = StepCall(step=step, run_name=name, ended=ended, cached=cached, launches=launches)
        self.calls.append(call)


def _functions() -> dict[str, Any]:
    """Everything callable in what is guarded, by name."""
    found: dict[str, Any] = {}
    for holder in _GUARDED:
        for name, value in vars(holder).items():
            if callable(value) or isinstance(value, staticmethod | classmethod | property):
                found[f"{holder.__name__}.{name}"] = getattr(value, "__code__", None), value
    return found


def _foreign() -> list[str]:
    """What does not come from the file of its holder."""
    return [
        f"{holder.__name__}.{name}"
        for holder in _GUARDED
        for name, value in vars(holder).items()
        if hasattr(value, "__code__") and value.__code__.co_filename != inspect.getfile(holder)
    ]


_PRISTINE = _functions()
_FOREIGN_AT_FIRST = _foreign()
_NAMES_AT_FIRST = [(holder, dict(vars(holder))) for holder in _GUARDED]


def _as_at_first() -> bool:
    """Whether all names of what is guarded have the values and codes that they had when this module was
    imported: the quick look, as there is one at every event of a step."""
    return all(vars(holder) == names for holder, names in _NAMES_AT_FIRST) and all(
        code is getattr(value, "__code__", None) for code, value in _PRISTINE.values()
    )


def patches() -> list[str]:
    """What is not as it was when this module was imported, or does not come from the file of its holder."""
    if _as_at_first():
        return sorted(_FOREIGN_AT_FIRST)
    now = _functions()
    changed = [name for name in {*now, *_PRISTINE} if now.get(name) != _PRISTINE.get(name)]
    return sorted({*changed, *_foreign()})


@contextmanager
def watched(orchestrator: Any, action: Run, root: Any) -> Iterator[NativeWatch]:
    """Look on through the methods of the orchestrator's class, until the block ends.

    The class is where methods are looked up by whatever copy of the orchestrator the flavor makes, and an
    instance with attributes of ours could not be pickled.
    """
    watch = NativeWatch()
    kind = type(orchestrator)

    def look(_event: Any = None) -> None:
        watch.patched += patches()

    with ExitStack() as wrappers:
        for holder, name, watcher in (
            (BaseOrchestrator, "_prepare_run", _activating_watcher(action)),
            (BaseOrchestrator, "run_step", _name_watcher(watch)),
            (kind, "run_step", _step_watcher(watch)),
            (kind, "prepare_or_run_pipeline", _result_watcher(watch, action)),
            (kind, "prepare_pipeline_deployment", _preparing_watcher(root)),
        ):
            wrappers.enter_context(_wrapped(holder, name, watcher))
        journal.observers.append(look)
        look()
        try:
            yield watch
        finally:
            look()
            journal.observers.remove(look)


@contextmanager
def _wrapped(holder: type, name: str, watcher: Watcher) -> Iterator[None]:
    """Put a watcher before a method of a class, and take it away again."""
    own = vars(holder).get(name)
    setattr(holder, name, watcher(getattr(holder, name)))
    try:
        yield
    finally:
        delattr(holder, name)
        if own is not None:
            setattr(holder, name, own)


def _result_watcher(watch: NativeWatch, action: Run) -> Watcher:
    """Note what the flavor's own method returned; fail in its place if it is to fail."""

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        def prepare_or_run_pipeline(self: Any, *arguments: Any, **keywords: Any) -> Any:
            if action.run_fault == "flavor":
                raise FlavorFailure("the flavor's own code was told to fail")
            _end_preparing(action)  # where it was not done through the base class
            result = method(self, *arguments, **keywords)
            watch.handed_back.append(result)
            return result

        return prepare_or_run_pipeline

    return watched


def _end_preparing(action: Run) -> None:
    if action.run_fault == "end_of_preparation":
        raise PreparationFailure("preparing the run was told to fail")


def _activating_watcher(action: Run) -> Watcher:
    """Fail when a run has been made the active one, if preparing it is to fail."""

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        def _prepare_run(self: Any, *arguments: Any, **keywords: Any) -> None:
            method(self, *arguments, **keywords)
            _end_preparing(action)

        return _prepare_run

    return watched


def _preparing_watcher(root: Any) -> Watcher:
    """Journal that the orchestrator was asked to prepare a deployment."""

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        def prepare_pipeline_deployment(self: Any, *arguments: Any, **keywords: Any) -> Any:
            journal.append(root, "prepare_pipeline_deployment", component="orchestrator")
            return method(self, *arguments, **keywords)

        return prepare_pipeline_deployment

    return watched


def _name_watcher(watch: NativeWatch) -> Watcher:
    """Note the run name that reaches the base class, whatever the flavor was called with.

    The call is handed on as it was made: what is not given is the base class's to fill in.
    """

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        def run_step(self: Any, *arguments: Any, **keywords: Any) -> Any:
            given = inspect.signature(method).bind(self, *arguments, **keywords).arguments
            deployment = self._active_deployment
            name = given.get("run_name") or (deployment.run_name if deployment else "")
            watch.names.setdefault(given["step"].config.name, []).append(name)
            return method(self, *arguments, **keywords)

        return run_step

    return watched


def _step_watcher(watch: NativeWatch) -> Watcher:
    """Note every call of `run_step`, and what came of it."""

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        def run_step(self: Any, *arguments: Any, **keywords: Any) -> Any:
            step = arguments[0] if arguments else keywords.get("step")
            name = getattr(getattr(step, "config", None), "name", repr(step))
            try:
                info = method(self, *arguments, **keywords)
            except BaseException:
                watch.note_call(name, "raised")
                raise
            watch.note_call(name, "returned", cached=_cached(info))
            return info

        return run_step

    return watched


def _cached(info: Any) -> bool | None:
    """What the info that `run_step` handed back says about the cache; none if it says nothing."""
    return get_cache_status(info) if hasattr(info, "exec_properties") else None
