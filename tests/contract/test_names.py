import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_orchestrators.contract.durations import readable_duration
from pytest_orchestrators.contract.errors import PipelineError
from pytest_orchestrators.contract.names import check_name


@pytest.mark.parametrize(
    "name", ["load", "two words", "naïve", "日本", 'it\'s "it"', "a..b", ".hidden", "a:b", "-"]
)
def test_ordinary_and_unusual_names_are_safe(name):
    assert check_name("step", name, "pipeline 'p'") == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/abs", "a/b", "../x", "a\\b", "nul\0", "line\nbreak", "tab\t", "\ud800", None, 3]
)
def test_names_that_would_leave_or_split_the_store_are_refused(name):
    with pytest.raises(PipelineError, match=r"step name .* in pipeline 'p'"):
        check_name("step", name, "pipeline 'p'", PipelineError)


@pytest.mark.parametrize(("kind", "limit"), [("pipeline", 63), ("step", 190), ("output", 200), ("run", 200)])
def test_a_name_may_be_as_long_as_its_limit_in_bytes(kind, limit):
    assert check_name(kind, "x" * limit, "here")
    with pytest.raises(ValueError, match=f"at most {limit}"):
        check_name(kind, "x" * (limit + 1), "here")
    with pytest.raises(ValueError, match=f"at most {limit}"):
        check_name(kind, "é" * (limit // 2 + 1), "here")


@given(st.text(max_size=300))
def test_what_is_accepted_stays_one_folder(tmp_path_factory, name):
    try:
        check_name("output", name, "here")
    except ValueError:
        return
    root = tmp_path_factory.getbasetemp() / "store"
    assert (root / name).resolve().parent == root.resolve()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.000s"),
        (0.2134, "0.213s"),
        (59.9994, "59.999s"),
        (59.9996, "1m0.000s"),
        (125, "2m5.000s"),
        (3599.9996, "1h0m0s"),
        (3612.4, "1h0m12s"),
        (90061, "25h1m1s"),
    ],
)
def test_durations_are_spelled_out(seconds, text):
    assert readable_duration(seconds) == text
