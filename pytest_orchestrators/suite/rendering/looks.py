"""How statuses and verdicts look: one sign, one tone and one word each. Never by tone alone."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pytest_orchestrators.suite.verdict import Status, Word

#: `good` is green, `bad` is red, `waived` is amber: known to be broken; `open` is grey: something is not
#: decided; `quiet` is left out of account.
Tone = Literal["good", "bad", "waived", "open", "quiet"]


class Look(NamedTuple):
    """A sign, a tone, a word."""

    sign: str
    tone: Tone
    word: str


STATUS_LOOKS = {
    Status.PASSED: Look("✓", "good", "passed"),
    Status.FAILED: Look("✗", "bad", "failed"),
    Status.WAIVED: Look("⚑", "waived", "waived"),
    Status.BLOCKED: Look("■", "open", "blocked"),
    Status.NOT_APPLICABLE: Look("–", "quiet", "n/a"),
    Status.NOT_RUN: Look("○", "open", "not run"),
}
#: Only the whole catalogue is green; with waivers it has a mark.
WORD_LOOKS = {
    Word.CONFORMS: Look("✓", "good", "conforms"),
    Word.CONFORMS_WITH_WAIVERS: Look("⚑", "good", "conforms with waivers"),
    Word.DOES_NOT_CONFORM: Look("✗", "bad", "does not conform"),
    Word.INCOMPLETE: Look("○", "open", "incomplete"),
    Word.BLOCKED: Look("■", "open", "blocked"),
}
