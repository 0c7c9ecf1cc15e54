"""What becomes of containers: those of a run, and those of somebody else.

An engine is shared: containers of other people come and go while a run goes on. The run's are those that a
step said it is in, and those made since the run began that name its stores or its run name in their mounts,
environment, labels or command. Nothing else is touched or reported.
"""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from pytest_orchestrators.probes import place
from pytest_orchestrators.suite.evidence import ContainerSeen

#: On a container that the suite puts up: the process that will take it away again.
BYSTANDER_LABEL = "pytest-orchestrators.bystander"
#: Seconds that containers have to go that are being removed, and between two looks.
_PATIENCE_S, _POLL_S = 3.0, 0.1
#: What a bystander does: nothing, for longer than any run takes.
_IDLE = "import time; time.sleep(86400)"
#: Bytes that a container may still take once its memory is limited.
_MARGIN = 64 << 20


class EngineSilent(Exception):
    """The container engine did not answer; the message says what it was asked."""


class ContainerWatch:
    """Looks at an engine before, during and after the runs of one scenario.

    Args:
        client: of docker-py, or like one.
        mark: the path of the scenario's stores.
    """

    def __init__(self, client: Any, mark: str) -> None:
        self._api = client.api
        self._stores, self._run_name = mark, ""
        self._before: frozenset[str] = frozenset()
        self._mine: set[str] = set()
        self._image = self._python = ""

    def begin(self, run_name: str) -> None:
        """A run is about to begin.

        Raises:
            EngineSilent: the engine cannot be asked.
        """
        self._run_name = run_name
        self._before = self._ids()

    def saw(self, container: str, python: str) -> None:
        """A step said that it runs in this container, with this interpreter; never raises."""
        self._mine.add(container)
        with suppress(*_engine_errors()):
            self._image = self._api.inspect_container(container)["Image"]
            self._python = python

    def wait_for(self, container: str, seconds: float) -> bool:
        """Wait for the end of a container for so many seconds; whether it has ended.

        Raises:
            EngineSilent: the engine cannot be asked.
        """
        from docker.errors import NotFound

        self._mine.add(container)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with _asked("tell of a container", but=NotFound):
                    if not self._api.inspect_container(container)["State"]["Running"]:
                        return True
            except NotFound:
                return True
            time.sleep(_POLL_S)
        return False

    def squeeze(self, container: str) -> bool:
        """Limit the memory of a container, swap included, to little more than it takes now; a lower limit
        stays. False if that could not be done; never raises.
        """
        with suppress(KeyError, *_engine_errors()):
            taken = self._api.stats(container, stream=False, one_shot=True)["memory_stats"]["usage"]
            limit = self._api.inspect_container(container)["HostConfig"]["Memory"]
            if not 0 < limit <= taken + _MARGIN:
                self._api.update_container(
                    container, mem_limit=taken + _MARGIN, memswap_limit=taken + _MARGIN
                )
            return True
        return False

    def left(self) -> tuple[ContainerSeen, ...]:
        """The run's containers that are still there, running or stopped, and do not go within a moment. They
        are removed.

        Raises:
            EngineSilent: the engine cannot be asked.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while (found := self._of_the_run()) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        for inspection in found:
            self._remove(inspection["Id"])
        return tuple(_seen(inspection) for inspection in found)

    @contextmanager
    def bystanders(self) -> Iterator[Callable[[], tuple[str, ...]]]:
        """Put up two containers of somebody else, from the image of the run's steps: one that runs, and one
        that was never started. The call yielded says what was done to them.

        Raises:
            EngineSilent: the engine cannot be asked.
            LookupError: no step has said in which container it runs.
        """
        if not self._image:
            raise LookupError("no container of a step was seen on the engine")
        self._sweep()
        made: list[str] = []
        try:
            with _asked("put up containers"):
                for starts in (True, False):
                    made.append(self._make_bystander())
                    if starts:
                        self._api.start(made[-1])
                before = [self._state_of(id) for id in made]
            yield lambda: tuple(self._harm(made, before))
        finally:
            for id in made:
                self._remove(id)

    def _make_bystander(self) -> str:
        made = self._api.create_container(
            self._image,
            entrypoint=[self._python, "-c", _IDLE],
            name=f"bystander-{uuid.uuid4().hex[:12]}",
            labels={BYSTANDER_LABEL: _owner(os.getpid())},
            host_config=self._api.create_host_config(network_mode="none"),
        )
        return str(made["Id"])

    def _state_of(self, id: str) -> tuple[str, str, str]:
        """Name, status, and when it was started."""
        inspection = self._api.inspect_container(id)
        return inspection["Name"], inspection["State"]["Status"], inspection["State"]["StartedAt"]

    def _harm(self, ids: list[str], before: list[tuple[str, str, str]]) -> Iterator[str]:
        from docker.errors import NotFound

        for id, (name, status, started) in zip(ids, before, strict=True):
            what = f"a {status} container of somebody else, {name.lstrip('/')},"
            try:
                with _asked("say what became of containers", but=NotFound):
                    now = self._state_of(id)
            except NotFound:
                yield f"{what} was removed"
                continue
            if now[0] != name:
                yield f"{what} was renamed to {now[0].lstrip('/')}"
            if now[1:] != (status, started):
                yield f"{what} is {now[1]} now, and was last started at {now[2]}"

    def _sweep(self) -> None:
        """Remove bystanders of processes of this machine that were killed."""
        with _asked("list containers"):
            found = self._api.containers(all=True, filters={"label": BYSTANDER_LABEL})
        for container in found:
            if _is_dead(container["Labels"][BYSTANDER_LABEL]):
                self._remove(container["Id"])

    def _ids(self) -> frozenset[str]:
        with _asked("list containers"):
            return frozenset(container["Id"] for container in self._api.containers(all=True))

    def _of_the_run(self) -> list[dict[str, Any]]:
        """Inspections of the run's containers."""
        from docker.errors import NotFound

        now = self._ids()
        found = []
        for id in sorted((now - self._before) | (now & self._mine)):
            with suppress(NotFound), _asked("tell of a container", but=NotFound):  # gone meanwhile
                inspection = self._api.inspect_container(id)
                bystander = BYSTANDER_LABEL in (inspection["Config"]["Labels"] or {})
                if not bystander and (id in self._mine or self._bears_a_mark(inspection)):
                    found.append(inspection)
        return found

    def _bears_a_mark(self, inspection: dict[str, Any]) -> bool:
        # JSON writes some letters in other ways, in the marks as well.
        text = json.dumps(inspection)
        stores, run_name = (json.dumps(mark)[1:-1] for mark in (self._stores, self._run_name))
        if run_name and run_name in text:
            return True
        # The stores of another scenario may have a longer name that begins like theirs.
        return re.search(rf"{re.escape(stores)}(?!\w)", text) is not None

    def _remove(self, id: str) -> None:
        with suppress(*_engine_errors()):
            self._api.remove_container(id, force=True, v=True)


