"""What of the local_docker flavor can be seen without an engine."""

import json
import signal
import threading

import pytest

from pytest_orchestrators import ResourceSettings
from reference_flavors.local_docker.interrupts import termination_unwinds, undisturbed
from reference_flavors.local_docker.lines import lines
from reference_flavors.local_docker.ownership import OWNER_LABEL, is_abandoned, owned_run
from reference_flavors.local_docker.resources import bytes_of, limits


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([b"one\ntw", b"o\n"], ["one", "two"]),
        ([b"a\r", b"\nb\rc\n\nd"], ["a", "b", "c", "", "d"]),
        (["ü".encode()[:1], "ü".encode()[1:] + b"\n\xff\n"], ["ü", "\ufffd"]),
        ([b"x" * 70_000], ["x" * 65_536, "x" * 4_464]),
        ([], []),
        ([b"\n"], [""]),
    ],
)
def test_lines(chunks, expected):
    assert list(lines((chunk, None) for chunk in chunks)) == expected


def test_the_lines_of_two_streams_are_kept_apart():
    frames = [(b"begun ", None), (None, b"other\n"), (b"and ended\n", None), (None, b"rest")]
    assert list(lines(frames)) == ["other", "begun and ended", "rest"]


def test_a_line_is_there_before_the_next_chunk_is():
    def chunks():
        yield b"one\n", None
        raise AssertionError("not asked for yet")

    assert next(lines(chunks())) == "one"


@pytest.mark.parametrize(
    ("text", "size"),
    [("100B", 100), ("512MB", 512_000_000), ("4GiB", 4 << 30), ("1.5KB", 1500), ("2TiB", 2 << 40)],
)
def test_sizes(text, size):
    assert bytes_of(text) == size


def test_limits():
    assert limits(ResourceSettings()) == {}
    given = limits(ResourceSettings(cpu_count=0.5, memory="1GiB", gpu_count=2))
    assert given["nano_cpus"] == 500_000_000
    assert given["mem_limit"] == given["memswap_limit"] == 1 << 30
    assert given["device_requests"][0].count == 2


def test_only_what_is_surely_oursis_abandoned():
    with owned_run("one") as labels:
        assert not is_abandoned(labels)
    assert is_abandoned(labels), "the run has ended"
    owner = json.loads(labels[OWNER_LABEL])
    assert is_abandoned({OWNER_LABEL: json.dumps({**owner, "started": "1"})}), (
        "a later process of the same id"
    )
    assert not is_abandoned({OWNER_LABEL: json.dumps({**owner, "host": "elsewhere", "pid": 1})})
    for foreign in ("", "x", "[]", "{}", '{"pid": "x", "host": ""}', "3"):
        assert not is_abandoned({OWNER_LABEL: foreign})
    assert not is_abandoned({})


def test_sigterm_unwinds_and_is_as_before_afterwards():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as caught, termination_unwinds():
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_interrupt_waits_for_the_end_of_what_must_be_done_as_a_whole():
    done = []

    def work():
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done


def test_other_threads_leave_signals_alone():
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def use():
        with termination_unwinds(), undisturbed():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert seen == [before]
