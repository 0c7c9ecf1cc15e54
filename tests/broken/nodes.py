"""What wrong orchestrators do to the nodes of the pipeline: rewriting what a step is launched from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from reference_flavors.local import LocalOrchestrator

#: The execution property of a node that holds a step's source, code and parameters, as JSON.
PAYLOAD = "step"


class RewritesNodes(LocalOrchestrator):
    """Launches every step from a copy of its node, changed by `rewrite`. On its own it changes nothing."""

    def rewrite(self, node: Any) -> None:
        """Change the copy."""

    def _get_node_with_step_name(self, step_name: str) -> Any:
        node = super()._get_node_with_step_name(step_name)
        copy = type(node)()
        copy.CopyFrom(node)
        self.rewrite(copy)
        return copy


def change_payload(node: Any, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the step's source, code or parameters in a node."""
    value = node.parameters.parameters[PAYLOAD].field_value
    payload = json.loads(value.string_value)
    change(payload)
    value.string_value = json.dumps(payload, sort_keys=True, separators=(",", ":"))


def change_parameters(node: Any, change: Callable[[str, Any], Any]) -> None:
    """Put every parameter of the step (those that the probe itself needs aside) through a function."""

    def edit(payload: dict[str, Any]) -> None:
        own = {k: v for k, v in payload["parameters"].items() if k != "probe"}
        payload["parameters"] |= {name: change(name, value) for name, value in own.items()}

    change_payload(node, edit)
