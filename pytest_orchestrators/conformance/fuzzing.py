"""Which histories are to be generated, as the command line says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_orchestrators.conformance.distribution import Stage
from pytest_orchestrators.suite.counterexample import NoCounterExample, read_counter_example
from pytest_orchestrators.suite.fuzzing.generation import Fuzzing
from pytest_orchestrators.suite.fuzzing.profiles import DEFAULT, PROFILES, Profile, as_many_as
from pytest_orchestrators.suite.fuzzing.scope import Scope
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.subject import Subject

#: Seeds are whole numbers below this.
_SEEDS = 1 << 32


def fuzzing_of(config: pytest.Config, stage: Stage, subjects: Sequence[Subject]) -> list[Fuzzing]:
    """What is to be generated for each flavor of a stage; with `--differential` the same for all.

    Raises:
        pytest.UsageError: `--orchestrator-fuzz` is neither a number of examples nor a profile,
            `--orchestrator-fuzz-seed` is no such number, `--orchestrator-replay` names no counter-example, or
            there is nothing to be compared with `--differential`.
    """
    profile = _profile(config.getoption("orchestrator_fuzz") or DEFAULT)
    given = config.getoption("orchestrator_fuzz_seed")
    if given is not None and not 0 <= given < _SEEDS:
        raise pytest.UsageError(f"--orchestrator-fuzz-seed: {given} is not a number from 0 to {_SEEDS - 1}")
    replay = _replayed(config)
    seeds = [int(seed, 16) % _SEEDS if given is None else given for seed in stage.seeds]
    if not config.getoption("orchestrator_differential"):
        return [Fuzzing(profile, seed, replay) for seed in seeds]
    if len(subjects) < 2:
        raise pytest.UsageError("--differential: name two flavors and more by --orchestrator-flavor")
    if not profile.examples:
        raise pytest.UsageError("--differential: with --orchestrator-fuzz 0 there is nothing to compare")
    return [Fuzzing(profile, seeds[0], replay, Scope.of(*subjects)) for _ in subjects]


def _profile(text: str) -> Profile:
    if text in PROFILES:
        return PROFILES[text]
    if not (text.isascii() and text.isdigit()):
        known = ", ".join(PROFILES)
        raise pytest.UsageError(
            f"--orchestrator-fuzz: {text!r} is neither a number of examples nor one of {known}"
        )
    return as_many_as(int(text))


def _replayed(config: pytest.Config) -> tuple[History, ...]:
    try:
        files = (config.invocation_params.dir / given for given in config.getoption("orchestrator_replay"))
        return tuple(read_counter_example(file).history for file in files)
    except NoCounterExample as error:
        raise pytest.UsageError(f"--orchestrator-replay: {error}") from error
