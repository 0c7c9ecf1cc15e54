"""The pytest plugin: options, and who is called when. What is heavy is imported when it is asked for.

Without its options the plugin does nothing but offer fixtures. `--orchestrator-flavor` on the command line
and no path start the conformance suite; with paths, or from `addopts`, it says what fixtures are bound to.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING

import pytest

from pytest_orchestrators import fixtures

if TYPE_CHECKING:
    from pytest_orchestrators.conformance.conductor import Conductor
    from pytest_orchestrators.suite.carrying import Subject

FLAVOR_OPTION = "--orchestrator-flavor"
_CONDUCTOR: pytest.StashKey[Conductor] = pytest.StashKey()
_SUBJECTS: pytest.StashKey[tuple[Subject, ...]] = pytest.StashKey()
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
    on_command_line = _count(config.invocation_params.args)
    if on_command_line:
        # What addopts asks for comes first. Kept as an option, because worker processes are told the options.
        config.option.orchestrator_flavors = asked = asked[-on_command_line:]
    subjects = _bind(config, asked)
    config.stash[_SUBJECTS] = subjects
    if on_command_line and not _paths_given(config):
        from pytest_orchestrators.conformance.conductor import Conductor

        config.stash[_CONDUCTOR] = conductor = Conductor(config, subjects)
        config.pluginmanager.register(conductor, "orchestrators-conductor")


def _count(arguments: Iterable[object]) -> int:
    """How often the flavor option is among the arguments of the command line."""
    return sum(str(given).partition("=")[0] == FLAVOR_OPTION for given in arguments)


def _paths_given(config: pytest.Config) -> bool:
    """Whether the command line names paths; those that `addopts` adds to every call do not count."""
    from_arguments = config.args_source is pytest.Config.ArgsSource.ARGS
    return from_arguments and not set(config.args).isdisjoint(map(str, config.invocation_params.args))


def subjects_of(config: pytest.Config) -> tuple[Subject, ...]:
    """What fixtures are bound to: the flavors asked for, else the table's default, else `local`.

    Raises:
        pytest.UsageError: a flavor cannot be used; the message says why.
    """
    if _SUBJECTS not in config.stash:
        config.stash[_SUBJECTS] = _bind(config, [])
    return config.stash[_SUBJECTS]


def _bind(config: pytest.Config, asked: list[str]) -> tuple[Subject, ...]:
    """Build the flavors; the root directory is importable from here to the end of the session."""
    from pytest_orchestrators.selection.binding import bind, make_importable
    from pytest_orchestrators.selection.errors import SelectionError

    config.add_cleanup(make_importable(config.rootpath))
    given = config.getoption("orchestrator_config")
    try:
        return bind(config.rootpath, asked, given, config.invocation_params.dir)
    except SelectionError as error:
        raise pytest.UsageError(str(error)) from error


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
    if _SUBJECTS not in config.stash or _CONDUCTOR in config.stash:
        return []
    bound = ", ".join(f"{subject.name} ({subject.source})" for subject in config.stash[_SUBJECTS])
    return [f"orchestrator fixtures: {bound}; no verdict: the suite runs without paths only"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that use the flavor once for each, when there are several."""
    if "orchestrator_flavor" not in metafunc.fixturenames or _SUBJECTS not in metafunc.config.stash:
        return
    subjects = metafunc.config.stash[_SUBJECTS]
    if len(subjects) > 1:
        names = [subject.name for subject in subjects]
        metafunc.parametrize(
            "orchestrator_flavor", range(len(names)), ids=names, indirect=True, scope="session"
        )
