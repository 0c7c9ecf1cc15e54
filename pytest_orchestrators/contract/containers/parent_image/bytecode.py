"""Compiled modules for an image: without them every step would compile all that it imports."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import struct
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path, PurePosixPath

_CHUNK = 50


def compiled(sources: Mapping[PurePosixPath, Path], folder: Path) -> dict[PurePosixPath, Path]:
    """Return the compiled files that belong beside ``sources``, which map places in the image to files here.

    Those that are here and up to date are used; the others are made in ``folder``, by all processors. What
    cannot be compiled, such as a template, has none.
    """
    files: dict[PurePosixPath, Path] = {}
    jobs: list[tuple[str, str, str]] = []
    for place, source in sources.items():
        if place.suffix != ".py":
            continue
        target = PurePosixPath(importlib.util.cache_from_source(str(place)))
        here = Path(importlib.util.cache_from_source(str(source)))
        if _is_up_to_date(here, source):
            files[target] = here
        else:
            files[target] = folder / f"{len(jobs)}.pyc"
            jobs.append((str(source), str(files[target]), f"/{place}"))
    if jobs:
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
            list(pool.map(_compile, jobs, chunksize=_CHUNK))
    return {target: file for target, file in files.items() if file.exists()}


def _is_up_to_date(file: Path, source: Path) -> bool:
    try:
        with file.open("rb") as opened:
            header = opened.read(16)
    except OSError:
        return False
    status = source.stat()
    fresh = struct.pack(
        "<4sLLL", importlib.util.MAGIC_NUMBER, 0, int(status.st_mtime), status.st_size & 0xFFFFFFFF
    )
    return header == fresh


def _compile(job: tuple[str, str, str]) -> None:
    source, target, name = job
    try:
        py_compile.compile(
            source,
            cfile=target,
            dfile=name,
            quiet=2,
            invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP,
        )
    except (OSError, ValueError):  # not text, or gone
        return
