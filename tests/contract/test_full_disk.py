"""A disk that is full: what could not be stored is named, the record stays whole, and goes on afterwards."""

import errno
import os
import sqlite3
import subprocess
from contextlib import closing

import pytest
from sample_steps import constant, fill_up, write_much

from pytest_orchestrators import (
    LocalArtifactStore,
    MaterializationError,
    MetadataStoreError,
    Pipeline,
    SqliteMetadataConfig,
    Stack,
    handover,
)
from reference_flavors.local import LocalOrchestratorFlavor

#: Room for a record, and for little more.
SIZE = "2m"
MUCH = 4_000_000


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with little room, which is unmounted in the end."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        reason = f"the tests of a full disk need to mount one, as root: {mounted.stderr.strip()}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    yield folder
    if subprocess.run(["umount", str(folder)]).returncode:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        pytest.fail("a file of the record is still open")


def stack_on(artifacts, record):
    """A stack with artifacts and record in these folders."""
    return Stack(
        "test",
        LocalOrchestratorFlavor().create(),
        LocalArtifactStore.at(artifacts / "artifacts"),
        SqliteMetadataConfig(path=record / "metadata.db", timeout_s=1.0),
    )


def files_in(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def is_whole(file):
    with closing(sqlite3.connect(file)) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("record_too", [False, True])
def test_a_value_that_has_no_room(small_disk, tmp_path, record, record_too):
    stack = stack_on(small_disk, small_disk if record_too else tmp_path)
    first = constant(n=1)
    with pytest.raises(MaterializationError, match=r"output 'output' of step 'write_much'.*stored") as caught:
        Pipeline("demo", write_much(first, n=MUCH)).run("full", stack)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert {step: e.state for step, e in record(stack, "full").items()} == {
        "constant": "COMPLETE",
        "write_much": "FAILED",
    }
    assert files_in(small_disk) == {"value.json", *(["metadata.db"] if record_too else [])}

    Pipeline("demo", write_much(first, n=10)).run("mended", stack)
    assert {step: e.state for step, e in record(stack, "mended").items()} == {
        "constant": "CACHED",
        "write_much": "COMPLETE",
    }


def test_a_record_that_has_no_room(small_disk, tmp_path, record):
    """The step ends well, and nobody can say so: that it has failed is put on record when there is room."""
    stack = stack_on(tmp_path, small_disk)
    ballast = small_disk / "ballast"
    pipeline = Pipeline("demo", fill_up(constant(n=1), file=str(ballast)))
    with pytest.raises(MetadataStoreError, match=r"small disk/metadata\.db.*disk is full"):
        pipeline.run("full", stack)
    assert stack.orchestrator._active_run is None
    ballast.unlink()
    assert is_whole(stack.metadata.path)
    assert {step: e.state for step, e in record(stack, "full").items()} == {
        "constant": "COMPLETE",
        "fill_up": "RUNNING",
    }

    Pipeline("demo", constant(n=1)).run("mended", stack)
    assert record(stack, "full")["fill_up"].state == "FAILED"
    assert record(stack, "mended")["constant"].state == "CACHED"
    assert not list(tmp_path.rglob("*.lock"))


def test_a_record_that_has_no_room_to_begin(small_disk, tmp_path, record):
    stack = stack_on(tmp_path, small_disk)
    ballast = small_disk / "ballast"
    fill_up.function(1, str(ballast))
    pipeline = Pipeline("demo", constant(n=1))
    with pytest.raises(MetadataStoreError, match=r"small disk/metadata\.db.*cannot be opened.*disk is full"):
        pipeline.run("full", stack)
    assert files_in(small_disk) == {"ballast"}
    ballast.unlink()
    pipeline.run("mended", stack)
    assert record(stack, "mended")["constant"].state == "COMPLETE"


def test_a_handover_that_has_no_room(small_disk, monkeypatch, tmp_path):
    stack = stack_on(tmp_path, tmp_path)
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_STORES", str(small_disk))
    deployment = Pipeline("demo", constant(n=1)).compile(stack)
    fill_up.function(1, str(small_disk / "ballast"))
    with pytest.raises(OSError, match="No space left"), handover(deployment, stack):
        raise AssertionError("a handover on a full disk")
    assert files_in(small_disk) == {"ballast"}