def _seen(inspection: dict[str, Any]) -> ContainerSeen:
    config, state = inspection["Config"], inspection["State"]
    return ContainerSeen(
        name=inspection["Name"].lstrip("/"),
        image=config["Image"],
        state=state["Status"],
        exit_code=None if state.get("Running") else state.get("ExitCode"),
        command=" ".join([inspection.get("Path") or "", *(inspection.get("Args") or ())]),
    )


def _engine_errors() -> tuple[type[Exception], ...]:
    """What docker-py raises, and the connection below it. Whoever has a client has both."""
    from docker.errors import DockerException
    from requests import RequestException

    return DockerException, RequestException


@contextmanager
def _asked(task: str, but: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Turn an error of the engine into an `EngineSilent` about the task."""
    try:
        yield
    except but:
        raise
    except _engine_errors() as error:
        raise EngineSilent(f"the container engine did not {task}: {error}") from error


def _owner(pid: int) -> str:
    """A process of this machine, as text that no later process of the same id has; empty if there is none."""
    started = _start_of(pid)
    return json.dumps([place.here(), pid, started]) if started else ""


def _start_of(pid: int) -> str:
    try:
        # In ticks since boot: unlike a time of day it is not moved when the clock is set.
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        try:
            return str(psutil.Process(pid).create_time())
        except psutil.Error:
            return ""


def _is_dead(owner: str) -> bool:
    """Whether a process of this machine is certainly gone; of others nothing is known."""
    try:
        where, pid, _ = json.loads(owner)
        return bool(where == place.here() and owner != _owner(int(pid)))
    except (ValueError, TypeError):
        return False
