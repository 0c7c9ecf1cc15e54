"""What fixtures are bound to in a pytest session: worked out once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_orchestrators.suite.subject import Subject

_SUBJECTS: pytest.StashKey[tuple[Subject, ...]] = pytest.StashKey()


def bind_subjects(config: pytest.Config, asked: Sequence[str]) -> tuple[Subject, ...]:
    """Build the flavors that are asked for; none is the table's default, else `local`.

    The root directory is importable from here to the end of the session.

    Raises:
        pytest.UsageError: a flavor cannot be used; the message says why.
    """
    from pytest_orchestrators.selection.binding import bind, make_importable
    from pytest_orchestrators.selection.errors import SelectionError

    config.add_cleanup(make_importable(config.rootpath))
    given = config.getoption("orchestrator_config")
    try:
        config.stash[_SUBJECTS] = bind(config.rootpath, asked, given, config.invocation_params.dir)
    except SelectionError as error:
        raise pytest.UsageError(str(error)) from error
    return config.stash[_SUBJECTS]


def subjects_of(config: pytest.Config) -> tuple[Subject, ...]:
    """What fixtures are bound to, bound now if nothing was asked for; raises pytest.UsageError."""
    return bound_subjects(config) or bind_subjects(config, ())


def bound_subjects(config: pytest.Config) -> tuple[Subject, ...]:
    """What has been bound so far; empty if nothing has."""
    return config.stash.get(_SUBJECTS, ())
