"""Wrong in what the cache looks at, or in how long it looks."""

from __future__ import annotations

import json
from typing import Any

from pytest_orchestrators.probes.values import canonical
from reference_flavors.local import LocalOrchestrator
from tests.broken.caching import set_caching
from tests.broken.nodes import PAYLOAD, RewritesNodes
from tests.subtle.registry import subtly


class Registers(LocalOrchestrator):
    """Registers a step by what `seen` says of it: what looks the same later is run as it was registered. On
    its own it sees everything.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._registered: dict[str, Any] = {}

    def seen(self, parameters: dict[str, Any]) -> Any:
        """What is seen of a step's parameters."""
        return parameters

    def _get_node_with_step_name(self, step_name: str) -> Any:
        node = super()._get_node_with_step_name(step_name)
        blank = type(node)()
        blank.CopyFrom(node)
        value = blank.parameters.parameters[PAYLOAD].field_value
        payload = json.loads(value.string_value)
        parameters = {k: v for k, v in payload["parameters"].items() if k != "probe"}
        payload["parameters"] = {"probe": payload["parameters"].get("probe")}
        value.string_value = canonical([payload, repr(self.seen(parameters))])
        key = repr(blank.SerializeToString(deterministic=True))
        return self._registered.setdefault(key, node)


@subtly("CCH-3", "RUN-3")
class BlindToTypes(Registers):
    """A number and its text look the same."""

    def seen(self, parameters: dict[str, Any]) -> Any:
        return {name: str(value) for name, value in sorted(parameters.items())}


@subtly("CCH-3", "RUN-3")
class BlindToEnds(Registers):
    """Of a long value the first fifty characters are seen."""

    def seen(self, parameters: dict[str, Any]) -> Any:
        return {name: canonical(value)[:50] for name, value in sorted(parameters.items())}


@subtly("CCH-3", "RUN-3")
class BlindToSpelling(Registers):
    """Neither spaces nor capitals are seen."""

    def seen(self, parameters: dict[str, Any]) -> Any:
        return {name: canonical(value).replace(" ", "").lower() for name, value in sorted(parameters.items())}


@subtly("CCH-3", "RUN-3")
class BlindToLists(Registers):
    """Of a list it sees that it is one."""

    def seen(self, parameters: dict[str, Any]) -> Any:
        return {
            name: "list" if isinstance(value, list) else canonical(value)
            for name, value in sorted(parameters.items())
        }


@subtly("CCH-3", "RUN-3")
class BlindToThird(Registers):
    """Two parameters of a step are seen, in the order of their names."""

    def seen(self, parameters: dict[str, Any]) -> Any:
        return [(name, canonical(value)) for name, value in sorted(parameters.items())[:2]]


@subtly("CCH-3", "RUN-3")
class BlindToSigns(Registers):
    """The sign of a number is not seen."""

    def seen(self, parameters: dict[str, Any]) -> Any:
        return {name: canonical(value).lstrip("-") for name, value in sorted(parameters.items())}


class CachesAtTimes(RewritesNodes):
    """Switches the cache off where `blind` says so; on its own never."""

    def blind(self, deployment: Any, node: Any) -> bool:
        """Whether the cache is off for a step."""
        del deployment, node
        return False

    def rewrite(self, node: Any) -> None:
        if self.blind(self._active_deployment, node):
            set_caching(node, False)


@subtly("CCH-1")
class LargePipelinesAnew(CachesAtTimes):
    """From seven steps on, looking for what is cached takes too long."""

    def blind(self, deployment: Any, node: Any) -> bool:
        return len(deployment.steps) > 6


@subtly("CCH-1", "CCH-3")
class WideSourcesAnew(CachesAtTimes):
    """What reads nothing and has three outputs is not worth a place in the cache."""

    def blind(self, deployment: Any, node: Any) -> bool:
        return not node.inputs.inputs and len(node.outputs.outputs) == 3


@subtly("CCH-1", "CCH-3")
class StepsWithoutOutputsAnew(CachesAtTimes):
    """A step without outputs is run for what it does, and always."""

    def blind(self, deployment: Any, node: Any) -> bool:
        return not node.outputs.outputs


@subtly("CCH-1", "CCH-3")
class SchedulesAnew(CachesAtTimes):
    """A pipeline with a schedule is there to be run."""

    def blind(self, deployment: Any, node: Any) -> bool:
        return deployment.schedule is not None


@subtly("CCH-1", "CCH-3")
class ResourcesAnew(CachesAtTimes):
    """What asks for an accelerator is run by somebody who wants to see it run."""

    def blind(self, deployment: Any, node: Any) -> bool:
        step = deployment.steps[node.node_info.id]
        return bool(step.config.resource_settings.gpu_count)


@subtly("CCH-3")
class LatestOnly(CachesAtTimes):
    """Only the latest version of a pipeline is in the cache."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._versions: dict[str, list[str]] = {}

    def blind(self, deployment: Any, node: Any) -> bool:
        versions = self._versions.setdefault(f"{deployment.pipeline.name}/{node.node_info.id}", [])
        version = node.parameters.parameters[PAYLOAD].SerializeToString().hex()
        gone = version in versions[:-1]
        versions.append(version)
        return gone and versions[-2] != version
