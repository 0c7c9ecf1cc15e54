"""What this process, and those that inherit its output, write to standard output and standard error."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO

#: Seconds that are waited for what is still in the pipe when the block has ended; a process that was left
#: behind may keep it open.
_REST_S = 1.0


@contextmanager
def overheard(listen: Callable[[str], None]) -> Iterator[None]:
    """Call `listen` with every line at the moment it is written, and pass it on, until the block ends.

    Taken are the descriptors 1 and 2, which children inherit, and `sys.stdout` and `sys.stderr`, which may
    lead elsewhere under a test runner.
    """
    with ExitStack() as streams:
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            streams.enter_context(_tapped(descriptor, name, listen))
        yield


@contextmanager
def _tapped(descriptor: int, name: str, listen: Callable[[str], None]) -> Iterator[None]:
    stream: TextIO = getattr(sys, name)
    stream.flush()
    saved = os.dup(descriptor)
    reading, writing = os.pipe()
    os.dup2(writing, descriptor)
    os.close(writing)
    reader = threading.Thread(target=_pass_on, args=(reading, saved, listen), daemon=True)
    reader.start()
    # Over the descriptor itself, so that a child that redirects it takes its stream along.
    with open(descriptor, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False) as tapped:
        setattr(sys, name, tapped)
        try:
            yield
        finally:
            setattr(sys, name, stream)
            tapped.flush()
            os.dup2(saved, descriptor)
    reader.join(_REST_S)


def _pass_on(reading: int, onward: int, listen: Callable[[str], None]) -> None:
    with open(reading, "rb", buffering=0) as pipe, open(onward, "wb", buffering=0) as passed:
        begun = b""
        while piece := pipe.read(1 << 16):
            passed.write(piece)
            *lines, begun = (begun + piece).split(b"\n")
            for line in lines:
                listen(line.decode("utf-8", "replace"))
