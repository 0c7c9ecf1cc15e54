"""A requirement: one decorated function. Catalogue, documents and verdict are derived from these.

The docstring is the sentence of the contract; the decorator holds what else is known about it; the body is
the check, a pure function of evidence that yields a finding for everything that is not as it must be.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pytest_orchestrators.suite.case import Case, Reader

Level = Literal["core", "capability", "advisory"]


@dataclass(frozen=True)
class Finding:
    """Something that is not as the contract wants it.

    Attributes:
        expected: what the contract wants, as a sentence.
        observed: what was seen instead.
        where: scenario and run, or the call.
        advisory: the finding is reported and never fails the requirement.
    """

    expected: str
    observed: str
    where: str = ""
    advisory: bool = False


Check = Callable[[Reader], Iterable[Finding]]


@dataclass(frozen=True)
class Anywhere:
    """What a requirement has to say about histories that nobody thought of.

    Attributes:
        of: picks those runs of a history that it has something to say about.
        check: says it; none for the requirement's own check, of each of these runs by itself.
    """

    of: Callable[[Sequence[Case]], Sequence[Case]]
    check: Callable[[Sequence[Case]], Iterable[Finding]] | None = None


@dataclass(frozen=True)
class Requirement:
    """One numbered obligation of the contract.

    Attributes:
        id: stable for ever, for example `RUN-3`.
        sentence: what a correct orchestrator does.
        check: yields a finding for everything that breaks the sentence.
        level: `core`, `capability` or `advisory`.
        capability: the capability that a flavor must declare for this to apply.
        undeclared: the check for flavors that do not declare it: works quietly, or says so clearly? It is
            not made where one of `needs` has failed.
        exempt: the capability that a flavor must not have declared for this to apply.
        reads: the scenarios it looks at; none for what is found out by calling.
        undeclared_reads: those that `undeclared` looks at, where they are others.
        needs: requirements without which this one says nothing; blocked when one of them fails.
        why: why it matters.
        observed: how it is observed.
        example: a wrong orchestrator, as a few lines of Python.
        fix: what usually mends it.
        since: version of the contract that brought it.
        provenance: the recorded defect behind it, where there is one.
        limits: what the check cannot see, or does not ask.
        families: families that it makes sense for; empty for all.
        anywhere: what it has to say about generated histories; none if nothing.
    """

    id: str
    sentence: str
    check: Check
    level: Level = "core"
    capability: str | None = None
    undeclared: Check | None = None
    exempt: str | None = None
    reads: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    why: str = ""
    observed: str = ""
    example: str = ""
    fix: str = ""
    since: str = "1.0"
    provenance: str = ""
    limits: str = ""
    families: tuple[str, ...] = ()
    undeclared_reads: tuple[str, ...] | None = None
    anywhere: Anywhere | None = None

    def undeclared_by(self, capabilities: Collection[str]) -> bool:
        """Whether it is about a capability that is not among these."""
        return self.capability is not None and self.capability not in capabilities

    def not_applicable(self, capabilities: Collection[str]) -> str:
        """Why it says nothing about a flavor that declares these capabilities; empty if it does."""
        if self.exempt and self.exempt in capabilities:
            return f"the flavor declares the capability {self.exempt}"
        if self.undeclared_by(capabilities) and self.undeclared is None:
            return self.reason_undeclared
        return ""

    def reads_with(self, capabilities: Collection[str]) -> tuple[str, ...]:
        """The scenarios it looks at for a flavor that declares these capabilities."""
        if self.not_applicable(capabilities):
            return ()
        if self.undeclared_by(capabilities) and self.undeclared_reads is not None:
            return self.undeclared_reads
        return self.reads

    @property
    def reason_undeclared(self) -> str:
        """That the capability it is about is not declared."""
        return f"the flavor does not declare the capability {self.capability}"

    @property
    def group(self) -> str:
        """The group, for example `RUN`."""
        return self.id.split("-")[0]

    @property
    def order(self) -> tuple[str, int]:
        """A key that sorts RUN-10 after RUN-9."""
        group, number = self.id.split("-")
        return group, int(number)


@dataclass
class Collector:
    """Where the decorated functions of a module are kept; the catalogue puts the modules together."""

    requirements: list[Requirement] = field(default_factory=list)

    def __call__(
        self,
        id: str,
        *,
        reads: tuple[str, ...] = (),
        needs: tuple[str, ...] = (),
        level: Level = "core",
        capability: str | None = None,
        undeclared: Check | None = None,
        exempt: str | None = None,
        why: str,
        observed: str,
        example: str = "",
        fix: str = "",
        since: str = "1.0",
        provenance: str = "",
        limits: str = "",
        families: tuple[str, ...] = (),
        undeclared_reads: tuple[str, ...] | None = None,
        anywhere: Anywhere | None = None,
    ) -> Callable[[Check], Check]:
        """Register a check as the requirement of this id; its docstring is the sentence."""

        def register(check: Check) -> Check:
            sentence = " ".join((inspect.getdoc(check) or "").split())
            if not sentence:
                raise ValueError(f"the check of {id} has no docstring, which is to be its sentence")
            self.requirements.append(
                Requirement(
                    id=id,
                    sentence=sentence,
                    check=check,
                    level=level,
                    capability=capability,
                    undeclared=undeclared,
                    exempt=exempt,
                    reads=reads,
                    needs=needs,
                    why=why,
                    observed=observed,
                    example=inspect.cleandoc(example),
                    fix=fix,
                    since=since,
                    provenance=provenance,
                    limits=limits,
                    families=families,
                    undeclared_reads=undeclared_reads,
                    anywhere=anywhere,
                )
            )
            return check

        return register


def listed(values: Iterable[str]) -> str:
    """A readable list of names for a finding."""
    return ", ".join(sorted(values)) or "none"
