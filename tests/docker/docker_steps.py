"""Steps that the tests of this folder run in containers."""

import os
import sys
import time
from pathlib import Path

from pytest_orchestrators import step


class Odd(Exception):
    pass


@step
def where(n: int) -> dict:
    return {"n": n, "host": os.uname().nodename, "user": f"{os.getuid()}:{os.getgid()}"}


@step
def after(before: dict) -> list:
    return [before["host"], os.uname().nodename]


@step
def look(paths: list, variables: list) -> dict:
    import pwd

    try:
        known = bool(pwd.getpwuid(os.getuid()))
    except KeyError:
        known = False
    return {
        "exist": [path for path in paths if Path(path).exists()],
        "writable": [path for path in paths if os.access(path, os.W_OK)],
        "variables": {name: os.environ.get(name) for name in variables},
        "user": f"{os.getuid()}:{os.getgid()}",
        "known": known,
        "home": str(Path.home()),
        "init": Path("/proc/1/comm").read_text().strip(),
        "memory": _first("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"),
        "interfaces": sorted(path.name for path in Path("/sys/class/net").iterdir()),
        "hosts": Path("/etc/hosts").read_text(),
    }


def _first(*paths: str) -> str:
    return next(Path(path).read_text().strip() for path in paths if Path(path).exists())


@step
def fail(message: str) -> int:
    print("spoken before the failure")
    raise Odd(message)


@step
def leave(code: int) -> int:
    print("last words", flush=True)
    os._exit(code)


@step
def speak_slowly(pause: float) -> int:
    print("first")
    print("on stderr", file=sys.stderr)
    time.sleep(pause)
    print("second")
    print("no line end", end="")
    return 1


@step
def sleep(seconds: float, started: str) -> int:
    Path(started).write_text(os.uname().nodename)
    print("sleeping", flush=True)
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        Path(started + ".interrupted").touch()
        raise
    return 1


@step
def greedy(megabytes: int) -> int:
    print("taking memory", flush=True)
    return len(bytearray(os.urandom(1 << 20) * megabytes))
