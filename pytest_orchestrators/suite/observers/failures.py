"""Exceptions, and how calls end, as evidence."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any

from pytest_orchestrators.suite.evidence import Failure, Outcome
from pytest_orchestrators.suite.observers import exits

#: Frames kept of an exception's traceback, innermost last.
FRAMES = 6


def failure(error: BaseException) -> Failure:
    """One exception as evidence."""
    kind = type(error)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != exits.__file__][-FRAMES:]
    return Failure(
        type=f"{kind.__module__}.{kind.__qualname__}",
        message=_message(error),
        where="\n".join(f"{f.filename}:{f.lineno} in {f.name}: {f.line}" for f in frames),
        bases=tuple(base.__qualname__ for base in kind.__mro__),
    )


def chain(error: BaseException) -> tuple[Failure, ...]:
    """An exception and everything that its traceback shows: causes, contexts, groups; outermost first.

    A context that was cut off by `from None` is not in the chain: nobody who reads the error sees it.
    """
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or any(current is seen for seen in found):
            continue
        found.append(current)
        context = None if current.__suppress_context__ else current.__context__
        waiting += [current.__cause__, context, *getattr(current, "exceptions", ())]
    return tuple(failure(one) for one in found)


def called(call: Callable[[], Any]) -> Outcome:
    """Call something that nothing limits or watches; whatever it raises is how it ended."""
    begin = time.perf_counter()
    try:
        call()
    except BaseException as error:
        return Outcome(kind="raised", chain=chain(error), seconds=time.perf_counter() - begin)
    return Outcome(kind="returned", seconds=time.perf_counter() - begin)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:
        return f"<no message: {type(broken).__name__}>"
