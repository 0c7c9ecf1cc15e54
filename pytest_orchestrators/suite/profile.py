"""The profile of a flavor: what it declares that it can do beyond the core of the contract."""

from __future__ import annotations

#: Capability to what a flavor promises by declaring it.
CAPABILITIES = {
    "step_operator": "a step that names a step operator is executed by it (RUN-14)",
    "resources": "resource settings reach the target environment; `applied_resources` shows them (WRN-4)",
    "schedules": "a schedule reaches the target environment; `applied_schedule` shows it (WRN-5)",
    "parallel_steps": "independent steps overlap in time (RUN-12)",
    "async_submission": "`run()` comes back before the steps are done, and can be waited for (RUN-13)",
    "out_of_process": "steps run in other processes than the one that calls `run()` (ISO-4, FLR-11, LOG-2)",
    "containers": "every step runs in a container of its own; implies `out_of_process` (CLN-8, FLR-8, ISO-5)",
}
#: Capability to those that it cannot be without.
_IMPLIED = {"containers": frozenset({"out_of_process"})}


def unknown_capabilities(declared: frozenset[str]) -> list[str]:
    """Those of the declared capabilities that the contract does not know."""
    return sorted(declared - CAPABILITIES.keys())


def with_implied(declared: frozenset[str]) -> frozenset[str]:
    """The declared capabilities and those that they cannot be without."""
    return declared.union(*(_IMPLIED.get(capability, ()) for capability in declared))
