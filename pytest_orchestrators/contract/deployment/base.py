"""What all models of a deployment have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class DeploymentModel(BaseModel):
    """A frozen model that knows its fields: what it does not know is refused, not dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")
