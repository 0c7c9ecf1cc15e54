"""A long row of records is small in memory, reads as it was written, and refuses what is none."""

from __future__ import annotations

import base64
import zlib

import pytest
from pydantic import ValidationError

from pytest_orchestrators.suite.evidence import GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.packing import LARGEST, Packed, packed_line

FIRST, SECOND = (ScenarioEvidence(name=name, actions=()) for name in ("first", "ＳＥＣＯＮＤ\u2028\x00"))


def text_of(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def read(*texts: object) -> GeneratedEvidence:
    given = {"wanted": 1, "seed": 1, "profile": "quick", "examples": texts}
    return GeneratedEvidence.model_validate(given)


def test_records_come_out_as_they_went_in() -> None:
    packed = Packed(ScenarioEvidence, [FIRST, SECOND])
    assert (len(packed), list(packed), packed[1], packed[-2:]) == (
        2,
        [FIRST, SECOND],
        SECOND,
        [FIRST, SECOND],
    )
    with pytest.raises(IndexError):
        packed[2]


def test_lines_are_read_up_to_the_one_that_was_cut_off() -> None:
    lines = packed_line(FIRST) + packed_line(SECOND)
    assert Packed.of_lines(ScenarioEvidence, lines) == Packed(ScenarioEvidence, [FIRST, SECOND])
    assert list(Packed.of_lines(ScenarioEvidence, lines[:-1])) == [FIRST]
    assert list(Packed.of_lines(ScenarioEvidence, "")) == []


def test_they_survive_the_way_through_json() -> None:
    packed = Packed(ScenarioEvidence, [FIRST, SECOND])
    evidence = GeneratedEvidence(wanted=2, seed=1, profile="quick", examples=packed)
    back = GeneratedEvidence.model_validate_json(evidence.model_dump_json())
    assert back == evidence
    assert list(back.examples) == [FIRST, SECOND]
    assert read().examples != back.examples


def test_much_of_the_same_takes_little_room() -> None:
    long = ScenarioEvidence(name="x" * 1_000_000, actions=())
    packed = Packed(ScenarioEvidence, [long] * 20)
    assert len(GeneratedEvidence(wanted=20, seed=1, profile="", examples=packed).model_dump_json()) < 100_000


VALID = zlib.compress(FIRST.model_dump_json().encode())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no base64!", "number 0 is no packed ScenarioEvidence: "),
        ("ä", "number 0 is no packed ScenarioEvidence: "),
        (text_of(b"never packed"), "incorrect header check"),
        (text_of(VALID[:-5]), "it has been cut off"),
        (text_of(VALID + b"more"), "something follows it"),
        (text_of(zlib.compress(b"no JSON")), "it: Invalid JSON"),
        (text_of(zlib.compress(b'{"name": 1}')), "name: Input should be a valid string"),
        (text_of(zlib.compress(b" " * (LARGEST + 1))), "it has more than 64 MB"),
        (7, "Input should be a valid string"),
    ],
)
def test_what_is_no_record_is_refused(text: object, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(text)
    assert told in str(caught.value)
