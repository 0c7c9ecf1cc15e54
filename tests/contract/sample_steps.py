"""Steps that the tests of this folder build pipelines from; importable by other processes too."""

import contextlib
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from pytest_orchestrators import step

calls: list[str] = []


class Point(BaseModel):
    x: int
    y: float = 0.5


class Odd(Exception):
    pass


class Picky(Exception):
    def __init__(self, code, *, hint):
        super().__init__(f"{code}: {hint}")


class Pair(NamedTuple):
    left: int
    right: str


@step
def constant(n: int) -> int:
    calls.append(f"constant {n}")
    return n


@step
def double(x: int) -> int:
    calls.append(f"double {x}")
    return 2 * x


@step
def total(a: int, b: int) -> int:
    calls.append(f"total {a} {b}")
    return a + b


@step
def pair(n: int) -> Pair:
    return Pair(n, f"right of {n}")


@step
def show(left: int, right: str) -> str:
    calls.append(f"show {left} {right}")
    return f"{left} and {right}"


@step
def point(x: int) -> Point:
    return Point(x=x)


@step
def x_of(p: Point) -> int:
    assert isinstance(p, Point)
    return p.x


@step
def nothing() -> None:
    calls.append("nothing")


@step
def fail(message: str) -> int:
    raise Odd(message)


@step
def fail_pickily() -> int:
    raise Picky(7, hint="no way back")


@step
def leave() -> int:
    raise SystemExit(3)


@step
def interrupted() -> int:
    raise KeyboardInterrupt


@step
def claims_int() -> int:
    return "five"  # type: ignore[return-value]


@step
def unstorable() -> Any:
    return {"here": [1, object()]}


@step
def surplus() -> Pair:
    return (1, "a", 2)  # type: ignore[return-value]


@step
def missing() -> Pair:
    return (1,)  # type: ignore[return-value]


@step
def process_id() -> int:
    return os.getpid()


@step
def speak() -> int:
    print("spoken in the step's own process")
    return 1


@step
def sleep(seconds: float, journal: str) -> int:
    Path(journal).write_text(str(os.getpid()))
    time.sleep(seconds)
    return 1


@step
def fails_while(flag: str, n: int) -> int:
    """Fail as long as the file ``flag`` exists."""
    calls.append("fails_while")
    if Path(flag).exists():
        raise Odd("the flag is up")
    return n


@step
def die_once(flag: str) -> int:
    """Die without a word the first time, with half an output written."""
    if not Path(flag).exists():
        Path(flag).touch()
        os._exit(9)
    return 5


@step
def write_much(before: int, n: int) -> str:
    return "x" * n


@step
def fill_up(before: int, file: str) -> int:
    """Write until the disk is full."""
    with Path(file).open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(bytes(4096)):
            pass
    return before
