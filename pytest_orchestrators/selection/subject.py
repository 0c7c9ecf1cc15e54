"""From a name to a subject: the flavor, built and configured, with its family."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pytest_orchestrators.families import family_of
from pytest_orchestrators.selection.errors import SelectionError
from pytest_orchestrators.selection.known import KnownFlavor, find
from pytest_orchestrators.selection.loading import failed, load_class, title
from pytest_orchestrators.selection.settings import Settings, nearest
from pytest_orchestrators.suite.family import Family
from pytest_orchestrators.suite.profile import CAPABILITIES, unknown_capabilities
from pytest_orchestrators.suite.subject import Subject


def subject_of(asked: str, settings: Settings, configuration: Mapping[str, Any]) -> Subject:
    """Find, import and build a flavor.

    Args:
        asked: its name, or `module:Class`.
        settings: the table of the root directory.
        configuration: what is configured over what the table says.

    Raises:
        SelectionError: it is unknown, cannot be imported or built, or the configuration does not fit.
    """
    known = find(asked, settings)
    before = set(threading.enumerate())
    flavor_class = load_class(known)
    family = _family(known, flavor_class)
    flavor = _build(known, flavor_class)
    tabled = known.settings.config if known.settings else {}
    config = {**tabled, **configuration}
    _check_configuration(known, flavor, config)
    return Subject(
        name=_name(known, flavor),
        source=known.source,
        flavor=flavor,
        family=family,
        config=config,
        capabilities=_capabilities(known, flavor),
        forks=before.issuperset(threading.enumerate()),
    )


def subject_of_flavor(flavor: Any) -> Subject:
    """A subject from a flavor that is at hand, with the configuration's defaults.

    Raises:
        SelectionError: it belongs to no family.
    """
    kind = type(flavor)
    known = KnownFlavor(
        source=f"{kind.__module__}:{kind.__qualname__}", origin="at hand", name=kind.__qualname__
    )
    family = _family(known, kind)
    name, capabilities = _name(known, flavor), _capabilities(known, flavor)
    return Subject(name=name, source=known.source, flavor=flavor, family=family, capabilities=capabilities)


def _family(known: KnownFlavor, flavor_class: type) -> Family:
    """The flavor's family, its backend seen to be installed."""
    try:
        family = family_of(flavor_class)
        family.versions()
        return family
    except TypeError as error:
        raise SelectionError(f"{title(known)}: {error}") from error
    except Exception as error:
        raise failed(known, "judged", error) from error


def _build(known: KnownFlavor, flavor_class: type) -> Any:
    """An instance, its implementation loaded: a backend that is not installed shows here at the latest."""
    try:
        flavor = flavor_class()
    except Exception as error:
        raise failed(known, "built", error) from error
    try:
        getattr(flavor, "implementation_class", None)
    except ImportError as error:
        raise failed(known, "built", error) from error
    except Exception:
        return flavor  # a wrong flavor, which is for the suite to say
    return flavor


def _check_configuration(known: KnownFlavor, flavor: Any, config: Mapping[str, Any]) -> None:
    """Refuse what the flavor's own config class refuses; a class that is none is for the suite to judge."""
    try:
        validate = flavor.config_class.model_validate
    except Exception:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            validate(dict(config))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'the whole'}: {e['msg']}" for e in error.errors()]
        raise SelectionError("\n".join([f"{title(known)} refuses its configuration:", *lines])) from error
    except Exception as error:
        raise failed(known, "configured", error) from error


def _capabilities(known: KnownFlavor, flavor: Any) -> frozenset[str]:
    """What the table says that the flavor can do, else what its class says."""
    declared: Any = getattr(flavor, "capabilities", frozenset())
    if known.settings and known.settings.capabilities is not None:
        declared = known.settings.capabilities
    names = isinstance(declared, set | frozenset | list | tuple) and all(isinstance(n, str) for n in declared)
    if not names:
        raise SelectionError(f"{title(known)}: its capabilities are not a set of names: {declared!r}")
    for unknown in unknown_capabilities(frozenset(declared)):
        raise SelectionError(f"{title(known)}: no capability {unknown!r}{nearest(unknown, CAPABILITIES)}")
    return frozenset(declared) | ({"out_of_process"} if _out_of_process(known, flavor) else set())


def _out_of_process(known: KnownFlavor, flavor: Any) -> bool:
    """Whether the table, or else the flavor's class, says `in_process = false`."""
    if known.settings and known.settings.in_process is not None:
        return not known.settings.in_process
    return getattr(flavor, "in_process", True) is False


def _name(known: KnownFlavor, flavor: Any) -> str:
    """The name it was asked by; given as `module:Class`, the name that the flavor has for itself."""
    if known.name != known.source:
        return known.name
    try:
        own = flavor.name
    except Exception:
        return known.name
    return own if isinstance(own, str) and own.isidentifier() else known.name
