"""Judging mutants by the conformance suite alone, each in a fork in which what is changed is not loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING

from pytest_orchestrators.suite.apart import ChildLost
from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.verdict import Status
from tests.forks import in_forks
from tests.mutation.mutants import Mutant
from tests.mutation.serving import serve

if TYPE_CHECKING:
    from pytest_orchestrators.suite.requirement import Requirement

#: What takes long to import, and imports nothing that is changed.
HEAVY = (
    "ml_metadata",
    "tfx.orchestration.local.runner_utils",
    "tfx.orchestration.portable.launcher",
    "tfx.orchestration.portable.python_executor_operator",
    "tfx.orchestration.portable.runtime_parameter_utils",
)
#: Who is judged with a mutant in it: module, class, and the requirements that are asked for, or all.
LOCAL = ("reference_flavors.local", "LocalOrchestratorFlavor", ())
#: Who is asked for what if the first one conforms: these need something of the base class that it does not.
OTHERS = (
    ("tests.right.in_this_process", "LastReadyFirst.Flavor", ("RUN-4",)),
    ("tests.right.in_this_process", "OwnRunName.Flavor", ("RUN-5", "RUN-17")),
    ("tests.right.relying", "WarnsAtEveryTurn.Flavor", ("WRN-3", "WRN-6")),
    ("tests.right.relying", "WarnsWhenPreparing.Flavor", ("WRN-1",)),
    ("tests.right.relying", "KeepsAccount.Flavor", ("CCH-1",)),
    ("tests.right.relying", "TimesItsHooks.Flavor", ("RUN-1",)),
    ("tests.right.relying", "OneRunAtATime.Flavor", ("ISO-2",)),
    ("tests.right.elsewhere", "ForkPerStep.Flavor", ("FLR-6", "FLR-7", "FLR-11")),
    ("tests.right.elsewhere", "AsksTheRecord.Flavor", ("RUN-1", "FLR-11")),
    ("tests.right.elsewhere", "DoesNotWait.Flavor", ("CLN-9",)),
)
#: What stands between a requirement and the one of the others that it fails with.
ON = " with "
#: Seconds that a scenario of a mutant may take: the reference takes less than one.
BUDGET_S = 120.0
#: Seconds after which a mutant is taken for one that never ends.
PATIENCE_S = 900.0
#: These are asked first: they find out most.
FIRST = ("RUN-1", "FLR-7")


def killers(mutants: Iterable[Mutant | None]) -> Iterator[tuple[Mutant | None, str]]:
    """Judge mutants, some at once; for each, as it comes to its end, what killed it: nothing if it conforms.

    `None` stands for the sources as they are.
    """
    for module in HEAVY:
        import_module(module)
    for mutant, killer in in_forks(((each, partial(_killer, each)) for each in mutants), PATIENCE_S):
        if isinstance(killer, ChildLost):
            killer = f"no verdict: {str(killer).strip().splitlines()[-1]}"
        yield mutant, killer


def _killer(mutant: Mutant | None) -> str:
    """What kills a mutant; nothing if everybody conforms with it."""
    if mutant is not None:
        serve(mutant)
    killer = _objection_to(*LOCAL)
    for module, name, ids in OTHERS if not killer else ():
        objection = _objection_to(module, name, ids)
        if objection:
            return f"{objection}{ON}{name.removesuffix('.Flavor')}"
    return killer


def _objection_to(module: str, name: str, ids: tuple[str, ...]) -> str:
    """The first requirement that fails with a flavor, or what blocks the verdict; nothing if it conforms."""
    # Imported here and not above: these stand on what is changed.
    judging = import_module("tests.judging")
    flavor = attrgetter(name)(import_module(module))
    with judging.stores() as root, closing(judging.session_on(flavor, root, budget=BUDGET_S)) as session:
        blocked = ""
        everything = sorted(applicable(session.subject.family.name), key=_turn)
        for id in ids or [requirement.id for requirement in everything]:
            judgement = session.ask(id)
            if judgement.status is Status.FAILED:
                return id
            if judgement.status is Status.BLOCKED:
                blocked = blocked or f"no verdict: {judgement.reason.splitlines()[0]}"
        return blocked


def _turn(requirement: Requirement) -> tuple[bool, int]:
    """What costs nothing first, then what finds out most."""
    return bool(requirement.reads), FIRST.index(requirement.id) if requirement.id in FIRST else len(FIRST)
