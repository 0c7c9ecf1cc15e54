"""Reading evidence: names in texts, lines of logs, chains of exceptions, gaps."""

from __future__ import annotations

import logging

import pytest

from pytest_orchestrators.suite.case import Case, Reader, Unobserved, names_step
from pytest_orchestrators.suite.evidence import (
    Environment,
    Evidence,
    LogLine,
    Outcome,
    RunEvidence,
    ScenarioEvidence,
)
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.model import Model
from pytest_orchestrators.suite.observers.failures import chain
from pytest_orchestrators.suite.observers.logs import heard
from pytest_orchestrators.suite.workload import Workload, WorkloadStep


@pytest.mark.parametrize(
    "text", ["load", "step load.", "`load` starts", "load: done", "preload, then load", "(load)"]
)
def test_names_a_step(text: str) -> None:
    assert names_step(text, "load")


@pytest.mark.parametrize("text", ["", "preload", "load-2", "load_2", "reload 2loads", "loads"])
def test_does_not_name_a_step(text: str) -> None:
    assert not names_step(text, "load")


ACTION = Run(label="only", workload=Workload(name="p", steps=(WorkloadStep(name="load"),)))


def run_evidence(*log: LogLine) -> RunEvidence:
    return RunEvidence(action=ACTION, run_name="r", outcome=Outcome(kind="returned"), log=log)


def test_a_warning_brought_from_another_process_is_the_one_that_was_given_there() -> None:
    texts = ["no query of yours", "[load] no query of yours", "the cache of load is gone"]
    lines = (LogLine(level=logging.WARNING, logger="x", message=text) for text in texts)
    case = Case("s", Model().expect(ACTION), run_evidence(*lines))
    assert [line.message for line in case.warnings] == [texts[0], texts[2]]


def mentions(level: int, message: str, *words: str) -> list[str]:
    line = LogLine(level=level, logger="x", message=message)
    return Case("s", Model().expect(ACTION), run_evidence(line)).mentions("load", *words)


def test_a_dump_of_data_says_nothing_about_a_step() -> None:
    dump = 'node {\n  id: "load"\n  caching { enable_cache: true }\n}'
    assert mentions(logging.INFO, dump, "cache") == []
    assert mentions(logging.INFO, "load is cached\nas before", "cache") == ["load is cached"]


def test_a_warning_is_read_as_a_whole() -> None:
    assert mentions(logging.WARNING, "resources are ignored\nfor load", "resource") != []


def test_a_scenario_that_broke_off_gives_its_runs_and_then_the_gap() -> None:
    later = Run(label="later", workload=ACTION.workload)
    broken = ScenarioEvidence(name="s", actions=(ACTION, later), runs=(run_evidence(),), broken="no disk")
    environment = Environment(flavor="f", source="m:F", family="toy")
    reader = Reader(Evidence(contract="1.0", environment=environment, scenarios={"s": broken}))
    cases = reader.cases("s")
    assert next(cases).label == "only"
    with pytest.raises(Unobserved, match="no disk"):
        next(cases)
    with pytest.raises(Unobserved, match="not carried out"):
        reader.scenario("another")
    with pytest.raises(Unobserved, match="'name'"):
        reader.probe("name")


def raised(hide: bool) -> BaseException:
    try:
        try:
            raise KeyError("inner")
        except KeyError as error:
            if hide:
                raise ValueError("outer") from None
            raise ValueError("outer") from error
    except ValueError as error:
        return error


def test_the_chain_is_what_a_reader_of_the_traceback_sees() -> None:
    assert [f.type for f in chain(raised(hide=False))] == ["builtins.ValueError", "builtins.KeyError"]
    assert [f.type for f in chain(raised(hide=True))] == ["builtins.ValueError"]


def test_everything_is_heard_and_nothing_stays_changed() -> None:
    import warnings

    quiet = logging.getLogger("tests.quiet")
    quiet.propagate = False
    hand_over, level = logging.Logger.callHandlers, logging.getLogger().level
    with heard() as lines:
        quiet.warning("one %s", "record")
        for _ in range(2):
            warnings.warn("a warning", stacklevel=1)
    assert [(line.source, line.message) for line in lines] == [
        ("log", "one record"),
        ("warning", "a warning"),
        ("warning", "a warning"),
    ]
    assert (logging.Logger.callHandlers, logging.getLogger().level) == (hand_over, level)


def test_records_from_elsewhere_are_heard_as_their_logger_hands_them_over() -> None:
    made = logging.getLogger("tests.quiet").makeRecord("x", logging.INFO, "f", 1, "from %s", ("there",), None)
    told: list[str] = []
    with heard(listen=told.append) as lines:
        brought = logging.makeLogRecord(made.__dict__)
        logging.getLogger("tests.quiet").handle(brought)
        logging.makeLogRecord({"msg": "never handled"})
    assert [(line.level, line.logger, line.message) for line in lines] == [(logging.INFO, "x", "from there")]
    assert told == ["from there"]


def test_what_a_filter_drops_is_not_heard_and_what_it_rewords_is_heard_so() -> None:
    def change(record: logging.LogRecord) -> bool:
        record.msg = "reworded"
        return record.levelno > logging.INFO

    logger = logging.getLogger("tests.filtered")
    logger.addFilter(change)
    try:
        with heard() as lines:
            logger.info("dropped")
            logger.warning("as it was")
    finally:
        logger.removeFilter(change)
    assert [line.message for line in lines] == ["reworded"]
