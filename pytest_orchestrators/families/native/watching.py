"""Looking on while a run goes on: what the flavor's methods are called with and return, and what it
patches.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from tfx.orchestration import metadata
from tfx.orchestration.portable import cache_utils, execution_publish_utils, inputs_utils, launcher

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


class FlavorFailure(Exception):
    """Raised in place of the flavor's own method when its code is to fail."""


class NativeWatch:
    """What is seen of one run from within this process."""

    def __init__(self) -> None:
        self.calls: list[StepCall] = []
        self.handed_back: list[Any] = []
        self.patched: list[str] = []


def _functions() -> dict[str, Any]:
    """Everything callable in what is guarded, by name."""
    found: dict[str, Any] = {}
    for holder in _GUARDED:
        for name, value in vars(holder).items():
            if callable(value) or isinstance(value, staticmethod | classmethod | property):
                found[f"{holder.__name__}.{name}"] = getattr(value, "__code__", None), value
    return found


_PRISTINE = _functions()


@functools.cache
def _home(holder: type | ModuleType) -> str:
    """The file that everything in a class or module comes from."""
    return str(inspect.getfile(holder))


def patches() -> list[str]:
    """What is not as it was when this module was imported, or does not come from the file of its holder."""
    now = _functions()
    changed = [name for name in {*now, *_PRISTINE} if now.get(name) != _PRISTINE.get(name)]
    foreign = [
        f"{holder.__name__}.{name}"
        for holder in _GUARDED
        for name, value in vars(holder).items()
        if hasattr(value, "__code__") and value.__code__.co_filename != _home(holder)
    ]
    return sorted({*changed, *foreign})


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

    wrappers = {
        "prepare_or_run_pipeline": _result_watcher(kind, watch, action),
        "prepare_pipeline_deployment": _preparing_watcher(kind, root),
        "run_step": _step_watcher(kind, watch),
    }
    own = {name: vars(kind)[name] for name in wrappers if name in vars(kind)}
    for name, wrapper in wrappers.items():
        setattr(kind, name, wrapper)
    journal.observers.append(look)
    look()
    try:
        yield watch
    finally:
        look()
        journal.observers.remove(look)
        for name in wrappers:
            delattr(kind, name)
        for name, method in own.items():
            setattr(kind, name, method)


def _result_watcher(kind: type, watch: NativeWatch, action: Run) -> Callable[..., Any]:
    method = kind.prepare_or_run_pipeline  # type: ignore[attr-defined]

    def prepare_or_run_pipeline(self: Any, *arguments: Any, **keywords: Any) -> Any:
        if action.run_fault == "flavor":
            raise FlavorFailure("the flavor's own code was told to fail")
        result = method(self, *arguments, **keywords)
        watch.handed_back.append(result)
        return result

    return prepare_or_run_pipeline


def _preparing_watcher(kind: type, root: Any) -> Callable[..., Any]:
    method = kind.prepare_pipeline_deployment  # type: ignore[attr-defined]

    def prepare_pipeline_deployment(self: Any, *arguments: Any, **keywords: Any) -> Any:
        journal.append(root, "prepare_pipeline_deployment", component="orchestrator")
        return method(self, *arguments, **keywords)

    return prepare_pipeline_deployment


def _step_watcher(kind: type, watch: NativeWatch) -> Callable[..., Any]:
    method = kind.run_step  # type: ignore[attr-defined]

    def run_step(self: Any, *arguments: Any, **keywords: Any) -> Any:
        step = arguments[0] if arguments else keywords.get("step")
        named = arguments[1] if len(arguments) > 1 else keywords.get("run_name")
        facts = {"step": getattr(getattr(step, "config", None), "name", repr(step)), "run_name": named or ""}
        try:
            info = method(self, *arguments, **keywords)
        except BaseException:
            watch.calls.append(StepCall(**facts, ended="raised"))
            raise
        watch.calls.append(StepCall(**facts, ended="returned", cached=_cached(info)))
        return info

    return run_step


def _cached(info: Any) -> bool | None:
    """What the info that `run_step` handed back says about the cache; none if it says nothing."""
    return get_cache_status(info) if hasattr(info, "exec_properties") else None
