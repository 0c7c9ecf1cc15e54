"""From `module:Class` to the class."""

from __future__ import annotations

import inspect
from importlib import import_module
from types import ModuleType
from typing import Any

from pytest_orchestrators.selection.blame import blame, missing_extra
from pytest_orchestrators.selection.errors import SelectionError
from pytest_orchestrators.selection.known import KnownFlavor
from pytest_orchestrators.selection.settings import nearest


def load_class(known: KnownFlavor) -> type:
    """Import a flavor's class.

    Raises:
        SelectionError: there is no such module or class, or importing fails; with the file and line where.
    """
    module_name, _, qualified = known.source.partition(":")
    module = _import(module_name, known)
    found: Any = module
    for part in qualified.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            hint = nearest(qualified, _classes(module))
            raise SelectionError(f"{title(known)}: {module_name} has no {qualified!r}{hint}") from None
        except Exception as error:
            raise failed(known, "loaded", error) from error
    if not inspect.isclass(found):
        raise SelectionError(
            f"{title(known)}: {known.source} is a {type(found).__name__}, not a flavor class"
        )
    return found


def _import(name: str, known: KnownFlavor) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise SelectionError(
                f"{title(known)}: module {error.name!r} is neither in the root directory nor installed"
            ) from error
        raise failed(known, "imported", error) from error
    except (Exception, SystemExit) as error:
        raise failed(known, "imported", error) from error


def _classes(module: ModuleType) -> list[str]:
    """The classes that a module defines itself."""
    defined = inspect.getmembers(module, inspect.isclass)
    return [name for name, value in defined if value.__module__ == module.__name__]


def title(known: KnownFlavor) -> str:
    """The flavor as errors call it."""
    if known.name == known.source:
        return f"flavor {known.name}"
    return f"flavor {known.name!r} ({known.source}, {known.origin})"


def failed(known: KnownFlavor, what: str, error: BaseException) -> SelectionError:
    """The error that says a flavor cannot be imported, built or configured, and why."""
    extra = missing_extra(error)
    if extra:
        return SelectionError(f"{title(known)} cannot be {what}: {extra}")
    return SelectionError(f"{title(known)} cannot be {what}:\n{blame(error)}")
