"""ISO-3 and ISO-6: names and parameters that do harm, and a record store that something is wrong with."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.probes.values import canonical
from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding, listed
from pytest_orchestrators.suite.requirements.anywhere import each, hostile
from pytest_orchestrators.suite.requirements.looking import (
    became,
    chain_text,
    did_not_raise,
    done_as_expected,
    done_right,
    ending,
    shown,
)
from pytest_orchestrators.suite.troubles import TROUBLE_S

requirement = Collector()

_HOSTILE = ("hostile_names", "hostile_parameters", "refused_names", "smuggled_names")


@requirement(
    "ISO-3",
    anywhere=Anywhere(hostile, each(lambda case: _harm(case))),
    reads=_HOSTILE,
    needs=("RUN-1",),
    why=(
        "Names and values become folders, command lines, labels and keys; what is cut, folded or taken for a "
        "command there gives another pipeline's results, or harm, and nobody learns why."
    ),
    observed=(
        "Pipelines whose names and parameters have spaces, case, unicode, quotes, shell text, options, "
        "lengths, slashes and controls are run on stores deep in a sandbox, outside of which everything is "
        "listed before and after; deployments whose names lead out of the stores are handed over unchecked."
    ),
    example="""
        for name in deployment.steps:
            subprocess.run(f"{python} -m {module} --step_name {name}", shell=True)
    """,
    fix=(
        "Hand names and parameters on as they are, as arguments of their own and never within a command; "
        "name files and objects by a digest. Or refuse what cannot be served, before the first step."
    ),
    limits=(
        "A list of names and values is tried, and what is drawn for generated histories. That there are "
        "others is certain."
    ),
)
def hostile_names(reader: Reader) -> Iterator[Finding]:
    """Step names, run names and parameters with spaces, unicode, quotes, slashes and very long values either
    work or are refused before anything is executed; names that would leave the store are refused by the base
    class, and nothing is ever written outside the artifact store.
    """
    for case in reader.cases(*_HOSTILE):
        yield from _harm(case)
        if case.seen.outcome.kind not in ("raised", "refused"):
            yield from done_right(case)
            yield from _wrong_on_record(case)


def _harm(case: Case) -> Iterator[Finding]:
    """Findings where a run with names of somebody else's choice wrote elsewhere, or was refused late."""
    for path in case.seen.escaped:
        yield Finding("nothing is written or removed outside the stores", path, case.where)
    if not case.expected.raises and case.seen.outcome.kind in ("raised", "refused"):
        yield from _refused_late(case)


def _refused_late(case: Case) -> Iterator[Finding]:
    """Findings where a run was refused, but not before anything was executed, or not wholly."""
    refusal = ending(case.seen.outcome)
    started = {fact.step or "?" for fact in case.seen.events("started")}
    if started:
        seen = f"{listed(map(shown, started))} started, then {refusal}"
        yield Finding("a refusal comes before any step is executed", seen, case.where)
    elif case.seen.executions:
        states = listed(f"{e.step} is {e.state}" for e in case.seen.executions)
        yield Finding("a refusal leaves nothing on the record", f"{states}; {refusal}", case.where)
    for name, value in sorted(case.seen.leftover.items()):
        yield Finding("nothing is active after a refusal", f"{name} is {value}", case.where)


def _wrong_on_record(case: Case) -> Iterator[Finding]:
    """Findings where the record does not hold each step and each of its outputs by name."""
    for name, expected in case.expected.steps.items():
        if case.states(name) != ("complete",):
            yield Finding(f"step {shown(name)} is complete on the record", became(case, name), case.where)
            continue
        [execution] = case.executions(name)
        values = {output: [a.value for a in found] for output, found in execution.outputs.items()}
        wanted = {output: [value] for output, value in expected.values.items()}
        if canonical(values) != canonical(wanted):
            yield Finding(f"step {shown(name)} has the outputs {shown(wanted)}", shown(values), case.where)


@requirement(
    "ISO-6",
    reads=("record_trouble",),
    needs=("RUN-1", "CCH-1"),
    families=("native", "zenml"),
    why=(
        "A record that is locked or broken is somebody's to mend: he has to be told which, soon, and to find "
        "in it what was there."
    ),
    observed=(
        "After a good run another process locks the store, its first bytes are overwritten, it is emptied, "
        "replaced by a folder, and made read-only, one after the other, with a timeout of a second, of which "
        f"the run may make {TROUBLE_S:g}; after each the record of the good run is read again."
    ),
    example="""
        except MetadataStoreError:
            stack.metadata.path.unlink()     # heals itself, and the history is gone
            return super().run(deployment, stack)
    """,
    fix="Let the base class open the record and its error out; do not touch the store's files.",
    limits=(
        "Troubles are made with a file on this machine. A server that answers slowly, or forgets, is not "
        "tried."
    ),
)
def record_in_trouble(reader: Reader) -> Iterator[Finding]:
    """A record store that is locked, unreachable, read-only or corrupt gives an error that names the store,
    within a bounded, configurable time; nothing already recorded is lost.
    """
    cases = reader.cases("record_trouble")
    before = next(cases)
    for case in cases:
        if case.seen.trouble is not None and case.seen.trouble.unobserved:
            seen = f"not observed: {case.seen.trouble.unobserved}"
            yield Finding(f"the store is {case.label}", seen, case.where, advisory=True)
        elif case.seen.trouble is not None:
            yield from _not_given_up(case, case.seen.trouble.store)
        else:
            yield from done_as_expected(case)
        if case.seen.recalled != before.seen.executions:
            states = listed(f"{e.step} is {e.state}" for e in case.seen.recalled)
            kept = f"run {before.label} is on the record as it was"
            yield Finding(kept, f"of that run: {states}", case.where)


def _not_given_up(case: Case, store: str) -> Iterator[Finding]:
    """Findings where a run whose record store is in trouble did not end with an error that says so."""
    yield from did_not_raise(case)
    chain = case.seen.outcome.chain
    if case.seen.outcome.kind == "raised" and not any(store in error.message for error in chain):
        yield Finding(f"an error that names the store {store}", chain_text(chain), case.where)
    for step in sorted(case.expected.steps):
        if case.started(step):
            yield Finding(f"step {step} is not executed without a record", became(case, step), case.where)
