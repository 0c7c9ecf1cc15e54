"""The families: each bridges between one kind of orchestrators and the suite."""

from __future__ import annotations

from importlib import import_module

from pytest_orchestrators.suite.family import Family

#: The attribute by which a flavor class names a family of its own, as `module:Class`.
FAMILY_ATTRIBUTE = "__orchestrator_family__"


def family_of(flavor_class: type) -> Family:
    """The family that a flavor belongs to: the one its class names, else that of its base class.

    Raises:
        TypeError: the class is no orchestrator flavor of any family.
        ImportError: the backend of the family is not installed.
    """
    named = getattr(flavor_class, FAMILY_ATTRIBUTE, None)
    if named is not None:
        module, _, qualified = named.partition(":")
        family: Family = getattr(import_module(module), qualified)()
        return family
    from pytest_orchestrators.contract.orchestrators.flavor import BaseOrchestratorFlavor

    if issubclass(flavor_class, BaseOrchestratorFlavor):
        from pytest_orchestrators.families.native.family import NativeFamily

        return NativeFamily()
    raise TypeError(
        f"{flavor_class.__module__}.{flavor_class.__qualname__} is no orchestrator flavor: "
        "it is not a subclass of pytest_orchestrators.BaseOrchestratorFlavor"
    )
