"""Carrying out a history as a program: reads a task from standard input, writes evidence to the task's file.

It is run by `interpreter`.
"""

from __future__ import annotations

import pickle
import sys

from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.interpreter import NOT_FOUND, Task


def main() -> None:
    """Carry it out.

    Raises:
        SystemExit: the flavor is not found here.
    """
    try:
        task: Task = pickle.load(sys.stdin.buffer)
    except Exception as error:  # whatever the flavor's module raises here
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(NOT_FOUND) from None
    task.subject.family.prepare()
    evidence = carry_out(task.history, task.subject, task.root, Limits(task.seconds))
    task.answer.write_text(evidence.model_dump_json(), encoding="utf-8")
