import pytest

from pytest_orchestrators import (
    Client,
    GlobalConfiguration,
    InMemoryMetadataConfig,
    LocalArtifactStore,
    SessionError,
    Stack,
    StackComponent,
    StackComponentType,
    StackError,
)


class Orchestrator(StackComponent):
    TYPE = StackComponentType.ORCHESTRATOR


@pytest.fixture(autouse=True)
def stores(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_STORES", str(tmp_path / "stores"))
    monkeypatch.delenv("PYTEST_ORCHESTRATORS_STACK", raising=False)
    yield tmp_path / "stores"
    Client().forget_activated_stack()


@pytest.fixture
def stack(stores):
    return Stack("mine", Orchestrator(), LocalArtifactStore.at(stores), InMemoryMetadataConfig())


def test_the_environment_names_the_local_stores_folder(stores, monkeypatch, tmp_path):
    assert GlobalConfiguration().local_stores_path == stores
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_STORES", "relative")
    assert GlobalConfiguration().local_stores_path == tmp_path / "relative"


@pytest.mark.parametrize(
    ("platform", "place"),
    [("linux", "data/pytest-orchestrators"), ("darwin", "Library/Application Support/pytest-orchestrators")],
)
def test_without_it_the_folder_is_with_the_users_data(monkeypatch, tmp_path, platform, place):
    monkeypatch.delenv("PYTEST_ORCHESTRATORS_STORES")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", platform)
    assert GlobalConfiguration().local_stores_path == tmp_path / place


def test_an_activated_stack_is_active_here_and_in_later_processes(stack, stores):
    Client().activate_stack(stack)
    assert Client().active_stack is stack
    Client().forget_activated_stack()
    assert Client().stack_file == stores / "stack.json"
    assert Client().active_stack.id == stack.id
    assert Client().metadata_config == stack.metadata


def test_a_temporary_stack_is_active_only_meanwhile_and_nothing_is_written(stack, stores):
    other = Stack("other", Orchestrator(), stack.artifact_store, stack.metadata)
    with Client().temporary_stack(stack):
        with Client().temporary_stack(other) as active:
            assert Client().active_stack is active is other
        assert Client().active_stack is stack
    with pytest.raises(ZeroDivisionError), Client().temporary_stack(stack):
        1 / 0  # noqa: B018
    assert Client().active_stack.name == "default"
    assert not stores.exists()


def test_the_environment_names_a_stack_file(stack, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_STACK", str(stack.save(tmp_path / "elsewhere.json")))
    assert Client().active_stack.id == stack.id
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_STACK", str(tmp_path / "gone.json"))
    with pytest.raises(SessionError, match=r"gone\.json"):
        Client().active_stack  # noqa: B018


def test_a_broken_stack_file_is_not_passed_over_in_silence(stores):
    stores.mkdir()
    (stores / "stack.json").write_text("{")
    with pytest.raises(StackError, match=r"stack\.json"):
        Client().active_stack  # noqa: B018


def test_without_any_stack_there_is_a_default_one_on_the_local_flavor(stores):
    stack = Client().active_stack
    assert stack.orchestrator.name == "local"
    assert stack.artifact_store.path == str(stores / "artifacts")
    assert stack.metadata.local_path == str(stores / "metadata.db")
    assert stack.check_local_paths()
    assert Client().active_stack.id == stack.id


def test_without_a_local_flavor_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr("pytest_orchestrators.contract.session.entry_points", lambda **_: ())
    with pytest.raises(SessionError, match="activate_stack"):
        Client().active_stack  # noqa: B018
