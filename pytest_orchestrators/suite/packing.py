"""A long row of data that is kept small: each packed by itself, and unpacked only while it is looked at."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, get_args, overload

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema

from pytest_orchestrators.suite.data import Data, mistakes_of

D = TypeVar("D", bound=Data)

#: Bytes that one record may have when it is unpacked: text that a few bytes stand for could fill the memory.
LARGEST = 1 << 26
_TEXTS = TypeAdapter(list[str])


class Packed(Sequence[D]):
    """A row of records of one kind; each is taken out anew whenever it is asked for.

    As JSON it is a list of texts: the record's JSON in UTF-8, compressed by zlib (RFC 1950),
    in base64 (RFC 4648).

    Args:
        kind: the class of the records.
        records: the first ones.
    """

    def __init__(self, kind: type[D], records: Iterable[D] = ()) -> None:
        self._kind = kind
        self._packed = [_pack(record) for record in records]

    @classmethod
    def of_lines(cls, kind: type[D], text: str) -> Packed[D]:
        """Records that have a line each, as `packed_line` makes them; the last one may have been cut off."""
        packed = cls(kind)
        packed._packed = [base64.b64decode(line) for line in text.split("\n")[:-1]]
        return packed

    @overload
    def __getitem__(self, index: int) -> D: ...

    @overload
    def __getitem__(self, index: slice) -> list[D]: ...

    def __getitem__(self, index: int | slice) -> D | list[D]:
        if isinstance(index, slice):
            return [self._unpacked(packed) for packed in self._packed[index]]
        return self._unpacked(self._packed[index])

    def __len__(self) -> int:
        return len(self._packed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packed) and self._packed == other._packed

    def __hash__(self) -> int:
        return hash(tuple(self._packed))

    def _unpacked(self, packed: bytes) -> D:
        return self._kind.model_validate_json(_unpack(packed))

    @classmethod
    def _of_texts(cls, kind: type[D], given: object) -> Packed[D]:
        if isinstance(given, Packed):
            return given
        packed = cls(kind)
        for number, text in enumerate(_TEXTS.validate_python(given)):
            try:
                packed._packed.append(base64.b64decode(text, validate=True))
                packed[number]
            except ValueError as error:
                why = mistakes_of(error, "it")[0] if isinstance(error, ValidationError) else error
                raise ValueError(f"number {number} is no packed {kind.__name__}: {why}") from None
        return packed

    def _texts(self) -> list[str]:
        return [_text(packed) for packed in self._packed]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del handler
        (kind,) = get_args(source)
        return core_schema.no_info_plain_validator_function(
            lambda given: cls._of_texts(kind, given),
            serialization=core_schema.plain_serializer_function_ser_schema(cls._texts),
        )


def packed_line(record: Data) -> str:
    """A record as the text that stands for it in JSON, on a line of its own."""
    return _text(_pack(record)) + "\n"


def _text(packed: bytes) -> str:
    return base64.b64encode(packed).decode("ascii")


def _pack(record: Data) -> bytes:
    return zlib.compress(record.model_dump_json().encode("utf-8"))


def _unpack(packed: bytes) -> bytes:
    """The JSON of a record. Raises ValueError if it is not packed, or too large."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, LARGEST)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if unpacker.unconsumed_tail:
        raise ValueError(f"it has more than {LARGEST >> 20} MB")
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("it has been cut off, or something follows it")
    return text
