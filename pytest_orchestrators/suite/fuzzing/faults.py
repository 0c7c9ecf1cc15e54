"""What is made to go wrong in a run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_orchestrators.suite.fuzzing.choosing import chosen
from pytest_orchestrators.suite.fuzzing.knobs import check_choices, check_flags
from pytest_orchestrators.suite.history import Fault, HookFault, Oddity
from pytest_orchestrators.suite.workload import Workload

#: A step that never ends, so that the run has to be interrupted.
HANG = "hang"
#: What can happen to a step wherever it runs; a failing hook around it among that.
ANYWHERE: tuple[str, ...] = (*get_args(Fault), *get_args(Oddity), *get_args(HookFault))
#: What can happen only to one that does not run in the process that called `run()`.
ELSEWHERE: tuple[str, ...] = ("os_exit", "kill", HANG)
#: Faults in which a step hands back what it must not: it needs an output for that.
_OF_OUTPUTS = ("missing_output", "ill_typed_output", "unstorable_output", "disk_full", "huge_output")


def faults(
    workload: Workload, *, kinds: Collection[str] | None = None, out_of_process: bool = False
) -> st.SearchStrategy[dict[str, Any]]:
    """What goes wrong in one run of a workload, as arguments of `Run(label=..., workload=..., **fault)`.

    Args:
        workload: what is run.
        kinds: some of `ANYWHERE` and `ELSEWHERE`; by default all that `out_of_process` allows.
        out_of_process: whether steps run in other processes than the one that calls `run()`, so that they can
            be killed, leave it by `os._exit`, or hang.

    Raises:
        InvalidArgument: there is no such kind.
    """
    known = (*ANYWHERE, *ELSEWHERE) if out_of_process else ANYWHERE
    if kinds is not None:
        check_choices("faults", "kinds", kinds, known)
    wanted = known if kinds is None else tuple(kinds)
    check_flags("faults", out_of_process=out_of_process)
    if not isinstance(workload, Workload):
        raise InvalidArgument(f"faults(workload={workload!r}): a Workload is needed")

    return _fault(workload, wanted)


@st.composite
def _fault(draw: st.DrawFn, workload: Workload, wanted: Collection[str]) -> dict[str, Any]:
    step = chosen(draw, workload.steps)
    possible = [kind for kind in wanted if step.outputs or kind not in _OF_OUTPUTS]
    # A step with one output hands it back as it is: there is none that could be missing.
    possible = [kind for kind in possible if kind != "missing_output" or len(step.outputs) > 1]
    if step.operator is not None:  # no hooks are called around it
        possible = [kind for kind in possible if kind not in get_args(HookFault)]
    return _told(draw(st.sampled_from(possible or ["raise"])), step.name)


def _told(kind: str, step: str) -> dict[str, Any]:
    """A kind of fault of a step as arguments of `Run`."""
    if kind in get_args(HookFault):
        return {"hook_faults": {step: kind}}
    if kind == HANG:
        return {"waits_in": step, "interrupted": True}
    return {"faults": {step: kind}}
