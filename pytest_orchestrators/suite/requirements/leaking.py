"""CLN: what outlives a run in the process that called `run()`, and in its folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding
from pytest_orchestrators.suite.requirements.anywhere import any_run
from pytest_orchestrators.suite.requirements.looking import EVERY_WAY

requirement = Collector()

_NO_FILE = "no file or folder is left outside the artifact store"


def left(cases: Iterable[Case], expected: str, *kinds: str) -> Iterator[Finding]:
    """A finding for everything of these kinds that a run left; one that did not end could not clean up."""
    for case in cases:
        if case.seen.outcome.kind == "timed_out":
            continue
        for leak in case.seen.left_behind:
            if leak.kind in kinds:
                where = leak.where.replace("\n", "\n     ")
                yield Finding(expected, leak.what + (f"\n  at {where}" if where else ""), case.where)


@requirement(
    "CLN-5",
    anywhere=Anywhere(any_run),
    reads=(*EVERY_WAY, "failing_beside"),
    needs=("RUN-1",),
    why=(
        "What one run leaves, a thousand runs pile up: a service that orchestrates for a week ends with no "
        "descriptor left, or with a thread that works on a run that is long over."
    ),
    observed=(
        "Threads, child processes (also those that forked twice) and open descriptors are listed before and "
        "after every run; what is gone within a moment does not count. A warm-up launch of the harness's own "
        "comes first, because the first one in a process leaves a few of the backend's for good."
    ),
    example="""
        def prepare_or_run_pipeline(self, deployment, stack):
            self._pool = ThreadPoolExecutor(4)     # and never a shutdown
            for step in deployment.steps.values():
                self._pool.submit(self.run_step, step).result()
    """,
    fix="Open in a `with` block, or close, join and wait in `finally`; wait for processes that you end.",
    limits=(
        "Only what belongs to this machine and to this process and its children is listed. What goes on "
        "elsewhere (a job that nobody ended) is not seen."
    ),
)
def nothing_goes_on(reader: Reader) -> Iterator[Finding]:
    """No thread, child process, open file or socket outlives the run."""
    yield from left(
        reader.cases(*_looked_at(reader), "failing_beside"),
        "nothing of the run goes on or is open after it",
        *("thread", "process", "descriptor"),
    )


@requirement(
    "CLN-6",
    anywhere=Anywhere(any_run),
    reads=EVERY_WAY,
    needs=("RUN-1",),
    why="They belong to the whole process: what a run sets for itself is set for all, and for the next run.",
    observed=(
        "They are compared before and after every run, also one that fails; SIGTERM, SIGHUP and, where "
        "nothing interrupts, SIGINT have handlers by then that are not the usual ones. What a library sets "
        "for itself while it is imported for the first time does not count."
    ),
    example="""
        def prepare_or_run_pipeline(self, deployment, stack):
            os.environ["RUN_NAME"] = deployment.run_name
            logging.getLogger().addHandler(FileHandler("run.log"))
            signal.signal(signal.SIGTERM, self._stop)
    """,
    fix="Put back in `finally` what you set, or set it in the processes that you start and not in this one.",
    limits=(
        "The seven things in the sentence are compared, and nothing else that a process has: no umask, no "
        "locale, no limits."
    ),
    provenance="zenml PR 4784: signal handlers leak across steps",
)
def state_as_before(reader: Reader) -> Iterator[Finding]:
    """Working directory, environment variables, `sys.path`, signal handlers, logging handlers and levels, and
    warning filters are as they were before the run.
    """
    cases = reader.cases(*_looked_at(reader))
    yield from left(cases, "the process is as it was before the run", "state")


@requirement(
    "CLN-7",
    anywhere=Anywhere(any_run, lambda cases: left(cases, _NO_FILE, "file")),
    reads=(*EVERY_WAY, "stopped"),
    needs=("RUN-1",),
    why="Nobody else knows of them, so nobody else removes them: disks fill up, and secrets lie about.",
    observed=(
        "A folder for temporary files is made for the runs alone. After each one it is looked at, the local "
        "stores beside artifacts and record, and whether files are still there that were seen to be made in "
        "the current folder or in the system's folders for temporary files."
    ),
    example="""
        folder = tempfile.mkdtemp()
        self._submit(deployment, folder)
        shutil.rmtree(folder)                      # not reached when a step raises
    """,
    fix="Use `with tempfile.TemporaryDirectory()`, or the artifact store for what is to be kept.",
    limits=(
        "What comes to lie in the stores beside artifacts and record under the same name everywhere is taken "
        "for the flavor's own, which it may keep. Files of other processes outside of these folders are not "
        "seen."
    ),
)
def no_file_left(reader: Reader) -> Iterator[Finding]:
    """No temporary file or folder of the run outlives it outside the artifact store, after success and after
    failure.
    """
    yield from left(reader.cases(*_looked_at(reader)), _NO_FILE, "file")
    # Whose run() has come back before the end goes on after an interrupt, which ends the waiting.
    stopped = (case for case in reader.cases("stopped") if not case.seen.events("run_is_back"))
    yield from left(stopped, _NO_FILE, "file")
    yield from _left_in_stores(reader, _NO_FILE)


def _looked_at(reader: Reader) -> tuple[str, ...]:
    """The scenarios that are looked at: who carries out schedules may have something wait for them."""
    scheduled = "schedules" in reader.evidence.environment.capabilities
    return tuple(name for name in EVERY_WAY if name != "schedule" or not scheduled)


def _left_in_stores(reader: Reader, expected: str) -> Iterator[Finding]:
    """A finding for everything that a run left in the stores beside artifacts and record under a name that is
    only its own. What has one name on all stores is the flavor's own, and none of the run's; and so is what
    was left once, under a name that nothing was drawn for.
    """
    found = [
        (case, leak, leak.what.rpartition("/")[2])
        for case in reader.cases(*_looked_at(reader))
        for leak in case.seen.left_behind
        if leak.kind == "kept"
    ]
    scenarios: dict[str, set[str]] = {}
    for case, _, name in found:
        scenarios.setdefault(name, set()).add(case.scenario)
    for case, leak, name in found:
        if len(scenarios[name]) == 1 and _is_drawn(name, case):
            yield Finding(expected, leak.what, case.where)


def _is_drawn(name: str, case: Case) -> bool:
    """Whether a name was made for one run: it has a number in it, or one of the run's own names."""
    workload = case.seen.action.workload
    own = (case.seen.run_name, workload.name, *workload.names)
    return any(map(str.isdigit, name)) or any(one in name for one in own)
