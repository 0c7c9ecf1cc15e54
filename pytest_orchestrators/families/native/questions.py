"""What is found out by calling rather than running: the flavor, its config, the predicates."""

from __future__ import annotations

import inspect
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import JsonValue, ValidationError

from pytest_orchestrators.contract.orchestrators.base import BaseOrchestrator
from pytest_orchestrators.contract.orchestrators.cache_status import get_cache_status
from pytest_orchestrators.contract.orchestrators.config import BaseOrchestratorConfig
from pytest_orchestrators.contract.session import Client
from pytest_orchestrators.contract.stack.component import StackComponentType
from pytest_orchestrators.contract.stack.serialization import plain_config
from pytest_orchestrators.families.native.missing import missing_prerequisite
from pytest_orchestrators.families.native.workspace import NativeWorkspace, opened_workspace
from pytest_orchestrators.probes import journal
from pytest_orchestrators.suite.evidence import CREATED, Probe, jsonable
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.observers.failures import failure
from pytest_orchestrators.suite.observers.logs import heard
from pytest_orchestrators.suite.workload import Resources, Workload, WorkloadStep

_UNKNOWN_FIELD = "no_such_field_anywhere"
_DEPRECATED = {"custom_docker_base_image_name": "an-image"}
#: Values that hardly any field takes all of; a field that takes each of them is of no type.
_ILL_TYPED: tuple[Any, ...] = ({"ill": "typed"}, ["ill", "typed"], 3.25, "ill-typed", object())

#: Values of which most fields take one.
_SAMPLES: tuple[Any, ...] = ("sample", 7, 0.5, True, False, ["sample"], {"sample": "sample"})
_OTHER_WORKLOAD = Workload(name="another_pipeline", steps=(WorkloadStep(name="another_step"),))


def ask(call: Callable[[], Any], value: JsonValue = None) -> Probe:
    """Make a call: its answer as a probe, or the exception that came instead, with the value handed in.

    Raises:
        Exception: what came instead says that something is missing that the flavor stands on.
    """
    with heard() as log:
        try:
            answer = jsonable(call())
        except Exception as error:
            if missing_prerequisite(error):
                raise
            return Probe(value=value, error=failure(error), log=tuple(log))
    return Probe(value=answer if value is None else value, log=tuple(log))


def questions(flavor: Any, config: Mapping[str, Any]) -> dict[str, Probe]:
    """Every question and its answer; raises what says that something is missing."""
    answers = {
        "name": ask(lambda: [flavor.name, type(flavor)().name]),
        "type": ask(lambda: _type(flavor)),
        "classes": ask(lambda: _classes(flavor)),
        "cache_status_of_none": ask(lambda: get_cache_status(None)),
    }
    if answers["classes"].error:
        return {**answers, CREATED: Probe(error=answers["classes"].error)}
    return {
        **answers,
        **_about_config(flavor.config_class, dict(config)),
        **_about_orchestrator(flavor, config),
    }


def _type(flavor: Any) -> dict[str, Any]:
    return {"orchestrator": flavor.type is StackComponentType.ORCHESTRATOR, "text": repr(flavor.type)}


def _classes(flavor: Any) -> dict[str, Any]:
    config, implementation = flavor.config_class, flavor.implementation_class
    return {
        "config": isinstance(config, type) and issubclass(config, BaseOrchestratorConfig),
        "config_text": repr(config),
        "implementation": isinstance(implementation, type) and issubclass(implementation, BaseOrchestrator),
        "implementation_text": repr(implementation),
        "abstract": sorted(getattr(implementation, "__abstractmethods__", ())),
    }


def _about_config(config_class: Any, config: dict[str, Any]) -> dict[str, Probe]:
    def round_trip(values: Mapping[str, Any]) -> dict[str, Any]:
        first = config_class(**values)
        text = json.dumps(plain_config(first))
        second = config_class.model_validate_json(text)
        return {
            "equal": first == second and json.dumps(plain_config(second)) == text,
            "after": second.model_dump_json(),
        }

    return {
        "config_round_trip": ask(lambda: round_trip(config)),
        "config_round_trips": ask(
            lambda: [round_trip(values) for values in _other_values(config_class, config)]
        ),
        "config_unknown_field": ask(lambda: config_class(**config, **{_UNKNOWN_FIELD: 1}), _UNKNOWN_FIELD),
        "config_ill_typed": ask(lambda: _ill_typed(config_class, config)),
        "config_deprecated_field": ask(lambda: _deprecated(config_class(**config, **_DEPRECATED))),
        "is_local": ask(lambda: config_class(**config).is_local),
        "is_local_otherwise": ask(
            lambda: [_is_local(config_class(**values)) for values in _other_values(config_class, config)]
        ),
    }


def _is_local(config: Any) -> Any:
    """What a config says that has other values; none if it is not content with them."""
    try:
        return config.is_local if isinstance(config.is_local, bool) else repr(config.is_local)
    except Exception:
        return None


def _deprecated(made: Any) -> dict[str, Any]:
    return {"kept": any(hasattr(made, field) for field in _DEPRECATED)}


def _ill_typed(config_class: Any, config: dict[str, Any]) -> dict[str, str | None]:
    """For every typed field, what an ill-typed value is rejected with; none if every value is taken."""
    found: dict[str, str | None] = {}
    for name, field in config_class.model_fields.items():
        if _takes_anything(field.annotation):
            continue
        found[name] = None
        # What is no number is none in words, either.
        for value in ("ill-typed",) if _of(field.annotation) in (int, float, bool) else _ILL_TYPED:
            try:
                config_class(**{**config, name: value})
            except (ValidationError, ValueError, TypeError) as error:
                found[name] = str(error)
                break
    return found


