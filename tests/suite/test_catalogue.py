"""The catalogue holds the whole contract."""

from __future__ import annotations

from pytest_orchestrators.suite.catalogue import catalogue

#: Group to the numbers of its requirements in contract 1.0, for orchestrators of any kind.
CONTRACT = {
    "FLV": range(1, 7),
    "RUN": range(1, 18),
    "CLN": range(1, 11),
    "WRN": range(1, 8),
    "CCH": [*range(1, 9), 10],
    "FLR": range(1, 12),
    "ISO": range(1, 7),
    "LOG": range(1, 4),
}


def test_every_requirement_of_the_contract_is_in_the_catalogue() -> None:
    contract = {f"{group}-{number}" for group, numbers in CONTRACT.items() for number in numbers}
    assert set(catalogue()) == contract


def test_every_requirement_says_why_and_how_what_mends_it_and_what_it_cannot_see() -> None:
    told = ("why", "observed", "example", "fix", "limits")
    silent = [(r.id, name) for r in catalogue().values() for name in told if not getattr(r, name)]
    assert not silent
