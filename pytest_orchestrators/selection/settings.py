"""The table `[tool.pytest_orchestrators]` in the `pyproject.toml` of the root directory."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pytest_orchestrators.selection.errors import SelectionError
from pytest_orchestrators.suite.waivers import KINDS, Terms

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE = "tool.pytest_orchestrators"


class FlavorSettings(BaseModel):
    """One table `[tool.pytest_orchestrators.flavors.NAME]`.

    Attributes:
        source: where the flavor's class is, as `module:Class`.
        capabilities: what the flavor can do; in place of what its class declares.
        in_process: whether its steps run in the process that calls `run()`; in place of what its class says.
        config: the configuration that its orchestrators are created with.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    source: str = Field(pattern=r"^[\w.]+:[\w.]+$")
    capabilities: list[str] | None = None
    in_process: bool | None = None
    config: dict[str, Any] = Field(default_factory=dict)


class WaiverSettings(Terms):
    """One table `[tool.pytest_orchestrators.waivers.ID]`.

    Attributes:
        flavors: the flavors that it is about, by name or as `module:Class`; none is all of them.
    """

    model_config = ConfigDict(strict=True)

    flavors: Annotated[list[str], Field(min_length=1)] | None = None


class Settings(BaseModel):
    """The whole table.

    Attributes:
        default: the flavor that fixtures are bound to when none is asked for.
        flavors: flavors by name.
        waivers: waivers by the id of the requirement.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    default: str | None = None
    flavors: dict[str, FlavorSettings] = Field(default_factory=dict)
    waivers: dict[str, WaiverSettings] = Field(default_factory=dict)


def read_settings(folder: Path) -> Settings:
    """Read the table from a folder's `pyproject.toml`; the defaults if there is no file or no table.

    Raises:
        SelectionError: the file cannot be read, is not TOML, or a key is unknown or of the wrong type; the
            message names it.
    """
    file = folder / "pyproject.toml"
    if not file.is_file():
        return Settings()
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SelectionError(f"{file} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # no TOML, no UTF-8, or a number too long for Python
        raise SelectionError(f"{file} cannot be read: {error}") from error
    except RecursionError:
        raise SelectionError(f"{file} cannot be read: what it holds is nested too deeply") from None
    tool = tables.get("tool", {})
    if not isinstance(tool, dict):
        raise SelectionError(f"{file} cannot be read: `tool` is {tool!r:.40}, and has to be a table")
    try:
        return Settings.model_validate(tool.get("pytest_orchestrators", {}))
    except ValidationError as error:
        lines = [f"  {_complaint(detail)}" for detail in error.errors()]
        raise SelectionError("\n".join([f"[{TABLE}] in {file} is not valid:", *lines])) from None


#: The class of a table's entries.
_TABLES: dict[str, type[BaseModel]] = {"flavors": FlavorSettings, "waivers": WaiverSettings}


def _complaint(detail: Any) -> str:
    """One error of pydantic's as: key, what is wrong, what is known."""
    path = [str(part) for part in detail["loc"]]
    key, last = ".".join(path) or "the table", path[-1] if path else ""
    if detail["type"] == "missing":
        return f"{key}: is missing"
    if detail["type"] == "extra_forbidden":
        known = _TABLES.get(path[0], Settings)
        return f"{key}: unknown key{nearest(last, known.model_fields)}"
    if detail["type"] == "value_error":
        return f"{key}: {detail['ctx']['error']}"
    if detail["type"] == "string_pattern_mismatch" and last == "source":
        return f"{key}: {detail['input']!r} is not of the form module:Class"
    if path[:1] == ["waivers"] and last in _WAIVER_COMPLAINTS:
        return f"{key}: {_WAIVER_COMPLAINTS[last](detail['input'])}"
    return f"{key}: {detail['msg']}, got {detail['input']!r}"


#: Key of a waiver to what is said of a value that it cannot have.
_WAIVER_COMPLAINTS: dict[str, Callable[[object], str]] = {
    "kind": lambda value: f"no kind {value!r}{nearest(str(value), KINDS)}",
    "link": lambda value: f"{value!r} is not an address that begins with https:// or http://",
    "expires": lambda value: f"{value!r} is not a date; it is written without quotes, as 2030-06-30",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """For the end of an error: was the word meant that is most like this one, and all known words."""
    words = list(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    question = f"; did you mean {close[0]!r}?" if close else ";"
    return f"{question} known: {', '.join(words) or 'none'}"