def _other_values(config_class: Any, config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The config with one field after the other set to something that it takes, and that it was not."""
    plain = config_class(**config)
    for name in config_class.model_fields:
        for value in _SAMPLES:
            values = {**config, name: value}
            try:
                taken = config_class(**values)
            except (ValidationError, ValueError, TypeError):
                continue
            if getattr(taken, name, None) != getattr(plain, name, None):
                yield values
                break


def _of(annotation: Any) -> Any:
    """The type, of one that may be left out as well."""
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    return kinds[0] if get_origin(annotation) in (Union, UnionType) and len(kinds) == 1 else annotation


def _takes_anything(annotation: Any) -> bool:
    """Whether no value is ill-typed: also in a union with others."""
    if isinstance(annotation, TypeVar) or annotation in (Any, object, inspect.Parameter.empty):
        return True
    union = get_origin(annotation) in (Union, UnionType)
    return union and any(_takes_anything(one) for one in get_args(annotation))


def _about_orchestrator(flavor: Any, config: Mapping[str, Any]) -> dict[str, Probe]:
    """What an orchestrator answers that is at rest, and one whose run has just been prepared."""
    with tempfile.TemporaryDirectory() as folder, opened_workspace(flavor, config, Path(folder)) as workspace:
        made = ask(lambda: _made(workspace))
        if made.error:
            return {CREATED: made, "config_identity": made}
        orchestrator = workspace.create()
        workload = _workload()
        deployment = workspace.build(Run(label="asked", workload=workload), "asked")
        steps = deployment.steps
        outside = ask(lambda: orchestrator.run_step(steps["plain"]), [])
        events, _ = journal.read(workspace.root)
        executed = [event["step"] for event in events if event["kind"] == "started"]
        requires = orchestrator.requires_resources_in_orchestration_environment
        missing = ["missing_step", workload.name]
        return {
            CREATED: made,
            "config_identity": ask(lambda: _keeps_config(flavor, config)),
            "created_without_name": ask(lambda: _names(flavor, config)),
            "created_unknown_field": ask(
                lambda: flavor.create({**config, _UNKNOWN_FIELD: 1}), _UNKNOWN_FIELD
            ),
            "created_deprecated_field": ask(
                lambda: _deprecated(flavor.create({**config, **_DEPRECATED}).config)
            ),
            "run_step_outside": outside.model_copy(update={"value": executed}),
            "unknown_step": ask(
                lambda: _look_up(workspace, orchestrator, deployment, "missing_step"), jsonable(missing)
            ),
            "nearly_known_steps": ask(lambda: _nearly_known(workspace, orchestrator, deployment)),
            "requires_resources: settings": ask(lambda: requires(steps["needy"])),
            "requires_resources: memory only": ask(lambda: requires(steps["memory"])),
            "requires_resources: accelerators only": ask(lambda: requires(steps["accelerators"])),
            "requires_resources: no accelerators": ask(lambda: requires(steps["no_accelerators"])),
            "requires_resources: no settings": ask(lambda: requires(steps["plain"])),
            "requires_resources: settings and operator": ask(lambda: requires(steps["needy_operated"])),
            "requires_resources: operator": ask(lambda: requires(steps["operated"])),
        }


def _made(workspace: NativeWorkspace) -> bool:
    workspace.create()
    return True


def _keeps_config(flavor: Any, config: Mapping[str, Any]) -> bool:
    """Each of two has its own: what one keeps for all of its class would be the later one's."""
    configs = [flavor.config_class(**config) for _ in range(2)]
    made = [flavor.implementation_class(name="asked", config=one) for one in configs]
    return all(orchestrator.config is one for orchestrator, one in zip(made, configs, strict=True))


def _names(flavor: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """What orchestrators are called that are made without a name, by the call that made them."""
    names = {"flavor.create(config)": flavor.create(flavor.config_class(**config)).name}
    return names if config else {**names, "flavor.create()": flavor.create().name}


def _nearly_known(workspace: NativeWorkspace, orchestrator: Any, deployment: Any) -> dict[str, bool]:
    """Names that are nearly those of steps, and a step's of the pipeline that was asked before, by whether
    they were found.
    """
    names = ("Plain", "plai", "plain ", "plain.2", "")
    other = workspace.build(Run(label="other", workload=_OTHER_WORKLOAD), "other")
    asked = [(deployment, name) for name in names] + [(other, "plain")]
    return {name: _finds(workspace, orchestrator, where, name) for where, name in asked}


def _finds(workspace: NativeWorkspace, orchestrator: Any, deployment: Any, step: str) -> bool:
    try:
        _look_up(workspace, orchestrator, deployment, step)
    except Exception:  # which one it is to be, is asked for a step that is like no other
        return False
    return True


def _look_up(workspace: NativeWorkspace, orchestrator: Any, deployment: Any, step: str) -> str:
    with Client().temporary_stack(workspace.stack):
        orchestrator._prepare_run(deployment)
        try:
            return repr(orchestrator._get_node_with_step_name(step))
        finally:
            orchestrator._cleanup_run()


def _workload() -> Workload:
    needs = Resources(cpu_count=1)
    return Workload(
        name="asked_pipeline",
        steps=(
            WorkloadStep(name="plain"),
            WorkloadStep(name="needy", resources=needs),
            WorkloadStep(name="memory", resources=Resources(memory="1GB")),
            WorkloadStep(name="accelerators", resources=Resources(gpu_count=1)),
            WorkloadStep(name="no_accelerators", resources=Resources(gpu_count=0)),
            WorkloadStep(name="operated", operator="probe_operator"),
            WorkloadStep(name="needy_operated", resources=needs, operator="probe_operator"),
        ),
    )
