"""Scenarios in which nothing goes wrong: shapes, values, order, several runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from pytest_orchestrators.probes.steps import OPERATOR, OPERATORS
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import SHAPES, chain, chain_of, feed, single
from pytest_orchestrators.suite.workload import Resources, Workload, WorkloadStep

#: The scenario that is carried out before all others, and alone.
FIRST = "first"
#: Parameters of every JSON kind: the falsy, the look-alikes and the huge; texts that do harm are elsewhere.
PARAMETERS: dict[str, JsonValue] = {
    "zero": 0,
    "float_zero": 0.0,
    "false": False,
    "true": True,
    "one": 1,
    "nothing": None,
    "empty_text": "",
    "empty_list": [],
    "empty_map": {},
    "fraction": -0.1,
    "huge": 10**20,
    "text": "of three words",
    "nested": {"list": [1, True, None, {"deep": [[]]}], "": "empty key"},
}


def first(names: Names) -> Iterator[Run]:
    """One step: how long it takes says how long other scenarios may take."""
    yield Run(label="single step", workload=single(names))


def shapes(names: Names) -> Iterator[Run]:
    """Every other shape once, one deployment after the other, on one orchestrator instance."""
    for label, build in SHAPES.items():
        yield Run(label=label, workload=build(names))


def parameters(names: Names) -> Iterator[Run]:
    """Parameters of every JSON kind, all on one step and each falsy one alone on a step of its own."""
    first, second, *alone = names.falling(7)
    falsy: list[JsonValue] = [0, False, None, "", []]
    steps = [WorkloadStep(name=first, parameters=PARAMETERS)]
    steps += [WorkloadStep(name=second, inputs=feed(first), parameters={"x": "one", "probe": "mine", "y": 0})]
    steps += [WorkloadStep(name=n, parameters={"value": v}) for n, v in zip(alone, falsy, strict=True)]
    yield Run(label="all kinds", workload=Workload(name=names.one(), steps=tuple(steps)))


def order(names: Names) -> Iterator[Run]:
    """Dependencies that are about order only, against the order of names: across a chain of data, inside it,
    and behind its end, where a step comes last although it reads nothing; then once more with everything the
    other way round, for those that a wrong order of the first one happens to suit.

    The steps that must come first take their time, so that whoever does not wait for them is seen; so do two
    that nobody has to wait for, so that whoever runs them side by side is seen, too.
    """
    yield _ordered("first", names.one(), _order_only(names.falling(5), outputs=("output",)))
    rising = names.falling(5)[::-1]
    yield _ordered("turned round", names.one(), _order_only(rising, outputs=())[::-1])


def _order_only(names: Sequence[str], outputs: tuple[str, ...]) -> tuple[WorkloadStep, ...]:
    """Five steps as they are listed, from the last to the first; the outputs are those of the first."""
    early, late, source, sink, last = names
    return (
        WorkloadStep(name=sink, inputs=feed(source), after=(late,)),
        WorkloadStep(name=late, after=(early,), outputs=()),
        WorkloadStep(name=source),
        WorkloadStep(name=early, outputs=outputs),
        WorkloadStep(name=last, after=(sink,)),
    )


def _ordered(label: str, pipeline: str, steps: tuple[WorkloadStep, ...]) -> Run:
    """A run in which whatever somebody has to wait for takes its time."""
    workload = Workload(name=pipeline, steps=steps)
    waited_for = [name for name in workload.names if workload.downstream(frozenset({name}))]
    return Run(label=label, workload=workload, seconds=dict.fromkeys(waited_for, 0.05))


def two_runs(names: Names) -> Iterator[Run]:
    """One pipeline under two run names with other parameters, then another pipeline with the same step
    names, then the first one with another step in place of its last.
    """
    *steps, new = names.falling(3)
    first = chain_of(names.one(), steps)
    uncached = first.edit(steps[0], cache=False).edit(steps[1], cache=False)
    other = uncached.edit(steps[0], cache=False, parameters={"n": "other"})
    yield Run(label="first", workload=uncached)
    yield Run(label="second", workload=other, recalls="first")
    renamed = Workload(name=names.one(), steps=other.steps)
    yield Run(label="other pipeline", workload=renamed, recalls="second")
    changed = chain_of(first.name, (steps[0], new)).edit(steps[0], cache=False).edit(new, cache=False)
    yield Run(label="other step", workload=changed)


def other_order(names: Names) -> Iterator[Run]:
    """One pipeline of two steps, then with the same steps the other way round."""
    one, other = names.falling(2)
    workload = chain_of(names.one(), (one, other)).edit(one, cache=False).edit(other, cache=False)
    yield Run(label="first", workload=workload)
    turned = workload.edit(other, inputs={}).edit(one, inputs=feed(other))
    yield Run(label="other order", workload=turned)


def like_run_names(names: Names) -> Iterator[Run]:
    """One pipeline with other parameters under run names that are alike but for capitals, signs, how they
    are encoded, or what comes behind the sixtieth or the two hundredth character. A flavor whose target
    takes no such names may refuse them.
    """
    stem, long, longer = names.one(), "x" * 60, "x" * 200
    workload = chain_of(names.one(), names.falling(1))
    ends = {"small": "-r", "capital": "-R", "full stop": ".r", "underscore": "_r"}
    ends |= {"blank": " r", "colon": ":r", "accent": "-\u00e9", "combining accent": "-e\u0301"}
    ends |= {
        "long": f"-{long}1",
        "as long": f"-{long}2",
        "longer": f"-{longer}1",
        "longer, too": f"-{longer}2",
    }
    for label, end in ends.items():
        run = workload.edit(workload.names[0], cache=False, parameters={"n": label})
        yield Run(label=label, workload=run, run_name=f"{stem}{end}", hostile=True)


def partly_cached(names: Names) -> Iterator[Run]:
    """Two branches of one step each come together with one of two steps, whose name is between theirs; then
    again, when the longer one has changed and all else is cached.
    """
    source, high, longer, low, longest, *joins = names.falling(7)
    steps = [WorkloadStep(name=source)]
    steps += [WorkloadStep(name=name, inputs=feed(source)) for name in (high, longer, low)]
    steps += [WorkloadStep(name=longest, inputs=feed(longer))]
    pairs = zip(joins, (high, low), strict=True)
    steps += [WorkloadStep(name=join, inputs=feed(short, longest)) for join, short in pairs]
    workload = Workload(name=names.one(), steps=tuple(steps))
    yield Run(label="first", workload=workload)
    yield Run(label="again", workload=workload.edit(longer, edition="b"))


def operator(names: Names) -> Iterator[Run]:
    """A step that names a step operator, with resources of its own and caching off, between one that has
    resources, too, and one that has nothing; twice.
    """
    before, operated, after = names.falling(3)
    workload = chain_of(names.one(), [before, operated, after])
    workload = workload.edit(operated, operator=OPERATOR, resources=Resources(cpu_count=1), cache=False)
    workload = workload.edit(before, resources=Resources(cpu_count=1))
    yield Run(label="operated", workload=workload)
    yield Run(label="again", workload=workload)


def operator_again(names: Names) -> Iterator[Run]:
    """A step that names a step operator, with resources; twice, so that the second time it is cached."""
    workload = single(names)
    workload = workload.edit(workload.names[0], operator=OPERATOR, resources=Resources(cpu_count=1))
    yield Run(label="operated", workload=workload)
    yield Run(label="again", workload=workload)


def operator_moved(names: Names) -> Iterator[Run]:
    """A step that names a step operator, and the same step when it names another, and when it names none."""
    workload = single(names)
    step = workload.names[0]
    workload = workload.edit(step, operator=OPERATOR, cache=False)
    yield Run(label="operated", workload=workload)
    yield Run(label="by another", workload=workload.edit(step, operator=OPERATORS[-1]))
    yield Run(label="not any more", workload=workload.edit(step, operator=None))


def operator_fails(names: Names) -> Iterator[Run]:
    """A step fails where its step operator executes it."""
    before, operated = names.falling(2)
    workload = chain_of(names.one(), [before, operated]).edit(operated, operator=OPERATOR)
    yield Run(label="failed", workload=workload, faults={operated: "raise"})


def operator_down(names: Names) -> Iterator[Run]:
    """A step whose step operator takes it over, and cannot execute it."""
    workload = single(names)
    [operated] = workload.names
    workload = workload.edit(operated, operator=OPERATOR)
    yield Run(label="down", workload=workload, faults={operated: "operator_down"})


def long_step(names: Names) -> Iterator[Run]:
    """A step that takes so long that it can be told from one that takes no time, and one behind it that takes
    none; then one that fails after a while.
    """
    workload, failing = chain(names, 2), single(names)
    yield Run(label="long step", workload=workload, seconds={workload.names[0]: 3.1})
    [step] = failing.names
    yield Run(label="fails late", workload=failing, seconds={step: 2.2}, faults={step: "raise"})


SCENARIOS = {
    FIRST: first,
    "shapes": shapes,
    "parameters": parameters,
    "order": order,
    "two_runs": two_runs,
    "other_order": other_order,
    "like_run_names": like_run_names,
    "partly_cached": partly_cached,
    "long_step": long_step,
    "operator": operator,
    "operator_down": operator_down,
    "operator_again": operator_again,
    "operator_moved": operator_moved,
    "operator_fails": operator_fails,
}
