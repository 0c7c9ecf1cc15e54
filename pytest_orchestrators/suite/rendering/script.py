"""A history as a Python script that carries it out and shows what is broken."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.evidence import Environment
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.verdict import Judgement
from pytest_orchestrators.suite.workload import Workload

#: The width that lines are kept to where that is possible.
_WIDTH = 100
#: A text of one character, so often, is written as a product.
_REPEATED = 20


def script(judgement: Judgement, environment: Environment, history: History | None) -> str:
    """A stand-alone script that shows that a requirement is broken.

    Args:
        judgement: which requirement, and what was observed.
        environment: the flavor.
        history: what is to be done; none for what is found out by calling.
    """
    body, names = [], {"show"}
    arguments = [_flavor(environment), repr(judgement.id)]
    if history is not None:
        writer = _Writer()
        arguments += [repr(history.name), *(writer.text(action) for action in history.actions)]
        body, names = writer.definitions, names | writer.names
    imports = f"from pytest_orchestrators.reproduction import {', '.join(sorted(names))}"
    call = "show(\n" + "".join(f"    {argument},\n" for argument in arguments) + _options(environment) + ")\n"
    return "\n".join([_docstring(judgement), "", imports, "", *body, call])


def _docstring(judgement: Judgement) -> str:
    requirement = catalogue()[judgement.id]
    finding = judgement.findings[0]
    parts = [f"{judgement.id}: {requirement.sentence}"]
    parts += [f"Expected: {finding.expected}", f"Observed: {finding.observed.splitlines()[0]}"]
    parts += ["To see it, run this file with Python in the root directory of your project."]
    filled = [textwrap.fill(part, _WIDTH, break_long_words=False) for part in parts]
    text = "\n\n".join(filled).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{text}\n"""'


def _flavor(environment: Environment) -> str:
    return repr(environment.source)


def _options(environment: Environment) -> str:
    options = {"capabilities": set(environment.capabilities), "config": environment.config}
    given = {name: value for name, value in options.items() if value}
    return "".join(f"    {name}={_literal(value)},\n" for name, value in given.items())


class _Writer:
    """Writes actions, and defines the workloads that they need, each once."""

    def __init__(self) -> None:
        self.definitions: list[str] = []
        self.names: set[str] = set()
        self._known: dict[str, Workload] = {}

    def _workload(self, workload: Workload) -> str:
        """The name of a variable that holds the workload, or an edit of one."""
        for variable, known in self._known.items():
            if known == workload:
                return variable
            if edit := self._edit(known, workload):
                return f"{variable}.edit({edit})"
        variable = f"pipeline_{len(self._known) + 1}"
        self._known[variable] = workload
        self.names.add("Workload")
        steps = "".join(f"        {self.text(step)},\n" for step in workload.steps)
        schedule = f"    schedule={workload.schedule!r},\n" if workload.schedule else ""
        self.definitions.append(
            f"{variable} = Workload(\n    name={_literal(workload.name)},\n"
            f"    steps=(\n{steps}    ),\n{schedule})"
        )
        return variable

    def _edit(self, known: Workload, workload: Workload) -> str:
        """The arguments of the edit that makes one workload of another; empty if it takes more than one."""
        same = (known.name, known.schedule, known.names) == (workload.name, workload.schedule, workload.names)
        pairs = zip(known.steps, workload.steps, strict=False)
        changed = [(before, after) for before, after in pairs if before != after] if same else []
        if len(changed) != 1:
            return ""
        [(before, after)] = changed
        fields = [n for n in type(after).model_fields if getattr(before, n) != getattr(after, n)]
        changes = [f"{name}={self.text(getattr(after, name))}" for name in fields]
        return ", ".join([_literal(after.name), *changes])

    def text(self, value: Any) -> str:
        """A value as an expression; a workload as the variable that holds it."""
        if isinstance(value, Workload):
            return self._workload(value)
        if isinstance(value, Data):
            return self._call(value)
        if isinstance(value, dict):
            return "{" + ", ".join(f"{_literal(k)}: {self.text(v)}" for k, v in value.items()) + "}"
        if isinstance(value, tuple):
            return "(" + "".join(f"{self.text(one)}, " for one in value).rstrip(" ") + ")"
        return _literal(value)

    def _call(self, data: Data) -> str:
        self.names.add(type(data).__name__)
        fields = ", ".join(f"{name}={self.text(value)}" for name, value in _changed_fields(data))
        return f"{type(data).__name__}({fields})"


def _changed_fields(data: Data) -> Iterator[tuple[str, Any]]:
    """The fields that are not as they are by default."""
    for name, field in type(data).model_fields.items():
        value = getattr(data, name)
        if field.is_required() or value != field.get_default(call_default_factory=True):
            yield name, value


def _literal(value: Any) -> str:
    if isinstance(value, str) and len(value) > _REPEATED and len(set(value)) == 1:
        return f"{value[0]!r} * {len(value)}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, set):
        return "{" + ", ".join(repr(one) for one in sorted(value)) + "}"
    return repr(value)
