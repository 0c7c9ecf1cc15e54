"""Materializers: how a value becomes files in the folder of its artifact, and is read back the very same."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError

from pytest_orchestrators.contract.artifacts.base import (
    BaseArtifact,
    BytesArtifact,
    DataArtifact,
    RecordArtifact,
    TextArtifact,
)
from pytest_orchestrators.contract.errors import MaterializationError, SourceError
from pytest_orchestrators.contract.sources import load_source, resolve_source


class BaseMaterializer(ABC):
    """Writes values of some types into a folder and reads them back.

    A subclass is found by its source in other processes: define it at the top level of a module, and register
    it with `register_materializer`. It is instantiated without arguments.
    """

    ASSOCIATED_TYPES: ClassVar[tuple[type, ...]] = ()
    """The types that it is registered for when none are named."""

    ARTIFACT: ClassVar[type[BaseArtifact]] = DataArtifact
    """The artifact class under which its values are on the record."""

    @abstractmethod
    def save(self, value: Any, path: Path) -> None:
        """Write ``value`` as files into the folder ``path``, which exists and is empty.

        Raises MaterializationError for a value that `load` would not give back equal to what it was.
        """

    @abstractmethod
    def load(self, data_type: Any, path: Path) -> Any:
        """Read the value in folder ``path``.

        ``data_type`` is the class of the value that was stored, or Any for built-in classes and for those
        that cannot be imported.
        """


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears under its name only when all of it is there."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


class JsonMaterializer(BaseMaterializer):
    """Plain data as one JSON file: None, bool, int, float, str, and lists and string-keyed dicts of these.

    Tuples, sets, subclasses and keys that are no strings would come back as something else: they are refused.
    """

    ASSOCIATED_TYPES: ClassVar[tuple[type, ...]] = (type(None), bool, int, float, list, dict)
    FILE_NAME = "value.json"

    def save(self, value: Any, path: Path) -> None:
        """Write ``value``; MaterializationError says which part of it is not plain data."""
        try:
            _refuse_what_is_not_plain(value, "value")
            text = json.dumps(value)
        except RecursionError:
            raise MaterializationError("the value is nested too deeply, or contains itself") from None
        except ValueError as error:
            raise MaterializationError(f"the value does not fit JSON: {error}") from error
        _write_whole(path / self.FILE_NAME, text.encode())

    def load(self, data_type: Any, path: Path) -> Any:
        """Read the plain data; ``data_type`` is not consulted."""
        del data_type
        return json.loads((path / self.FILE_NAME).read_text(encoding="utf-8"))


def _refuse_what_is_not_plain(value: Any, where: str) -> None:
    kind = type(value)
    if kind is list:
        for index, item in enumerate(value):
            _refuse_what_is_not_plain(item, f"{where}[{index}]")
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise MaterializationError(f"{where} has the key {key!r}: keys must be strings")
            _refuse_what_is_not_plain(item, f"{where}[{key!r}]")
    elif value is not None and kind not in (bool, int, float, str):
        raise MaterializationError(
            f"{where} is a {kind.__module__}.{kind.__qualname__}, which JSON would not give back as it was: "
            "use plain data (None, bool, int, float, str, list, dict), a pydantic model, bytes, "
            "or register a materializer"
        )


class RecordMaterializer(BaseMaterializer):
    """A pydantic model as one JSON file that also names the model's class."""

    ASSOCIATED_TYPES = (BaseModel,)
    ARTIFACT = RecordArtifact
    FILE_NAME = "record.json"

    def save(self, value: Any, path: Path) -> None:
        """Write the model; MaterializationError if it would not be read back equal."""
        if not isinstance(value, BaseModel):
            raise MaterializationError(f"the value is a {type(value).__qualname__}, not a pydantic model")
        try:
            source = resolve_source(type(value))
            data = value.model_dump_json()
            survives = type(value).model_validate_json(data) == value
        except (SourceError, ValueError) as error:
            raise MaterializationError(f"the model cannot be stored as JSON: {error}") from error
        if not survives:
            raise MaterializationError(f"{source} is not equal to itself after a round trip through JSON")
        content = f'{{"source": {json.dumps(source)}, "data": {data}}}'
        _write_whole(path / self.FILE_NAME, content.encode())

    def load(self, data_type: Any, path: Path) -> Any:
        """Read the model as an instance of the class that it was stored from."""
        del data_type
        content = json.loads((path / self.FILE_NAME).read_text(encoding="utf-8"))
        try:
            return load_source(content["source"]).model_validate_json(json.dumps(content["data"]))
        except (SourceError, ValidationError) as error:
            raise MaterializationError(f"the stored {content['source']} cannot be read: {error}") from error


class TextMaterializer(BaseMaterializer):
    """A string as one UTF-8 file, line ends and lone surrogates kept."""

    ASSOCIATED_TYPES = (str,)
    ARTIFACT = TextArtifact
    FILE_NAME = "value.txt"

    def save(self, value: Any, path: Path) -> None:
        """Write the string; MaterializationError for anything else."""
        if type(value) is not str:
            raise MaterializationError(f"the value is a {type(value).__qualname__}, not a str")
        _write_whole(path / self.FILE_NAME, value.encode("utf-8", "surrogatepass"))

    def load(self, data_type: Any, path: Path) -> str:
        """Read the string."""
        del data_type
        return (path / self.FILE_NAME).read_bytes().decode("utf-8", "surrogatepass")


class BytesMaterializer(BaseMaterializer):
    """Bytes as one file."""

    ASSOCIATED_TYPES = (bytes,)
    ARTIFACT = BytesArtifact
    FILE_NAME = "value.bin"

    def save(self, value: Any, path: Path) -> None:
        """Write the bytes; MaterializationError for anything else."""
        if type(value) is not bytes:
            raise MaterializationError(f"the value is a {type(value).__qualname__}, not bytes")
        _write_whole(path / self.FILE_NAME, value)

    def load(self, data_type: Any, path: Path) -> bytes:
        """Read the bytes."""
        del data_type
        return (path / self.FILE_NAME).read_bytes()
