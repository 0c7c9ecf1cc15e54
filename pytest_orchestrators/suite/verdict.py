"""The verdict as data: what became of each requirement, and the one word that sums it up."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum

from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.waivers import Waiver


class Status(str, Enum):
    """What became of a requirement."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "n/a"
    NOT_RUN = "not run"


#: Why a requirement was not run that nobody asked for.
NOT_SELECTED = "it was not selected"


class Word(str, Enum):
    """The verdict in one word."""

    CONFORMS = "CONFORMS"
    CONFORMS_WITH_WAIVERS = "CONFORMS WITH WAIVERS"
    DOES_NOT_CONFORM = "DOES NOT CONFORM"
    INCOMPLETE = "INCOMPLETE"
    BLOCKED = "BLOCKED"


class ExitCode(IntEnum):
    """What the process ends with."""

    CONFORMS = 0
    DOES_NOT_CONFORM = 1
    USAGE = 4
    UNDECIDED = 8


class Observation(Data):
    """A finding as data: what the contract wants, what was seen, and where to look."""

    expected: str
    observed: str
    where: str = ""


class Judgement(Data):
    """What became of one requirement.

    Attributes:
        id: the requirement.
        status: what became of it.
        findings: what is not as it must be; not empty if it failed, or if it would have but for a waiver.
        advice: what is worth knowing and fails nothing.
        reason: why it is blocked, waived, not applicable or not run.
        cause: the part of the reason that it may have in common with other blocked requirements, where that
            is not all of it.
        examples: the numbers of the generated histories that break it.
        waiver: the waiver of the requirement, if there is one; whether it excuses anything, the status says.
    """

    id: str
    status: Status
    findings: tuple[Observation, ...] = ()
    advice: tuple[Observation, ...] = ()
    reason: str = ""
    cause: str = ""
    examples: tuple[int, ...] = ()
    waiver: Waiver | None = None


class Verdict(Data):
    """The judgements of a whole catalogue on one flavor."""

    flavor: str
    contract: str
    judgements: tuple[Judgement, ...]
    blocked: str = ""

    @property
    def word(self) -> Word:
        """The verdict in one word: a failure decides, then what is blocked, then what was left out."""
        statuses = {judgement.status for judgement in self.judgements}
        if Status.FAILED in statuses:
            return Word.DOES_NOT_CONFORM
        if self.blocked or Status.BLOCKED in statuses:
            return Word.BLOCKED
        if Status.NOT_RUN in statuses or Status.PASSED not in statuses:
            return Word.INCOMPLETE
        return Word.CONFORMS_WITH_WAIVERS if Status.WAIVED in statuses else Word.CONFORMS

    @property
    def title(self) -> str:
        """The word as people read it, with the number of waivers."""
        if self.word is not Word.CONFORMS_WITH_WAIVERS:
            return str(self.word.value)
        count = len(self.of(Status.WAIVED))
        return f"CONFORMS WITH {count} WAIVER{'S' * (count != 1)}"

    @property
    def exit_code(self) -> ExitCode:
        """What the process is to end with."""
        if self.word in (Word.CONFORMS, Word.CONFORMS_WITH_WAIVERS):
            return ExitCode.CONFORMS
        return ExitCode.DOES_NOT_CONFORM if self.word is Word.DOES_NOT_CONFORM else ExitCode.UNDECIDED

    def of(self, *statuses: Status) -> tuple[Judgement, ...]:
        """The judgements of these statuses."""
        return tuple(j for j in self.judgements if j.status in statuses)

    def __getitem__(self, requirement: str) -> Judgement:
        return next(j for j in self.judgements if j.id == requirement)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """The exit code of several verdicts: a failure decides, then anything undecided."""
    ordered = (ExitCode.USAGE, ExitCode.DOES_NOT_CONFORM, ExitCode.UNDECIDED, ExitCode.CONFORMS)
    found = set(codes)
    return next((code for code in ordered if code in found), ExitCode.UNDECIDED)
