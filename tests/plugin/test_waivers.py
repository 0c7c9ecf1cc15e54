"""Waivers in `pyproject.toml`: read, checked before anything runs, and told of in the verdict."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from tests.plugin.conftest import TABLE, Run

FLAVOR = "--orchestrator-flavor"
SILENT = f"{FLAVOR}=tests.plugin.flavors:Silent"


def table(id: str, *lines: str) -> str:
    return "\n".join(
        [
            f"[tool.pytest_orchestrators.waivers.{id}]",
            *(lines or ("kind = 'not-implemented'", "reason = 'soon'", "expires = 2999-12-31")),
            "",
        ]
    )


@pytest.fixture
def waive(project: pytest.Pytester):
    """Write waivers into the project's table."""

    def write(*tables: str) -> None:
        project.makepyprojecttoml("\n".join([TABLE, *tables]))

    return write


def test_a_flavor_conforms_with_waivers(run: Run, waive) -> None:
    bug = table(
        "WRN-3",
        "kind = 'bug'",
        "reason = 'cron is not read'",
        "link = 'https://example.org/7'",
        "expires = 2999-12-31",
    )
    waive(table("WRN-1"), bug)
    result = run(SILENT)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "WRN  resources, schedules*2 waived*",
            "WAIVED WRN-3 A deployment with a schedule draws one warning, and is run at once.",
            "    waived:     bug, until 2999-12-31: cron is not read (https://example.org/7)",
            "    expected:   a warning about the schedule",
            "    observed:   no warning at all",
            "silent: CONFORMS WITH 2 WAIVERS to contract 1.0 (* passed, 2 waived, * not applicable)",
        ]
    )


def test_the_items_of_waived_requirements_are_no_failures(run: Run, waive, project: pytest.Pytester) -> None:
    waive(table("WRN-1"), table("WRN-3"))
    result = run(SILENT, "-v", "-k", "WRN-1 or WRN-3", "--junitxml=report.xml")
    result.stdout.fnmatch_lines(["conformance::silent::WRN-1 WAIVED*"])
    cases = {case.get("name"): case for case in ET.parse(project.path / "report.xml").iter("testcase")}
    skipped = cases["WRN-1"].find("skipped")
    assert skipped is not None
    assert "not-implemented, until 2999-12-31: soon" in (skipped.get("message") or "")


def test_a_waiver_that_is_not_needed_fails(run: Run, waive) -> None:
    waive(table("WRN-3"))
    result = run(f"{FLAVOR}=right")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["FAILED WRN-3 *", "    observed:   it passes: take the waiver out"])


def test_a_waiver_that_has_expired_fails(run: Run, waive) -> None:
    waive(table("WRN-1"), table("WRN-3", "kind = 'never'", "reason = 'no'", "expires = 2001-02-03"))
    result = run(SILENT)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["FAILED WRN-3 *", "    observed:   it expired after 2001-02-03: *"])


def test_a_waiver_is_about_the_flavors_that_it_names(run: Run, waive) -> None:
    terms = ("kind = 'never'", "reason = 'no'", "flavors = ['tests.plugin.flavors:Silent']")
    waive(table("WRN-1", *terms), table("WRN-3", *terms[:-1], "flavors = ['silent']"))
    result = run(SILENT, f"{FLAVOR}=right")
    assert result.ret == 0
    assert [line for line in result.outlines if line.startswith("silent: CONFORMS WITH 2 WAIVERS")]
    assert [line for line in result.outlines if line.startswith("right: CONFORMS to contract")]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (table("WRN-33"), "  WRN-33: there is no such requirement; did you mean 'WRN-3'? known: WRN-1, *"),
        (table("wrn-3"), "  wrn-3: there is no such requirement; did you mean 'WRN-3'? known: WRN-1, *"),
        (table("RUM-1"), "  RUM-1: there is no such requirement; did you mean 'RUN-1'? known: *"),
        (table("WRN-3", "kind = 'never'"), "  waivers.WRN-3.reason: is missing"),
        (table("WRN-3", "reason = 'x'"), "  waivers.WRN-3.kind: is missing"),
        (table("WRN-3", "kind = 'never'", "reason = ' '"), "  waivers.WRN-3.reason: *at least 1 char*"),
        (
            table("WRN-3", "kind = 'nevr'", "reason = 'x'"),
            "  waivers.WRN-3.kind: no kind 'nevr'; did you mean 'never'? known: not-implemented, upstream, *",
        ),
        (
            table("WRN-3", "kind = 'bug'", "reason = 'x'", "expires = 2999-12-31"),
            "  waivers.WRN-3: a waiver of the kind 'bug' needs a `link` to where it is tracked",
        ),
        (
            table("WRN-3", "kind = 'not-implemented'", "reason = 'x'"),
            "  waivers.WRN-3: a waiver of the kind 'not-implemented' needs a day on which it `expires`*",
        ),
        (
            table("WRN-3", "kind = 'never'", "reason = 'x'", "expires = '2999-12-31'"),
            "  waivers.WRN-3.expires: '2999-12-31' is not a date; it is written without quotes, as 20*",
        ),
        (
            table("WRN-3", "kind = 'never'", "reason = 'x'", "link = 'wiki'"),
            "  waivers.WRN-3.link: 'wiki' is not an address that begins with https:// or http://",
        ),
        (
            table("WRN-3", "kind = 'never'", "reason = 'x'", "expiry = 2999-12-31"),
            "  waivers.WRN-3.expiry: unknown key; did you mean 'expires'? known: *",
        ),
        (
            table("WRN-3", "kind = 'never'", "reason = 'x'", "flavors = ['rihgt']"),
            "  WRN-3.flavors: there is no orchestrator flavor 'rihgt'; did you mean 'right'? known: *",
        ),
        (
            table("WRN-3", "kind = 'never'", "reason = 'x'", "flavors = []"),
            "  waivers.WRN-3.flavors: * at least 1 item*",
        ),
    ],
)
def test_a_wrong_waiver_is_a_usage_error(run: Run, waive, wrong: str, complaint: str) -> None:
    waive(wrong)
    result = run(f"{FLAVOR}=right")
    assert result.ret == 4
    result.stderr.fnmatch_lines([complaint.replace("[", "[[]")])
    result.stdout.no_fnmatch_line("*scenario*")


@pytest.fixture
def advisory(monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a requirement that is made advisory, and of which toys are never asked."""
    from dataclasses import replace

    from pytest_orchestrators.suite import catalogue as module

    changed = dict(module.catalogue())
    changed["LOG-1"] = replace(changed["LOG-1"], level="advisory")
    changed["LOG-2"] = replace(changed["LOG-2"], families=("native",))
    for place in ("suite.catalogue", "selection.waiving"):
        monkeypatch.setattr(f"pytest_orchestrators.{place}.catalogue", lambda: changed)
    return "LOG-1"


def test_what_fails_nothing_cannot_be_waived(run: Run, waive, advisory: str) -> None:
    waive(table(advisory))
    result = run(f"{FLAVOR}=right")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"  {advisory}: it is advisory, fails nothing, and needs no waiver"])


def test_what_says_nothing_about_a_family_cannot_be_waived_for_it(run: Run, waive, advisory: str) -> None:
    del advisory
    waive(table("LOG-2"))
    result = run(f"{FLAVOR}=right")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["  LOG-2: it says nothing about right, a flavor of the family toy; name*"])
    waive(table("LOG-2", "kind = 'never'", "reason = 'x'", "flavors = ['local']"))
    assert run(f"{FLAVOR}=right", "-k", "FLV-1").ret == 8
