"""A report as one HTML page that needs nothing else: no network, no other file, no script to be read."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pytest_orchestrators.suite.catalogue import GROUPS
from pytest_orchestrators.suite.rendering import graph, timeline
from pytest_orchestrators.suite.rendering.looks import STATUS_LOOKS, WORD_LOOKS
from pytest_orchestrators.suite.rendering.terminal import sentence
from pytest_orchestrators.suite.report import FlavorAccount, Report
from pytest_orchestrators.suite.verdict import Status

#: Findings of one requirement that are shown at once.
FINDINGS = 3
#: Characters of a step's name that fit into a box of the graph, and into a lane.
_BOX, _LANE = 13, 36


def page(report: Report) -> str:
    """The page."""
    style, script = _own("page.css"), _own("page.js")
    text: str = (
        _templates()
        .get_template("page.html.jinja")
        .render(
            report=report,
            style=style,
            script=script,
            policy=_policy(style, script),
        )
    )
    return text


@cache
def _templates() -> Environment:
    """Whatever is put into these templates is escaped: names of steps and messages are anybody's."""
    environment = Environment(
        loader=PackageLoader("pytest_orchestrators.suite.rendering.page", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        FINDINGS=FINDINGS,
        GROUPS=GROUPS,
        STATUS_LOOKS=STATUS_LOOKS,
        STATES=timeline.STATE_LOOKS,
        WORD_LOOKS=WORD_LOOKS,
        Status=Status,
        counts=_counts,
        drawing=graph.drawing,
        graph=graph,
        lanes=timeline.lanes,
        states_of=lambda run: {step.name: step.state for step in run.steps},
        told=_told,
    )
    environment.filters.update(
        coded=_coded,
        boxed=lambda name: _clipped(name, _BOX),
        duration=timeline.duration,
        laned=lambda name: _clipped(name, _LANE),
        as_json=lambda value: json.dumps(value, ensure_ascii=False, indent=2, default=repr),
    )
    return environment


def _own(name: str) -> Markup:
    """A file of this package, which needs no escaping."""
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _policy(style: str, script: str) -> str:
    """What the page may do: look as it looks, and filter. Nothing else is run, and nothing is loaded."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _counts(flavor: FlavorAccount) -> dict[Status, int]:
    """How many requirements have each status, those that none has left out, in the order of statuses."""
    found = Counter(requirement.status for requirement in flavor.requirements)
    return {status: found[status] for status in Status if found[status]}


def _told(flavor: FlavorAccount) -> str:
    """The verdict in one line, less the flavor's name and the word, which stand above it."""
    return sentence(flavor.verdict).text.removeprefix(f"{flavor.name}: {flavor.title}").strip(" ,")


def _clipped(name: str, width: int) -> str:
    """A name less its middle if it is too long: those of one run often differ in their ends only."""
    if len(name) <= width:
        return name
    end = (width - 1) // 2
    return f"{name[: width - 1 - end]}…{name[-end:]}"


def _coded(text: str) -> Markup:
    """A text with what stands between backticks set as code; all of it escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one backtick without another
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
