"""The privilege of root to pass over the permissions of files, laid down for a while."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, as bits.
_PASSING_OVER = (1 << 1) | (1 << 2)
#: Version 3 of the kernel's interface: two words of 32 capabilities each.
_VERSION = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Word(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def without_privileges() -> Iterator[None]:
    """Have this thread, and those that it starts, obey the permissions of files, where Linux knows how.

    Other threads and programs that are started keep what root has: whoever has to be sure tries.
    """
    if sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, words = _Header(_VERSION, 0), (_Word * 2)()
    if libc.capget(ctypes.byref(header), words):
        raise OSError(ctypes.get_errno(), "the privileges of this thread cannot be read")
    before = words[0].effective
    words[0].effective = before & ~_PASSING_OVER
    _set(libc, header, words)
    try:
        yield
    finally:
        words[0].effective = before
        _set(libc, header, words)


def _set(libc: ctypes.CDLL, header: _Header, words: ctypes.Array[_Word]) -> None:
    if libc.capset(ctypes.byref(header), words):
        raise OSError(ctypes.get_errno(), "the privileges of this thread cannot be changed")
