"""What a probe step does instead of its work when it is told to fail."""

from __future__ import annotations

import asyncio
import concurrent.futures
import errno
import os
import queue
import signal
import sys
import time
from subprocess import SubprocessError
from typing import Any, NoReturn

from pytest_orchestrators.probes import control, journal, questions
from pytest_orchestrators.probes.values import swollen

#: The fault that is not the step's own: its step operator takes it over, and cannot execute it.
OPERATOR_DOWN = "operator_down"
#: Bytes by which a step that is to run out of memory asks for more, and how often at most.
_PIECE, _PIECES = 1 << 26, 64


class _LateTask(asyncio.TimeoutError):
    """A class of its own before Python 3.11, and `TimeoutError` since."""


class _LateFuture(concurrent.futures.TimeoutError):
    """The same."""


class ProbeFailure(
    _LateTask,
    _LateFuture,
    TimeoutError,
    BlockingIOError,
    BrokenPipeError,
    ChildProcessError,
    ConnectionAbortedError,
    ConnectionRefusedError,
    ConnectionResetError,
    FileExistsError,
    FileNotFoundError,
    InterruptedError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
    ProcessLookupError,
    UnicodeError,
    TypeError,
    IndexError,
    KeyError,
    FloatingPointError,
    OverflowError,
    ZeroDivisionError,
    AssertionError,
    BufferError,
    EOFError,
    MemoryError,
    NotImplementedError,
    RecursionError,
    concurrent.futures.BrokenExecutor,
    ReferenceError,
    SystemError,
    SubprocessError,
    queue.Empty,
    queue.Full,
):
    """Raised by a probe step that was told to fail.

    It is of many kinds at once, so that whoever swallows or mistakes any one of them is seen.
    """


class ProbeStop(StopIteration):
    """Raised by a probe step that was told to fail as an iterator ends: no class is that and the others."""


class ProbeImportError(ModuleNotFoundError):
    """Raised by a probe step that was told to fail as one whose library is not installed."""


class ProbeAttributeError(AttributeError):
    """Raised by a probe step that was told to fail as one that looks for what an object has not."""


class ProbeNameError(UnboundLocalError):
    """Raised by a probe step that was told to fail as one with a mistyped name."""


#: What is raised by the faults that are an exception with a message.
_RAISED: dict[str, type[BaseException]] = {
    "raise": ProbeFailure,
    "raise_at_first": ProbeFailure,
    "stop_iteration": ProbeStop,
    "import_error": ProbeImportError,
    "attribute_error": ProbeAttributeError,
    "name_error": ProbeNameError,
    "interrupt": KeyboardInterrupt,
}


class _TooLarge(dict[str, Any]):
    """A value after the first part of which the disk is full."""

    def items(self) -> Any:
        """The first of the items, and then the error of a full disk."""
        yield from list(super().items())[:1]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def last_words(step: str, fault: str) -> str:
    """What a step says when it fails: in its exception, or as the last line that its process prints."""
    return f"probe {step} was told to fail ({fault})"


def fail(root: str, step: str, fault: str, outputs: dict[str, Any]) -> list[Any]:
    """Raise, end the whole process, or hand back the values that no step may hand back: what the fault says.

    Raises:
        ProbeFailure, ProbeStop, ProbeImportError, ProbeAttributeError, ProbeNameError, SystemExit,
            KeyboardInterrupt: as the fault wants it.
        ValueError: there is no such fault.
    """
    message = last_words(step, fault)
    if fault in _DEADLY:
        print(message, flush=True)
        _DEADLY[fault](root, step)
    if fault in _RAISED:
        raise _RAISED[fault](message)
    if fault == "exit":
        sys.exit(message)
    if fault == "exit_zero":
        sys.exit(0)
    if fault == "missing_output":
        return list(outputs.values())[:-1]
    if fault == "ill_typed_output":
        return [[message] for _ in outputs]
    if fault == "unstorable_output":
        return [{"step": step, "digest": object()} for _ in outputs]
    if fault == "disk_full":
        return [_TooLarge(value) for value in outputs.values()]
    raise ValueError(f"{fault!r} is not a fault that a probe step knows")


def made_of(root: str, step: str, fault: str | None, outputs: dict[str, Any]) -> dict[str, Any] | None:
    """What a step hands on that is told this and does not fail by it; none if it is to fail."""
    if fault == "huge_output":
        return {output: swollen(value) for output, value in outputs.items()}
    # The step is not at fault if its operator is down, and somebody executes it all the same.
    if fault in (None, OPERATOR_DOWN) or (fault == "raise_at_first" and _attempts(root, step) > 1):
        return outputs
    return None


def _attempts(root: str, step: str) -> int:
    """How often the step was entered in the run that goes on."""
    events = [event for event in journal.read(root)[0] if event.get("step") == step]
    run = events[-1].get("run")
    return sum(event["kind"] == "started" and event.get("run") == run for event in events)


def _kill(*_: str) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    # The first process of a container is not ended by signals of its own.
    time.sleep(1)
    os._exit(128 + signal.SIGKILL)


def _run_out_of_memory(root: str, step: str) -> NoReturn:
    limited = control.wait_for(root, questions.memory_of(step), questions.PATIENCE_S) == questions.LIMITED
    journal.append(root, "limited", step=step, limited=limited)
    if limited:
        taken = [bytearray(b"x") * _PIECE for _ in range(_PIECES)]
        del taken
    _kill()


#: How the whole process is ended, by fault.
_DEADLY = {
    "os_exit": lambda *_: os._exit(3),
    "os_exit_zero": lambda *_: os._exit(0),
    "kill": _kill,
    "out_of_memory": _run_out_of_memory,
}
