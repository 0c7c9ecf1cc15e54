"""Rows of the matrix: orchestrators, and what the catalogue says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_orchestrators import NoContainerEngineError, connect_to_engine
from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.verdict import Status, Verdict, Word
from tests.broken import all as broken
from tests.broken.sins import Sinner
from tests.right import all as right


class Row(Data):
    """What became of one orchestrator.

    Attributes:
        name: its class, without the package.
        told: what is wrong with it, or unusual about it, in its own words.
        named_by: the requirements that name its sin; none for a right one.
        word: the verdict in one word; empty if it came to none.
        failed: the requirements that failed.
        blocked: the requirements that could say nothing.
        shown_in: of those that name the sin and failed, a scenario that shows it on its own; none if it takes
            several, or no run.
        passed: the requirements that passed.
        lost: why it came to no verdict; empty if it did.
    """

    name: str
    told: str
    named_by: tuple[str, ...] = ()
    word: str = ""
    failed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    shown_in: Mapping[str, str] = {}
    passed: tuple[str, ...] = ()
    lost: str = ""

    @property
    def others(self) -> tuple[str, ...]:
        """The requirements that failed besides those that name the sin."""
        return tuple(id for id in self.failed if id not in self.named_by)

    def judged(self, verdict: Verdict) -> Row:
        """The row with what a verdict says."""
        found = {
            status.value: tuple(judgement.id for judgement in verdict.of(status))
            for status in (Status.FAILED, Status.BLOCKED, Status.PASSED)
        }
        return self.model_copy(update={"word": verdict.word.value, **found})

    def seen_to_fail(self, failed: tuple[str, ...]) -> Row:
        """The row with what fails in less than the whole catalogue."""
        word = Word.DOES_NOT_CONFORM if failed else Word.INCOMPLETE
        return self.model_copy(update={"word": word.value, "failed": failed})


class Matrix(Data):
    """All rows: `contained` are those of orchestrators on containers."""

    wrong: tuple[Row, ...] = ()
    contained: tuple[Row, ...] = ()
    right: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Contestant:
    """An orchestrator that is to be judged.

    Attributes:
        row: what is known of it beforehand.
        flavor: its flavor class.
        whole: whether it is asked for the whole catalogue. A wrong one on containers, where that takes
            minutes, is asked for what names it, and judged by all that can be told from what is seen then.
    """

    row: Row
    flavor: type
    whole: bool = True

    @property
    def contained(self) -> bool:
        """Whether it says that it runs steps in containers."""
        return "containers" in getattr(self.flavor, "capabilities", ())


def wrong_ones() -> list[Contestant]:
    """Every wrong orchestrator that can be judged anywhere."""
    return [_wrong(each) for each in broken.every()]


def wrong_ones_in_containers() -> list[Contestant]:
    """Every wrong orchestrator that takes a container engine."""
    return [_wrong(each, whole=False) for each in broken.in_containers()]


def right_ones() -> list[Contestant]:
    """Every right orchestrator that can be judged anywhere."""
    return [_right(flavor) for flavor in right.every()]


def right_ones_in_containers() -> list[Contestant]:
    """Every right orchestrator that takes a container engine."""
    return [_right(flavor) for flavor in right.in_containers()]


def engine_answers() -> bool:
    """Whether orchestrators on containers can be judged here."""
    try:
        with connect_to_engine():
            return True
    except NoContainerEngineError:
        return False


def _wrong(sinner: Sinner, whole: bool = True) -> Contestant:
    row = Row(name=sinner.name.removesuffix(".Flavor"), told=sinner.told, named_by=sinner.named_by)
    return Contestant(row, sinner.flavor, whole)


def _right(flavor: Any) -> Contestant:
    orchestrator = flavor.implementation_class
    name = f"{orchestrator.__module__.removeprefix('tests.')}:{orchestrator.__name__}"
    return Contestant(Row(name=name, told=" ".join((orchestrator.__doc__ or "").split())), flavor)
