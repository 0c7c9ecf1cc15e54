"""The base of everything that travels through the suite: frozen, strict, JSON-able data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError


class Data(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


def mistakes_of(error: ValidationError, whole: str) -> list[str]:
    """What is wrong with a document, without its values: the place, or what the whole is called, and what."""
    details = error.errors(include_input=False, include_url=False)
    return [f"{'.'.join(map(str, detail['loc'])) or whole}: {detail['msg']}" for detail in details]
