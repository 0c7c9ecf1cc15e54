"""The report: verdicts and what they rest on, as data that is published. Everything that is rendered is
rendered from this.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError, model_validator

from pytest_orchestrators.suite.account import ScenarioAccount
from pytest_orchestrators.suite.data import Data, mistakes_of
from pytest_orchestrators.suite.evidence import Environment
from pytest_orchestrators.suite.requirement import Level
from pytest_orchestrators.suite.verdict import Judgement, Verdict, Word, worst

#: Name of the JSON Schema that reports of this format follow.
SCHEMA_ID: Literal["urn:pytest-orchestrators:conformance-report:1"] = (
    "urn:pytest-orchestrators:conformance-report:1"
)
#: Errors of one file that are told at most.
_TOLD = 5


class ReportError(Exception):
    """A file is no report, or reports do not go together; the message says which, where, and what."""


class RequirementAccount(Judgement):
    """What became of one requirement, and all that helps to understand that.

    Attributes:
        group: the group that it belongs to.
        level: `core`, `capability` or `advisory`.
        capability: the capability that it is about, where it is about one.
        sentence: what a correct orchestrator does.
        reads: the scenarios that it looks at.
        why: why it matters.
        observed: how it is observed.
        example: a wrong orchestrator.
        fix: what usually mends it.
        since: version of the contract that brought it.
        provenance: the recorded defect behind it, where there is one.
    """

    group: str
    level: Level
    capability: str | None
    sentence: str
    reads: tuple[str, ...] = ()
    why: str = ""
    observed: str = ""
    example: str = ""
    fix: str = ""
    since: str = ""
    provenance: str = ""

    @property
    def judgement(self) -> Judgement:
        """What became of it, and nothing else."""
        return Judgement.model_validate({name: getattr(self, name) for name in Judgement.model_fields})


class FlavorAccount(Data):
    """One flavor: the verdict on it, each requirement, and what happened in each scenario.

    Attributes:
        environment: what was judged, and on what it ran.
        contract: version of the contract that it was judged by.
        judged: when.
        word: the verdict.
        exit_code: what the process that judged it alone would have ended with.
        blocked: what blocked everything; empty when nothing did.
        requirements: every requirement of the catalogue, in its order.
        scenarios: those that were carried out.

    Raises:
        ValueError: the verdict is not what the requirements say, or a requirement is there twice.
    """

    environment: Environment
    contract: str
    judged: AwareDatetime
    word: Word
    exit_code: int
    blocked: str = ""
    requirements: tuple[RequirementAccount, ...]
    scenarios: tuple[ScenarioAccount, ...] = ()

    @property
    def name(self) -> str:
        """The flavor's name."""
        return self.environment.flavor

    @property
    def verdict(self) -> Verdict:
        """The verdict that these requirements come to."""
        judgements = tuple(requirement.judgement for requirement in self.requirements)
        return Verdict(flavor=self.name, contract=self.contract, judgements=judgements, blocked=self.blocked)

    @property
    def groups(self) -> dict[str, tuple[RequirementAccount, ...]]:
        """The requirements by group, in their order."""
        names = dict.fromkeys(requirement.group for requirement in self.requirements)
        return {name: tuple(r for r in self.requirements if r.group == name) for name in names}

    @property
    def title(self) -> str:
        """The verdict as people read it."""
        return self.verdict.title

    def requirement(self, id: str) -> RequirementAccount:
        """One requirement.

        Raises:
            KeyError: the report has none of this id.
        """
        for requirement in self.requirements:
            if requirement.id == id:
                return requirement
        raise KeyError(id)

    @model_validator(mode="after")
    def _true(self) -> FlavorAccount:
        ids = [requirement.id for requirement in self.requirements]
        if twice := sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"{self.name}: requirements that are there twice: {', '.join(twice)}")
        said, true = (self.word, self.exit_code), (self.verdict.word, int(self.verdict.exit_code))
        if said != true:
            raise ValueError(
                f"{self.name}: the verdict is given as {said[0].value}, exit code {said[1]}, while the "
                f"requirements say {true[0].value}, exit code {true[1]}"
            )
        return self


class Report(Data):
    """All flavors of one session, or of several that were merged.

    Attributes:
        schema_id: the JSON Schema that this follows; `$schema` in the file.
        format: version of this format.
        generator: what wrote it, with its version.
        made: when it was written.
        flavors: what was judged.

    Raises:
        ValueError: a flavor is there twice.
    """

    model_config = ConfigDict(populate_by_name=True, title="Conformance report")

    schema_id: Literal["urn:pytest-orchestrators:conformance-report:1"] = Field(SCHEMA_ID, alias="$schema")
    format: Literal[1] = 1
    generator: str
    made: AwareDatetime
    flavors: tuple[FlavorAccount, ...]

    @property
    def exit_code(self) -> int:
        """The exit code of the worst verdict."""
        return int(worst(flavor.verdict.exit_code for flavor in self.flavors))

    def flavor(self, name: str) -> FlavorAccount | None:
        """What is told of one flavor, if anything is."""
        return next((flavor for flavor in self.flavors if flavor.name == name), None)

    def text(self) -> str:
        """The report as it is kept in a file."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"

    @model_validator(mode="after")
    def _distinct(self) -> Report:
        names = [flavor.name for flavor in self.flavors]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"flavors that are there twice: {', '.join(twice)}")
        return self


def schema() -> dict[str, Any]:
    """The JSON Schema of reports, derived from the model."""
    derived = Report.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **derived}


def read_report(file: Path) -> Report:
    """Read a report.

    Raises:
        ReportError: the file cannot be read, is not JSON, or does not follow the schema.
    """
    try:
        return Report.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ReportError(f"{file} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        mistakes = mistakes_of(error, "the file as a whole")
        told = [f"  {mistake}" for mistake in mistakes[:_TOLD]]
        if len(mistakes) > _TOLD:
            told.append(f"  and {len(mistakes) - _TOLD} more of the kind")
        raise ReportError("\n".join([f"{file} is no report of this format:", *told])) from None
