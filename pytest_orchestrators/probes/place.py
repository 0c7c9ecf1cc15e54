"""Where a process is: on which machine, in which container."""

from __future__ import annotations

import platform
import re
from pathlib import Path

_CONTAINER = re.compile(r"containers/([0-9a-f]{64})/")


def here() -> str:
    """The machine or container that this process sees: its name, its boot and its namespaces, as one text.

    Two processes that see the same one get the same text; a container never gets that of its host.
    """
    seen = (_read("/proc/sys/kernel/random/boot_id"), *(_namespace(kind) for kind in ("pid", "mnt", "uts")))
    return ":".join(filter(None, (platform.node(), *seen)))


def container() -> str | None:
    """The id of the container that this process is in, as its engine names it; none outside, or if an engine
    does not say.
    """
    # An engine mounts files of its own, such as /etc/hostname, from a folder named by the id.
    found = _CONTAINER.search(_read("/proc/self/mountinfo"))
    return found[1] if found else None


def _namespace(kind: str) -> str:
    try:
        return str(Path(f"/proc/self/ns/{kind}").readlink())
    except OSError:
        return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
