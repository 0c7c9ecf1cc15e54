"""Texts of the repository become pages of the site."""

from __future__ import annotations

import pytest

from website.links import as_page


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It breaks RUN-3.", "It breaks [RUN-3](contract/RUN-3.md)."),
        ("**RUN-10**, ~~FLR-11~~", "**[RUN-10](contract/RUN-10.md)**, ~~[FLR-11](contract/FLR-11.md)~~"),
        ("There is no RUN-999, nor XRUN-3.", "There is no RUN-999, nor XRUN-3."),
        ("`-k RUN-3`", "`-k RUN-3`"),
        ("# RUN-3", "# RUN-3"),
        ("[RUN-3](elsewhere.md)", "[RUN-3](elsewhere.md)"),
        ("```text\nFAILED RUN-3\n```", "```text\nFAILED RUN-3\n```"),
    ],
)
def test_ids_lead_to_their_pages(written: str, shown: str) -> None:
    assert as_page(written, "reading-a-verdict.md") == shown


def test_ids_on_pages_of_the_contract_lead_to_their_neighbours() -> None:
    assert as_page("As RUN-3 does.", "contract/RUN-1.md") == "As [RUN-3](RUN-3.md) does."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[stores](docs/metadata-stores.md)", "[stores](metadata-stores.md)"),
        ("[how](CONTRIBUTING.md#style)", "[how](contributing.md#style)"),
        ("[start](../README.md)", "[start](index.md)"),
        ("[far](https://example.org/docs/x.md)", "[far](https://example.org/docs/x.md)"),
    ],
)
def test_links_lead_to_pages(written: str, shown: str) -> None:
    assert as_page(written, "index.md") == shown


def test_a_fence_shows_its_file() -> None:
    assert as_page("```python my_flavor.py\n```", "index.md") == '```python title="my_flavor.py"\n```'
