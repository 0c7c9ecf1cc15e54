"""Frozen contracts: what a version of the contract holds, as a file that is shipped and never changes again.

The file is derived from the catalogue (`python -m pytest_orchestrators.suite.freeze VERSION`) and tells which
requirements a verdict by that version counts. Requirements that came later are advice under it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.requirement import Level, Requirement

_FOLDER = Path(__file__).resolve().parent / "contracts"


class UnknownContract(LookupError):
    """There is no such version of the contract; the message lists those that there are."""


class FrozenRequirement(Data):
    """What a contract says of one requirement, as `Requirement` has it; its check is not part of it."""

    id: str
    level: Level
    sentence: str
    rationale: str
    observed: str
    capability: str | None
    exempt: str | None
    needs: tuple[str, ...]
    families: tuple[str, ...]
    since: str
    provenance: str


class FrozenContract(Data):
    """A version of the contract and all its requirements, in the order of the catalogue."""

    contract: str
    requirements: tuple[FrozenRequirement, ...]

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its requirements."""
        return frozenset(requirement.id for requirement in self.requirements)

    @property
    def text(self) -> str:
        """The text of its file."""
        return self.model_dump_json(indent=2) + "\n"


def path_of(version: str) -> Path:
    """Where the file of a version is, or would be."""
    return _FOLDER / f"contract-{version}.json"


def known_versions() -> tuple[str, ...]:
    """The versions that are shipped, the oldest first."""
    found = (file.stem.removeprefix("contract-") for file in _FOLDER.glob("contract-*.json"))
    return tuple(sorted(found, key=_order))


@cache
def shipped(version: str) -> FrozenContract:
    """The contract of a version, as it is shipped.

    Raises:
        UnknownContract: there is no such version.
        ValueError: the catalogue has lost a requirement of it.
    """
    if version not in known_versions():
        known = ", ".join(known_versions()) or "none"
        raise UnknownContract(f"there is no version {version!r} of the contract; known: {known}")
    contract = FrozenContract.model_validate_json(path_of(version).read_text(encoding="utf-8"))
    if lost := sorted(contract.ids - catalogue().keys()):
        raise ValueError(f"the catalogue has lost {', '.join(lost)} of contract {version}")
    return contract


def derived(version: str) -> FrozenContract:
    """The contract of a version, as the catalogue has it.

    Raises:
        ValueError: a requirement of it needs one that came later.
    """
    requirements = tuple(
        _frozen(requirement)
        for requirement in catalogue().values()
        if _order(requirement.since) <= _order(version)
    )
    contract = FrozenContract(contract=version, requirements=requirements)
    for requirement in requirements:
        if later := sorted(set(requirement.needs) - contract.ids):
            raise ValueError(f"{requirement.id} needs {', '.join(later)}, which came after {version}")
    return contract


def _frozen(requirement: Requirement) -> FrozenRequirement:
    return FrozenRequirement(
        id=requirement.id,
        level=requirement.level,
        sentence=requirement.sentence,
        rationale=requirement.why,
        observed=requirement.observed,
        capability=requirement.capability,
        exempt=requirement.exempt,
        needs=requirement.needs,
        families=requirement.families,
        since=requirement.since,
        provenance=requirement.provenance,
    )


def _order(version: str) -> tuple[int, ...]:
    """A key that sorts 1.10 after 1.9."""
    return tuple(int(part) for part in version.split("."))
