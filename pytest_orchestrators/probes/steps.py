"""The probe steps: deterministic functions that journal what they were given and what they made of it.

Two editions of the same step stand in for "the step's code was changed": they differ in their source and
in the values that they produce, and in nothing else.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from pytest_orchestrators.probes import control, journal
from pytest_orchestrators.probes.values import produce

#: The parameter by which a probe learns its own name, its outputs and where its journal is.
PROBE = "probe"
#: Input names carry this prefix, so that a workload's parameter can have any name.
INPUT = "in_"
#: Parameter names carry this one.
PARAMETER = "param_"
#: Where the journal is when the flavor lost the parameter that says so.
ROOT_VARIABLE = "PYTEST_ORCHESTRATORS_PROBE_ROOT"
#: Set, to its name, by a step operator for the steps that it executes.
OPERATOR_VARIABLE = "PYTEST_ORCHESTRATORS_PROBE_OPERATOR"


class ProbeFailure(
    OSError, ValueError, TypeError, LookupError, ArithmeticError, AssertionError, RuntimeError
):
    """Raised by a probe step that was told to fail.

    It is of many kinds at once, so that whoever swallows or mistakes any one of them is seen.
    """


def edition_a(**received: Any) -> Any:
    """The step as first written."""
    return _run("a", received)


def edition_b(**received: Any) -> Any:
    """The step after an edit of its code."""
    return _run("b", received)


EDITIONS = {"a": edition_a, "b": edition_b}


def _run(edition: str, received: dict[str, Any]) -> Any:
    probe = received.get(PROBE) or {}
    root = probe.get("root") or os.environ[ROOT_VARIABLE]
    step = str(probe.get("step", "?"))
    inputs = {k[len(INPUT) :]: v for k, v in received.items() if k.startswith(INPUT)}
    parameters = {k[len(PARAMETER) :]: v for k, v in received.items() if k.startswith(PARAMETER)}
    orders = control.read(root)
    facts = {"step": step, "run": orders.get("run"), "edition": edition}
    given = {"inputs": inputs, "parameters": parameters, "operator": os.environ.get(OPERATOR_VARIABLE)}
    journal.append(root, "started", **facts, **given)
    time.sleep(float(orders.get("seconds", {}).get(step, 0)))
    outputs = {o: produce(step, o, edition, inputs, parameters) for o in probe.get("outputs", ["output"])}
    fault = orders.get("faults", {}).get(step)
    if fault:
        journal.append(root, "faulted", **facts, fault=fault)
        return _fail(step, fault, outputs)
    journal.append(root, "finished", **facts, values=outputs)
    return _pack(list(outputs.values()))


def _fail(step: str, fault: str, outputs: dict[str, Any]) -> Any:
    """Do what the fault says: raise, or hand back what no step may hand back."""
    message = f"probe {step} was told to fail ({fault})"
    if fault == "raise":
        raise ProbeFailure(message)
    if fault == "exit":
        sys.exit(message)
    if fault == "exit_zero":
        sys.exit(0)
    if fault == "interrupt":
        raise KeyboardInterrupt(message)
    if fault == "missing_output":
        return _pack(list(outputs.values())[:-1])
    if fault == "ill_typed_output":
        return _pack([[message] for _ in outputs])
    if fault == "unstorable_output":
        return _pack([{"step": step, "digest": object()} for _ in outputs])
    raise ValueError(f"{fault!r} is not a fault that a probe step knows")


def _pack(values: list[Any]) -> Any:
    """One value as it is, several as a tuple in declared order, none as `None`: how a step function
    returns.
    """
    if not values:
        return None
    return values[0] if len(values) == 1 else tuple(values)
