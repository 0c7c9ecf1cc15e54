"""Waivers: requirements that a flavor is known to break, each with a reason and an end.

A waiver excuses a requirement that fails, or that is blocked because one that it needs fails and is waived
itself. It is strict: when the requirement passes or says nothing about the flavor, or when the waiver has
expired, the requirement counts as failed, and the finding says what to do about the waiver.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints, model_validator
from typing_extensions import Self

from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.history import History

#: Why a requirement is not met: nobody has written it yet; what the flavor stands on cannot do it; it is not
#: going to be met; it is a known defect.
Kind = Literal["not-implemented", "upstream", "never", "bug"]
KINDS: tuple[str, ...] = get_args(Kind)

#: Kinds that are about something tracked elsewhere, and so name the place.
_TRACKED = ("upstream", "bug")

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class Terms(Data):
    """What is said about a waiver.

    Attributes:
        kind: why the requirement is not met.
        reason: the same in the author's words.
        link: where it is tracked; needed for the kinds `upstream` and `bug`.
        expires: the last day on which it holds; needed for every kind but `never`.
        example: a file with the counter-example that breaks the requirement, where no scenario does: it is
            replayed in every session.
    """

    kind: Kind
    reason: _Text
    link: _Link | None = None
    expires: datetime.date | None = None
    example: _Text | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Raise ValueError for what the kind needs and is not there."""
        if self.kind in _TRACKED and self.link is None:
            raise ValueError(f"a waiver of the kind {self.kind!r} needs a `link` to where it is tracked")
        if self.kind != "never" and self.expires is None:
            raise ValueError(
                f"a waiver of the kind {self.kind!r} needs a day on which it `expires`, for example "
                "expires = 2030-06-30"
            )
        return self


class Waiver(Terms):
    """The waiver of one requirement, with what its counter-example does if it names one."""

    id: str = Field(min_length=1)
    pinned: History | None = None

    def expired_by(self, day: datetime.date) -> bool:
        """Whether it no longer holds on this day."""
        return self.expires is not None and day > self.expires

    @property
    def summary(self) -> str:
        """Kind and end."""
        return f"{self.kind}, until {self.expires}" if self.expires else f"{self.kind}, without an end"

    def __str__(self) -> str:
        """All that is said about it."""
        return f"{self.summary}: {self.reason}" + (f" ({self.link})" if self.link else "")


def today() -> datetime.date:
    """The day on which evidence is gathered, in UTC: the same one for everybody who runs the suite now."""
    return datetime.datetime.now(datetime.timezone.utc).date()
