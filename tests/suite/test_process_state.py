"""The state of the process before and after a run: what was changed is told, and what imports do is not."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pytest_orchestrators.suite.observers.leaks import Audit
from pytest_orchestrators.suite.observers.temporary import Places

LOGGER = logging.getLogger("audited.for.state")
HANDLER = logging.NullHandler()
VARIABLE = "AUDITED_VARIABLE"


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put everything back that the tests change for good."""
    monkeypatch.chdir(Path.cwd())
    monkeypatch.setenv(VARIABLE, "before")
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setattr(logging.root, "handlers", [*logging.root.handlers, HANDLER])
    levels, handler = (logging.root.level, HANDLER.level), signal.getsignal(signal.SIGTERM)
    with warnings.catch_warnings():
        yield
    signal.signal(signal.SIGTERM, handler)
    logging.root.level, HANDLER.level = levels
    logging.disable(logging.NOTSET)
    LOGGER.handlers, LOGGER.disabled, LOGGER.propagate = [], False, True
    LOGGER.setLevel(logging.NOTSET)


def changed_by(tmp_path: Path, run: Callable[[], Any]) -> list[str]:
    """What a run has changed, with " here" after it if the place is told."""
    audit = Audit(Places(tmp_path, tmp_path, ("",)))
    with audit.of_run() as left, suppress(LookupError), audit.of_state():
        run()
    assert {leak.kind for leak in left} <= {"state"}
    return [leak.what + (" here" if f"{__file__}:" in leak.where else "") for leak in left]


def handle(*_: Any) -> None:
    """A handler of a signal."""


HANDLED = handle.__code__.co_firstlineno
CHANGED = f"environment variable {VARIABLE} has another value here"


def changes_and_fails() -> None:
    os.environ[VARIABLE] = "after"
    raise LookupError("after that")


def puts_back() -> None:
    os.environ[VARIABLE] = "after"
    os.environ[VARIABLE] = "before"
    LOGGER.addHandler(HANDLER)
    LOGGER.removeHandler(HANDLER)
    with warnings.catch_warnings():
        warnings.simplefilter("error")


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (lambda: os.chdir("/"), f"the working directory went from {Path.cwd()} to / here"),
        (lambda: os.environ.update(ANOTHER="1"), "environment variable ANOTHER is new here"),
        (
            lambda: os.environ.update({VARIABLE: "2"}),
            f"environment variable {VARIABLE} has another value here",
        ),
        (lambda: os.environ.pop(VARIABLE), f"environment variable {VARIABLE} is gone here"),
        (changes_and_fails, CHANGED),
        (lambda: sys.path.append("/somewhere"), "sys.path has a new entry '/somewhere'"),
        (
            lambda: sys.path.remove(str(Path(__file__).parent)),
            f"sys.path has lost its entry '{Path(__file__).parent}'",
        ),
        (lambda: sys.path.reverse(), "sys.path is in another order"),
        (
            lambda: signal.signal(signal.SIGTERM, handle),
            f"the handler of SIGTERM went from SIG_DFL to handle ({__file__}:{HANDLED}) here",
        ),
        (
            lambda: logging.root.addHandler(logging.StreamHandler(sys.__stderr__)),
            "the root logger has a new handler <StreamHandler <stderr> (NOTSET)> here",
        ),
        (
            lambda: logging.root.removeHandler(HANDLER),
            "the root logger has lost its handler <NullHandler (NOTSET)>",
        ),
        (
            lambda: HANDLER.setLevel("ERROR"),
            "the level of handler <NullHandler (ERROR)> of the root logger went from NOTSET to ERROR",
        ),
        (
            lambda: logging.getLogger("audited.made").addHandler(logging.StreamHandler(sys.__stderr__)),
            "logger 'audited.made' has a new handler <StreamHandler <stderr> (NOTSET)> here",
        ),
        (lambda: LOGGER.setLevel("ERROR"), f"level of logger '{LOGGER.name}' went from NOTSET to ERROR here"),
        (
            lambda: setattr(LOGGER, "propagate", False),
            f"propagate of logger '{LOGGER.name}' went from True to False",
        ),
        (
            lambda: setattr(LOGGER, "disabled", True),
            f"disabled of logger '{LOGGER.name}' went from False to True",
        ),
        (lambda: logging.disable(logging.ERROR), "logging is disabled up to level 40"),
        (
            lambda: warnings.filterwarnings("ignore", "of no use"),
            "a new warning filter: ignore Warning of no use here",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_as_it_was_is_told(tmp_path: Path, run: Callable[[], Any], told: str) -> None:
    try:
        assert changed_by(tmp_path, run) == [told]
    finally:
        os.environ.pop("ANOTHER", None)
        logging.getLogger("audited.made").handlers.clear()


def test_filters_that_are_gone_are_told(tmp_path: Path) -> None:
    [told] = changed_by(tmp_path, warnings.resetwarnings)
    assert "warning filters are gone" in told


def test_a_filter_that_was_there_and_is_the_first_now_is_told(tmp_path: Path) -> None:
    warnings.simplefilter("ignore", FutureWarning)
    warnings.simplefilter("error", FutureWarning)
    told = changed_by(tmp_path, lambda: warnings.simplefilter("ignore", FutureWarning))
    assert told == ["the first of the warning filters is another one"]


@pytest.mark.parametrize(
    "run",
    [
        puts_back,
        lambda: logging.getLogger("audited.new").addHandler(logging.NullHandler()),
        lambda: logging.getLogger("audited.newer").setLevel("ERROR"),
        lambda: sys.path.append("/usr/lib/python3/site-packages/vendored"),
    ],
)
def test_what_is_nobodys_business_is_not_told(tmp_path: Path, run: Callable[[], Any]) -> None:
    try:
        assert changed_by(tmp_path, run) == []
    finally:
        if sys.path[-1].endswith("vendored"):
            sys.path.pop()


def test_what_a_library_sets_while_it_is_imported_is_not_the_runs(tmp_path: Path) -> None:
    name = "tests.right.library"
    sys.modules.pop(name, None)
    os.environ.pop("TESTS_RIGHT_LIBRARY_THREADS", None)
    assert changed_by(tmp_path, lambda: import_module(name)) == []
    assert "TESTS_RIGHT_LIBRARY_THREADS" in os.environ
