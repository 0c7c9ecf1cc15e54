"""What the matrix must show; everything that it does not is a complaint, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.verdict import Word
from tests.matrix.rows import Matrix, Row

#: The orchestrator that does nothing.
NULL = "running:Null"
#: So many requirements may fail besides those that name a sin: more, and the sin drowns in them.
MOST_OTHERS = 5
#: Wrong orchestrators with more of them, and why that is right.
WIDE: dict[str, str] = {
    "running:DropsFalsyParameters": "a wrong value is told by all that a run must come to",
    "running:ParametersAsText": "a wrong value is told by all that a run must come to",
    "running:KeepsNoRecord": "half of the contract is about what is on the record",
    "cleaning:NeverCleansUp": "what stays active is told after every kind of end",
    "cleaning:CleansUpAfterSuccess": "what stays active is told after every kind of end",
    "cleaning:CleansUpAfterExceptions": "what stays active is told after every kind of end",
    "cleaning:OnceFailedAlwaysFailed": "every run after a failure is one that fails",
    "cleaning:StaysStopped": "every run after a failure is one that leaves all steps out",
    "cleaning:AvoidsWhatFailed": "every run after a failure is one that leaves a step out",
    "interrupted:RemembersTheInterrupt": "every run after an interrupt is one that fails",
    "failing:ClosesAsComplete": "half of the contract is about what is on the record",
    "overlapping:DoesNotWait": "runs are looked at that are not over: what is missing by then is chance",
    "caching:CacheOfTheBackend": "steps are neither executed nor on the record, which is what most look at",
    "caching:DoneBeforeItRan": "steps are neither executed nor on the record, which is what most look at",
}


def complaints(matrix: Matrix) -> list[str]:
    """All that is wrong with the suite, as the matrix shows it."""
    wrong = (*matrix.wrong, *matrix.contained)
    found = [f"{row.name} was not judged: {row.lost}" for row in (*wrong, *matrix.right) if row.lost]
    for row in wrong:
        found += _of_wrong(row)
    for row in matrix.right:
        if not row.lost and row.word != Word.CONFORMS.value:
            against = ", ".join((*row.failed, *row.blocked))
            found.append(f"{row.name} is right, and is said to be: {row.word} ({against})")
    found += _of_null([row for row in wrong if row.name == NULL])
    caught = {id for row in wrong for id in row.failed if id in row.named_by}
    found += [
        f"{id} is broken by no wrong orchestrator: nobody knows whether it can fail"
        for id, requirement in catalogue().items()
        if requirement.level != "advisory" and id not in caught
    ]
    names = {row.name for row in wrong}
    return found + [f"there is no {name} to be excused for its cascade" for name in WIDE if name not in names]


def _of_wrong(row: Row) -> Iterator[str]:
    """Complaints about how one wrong orchestrator is told."""
    if row.lost:
        return
    if not row.told:
        yield f"{row.name} does not say what is wrong with it: give it a docstring"
    for id in row.named_by:
        if id not in row.failed:
            yield f"{row.name} is not caught by {id}, which names its sin"
    many = len(row.others) > MOST_OTHERS
    if many and row.name not in WIDE:
        yield (
            f"{row.name} makes {len(row.others)} requirements fail besides the one that names its sin, more "
            f"than {MOST_OTHERS}: {', '.join(row.others)}"
        )
    if not many and row.name in WIDE:
        yield f"{row.name} is excused for a cascade that it does not have any more"


def _of_null(rows: list[Row]) -> Iterator[str]:
    """Complaints about what doing nothing comes to."""
    if not rows:
        yield f"{NULL}, the orchestrator that does nothing, is not among the wrong ones"
    for row in rows:
        for id in row.passed:
            if catalogue()[id].reads:
                yield f"{row.name} does nothing, and passes {id}, which looks at runs"
