"""How a step's exception gets from the process that it was raised in to the one that orchestrates."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from pytest_orchestrators.contract.entrypoints.handover import ENV_HANDOVER, handover_folder
from pytest_orchestrators.contract.errors import RemoteStepError, SourceError
from pytest_orchestrators.contract.sources import load_source, resolve_source


def record_step_error(step_name: str, error: BaseException) -> None:
    """Leave an exception where `raise_step_error` finds it."""
    report = {
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
    except (OSError, ValueError):
        raise otherwise from None
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


def _rebuilt(report: dict[str, str], step_name: str) -> BaseException:
    """Make the exception again: unpickled, or built from its message, or at least shown."""
    for rebuild in (_unpickle, _build):
        try:
            error = rebuild(report)
        except Exception:  # the class is not here, or asks for other arguments
            continue
        if isinstance(error, BaseException) and str(error) == report["message"]:
            return error
    return RemoteStepError(f"Step {step_name!r} failed in its own process:\n{report['traceback']}")


def _unpickle(report: dict[str, str]) -> object:
    return pickle.loads(base64.b64decode(report["pickle"]))


def _build(report: dict[str, str]) -> object:
    return load_source(report["source"])(report["message"])
