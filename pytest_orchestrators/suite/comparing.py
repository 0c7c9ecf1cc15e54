"""Comparing two reports: what became worse, and what else has changed."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.report import FlavorAccount, Report, RequirementAccount
from pytest_orchestrators.suite.verdict import Status, Word

#: Status to how bad it is: to become worse is a regression. Of what was not good before, nothing was lost.
BADNESS = {
    Status.PASSED: 0,
    Status.NOT_APPLICABLE: 0,
    Status.WAIVED: 1,
    Status.NOT_RUN: 2,
    Status.BLOCKED: 2,
    Status.FAILED: 2,
}
#: The same of verdicts.
WORD_BADNESS = {
    Word.CONFORMS: 0,
    Word.CONFORMS_WITH_WAIVERS: 1,
    Word.INCOMPLETE: 2,
    Word.BLOCKED: 2,
    Word.DOES_NOT_CONFORM: 3,
}


class Change(Data):
    """Something that is not as it was.

    Attributes:
        flavor: the flavor's name.
        subject: the requirement, or what else of the flavor.
        before: what it was; empty if it was not there.
        after: what it is; empty if it is not there any more.
        regression: whether it is worse than it was.
        detail: the sentence of the requirement, and why it is not as it was.
    """

    flavor: str
    subject: str
    before: str
    after: str
    regression: bool
    detail: str = ""


def changes(old: Report, new: Report) -> list[Change]:
    """What has changed, regressions first."""
    found: list[Change] = []
    for before in old.flavors:
        after = new.flavor(before.name)
        found += [_gone(before)] if after is None else _of_flavor(before, after)
    found += [_come(flavor) for flavor in new.flavors if old.flavor(flavor.name) is None]
    return sorted(found, key=lambda change: not change.regression)


def _gone(flavor: FlavorAccount) -> Change:
    return Change(flavor=flavor.name, subject="the flavor", before="reported", after="", regression=True)


def _come(flavor: FlavorAccount) -> Change:
    return Change(
        flavor=flavor.name, subject="the flavor", before="", after=flavor.word.value, regression=False
    )


def _of_flavor(old: FlavorAccount, new: FlavorAccount) -> Iterator[Change]:
    if old.word is not new.word:
        worse = WORD_BADNESS[new.word] > WORD_BADNESS[old.word]
        yield Change(
            flavor=old.name,
            subject="the verdict",
            before=old.word.value,
            after=new.word.value,
            regression=worse,
        )
    yield from _of_environment(old, new)
    yield from _of_requirements(old, new)


def _of_environment(old: FlavorAccount, new: FlavorAccount) -> Iterator[Change]:
    """Where the flavor comes from, what it declares, on what it ran: told, and nothing worse or better."""
    mine, theirs = ({"contract": f.contract, **f.environment.model_dump()} for f in (old, new))
    for name, before in mine.items():
        if before != theirs[name]:
            yield Change(
                flavor=old.name, subject=name, before=str(before), after=str(theirs[name]), regression=False
            )


def _of_requirements(old: FlavorAccount, new: FlavorAccount) -> Iterator[Change]:
    before, after = ({r.id: r for r in flavor.requirements} for flavor in (old, new))
    for id, was in before.items():
        now = after.get(id)
        if now is None:
            yield Change(
                flavor=old.name,
                subject=id,
                before=was.status.value,
                after="",
                regression=True,
                detail=was.sentence,
            )
        elif now.status is not was.status:
            yield Change(
                flavor=old.name,
                subject=id,
                before=was.status.value,
                after=now.status.value,
                regression=BADNESS[now.status] > BADNESS[was.status],
                detail=_told(now),
            )
    for id, now in after.items():
        if id not in before:
            yield Change(
                flavor=old.name,
                subject=id,
                before="",
                after=now.status.value,
                regression=False,
                detail=now.sentence,
            )


def _told(requirement: RequirementAccount) -> str:
    """A requirement's sentence, and why it is not kept."""
    if requirement.findings:
        return f"{requirement.sentence} Observed: {requirement.findings[0].observed}"
    return (
        f"{requirement.sentence} Reason: {requirement.reason}" if requirement.reason else requirement.sentence
    )
