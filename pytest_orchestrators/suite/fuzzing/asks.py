"""What steps and pipelines ask of their environment: resources and schedules."""

from __future__ import annotations

from hypothesis import strategies as st

from pytest_orchestrators.suite.workload import Resources

#: Cron expressions, from plain to odd.
CRONS = ("0 3 * * *", "*/5 * * * *", "0 0 1 1 *", "15,45 8-18/2 * * 1-5", "@daily")
#: Sizes of memory with their units.
SIZES = ("1GB", "512MB", "0.5GiB", "1B", "2TiB")


def asked_resources() -> st.SearchStrategy[Resources]:
    """Resources of which at least one is asked for, also in falsy amounts."""
    some = st.builds(
        Resources,
        cpu_count=st.none() | st.sampled_from([1.0, 0.5, 4.0, 64.0]),
        gpu_count=st.none() | st.sampled_from([1, 0, 8]),
        memory=st.none() | st.sampled_from(SIZES),
    )
    return some.filter(lambda resources: not resources.empty)


def crons() -> st.SearchStrategy[str]:
    """A schedule as a cron expression."""
    return st.sampled_from(CRONS)
