"""The probe steps: deterministic functions that journal what they were given and what they made of it.

Two editions of the same step stand in for "the step's code was changed": they differ in their source and
in the values that they produce, and in nothing else.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_orchestrators.probes import control, journal, place, questions
from pytest_orchestrators.probes.faults import fail, made_of
from pytest_orchestrators.probes.halting import halt
from pytest_orchestrators.probes.values import condensed, produce

#: The parameter by which a probe learns its own name, its outputs and where its journal is.
PROBE = "probe"
#: Input names carry this prefix, so that a workload's parameter can have any name.
INPUT = "in_"
#: Parameter names carry this one.
PARAMETER = "param_"
#: Where the journal is when the flavor lost the parameter that says so.
ROOT_VARIABLE = "PYTEST_ORCHESTRATORS_PROBE_ROOT"
#: Name of the step operator that steps of the suite's own pipelines name.
OPERATOR = "probe_operator"
#: All those that the suite's own stacks have: neither the first nor the last is the one to be taken.
OPERATORS = ("first_operator", OPERATOR, "last_operator")
#: Set, to its name, by a step operator for the steps that it executes.
OPERATOR_VARIABLE = "PYTEST_ORCHESTRATORS_PROBE_OPERATOR"
#: What the parameter `value` is when nothing is given for it.
_NOTHING = object()


def edition_a(param_value: Any = _NOTHING, **received: Any) -> Any:
    """The step as first written; one of its parameters has a default."""
    return _run("a", param_value, received)


def edition_b(param_value: Any = _NOTHING, **received: Any) -> Any:
    """The step after an edit of its code."""
    return _run("b", param_value, received)


def rewritten(param_value: Any = _NOTHING, **received: Any) -> Any:
    """The first edition, written in another way to the same effect."""
    edition = "a"
    return _run(edition, param_value, received)


EDITIONS = {"a": edition_a, "b": edition_b}


def _run(edition: str, value: Any, received: dict[str, Any]) -> Any:
    if value is not _NOTHING:
        received[f"{PARAMETER}value"] = value
    probe = received.get(PROBE) or {}
    root = probe.get("root") or os.environ[ROOT_VARIABLE]
    step = str(probe.get("step", "?"))
    inputs = {k[len(INPUT) :]: v for k, v in received.items() if k.startswith(INPUT)}
    parameters = {k[len(PARAMETER) :]: v for k, v in received.items() if k.startswith(PARAMETER)}
    orders = control.read(root)
    facts = {"step": step, "run": orders.get("run"), "edition": edition}
    given = {"inputs": condensed(inputs), "parameters": condensed(parameters)}
    given["operator"] = os.environ.get(OPERATOR_VARIABLE)
    journal.append(root, "started", **facts, **given, **_surroundings(orders))
    _print_lines(root, facts, orders.get("prints", {}).get(step, ()))
    time.sleep(float(orders.get("seconds", {}).get(step, 0)))
    _meet(root, facts, orders.get("meets", ()))
    halt(root, orders, "started", step)
    outputs = {o: produce(step, o, edition, inputs, parameters) for o in probe.get("outputs", ["output"])}
    fault = orders.get("faults", {}).get(step)
    made = made_of(root, step, fault, outputs)
    if made is None:
        journal.append(root, "faulted", **facts, fault=fault)
        return _pack(fail(root, step, fault, outputs))
    journal.append(root, "finished", **facts, values=condensed(made))
    return _pack(list(made.values()))


def _surroundings(orders: Mapping[str, Any]) -> dict[str, Any]:
    """Where the step is, and which of the secrets of the process that called `run()` it can see."""
    environment = tuple(os.environ.values())
    secrets = orders.get("secrets", {})
    leaked = [name for name, secret in secrets.items() if any(secret in value for value in environment)]
    here = {"place": place.here(), "container": place.container(), "python": sys.executable}
    return {**here, "leaked": leaked}


def _meet(root: str, facts: dict[str, Any], group: Sequence[str]) -> None:
    """Wait until all steps of a group, this one among them, are under way at the same time."""
    step = facts["step"]
    if step in group:
        control.answer(root, questions.has_started(step))
        asked = (questions.has_started(other) for other in group if other != step)
        met = all(control.wait_for(root, question, questions.MEETING_S) is not None for question in asked)
        journal.append(root, "met", **facts, met=met)


def _print_lines(root: str, facts: dict[str, Any], lines: tuple[str, ...]) -> None:
    """Print to standard output and standard error in turns; wait for each line until it is heard, unless one
    was not.
    """
    wait = questions.HEARING_S
    for number, line in enumerate(lines):
        print(line, file=(sys.stdout, sys.stderr)[number % 2])
        answered = control.wait_for(root, questions.heard(line), wait) is not None
        wait = wait if answered else 0.0
        journal.append(root, "printed", **facts, line=line, heard=answered)


def _pack(values: list[Any]) -> Any:
    """One value as it is, several as a tuple in declared order, none as `None`: how a step function
    returns.
    """
    if not values:
        return None
    return values[0] if len(values) == 1 else tuple(values)
