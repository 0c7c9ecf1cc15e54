"""A counter-example: the least generated history that breaks a requirement, as data that can be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from pytest_orchestrators.suite.data import Data, mistakes_of
from pytest_orchestrators.suite.evidence import Environment, GeneratedEvidence
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.verdict import Judgement, Observation

#: Errors of one file that are told at most.
_TOLD = 3


class NoCounterExample(Exception):
    """A file is no counter-example; the message says which, where, and what to do."""


class CounterExample(Data):
    """What is done, and what it breaks.

    Attributes:
        format: version of this format.
        requirement: the requirement that is broken.
        environment: the flavor that breaks it, and on what it ran.
        seed: what the history was drawn from.
        example: its number among those that were drawn.
        findings: what was expected, and what was observed.
        history: what is done.
    """

    format: Literal[1] = 1
    requirement: str
    environment: Environment
    seed: int
    example: int
    findings: tuple[Observation, ...] = Field(min_length=1)
    history: History

    def text(self) -> str:
        """The counter-example as it is kept in a file."""
        return self.model_dump_json(indent=2, exclude_defaults=True) + "\n"


def counter_example(
    judgement: Judgement, generated: GeneratedEvidence, environment: Environment
) -> CounterExample | None:
    """The counter-example of a requirement that generated histories break; none if none do."""
    if not judgement.examples:
        return None
    number = judgement.examples[0]
    seen = generated.least.get(judgement.id) or generated.examples[number - 1]
    return CounterExample(
        requirement=judgement.id,
        environment=environment,
        seed=generated.seed,
        example=number,
        findings=judgement.findings,
        history=seen.history,
    )


def read_counter_example(file: Path) -> CounterExample:
    """Read a counter-example.

    Raises:
        NoCounterExample: the file cannot be read, is not JSON, or does not hold what it should.
    """
    try:
        return CounterExample.model_validate_json(file.read_bytes())
    except OSError as error:
        raise NoCounterExample(f"{file} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        told = "; ".join(mistakes_of(error, "the file as a whole")[:_TOLD])
        raise NoCounterExample(
            f"{file} is no counter-example: {told}. The conformance suite writes them as "
            "counterexample_ID.json beside its scripts; give such a file as it was written."
        ) from None
