"""From the pieces of output that an engine sends to lines."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator

_LONGEST = 1 << 16


def lines(frames: Iterable[tuple[bytes | None, bytes | None]]) -> Iterator[str]:
    """Yield the lines of stdout and stderr as soon as they are complete, without their ends.

    A frame has a piece of either. A carriage return ends a line as well: progress bars stay live. What is
    longer than 64 KiB is split.
    """
    streams = _Lines(), _Lines()
    for frame in frames:
        for stream, piece in zip(streams, frame, strict=True):
            if piece:
                yield from stream.completed_by(piece)
    for stream in streams:
        yield from stream.rest()


class _Lines:
    """The lines of one stream."""

    def __init__(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._begun = ""

    def completed_by(self, piece: bytes) -> Iterator[str]:
        *complete, self._begun = (self._begun + self._decoder.decode(piece)).split("\n")
        yield from complete
        while len(self._begun) > _LONGEST:
            yield self._begun[:_LONGEST]
            self._begun = self._begun[_LONGEST:]

    def rest(self) -> Iterator[str]:
        if rest := self._begun + self._decoder.decode(b"", final=True):
            yield rest.removesuffix("\n")
