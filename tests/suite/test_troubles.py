"""Trouble with a record store: made so that the base class meets it, and taken away without a trace."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import get_args

import pytest

from pytest_orchestrators.contract.errors import MetadataStoreError
from pytest_orchestrators.contract.stack.metadata import SqliteMetadataConfig
from pytest_orchestrators.families.native.privileges import without_privileges
from pytest_orchestrators.families.native.record import opened
from pytest_orchestrators.families.native.troubles import in_trouble
from pytest_orchestrators.suite.history import Run, Trouble
from pytest_orchestrators.suite.model import Model
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain

SAID = {
    "locked": "holds its lock",
    "corrupt": "not a database",
    "emptied": "is an empty file",
    "replaced": "unable to open",
    "read_only": "readonly",
}


@pytest.fixture
def config(tmp_path: Path) -> SqliteMetadataConfig:
    config = SqliteMetadataConfig(path=tmp_path / "metadata.db", timeout_s=0.2)
    with opened(config):
        pass
    return config


@pytest.mark.parametrize("kind", get_args(Trouble))
def test_the_store_cannot_be_opened_and_then_it_can(config: SqliteMetadataConfig, kind: Trouble) -> None:
    before, mode = config.path.read_bytes(), config.path.stat().st_mode
    with in_trouble(kind, config.path) as unobserved:
        assert unobserved == ""
        with pytest.raises(MetadataStoreError, match=rf"metadata\.db.*{SAID[kind]}"), opened(config):
            raise AssertionError("a store in trouble was opened")
    with opened(config) as store:
        assert store.get_executions() == []
    assert (config.path.read_bytes(), config.path.stat().st_mode) == (before, mode)
    assert list(config.path.parent.iterdir()) == [config.path]


@pytest.mark.parametrize("kind", ["corrupt", "emptied", "replaced"])
def test_what_somebody_puts_in_its_place_is_left_there(config: SqliteMetadataConfig, kind: Trouble) -> None:
    with in_trouble(kind, config.path):
        if config.path.is_dir():
            config.path.rmdir()
        config.path.write_bytes(b"begun anew")
    assert config.path.read_bytes() == b"begun anew"


def test_a_store_that_can_be_written_all_the_same_is_said_to_be(
    config: SqliteMetadataConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid():
        pytest.skip("whoever is not root cannot write a file that is read-only")
    monkeypatch.setattr(sys, "platform", "unknown")
    with in_trouble("read_only", config.path) as unobserved:
        assert "may write" in unobserved


def test_privileges_come_back(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(0o400)
    with without_privileges(), pytest.raises(PermissionError):
        file.open("r+b")
    if not os.geteuid():
        file.open("r+b").close()


def test_the_model_expects_nothing_of_a_run_in_trouble_and_everything_of_the_next() -> None:
    model, workload = Model(), chain(Names("seed"), 2)
    first = model.expect(Run(label="before", workload=workload))
    model.settle(first, frozenset(workload.names), frozenset())
    trouble = model.expect(Run(label="locked", workload=workload, trouble="locked"))
    model.settle(trouble, frozenset(), frozenset())
    assert trouble.raises
    assert trouble.certainly("not_run") == set(workload.names)
    assert not Run(label="locked", workload=workload, trouble="locked").healthy
    assert model.expect(Run(label="afterwards", workload=workload)).certainly("cached") == set(workload.names)
