"""Why mutants survive: written by hand in `survivors.toml`, held against what is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from pytest_orchestrators.suite.data import Data

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

FILE = Path(__file__).with_name("survivors.toml")

#: Kind of a survivor to what it means; those that are `equivalent` do not count against the score.
KINDS = {
    "equivalent": "nobody can tell it from the original",
    "wording": "only what a message says differs, where the contract leaves the words free",
    "elsewhere": "it takes a flavor that is wrong itself, or another place to run, to tell it",
    "beyond": "the contract says nothing of it",
}


class Explanation(Data):
    """Why a mutant may survive."""

    kind: Literal["equivalent", "wording", "elsewhere", "beyond"]
    reason: str


def explanations() -> dict[str, Explanation]:
    """Explanation by the mutant's id.

    Raises:
        pydantic.ValidationError: the file holds something else.
    """
    found: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Explanation]).validate_python(found)
