"""Two flavors side by side: where the same generated histories came to something else.

Differences are no accusations: the contract leaves a choice in places, and then says so by what the model
allows. Where it leaves none, one of the two flavors is wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from pytest_orchestrators.suite.account import RunAccount, StepAccount, account
from pytest_orchestrators.suite.case import Case, walk
from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.evidence import GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.requirements.looking import shown

#: Values of a step, by the event that tells of them.
_VALUES = {"inputs": "started", "parameters": "started", "values": "finished"}
_KINDS = {"inputs": "what steps are given", "parameters": "parameters of steps", "values": "outputs of steps"}


class Difference(Data):
    """Something that came out differently.

    Attributes:
        run: the run's label.
        kind: what kind of thing it is, alike for all differences of the kind.
        what: what exactly.
        reference: what it is with the first flavor.
        other: what it is with the other one.
        left_open: whether the contract allows both.
    """

    run: str
    kind: str
    what: str
    reference: str
    other: str
    left_open: bool


class Differing(Data):
    """A history that came to something else: its number with the first flavor, and the differences."""

    example: int
    history: History
    differences: tuple[Difference, ...]


class Comparison(Data):
    """What two flavors made of the same histories.

    Attributes:
        reference: the name of the first flavor.
        other: the name of the other one.
        histories: how many were carried out with both.
        runs: how many runs these have.
        differing: those that came to something else, in order.
    """

    reference: str
    other: str
    histories: int
    runs: int
    differing: tuple[Differing, ...]

    def wrong(self) -> list[Differing]:
        """Those in which a flavor is wrong, each with the differences that show it, small ones first."""
        found = [
            one.model_copy(update={"differences": tuple(d for d in one.differences if not d.left_open)})
            for one in self.differing
        ]
        return sorted((one for one in found if one.differences), key=lambda one: len(_key(one.history)))


def compared(
    reference: str, first: GeneratedEvidence | None, other: str, second: GeneratedEvidence | None
) -> Comparison:
    """Compare what was seen of two flavors in histories that were generated from one seed.

    What was not carried out with both, for lack of time, is left out.
    """
    seen = {_key(one.history): one for one in second.examples} if second else {}
    numbered = enumerate(first.examples if first else (), 1)
    pairs = [(n, one, seen[key]) for n, one in numbered if (key := _key(one.history)) in seen]
    differing = [
        Differing(example=number, history=one.history, differences=found)
        for number, one, another in pairs
        if (found := tuple(differences(one, another)))
    ]
    return Comparison(
        reference=reference,
        other=other,
        histories=len(pairs),
        runs=sum(min(len(one.runs), len(another.runs)) for _, one, another in pairs),
        differing=tuple(differing),
    )


def _key(history: History) -> str:
    """What two histories have in common that are the same but for their names."""
    return history.model_dump_json(exclude={"name"}, exclude_defaults=True)


def differences(first: ScenarioEvidence, second: ScenarioEvidence) -> Iterator[Difference]:
    """What came out differently in a history.

    What comes after a run that one of the flavors got wrong is not looked at: it may follow from that.
    """
    accounts = zip(account(first).runs, account(second).runs, strict=False)
    for one, another, (its, others) in zip(walk(first), walk(second), accounts, strict=False):
        found = [*_endings(one, another), *_steps(one, another, its, others), *_order(one, another)]
        found += _warnings(one, another)
        yield from found
        if not all(difference.left_open for difference in found):
            return


def _endings(one: Case, another: Case) -> Iterator[Difference]:
    """How the run ended: a run name that has succeeded, and names like those of few, may be refused."""
    its, others = one.seen.outcome.kind, another.seen.outcome.kind
    if its != others:
        refusable = one.seen.action.hostile or one.expected.repeats
        yield Difference(
            run=one.label,
            kind="how runs end",
            what="how run() ended",
            reference=its,
            other=others,
            left_open=refusable and "returned" in (its, others),
        )


def _steps(one: Case, another: Case, its: RunAccount, others: RunAccount) -> Iterator[Difference]:
    """What became of the steps, and the values that both flavors had for them."""
    for step, other in zip(its.steps, others.steps, strict=True):
        if (step.state, len(step.spans)) != (other.state, len(other.spans)):
            yield Difference(
                run=one.label,
                kind="what becomes of steps",
                what=f"what became of step {step.name}",
                reference=_told(step.state, len(step.spans)),
                other=_told(other.state, len(other.spans)),
                left_open=_allowed(one, step) and _allowed(another, other),
            )
        elif step.state == "executed":
            yield from _values(one, another, step.name)


def _told(state: str, times: int) -> str:
    return state if times < 2 else f"{state}, started {times} times"


def _allowed(case: Case, step: StepAccount) -> bool:
    """Whether the contract allows a step to end so; a run may be refused, and what fails be tried again."""
    expected = case.expected.steps[step.name]
    if step.state == "executed" and len(step.spans) > 1 and step.name not in case.seen.action.faults:
        return False
    return case.refused or expected.because == "done" or step.state.replace(" ", "_") in expected.allowed


def _values(one: Case, another: Case, step: str) -> Iterator[Difference]:
    for kind, event in _VALUES.items():
        its, others = (
            [fact.facts.get(kind) or {} for fact in case.seen.events(event, step)] for case in (one, another)
        )
        if its != others:
            yield Difference(
                run=one.label,
                kind=_KINDS[kind],
                what=f"{kind} of step {step}",
                reference=shown(its),
                other=shown(others),
                left_open=False,
            )


def _order(one: Case, another: Case) -> Iterator[Difference]:
    """In which order steps began: what does not wait for each other may begin in any."""
    its, others = ([fact.step or "" for fact in case.seen.events("started")] for case in (one, another))
    if its != others and sorted(its) == sorted(others):
        yield Difference(
            run=one.label,
            kind="the order in which steps begin",
            what="the order of steps",
            reference=", ".join(its),
            other=", ".join(others),
            left_open=True,
        )


def _warnings(one: Case, another: Case) -> Iterator[Difference]:
    """Which steps are named in warnings: what is warned of depends on what a flavor can do."""
    its, others = (
        [step for step in case.expected.steps if case.mentions(step, level=logging.WARNING)]
        for case in (one, another)
    )
    if its != others:
        yield Difference(
            run=one.label,
            kind="which steps warnings name",
            what="the steps that warnings name",
            reference=", ".join(its) or "none",
            other=", ".join(others) or "none",
            left_open=True,
        )
