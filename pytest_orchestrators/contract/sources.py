"""Sources: naming an importable object as ``package.module.Name`` and finding it again in another process."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from pytest_orchestrators.contract.errors import SourceError


def resolve_source(obj: Any) -> str:
    """Name a class or function so that `load_source` finds it, ``package.module.Qualname``.

    What lives in ``__main__`` is named after the script's file, under which other processes can import it.
    Raises SourceError for objects that cannot be imported: made inside a function, or not named at all.
    """
    module = getattr(obj, "__module__", None)
    name = getattr(obj, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        raise SourceError(f"{obj!r} has no name and module: only classes and functions have a source.")
    if "<" in name:
        raise SourceError(
            f"{name!r} in module {module!r} is made inside a function, where no other process finds it: "
            "move it to the top level of its module."
        )
    return f"{_importable_module_name(module)}.{name}"


def _importable_module_name(module: str) -> str:
    if module != "__main__":
        return module
    main = sys.modules["__main__"]
    if main.__spec__ is not None:
        return main.__spec__.name
    script = Path(getattr(main, "__file__", None) or "")
    return script.stem if script.suffix == ".py" and script.stem.isidentifier() else module


def load_source(source: str) -> Any:
    """Import and return what ``source`` names (``package.module.Name`` or ``package.module:Name``).

    Raises SourceError if there is no such module, or nothing of that name in it. An error inside the module
    itself, while it is imported, comes out as it is.
    """
    head, _, tail = source.partition(":")
    if head.startswith("."):
        raise SourceError(f"Cannot load {source!r}: it is relative; name the module from its top level.")
    parts = head.split(".")
    for split in (len(parts),) if tail else range(len(parts) - 1, 0, -1):
        module = _import_if_found(".".join(parts[:split]))
        if module is not None:
            names = tail.split(".") if tail else parts[split:]
            return _attribute_of(module, names, source)
    raise SourceError(f"Cannot load {source!r}: no module of that name can be imported from here.")


def _import_if_found(name: str) -> ModuleType | None:
    if name == _importable_module_name("__main__"):
        # The running script must not be imported a second time under its own file's name.
        return sys.modules["__main__"]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(f"{missing}."):
            return None
        raise
    except ValueError:  # what ``import_module("")`` raises, and what a NUL in a name leads to
        return None


def _attribute_of(module: ModuleType, names: list[str], source: str) -> Any:
    found: Any = module
    for name in names:
        try:
            found = getattr(found, name)
        except AttributeError as error:
            raise SourceError(
                f"Cannot load {source!r}: {name!r} is not found in {module.__name__!r}."
            ) from error
    return found


def validate_source_class(source: str, expected: type) -> type:
    """Load ``source`` and return it if it is a subclass of ``expected``; SourceError otherwise."""
    found = load_source(source)
    if not (isinstance(found, type) and issubclass(found, expected)):
        raise SourceError(f"{source!r} is {found!r}, which is not a subclass of {expected.__qualname__}.")
    return found


def source_code_digest(function: Callable[..., Any]) -> str:
    """Fingerprint (sha256, hexadecimal) of what a function does, so that an edited one is not taken for it.

    Comments, layout and the options of its own ``@step`` do not count. Where the source text is not at hand
    the bytecode is used. What the function calls is not looked into. Raises SourceError if there is neither.
    """
    try:
        text = textwrap.dedent(inspect.getsource(function))
        definition = ast.parse(text).body[0]
    except (OSError, TypeError, SyntaxError):
        return _digest(_code_as_text(_code_of(function)))
    if isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef)):
        definition.decorator_list = [d for d in definition.decorator_list if not _is_step_decorator(d)]
    return _digest(ast.unparse(definition))


def _code_of(function: Callable[..., Any]) -> CodeType:
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        raise SourceError(f"{function!r} is not written in Python, so nobody can tell when it changes.")
    return code


def _is_step_decorator(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return "step" in (getattr(target, "id", None), getattr(target, "attr", None))


def _code_as_text(code: CodeType) -> str:
    constants = [
        _code_as_text(constant)
        if isinstance(constant, CodeType)
        # The order of a set differs from process to process.
        else repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)
        for constant in code.co_consts
    ]
    return repr((code.co_code, constants, code.co_names, code.co_varnames))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
