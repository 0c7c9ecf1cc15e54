"""How a step's exception gets from the process that it was raised in to the one that orchestrates."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypedDict, TypeGuard

from pytest_orchestrators.contract.entrypoints.handover import ENV_HANDOVER, handover_folder
from pytest_orchestrators.contract.errors import RemoteStepError, SourceError
from pytest_orchestrators.contract.sources import load_source, resolve_source


class _Report(TypedDict):
    source: str
    message: str
    pickle: str | None
    traceback: str


def _is_report(found: Any) -> TypeGuard[_Report]:
    texts = ("source", "message", "traceback")
    return isinstance(found, dict) and "pickle" in found and all(isinstance(found.get(t), str) for t in texts)


def record_step_error(step_name: str, error: BaseException) -> None:
    """Leave an exception where `raise_step_error` finds it."""
    report: _Report = {
        "source": _source_of(error),
        "message": str(error),
        "pickle": _pickled(error),
        "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__)),
    }
    _report_file(handover_folder(), step_name).write_text(json.dumps(report))


def raise_step_error(environment: Mapping[str, str], step_name: str, otherwise: BaseException) -> NoReturn:
    """Raise the exception that ended a step in another process: the same class, with the same message.

    ``environment`` is what `handover` yielded, within its context. An exception that cannot be brought here
    is raised as a RemoteStepError that shows it. Its cause is ``otherwise``, what the caller knows of the
    failure; that is raised itself if the process left no report (because it was killed, say).
    """
    file = _report_file(Path(environment[ENV_HANDOVER]), step_name)
    try:
        report = json.loads(file.read_text())
    except (OSError, ValueError, RecursionError):  # none, or what a killed process had written of it
        raise otherwise from None
    if not _is_report(report):
        raise otherwise
    raise _rebuilt(report, step_name) from otherwise


def _report_file(folder: Path, step_name: str) -> Path:
    return folder / f"failure-{hashlib.sha256(step_name.encode()).hexdigest()}.json"


def _source_of(error: BaseException) -> str:
    try:
        return resolve_source(type(error))
    except SourceError:
        return type(error).__qualname__


def _pickled(error: BaseException) -> str | None:
    try:
        return base64.b64encode(pickle.dumps(error)).decode("ascii")
    except Exception:  # whatever an exception class makes of being pickled
        return None


def _rebuilt(report: _Report, step_name: str) -> BaseException:
    """Make the exception again: unpickled, or built from its message, or at least shown."""
    for rebuild in (_unpickle, _build):
        try:
            error = rebuild(report)
        except Exception:  # the class is not here, or asks for other arguments
            continue
        if isinstance(error, BaseException) and str(error) == report["message"]:
            return error
    return RemoteStepError(f"Step {step_name!r} failed in its own process:\n{report['traceback']}")


def _unpickle(report: _Report) -> object:
    return pickle.loads(base64.b64decode(report["pickle"] or ""))


def _build(report: _Report) -> object:
    return load_source(report["source"])(report["message"])
