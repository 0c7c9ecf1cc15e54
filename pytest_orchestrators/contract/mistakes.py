"""What is wrong with a document, in few words: where in it, and what."""

from __future__ import annotations

from pydantic import ValidationError

#: Mistakes of one document that are told at most.
_TOLD = 5
#: Characters of one place, and of what is wrong there, that are shown at most: both may quote the document.
_SHOWN = 500


def mistakes_of(error: ValidationError) -> str:
    """The places of the mistakes and what they are, without the values, which may be secrets or very long."""
    found = error.errors(include_input=False, include_url=False)
    told = [
        f"{_place(each['loc'])}: {_cut(each['msg'].removeprefix('Value error, '))}" for each in found[:_TOLD]
    ]
    more = [f"and {len(found) - _TOLD} more"] * (len(found) > _TOLD)
    return "; ".join([*told, *more])


def _place(loc: tuple[int | str, ...]) -> str:
    return _cut(".".join(map(str, loc))) or "document"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
