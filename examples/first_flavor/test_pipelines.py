from pytest_orchestrators import Pipeline, step


@step
def load(n: int) -> int:
    return n


@step
def double(x: int) -> int:
    return 2 * x


def test_second_run_is_cached(run_pipeline):
    pipeline = Pipeline("demo", double(load(n=21)))
    assert run_pipeline(pipeline)["double"].output == 42
    assert run_pipeline(pipeline).cached == {"load", "double"}
