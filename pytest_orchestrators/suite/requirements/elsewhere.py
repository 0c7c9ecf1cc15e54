"""What is asked of flavors whose steps run in processes or containers of their own: CLN-8, FLR-8, FLR-11,
ISO-4, ISO-5 and LOG-2.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.probes.faults import last_words
from pytest_orchestrators.suite.case import Case, Reader, Unobserved
from pytest_orchestrators.suite.evidence import ContainerSeen, ContainersEvidence
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding
from pytest_orchestrators.suite.requirements import undersold
from pytest_orchestrators.suite.requirements.anywhere import each, lost_processes
from pytest_orchestrators.suite.requirements.looking import (
    FAILURES,
    became,
    chain_text,
    did_not_raise,
    done_right,
    ending,
    nothing_executed,
    shown,
)
from pytest_orchestrators.suite.requirements.places import FEW, HEALTHY, in_this_process, steps_seen

requirement = Collector()

#: Scenarios after which no container may be left: success, failure, interruption, all ends of a process.
_CONTAINED = ("neighbours", "stopped", "lost_process", "out_of_memory", *FAILURES, "interruption", "rerun")


@requirement(
    "CLN-8",
    reads=_CONTAINED,
    needs=("RUN-1",),
    level="capability",
    capability="containers",
    why=(
        "Containers that stay fill the disk and hold the memory; one that is removed under another run is "
        "that run's failure."
    ),
    observed=(
        "The engine is asked before and after every run; beside one of them stand idle containers of "
        "somebody else, and a run of another process is in the middle of a step."
    ),
    example="""
        container = client.containers.run(image, command, detach=True)
        if container.wait()["StatusCode"]:
            raise RuntimeError("step failed")     # and the container stays
        container.remove()
    """,
    fix="Remove the container in `finally`, by its id; never prune, nor remove by a label or an image alone.",
    limits=(
        "One engine is asked, that of the environment (`DOCKER_HOST`). A container counts as the run's if a "
        "step said that it is in it, or if it names the run or its stores; one that does neither is not "
        "recognised, and neither is a pod of a cluster."
    ),
)
def containers_are_cleaned_up(reader: Reader) -> Iterator[Finding]:
    """No container of the run is left, running or stopped, after success, failure or interruption; containers
    that are not the run's are never touched.
    """
    for case in reader.cases(*_CONTAINED):
        seen = _looked_at(case)
        for container in seen.left:
            yield Finding("no container of the run is left", _text(container), case.where)
        for text in seen.harmed:
            yield Finding("containers of somebody else are left alone", text, case.where)
        beside = case.seen.beside
        if beside is not None and beside.outcome.kind != "returned":
            yield Finding(
                "a run of another process is left alone", f"there {ending(beside.outcome)}", case.where
            )


def _text(seen: ContainerSeen) -> str:
    code = "" if seen.exit_code is None else f", exit code {seen.exit_code}"
    return f"{seen.name} of image {seen.image} is {seen.state}{code}: {shown(seen.command)}"


def _looked_at(case: Case) -> ContainersEvidence:
    seen = case.seen.containers
    if seen is None or seen.unobserved:
        raise Unobserved(f"containers could not be looked at in {case.where}: {seen and seen.unobserved}")
    return seen


@requirement(
    "FLR-8",
    reads=("lost_process", "out_of_memory"),
    needs=("RUN-1",),
    level="capability",
    capability="containers",
    why="A container ends in ways that no exception tells of; who learns only that it failed cannot mend it.",
    observed=(
        "A step prints a line and ends its process by an exit code, by a signal, or takes more memory than "
        "its container is given meanwhile."
    ),
    example="""
        container = client.containers.run(image, command, detach=True)
        for line in container.logs(stream=True):
            logger.info(line)
        container.remove(force=True)              # how it ended is not asked
    """,
    fix=(
        "Ask the engine for the exit code, take everything but 0 for a failure, and put the end of the log "
        "into the error."
    ),
    limits=(
        "The memory of a container is limited while it runs. On an engine that does not do that the step is "
        "killed instead, which is pointed out as advice."
    ),
)
def ended_container_is_a_failed_step(reader: Reader) -> Iterator[Finding]:
    """A container that ends with a non-zero exit code, is killed, or runs out of memory is a failed step, and
    its last log lines are in the error.
    """
    for case, step, fault in _ends(reader, "lost_process", "out_of_memory"):
        yield from _taken_for_a_failure(case, step)
        words = last_words(step, fault)
        chain = case.seen.outcome.chain
        if case.seen.outcome.kind == "raised" and not any(words in error.message for error in chain):
            yield Finding(
                f"the last line of the step's log in the error: {words}", chain_text(chain), case.where
            )
        if any(fact.facts["limited"] is False for fact in case.seen.events("limited", step)):
            yield Finding(
                "the memory of a container can be limited while it runs",
                "the engine did not do so, and the step was killed instead",
                case.where,
                advisory=True,
            )


def _ends(reader: Reader, *scenarios: str) -> Iterator[tuple[Case, str, str]]:
    """Every run of these scenarios in which a process ended that said so, with step and fault."""
    for case in reader.cases(*scenarios):
        for step, fault in case.seen.action.faults.items():
            if fault == "os_exit_zero":
                continue
            if not case.seen.events("faulted", step):
                raise nothing_executed(case)
            yield case, step, fault


def _taken_for_a_failure(case: Case, step: str) -> Iterator[Finding]:
    yield from did_not_raise(case)
    if set(case.states(step)) - {"failed"}:
        yield Finding(f"step {step} is a failed one on the record", became(case, step), case.where)
    for name in sorted(case.expected.certainly("not_run")):
        if case.started(name):
            yield Finding(f"step {name} is not executed", became(case, name), case.where)


def _lost(case: Case) -> Iterator[Finding]:
    """Findings where a step whose process was lost is not a failed one."""
    for step in case.expected.faults:
        yield from _taken_for_a_failure(case, step)


@requirement(
    "FLR-11",
    anywhere=Anywhere(lost_processes, each(_lost)),
    reads=("lost_process",),
    needs=("RUN-1",),
    level="capability",
    capability="out_of_process",
    why="A process that is killed raises nothing anywhere; only who waits for it can know.",
    observed="A step ends its process by an exit code, by a signal; then the same pipeline runs whole.",
    example="""
        process = subprocess.Popen(command)
        process.wait()                            # the return code is not looked at
    """,
    fix="Look at the exit code, and raise if it is not 0; `settle_step` says what is on the record.",
    limits=(
        "A step that leaves with exit code 0 and without a result is pointed out as advice if the run "
        "counts as a success; it does not fail the requirement."
    ),
)
def ended_process_is_a_failed_step(reader: Reader) -> Iterator[Finding]:
    """An exit code and a killed process count as failures, too: the run raises, nothing downstream is
    executed, no execution is left running, and the next run is whole.
    """
    for case, step, _ in _ends(reader, "lost_process"):
        yield from _taken_for_a_failure(case, step)
    quiet = reader.case("lost_process", "os_exit_zero")
    if quiet.seen.outcome.kind == "returned":
        yield Finding(
            "a step that leaves with exit code 0 and no result is a failed one",
            ending(quiet.seen.outcome),
            quiet.where,
            advisory=True,
        )
    yield from done_right(reader.case("lost_process", "mended"))


@requirement(
    "ISO-4",
    reads=HEALTHY,
    needs=("RUN-1",),
    level="capability",
    capability="out_of_process",
    undeclared=undersold.out_of_process,
    why="What was to run there and runs here has memory, libraries and rights of the wrong place.",
    observed="Every step journals its process, and its machine or container.",
    example="""
        class MyFlavor(BaseOrchestratorFlavor):
            capabilities = frozenset({"containers"})   # and `run_step` is called right here
    """,
    fix="Start the step's entrypoint in its environment; do not call `run_step` in the process of `run`.",
    limits=(
        "Any other process counts as elsewhere; only of a flavor that declares `containers` is another "
        "machine or container wanted."
    ),
)
def steps_run_elsewhere(reader: Reader) -> Iterator[Finding]:
    """Steps run in the target environment and not in the orchestrating process."""
    contained = "containers" in reader.evidence.environment.capabilities
    for case, fact in steps_seen(reader, *HEALTHY):
        if in_this_process(reader, case, fact):
            yield Finding(f"step {fact.step} runs elsewhere", "it ran in the process of run()", case.where)
        elif contained and fact.facts.get("place") == reader.scenario(case.scenario).place:
            yield Finding(
                f"step {fact.step} runs in a container", "it ran in a process of this machine", case.where
            )


@requirement(
    "ISO-5",
    reads=FEW,
    needs=("RUN-1",),
    level="capability",
    capability="containers",
    undeclared=undersold.containers,
    why=(
        "A step's image and code may come from anybody: credentials of the host are none of its business, "
        "and files of root in a user's folder are nobody's any more."
    ),
    observed=(
        "Variables with drawn names and values are set where `run()` is called, and steps look for them; the "
        "owners of all files in the stores are compared with the user, unless that is root."
    ),
    example="""
        client.containers.run(image, command, environment=dict(os.environ))
    """,
    fix=(
        "Give the container what the step's entrypoint needs and what the configuration names, nothing else, "
        "and have it run as the user."
    ),
    limits=(
        "Secrets are looked for in environment variables, and not in files, on command lines or in metadata "
        "services of a cloud. Owners of files say nothing where the user is root."
    ),
)
def no_secret_leaks(reader: Reader) -> Iterator[Finding]:
    """Secrets and environment of the host do not leak into the step's environment beyond what the stack
    declares, and what a step writes into the user's stores belongs to the user.
    """
    for case, fact in steps_seen(reader, *FEW):
        leaked = fact.facts.get("leaked")
        if leaked:
            yield Finding(f"step {fact.step} sees no secret of the host", shown(leaked), case.where)
    for case in reader.cases(*FEW):
        foreign = case.seen.containers.foreign if case.seen.containers else ()
        if foreign:
            yield Finding("files in the stores belong to who called run()", shown(list(foreign)), case.where)


@requirement(
    "LOG-2",
    reads=("printing",),
    needs=("RUN-1",),
    level="capability",
    capability="out_of_process",
    why="A step that takes an hour is followed by what it prints, or not at all.",
    observed=(
        "A step prints to standard output and standard error, and waits each time until the line was logged "
        "or written by the process of `run()`."
    ),
    example="""
        container.wait()
        logger.info(container.logs().decode())    # an hour later, all of it at once
    """,
    fix="Read the step's output while it runs, and log each line as it comes.",
    limits=(
        "Three lines are printed. What becomes of very long lines, of bytes that are no text, or of "
        "thousands of lines a second is not looked at."
    ),
)
def output_is_live(reader: Reader) -> Iterator[Finding]:
    """What a step prints in its target environment reaches the log of the run, line by line, while
    it runs.
    """
    for case in reader.cases("printing"):
        printed = case.seen.events("printed")
        if not printed:
            raise nothing_executed(case)
        for fact in printed:
            line = str(fact.facts["line"])
            if not fact.facts.get("heard"):
                later = any(line in entry.message for entry in case.seen.log)
                seen = (
                    "it was not logged as a line of its own while the step ran"
                    if later
                    else "it was not logged"
                )
                yield Finding(f"the log has the line: {line}", seen, case.where)
