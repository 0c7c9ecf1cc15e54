"""What the processes of all entrypoints have in common."""

from __future__ import annotations

import argparse
import io
import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress

from pytest_orchestrators.contract.entrypoints.failures import record_step_error
from pytest_orchestrators.contract.entrypoints.handover import receive_imports
from pytest_orchestrators.contract.errors import DeploymentError, SessionError, StackError

#: What is raised for files that were handed over.
_UNREADABLE = (DeploymentError, StackError, SessionError)


def entrypoint_command(module: str, python: str | None = None) -> list[str]:
    """The command that runs an entrypoint, with this interpreter unless ``python`` names another."""
    return [python or sys.executable, "-m", module]


def parse_options(module: str, arguments: Sequence[str] | None, *options: str) -> argparse.Namespace:
    """Read ``--name VALUE`` options, all of them required, from the command line unless others are given.

    A value is taken as it is, also one that looks like an option: steps may be named so.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {module}", allow_abbrev=False)
    for option in options:
        parser.add_argument(f"--{option}", required=True)
    given = list(sys.argv[1:] if arguments is None else arguments)
    joined = [f"{flag}={value}" for flag, value in zip(given[::2], given[1::2], strict=False)]
    return parser.parse_args([*joined, *given[len(joined) * 2 :]])


def run_and_report(step_name: str, action: Callable[[], object]) -> int:
    """Do what the process is there for and return its exit code.

    An exception is shown on stderr and left for `raise_step_error`; the exit code is then 1. Of what was
    handed over and cannot be read, the message is shown and no traceback: that would be of our own code.
    """
    _print_line_by_line()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    # The launcher, which logs there, describes every step in hundreds of lines.
    logging.getLogger("absl").setLevel(logging.WARNING)
    try:
        receive_imports()
        action()
    except BaseException as error:
        if isinstance(error, _UNREADABLE):
            print(f"error: {error}", file=sys.stderr)
        else:
            traceback.print_exc()
        with suppress(SessionError):  # nothing was handed over, so that nobody waits for a report
            record_step_error(step_name, error)
        return 1
    return 0


def _print_line_by_line() -> None:
    """Let what a step prints be seen while it runs, also where standard output is a pipe or a file."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
