"""How the values of probe steps are stored: as plain data, and half of it where a run halts meanwhile."""

from __future__ import annotations

from abc import ABC
from pathlib import Path
from typing import Any, ClassVar

from pytest_orchestrators.contract.artifacts.materializers import JsonMaterializer
from pytest_orchestrators.contract.artifacts.registry import register_materializer
from pytest_orchestrators.probes import control, journal
from pytest_orchestrators.probes.halting import halt

#: A file beside the value's, without which it can be read all the same.
_BESIDE = "value.words.txt"
#: The file that is there while a value is being stored, and not when it is.
_PIECE = "piece.json"


class ProbeValue(ABC):  # noqa: B024 - a name for what dicts are
    """What probe steps produce: any dict is one."""


ProbeValue.register(dict)


class ProbeMaterializer(JsonMaterializer):
    """Stores a probe's value as one JSON file, and another file beside it, as many a materializer does.

    Where the run is to halt while it is being stored, the file is half there under its own name, and another
    one beside it. Many a materializer writes like that; a step that is killed then leaves both behind.
    """

    ASSOCIATED_TYPES: ClassVar[tuple[type, ...]] = (ProbeValue,)

    def save(self, value: Any, path: Path) -> None:
        """Write the value; raises MaterializationError as `JsonMaterializer` does."""
        root = journal.last_root()
        if root is not None and type(value) is dict:
            orders, step = control.read(root), str(value.get("step"))
            if ["storing", step] in orders.get("halts", ()):
                (path / _PIECE).write_text("the value was being stored", encoding="utf-8")
                (path / self.FILE_NAME).write_text('{"step": ', encoding="utf-8")
                halt(root, orders, "storing", step)
                (path / _PIECE).unlink()
        super().save(value, path)
        (path / _BESIDE).write_text("a value of a probe step", encoding="utf-8")


register_materializer(ProbeMaterializer)
