"""Making reports in tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.judge import judge
from pytest_orchestrators.suite.report import FlavorAccount
from pytest_orchestrators.suite.reporting import flavor_account
from pytest_orchestrators.suite.verdict import Observation, Status
from tests.judging import session_on
from tests.toy.system import ToyFlavor

#: A name that wants to become part of whatever it is written into.
HOSTILE = (
    "</script><script>alert(1)</script>\"'`|*<img src=http://example.invalid/x onerror=alert(2)>&amp;\x1b\x00"
)


def evidence_on(flavor: type[ToyFlavor], root: Path) -> Evidence:
    """All evidence of a flavor."""
    session = session_on(flavor, root)
    for requirement in applicable("toy"):
        session.ask(requirement.id)
    return session.evidence


def judged_again(evidence: Evidence, **changes: Any) -> FlavorAccount:
    """What a report says of evidence that was changed."""
    changed = evidence.model_copy(update=changes)
    return flavor_account(changed, judge(changed))


def with_statuses(flavor: FlavorAccount, statuses: Mapping[str, Status], **changes: Any) -> FlavorAccount:
    """A flavor of whose requirements some came out otherwise."""
    finding = Observation(expected="this", observed="that", where="there")
    requirements = tuple(
        requirement.model_copy(
            update={
                "status": statuses[requirement.id],
                "findings": (finding,) if statuses[requirement.id] is Status.FAILED else (),
                "reason": ""
                if statuses[requirement.id] in (Status.PASSED, Status.FAILED)
                else "for a reason",
            }
        )
        if requirement.id in statuses
        else requirement
        for requirement in flavor.requirements
    )
    changed = flavor.model_copy(update={"requirements": requirements, **changes})
    verdict = changed.verdict
    return FlavorAccount.model_validate(
        {**dict(changed), "word": verdict.word, "exit_code": int(verdict.exit_code)}
    )
