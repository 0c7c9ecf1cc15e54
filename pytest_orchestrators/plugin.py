"""The pytest plugin: options, and who is called when. What is heavy is imported when it is asked for.

Without its options the plugin does nothing but offer fixtures. `--orchestrator-flavor` on the command line
and no path start the conformance suite; with paths, or from `addopts`, it says what fixtures are bound to.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from pytest_orchestrators import fixtures
from pytest_orchestrators.selection.bound import bind_subjects, bound_subjects

if TYPE_CHECKING:
    from pytest_orchestrators.conformance.conductor import Conductor

FLAVOR_OPTION = "--orchestrator-flavor"
_CONDUCTOR: pytest.StashKey[Conductor | None] = pytest.StashKey()
#: Options with which pytest tells something about itself and runs nothing.
_TELLING = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the fixtures: through `pytest_plugins` each would cost a look at every distribution."""
    pluginmanager.register(fixtures, "orchestrators-fixtures")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("orchestrators", "conformance of ML pipeline orchestrators")
    group.addoption(
        FLAVOR_OPTION,
        action="append",
        default=[],
        dest="orchestrator_flavors",
        metavar="NAME|module:Class",
        help="the orchestrator flavor to judge (no path given) or to bind fixtures to; can be repeated",
    )
    group.addoption(
        "--orchestrator-config",
        action="append",
        default=[],
        dest="orchestrator_config",
        metavar="KEY=VALUE|FILE.json",
        help="configuration of the orchestrator, values as JSON or text; can be repeated",
    )
    group.addoption(
        "--orchestrator-budget",
        type=float,
        default=None,
        dest="orchestrator_budget",
        metavar="SECONDS",
        help="how long a scenario of the conformance suite may take before it is ended",
    )
    group.addoption(
        "--orchestrator-fuzz",
        default=None,
        dest="orchestrator_fuzz",
        metavar="N|quick|ci|deep",
        help="how many histories the conformance suite generates beside its scenarios (default: quick)",
    )
    group.addoption(
        "--orchestrator-fuzz-seed",
        type=int,
        default=None,
        dest="orchestrator_fuzz_seed",
        metavar="SEED",
        help="what generated histories are drawn from (default: another one each session)",
    )
    group.addoption(
        "--differential",
        action="store_true",
        dest="orchestrator_differential",
        help="generate the same histories for all flavors, and tell where others do not do as the first one",
    )
    group.addoption(
        "--orchestrator-replay",
        action="append",
        default=[],
        dest="orchestrator_replay",
        metavar="FILE",
        help="a counter-example to be tried again before any history is generated; can be repeated",
    )
    group.addoption(
        "--contract",
        default=None,
        dest="orchestrator_contract",
        metavar="VERSION",
        help="the version of the contract that the conformance suite judges by (default: the newest)",
    )
    group.addoption(
        "--conformance-report",
        default=None,
        dest="conformance_report",
        metavar="DIR",
        help="folder that the conformance suite writes its report to: page, data, JUnit, badge, summary",
    )
    group.addoption(
        "--list-orchestrator-flavors",
        action="store_true",
        dest="list_orchestrator_flavors",
        help="list the orchestrator flavors that can be asked for, and exit",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Resolve the flavors that are asked for, and start the suite if it is to be started."""
    asked = config.getoption("orchestrator_flavors")
    if not asked or any(config.getoption(name, None) for name in _TELLING):
        return
    alone = _command_line(config)
    if alone.orchestrator_flavors:
        # Kept as an option, because worker processes are told the options.
        config.option.orchestrator_flavors = asked = alone.orchestrator_flavors
    if alone.orchestrator_flavors and not alone.file_or_dir:
        from pytest_orchestrators.conformance.conductor import conduct  # before anything of the flavor

        config.stash[_CONDUCTOR] = conduct(config, lambda: bind_subjects(config, asked))
    else:
        bind_subjects(config, asked)


def _command_line(config: pytest.Config) -> argparse.Namespace:
    """The options and paths of the command line alone, without those that `addopts` adds to every call."""
    arguments: list[str | os.PathLike[str]] = [str(given) for given in config.invocation_params.args]
    return config._parser.parse_known_args(arguments)


@pytest.hookimpl(specname="pytest_cmdline_main", tryfirst=True)
def pytest_list_orchestrator_flavors(config: pytest.Config) -> int | None:
    """Carry out `--list-orchestrator-flavors`."""
    if not config.getoption("list_orchestrator_flavors"):
        return None
    from pytest_orchestrators.command.listing import flavor_lines
    from pytest_orchestrators.selection.errors import SelectionError

    try:
        print("\n".join(flavor_lines(config.rootpath)))
    except SelectionError as error:
        raise pytest.UsageError(str(error)) from error
    return 0


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int | None, int | None]:
    """Set the exit code from the verdicts."""
    status = yield
    conductor = config.stash.get(_CONDUCTOR, None)
    return status if conductor is None else conductor.exit_code(status)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what fixtures are bound to; the conductor says what is judged."""
    subjects = bound_subjects(config)
    if not subjects or _CONDUCTOR in config.stash:
        return []
    bound = ", ".join(f"{subject.name} ({subject.source})" for subject in subjects)
    return [f"orchestrator fixtures: {bound}; no verdict: the suite runs without paths only"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that use the flavor once for each, when there are several."""
    names = [subject.name for subject in bound_subjects(metafunc.config)]
    if "orchestrator_flavor" in metafunc.fixturenames and len(names) > 1:
        metafunc.parametrize(
            "orchestrator_flavor", range(len(names)), ids=names, indirect=True, scope="session"
        )
