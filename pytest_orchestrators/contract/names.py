"""Which names are safe: names of pipelines, runs, steps and outputs become folders of the artifact store."""

from __future__ import annotations

import unicodedata

_PATH_LIMIT = 200
# TFX caps pipeline names at 63 characters, and a record store in MySQL keeps "<pipeline>.<step>" in 255.
_LIMITS = {"pipeline": 63, "step": 190}


def check_name(kind: str, name: object, where: str, error: type[Exception] = ValueError) -> str:
    """Return ``name`` if it is safe as one folder name inside the artifact store.

    Spaces, quotes and any printable unicode are fine. Refused are the empty name, ``.`` and ``..``, slashes
    and backslashes, control characters (NUL and newline among them), what UTF-8 cannot encode, and names
    that are too long: over 63 bytes for a pipeline, 190 for a step, 200 for anything else.

    ``kind`` ("step", "output", "pipeline", "run") and ``where`` ("pipeline 'demo'") go into the message of
    ``error``, the class of exception to raise.
    """
    problem = _problem_with(kind, name)
    if problem:
        raise error(f"The {kind} name {shown_name(name)} in {where} {problem}")
    assert isinstance(name, str)
    return name


def _problem_with(kind: str, name: object) -> str | None:
    if not isinstance(name, str):
        return f"is a {type(name).__name__}: give it as a string."
    if not name:
        return "is empty: give it at least one character."
    if name in (".", ".."):
        return "would lead out of its folder in the artifact store: choose another name."
    if "/" in name or "\\" in name:
        return "holds a slash or backslash, which would split or leave its folder: use '-' or '_' instead."
    if any(unicodedata.category(character) == "Cc" for character in name):
        return "holds a control character: use printable characters only."
    return _problem_with_length(name, _LIMITS.get(kind, _PATH_LIMIT))


def _problem_with_length(name: str, limit: int) -> str | None:
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "cannot be encoded as UTF-8: remove the lone surrogate."
    return f"is {length} bytes long: shorten it to at most {limit}." if length > limit else None


def shown_name(name: object) -> str:
    """A name as errors show it: quoted, and cut where it is longer than any name."""
    text = repr(name)
    return text if len(text) <= 80 else f"{text[:76]}...'"
