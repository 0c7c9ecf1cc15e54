"""Which histories are to be generated, as the command line says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_orchestrators.conformance.distribution import Stage
from pytest_orchestrators.suite.fuzzing.generation import Fuzzing
from pytest_orchestrators.suite.fuzzing.profiles import DEFAULT, PROFILES, Profile

#: Seeds are whole numbers below this.
_SEEDS = 1 << 32


def fuzzing_of(config: pytest.Config, stage: Stage) -> list[Fuzzing | None]:
    """What is to be generated for each flavor of a stage; none where nothing is.

    Raises:
        pytest.UsageError: `--orchestrator-fuzz` is neither a number of examples nor a profile, or
            `--orchestrator-fuzz-seed` is no whole number.
    """
    profile = _profile(config.getoption("orchestrator_fuzz") or DEFAULT)
    given = config.getoption("orchestrator_fuzz_seed")
    if given is not None and not 0 <= given < _SEEDS:
        raise pytest.UsageError(
            f"--orchestrator-fuzz-seed: {given} is no whole number from 0 to {_SEEDS - 1}"
        )
    seeds = (int(seed, 16) % _SEEDS if given is None else given for seed in stage.seeds)
    return [Fuzzing(profile, seed) if profile else None for seed in seeds]


def _profile(text: str) -> Profile | None:
    if text in PROFILES:
        return PROFILES[text]
    if not (text.isascii() and text.isdigit()):
        known = ", ".join(PROFILES)
        raise pytest.UsageError(
            f"--orchestrator-fuzz: {text!r} is neither a number of examples nor one of {known}"
        )
    examples = int(text)
    # Who asks for a number wants that many, however long it takes.
    return replace(PROFILES["deep"], name=text, examples=examples) if examples else None
