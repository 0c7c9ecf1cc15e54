"""Serving a mutant: whoever imports its module gets the mutant's source."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from tests.mutation.mutants import Mutant, modules


class Served(MetaPathFinder, Loader):
    """Finds one module, and makes it of a mutant's source."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The mutant's module, and no other."""
        if fullname != self._mutant.module:
            return None
        spec = ModuleSpec(fullname, self, origin=str(modules()[fullname]))
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutant's source as the module."""
        exec(compile(self._mutant.text, str(module.__file__), "exec"), vars(module))


def serve(mutant: Mutant) -> None:
    """Have imports find the mutant from now on, in this process and in its forks.

    Raises:
        RuntimeError: a module that is to be changed is loaded already.
    """
    loaded = sorted(modules().keys() & sys.modules.keys())
    if loaded:
        raise RuntimeError(f"too late to serve {mutant.id}: {', '.join(loaded)} is loaded already")
    sys.meta_path.insert(0, Served(mutant))
