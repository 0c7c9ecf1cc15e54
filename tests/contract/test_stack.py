import json
import logging
import stat
from uuid import uuid4

import pytest
from pydantic import SecretStr

from pytest_orchestrators import (
    BaseStepOperator,
    ContainerRegistry,
    ContainerRegistryConfig,
    InMemoryMetadataConfig,
    LocalArtifactStore,
    LocalArtifactStoreConfig,
    MySQLMetadataConfig,
    PipelineConfiguration,
    PipelineDeployment,
    PostgreSQLMetadataConfig,
    SqliteMetadataConfig,
    Stack,
    StackComponent,
    StackComponentConfig,
    StackComponentType,
    StackError,
    StepConfiguration,
    StepRunInfo,
)


class OperatorConfig(StackComponentConfig):
    token: SecretStr = SecretStr("hidden")
    tags: tuple[str, ...] = ()


class Recorder(StackComponent):
    """A component that writes down which hooks were called, and fails where it is told to."""

    calls: list[tuple[str, str]]

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.calls, self.failing = [], {}

    def _record(self, hook):
        self.calls.append((hook, self.name))
        if hook in self.failing:
            raise self.failing[hook]

    def prepare_pipeline_deployment(self, deployment, stack):
        self._record("deployment")
        deployment.add_extra(self.name, str(stack.id))

    def prepare_step_run(self, info):
        self._record("prepare")

    def cleanup_step_run(self, info):
        self._record("cleanup")


class Orchestrator(Recorder):
    TYPE = StackComponentType.ORCHESTRATOR

    def run(self, deployment, stack):
        return deployment, stack


class Operator(Recorder, BaseStepOperator):
    CONFIG_CLASS = OperatorConfig

    def launch(self, info, entrypoint_command, environment):
        raise NotImplementedError


class Registry(Recorder, ContainerRegistry):
    pass


@pytest.fixture
def stack(tmp_path):
    calls = []
    stack = Stack(
        name="whole",
        orchestrator=Orchestrator(name="orchestrator"),
        artifact_store=LocalArtifactStore.at(tmp_path / "artifacts"),
        metadata=MySQLMetadataConfig(database="runs", username="me", password="secret", port=3307),
        container_registry=Registry("registry", ContainerRegistryConfig(uri="localhost:5000/")),
        step_operators={
            "far": Operator(name="operator", config=OperatorConfig(token="open sesame", tags=("a",)))
        },
    )
    for component in stack.components:
        component.calls = calls
    return stack


@pytest.fixture
def deployment():
    return PipelineDeployment(
        run_name="r", pipeline=PipelineConfiguration(name="p"), proto_pipeline="", steps={}
    )


@pytest.fixture
def info():
    return StepRunInfo(
        config=StepConfiguration(name="s"), pipeline=PipelineConfiguration(name="p"), run_name="r"
    )


def test_every_component_is_prepared_once_for_a_deployment(stack, deployment):
    stack.prepare_pipeline_deployment(deployment)
    assert stack.orchestrator.calls == [
        ("deployment", "orchestrator"),
        ("deployment", "registry"),
        ("deployment", "operator"),
    ]
    assert set(deployment.pipeline.extra.values()) == {str(stack.id)}


def test_the_orchestrator_runs_what_is_deployed_and_answers(stack, deployment):
    assert stack.deploy_pipeline(deployment) == (deployment, stack)


def test_components_are_prepared_in_order_and_cleaned_up_in_reverse(stack, info):
    stack.prepare_step_run(info)
    stack.cleanup_step_run(info)
    names = ["orchestrator", "registry", "operator"]
    assert stack.orchestrator.calls == [
        *(("prepare", name) for name in names),
        *(("cleanup", name) for name in reversed(names)),
    ]


def test_one_failing_cleanup_keeps_no_other_from_cleaning_up(stack, info, caplog):
    first, second = KeyError("operator"), ValueError("orchestrator")
    stack.step_operators["far"].failing = {"cleanup": first}
    stack.orchestrator.failing = {"cleanup": second}
    with caplog.at_level(logging.ERROR), pytest.raises(KeyError) as caught:
        stack.cleanup_step_run(info)
    assert caught.value is first
    assert len(stack.orchestrator.calls) == 3
    assert [record.exc_info[1] for record in caplog.records] == [second]


def test_an_interruption_during_cleanup_comes_out_after_the_others_are_cleaned_up(stack, info):
    stack.step_operators["far"].failing = {"cleanup": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        stack.cleanup_step_run(info)
    assert ("cleanup", "orchestrator") in stack.orchestrator.calls


def test_a_failing_preparation_comes_out_and_stops_there(stack, info):
    stack.container_registry.failing = {"prepare": RuntimeError("no")}
    with pytest.raises(RuntimeError, match="no"):
        stack.prepare_step_run(info)
    assert stack.orchestrator.calls == [("prepare", "orchestrator"), ("prepare", "registry")]


def test_a_component_in_the_wrong_place_is_refused(stack):
    with pytest.raises(StackError, match="artifact_store"):
        Stack("bad", stack.orchestrator, stack.orchestrator, stack.metadata)
    with pytest.raises(StackError, match="step_operator"):
        Stack(
            "bad",
            stack.orchestrator,
            stack.artifact_store,
            stack.metadata,
            step_operators={"x": stack.artifact_store},
        )


def test_a_stack_survives_a_file_with_its_secrets_which_only_its_owner_reads(stack, tmp_path):
    path = stack.save(tmp_path / "stack.json")
    again = Stack.load(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (again.name, again.id, again.metadata) == (stack.name, stack.id, stack.metadata)
    for before, after in zip(stack.components, again.components, strict=True):
        assert type(after) is type(before)
        assert (after.name, after.id, after.config) == (before.name, before.id, before.config)
    assert again.step_operators["far"].config.token.get_secret_value() == "open sesame"
    assert again.metadata.password.get_secret_value() == "secret"


def test_no_secret_is_shown_otherwise(stack):
    shown = repr(stack) + repr(list(stack.components)) + repr(stack.metadata) + stack.metadata.location
    assert "secret" not in shown.replace("SecretStr", "")
    assert "sesame" not in shown


def test_a_stack_file_with_a_mistake_is_refused_without_showing_what_is_in_it(stack, tmp_path):
    record = json.loads(stack.to_json())
    record["metadata"]["prot"] = "open sesame"
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(record))
    with pytest.raises(StackError, match=r"(?s)stack\.json.*prot") as caught:
        Stack.load(path)
    assert "sesame" not in str(caught.value)
    with pytest.raises(StackError, match="cannot be read"):
        Stack.load(tmp_path / "nowhere.json")


@pytest.mark.parametrize(("field", "value"), [("source", "gone.Class"), ("config", {"surplus": 1})])
def test_a_component_that_cannot_be_loaded_is_named(stack, field, value):
    record = json.loads(stack.to_json())
    record["orchestrator"][field] = value
    with pytest.raises(StackError, match="'orchestrator' cannot be loaded"):
        Stack.from_json(json.dumps(record))


def test_a_component_of_a_local_class_cannot_be_stored(stack):
    class Local(Orchestrator):
        pass

    with pytest.raises(StackError, match="'mine' cannot be stored"):
        Stack("bad", Local("mine"), stack.artifact_store, stack.metadata).to_json()


def test_local_paths_have_to_be_inside_the_local_stores_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_STORES", str(tmp_path / "stores"))

    def with_stores(artifacts, metadata):
        return Stack("s", Orchestrator(), LocalArtifactStore.at(artifacts), metadata)

    inside = tmp_path / "stores" / "a"
    assert with_stores(inside, InMemoryMetadataConfig()).check_local_paths() is True
    for stack in (
        with_stores(tmp_path / "stores2", InMemoryMetadataConfig()),
        with_stores(inside, SqliteMetadataConfig(path=tmp_path / "m.db")),
    ):
        with pytest.raises(StackError, match="outside the local stores folder"):
            stack.check_local_paths()


def test_a_local_store_is_an_absolute_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = LocalArtifactStore.at("here")
    assert store.path == store.local_path == str(tmp_path / "here")
    assert store.config.is_local
    with pytest.raises(ValueError, match="looks like a URL"):
        LocalArtifactStoreConfig(path="s3://bucket")


@pytest.mark.parametrize(
    ("uri", "local"), [("localhost:5000", True), ("registry.example.com/team/", False), ("127.0.0.1/x", True)]
)
def test_a_registry_knows_its_uri_and_whether_it_is_here(uri, local):
    registry = ContainerRegistry(config=ContainerRegistryConfig(uri=uri))
    assert registry.uri == uri.rstrip("/")
    assert registry.config.is_local is local


def test_record_stores_become_connections_of_ml_metadata(tmp_path):
    sqlite = SqliteMetadataConfig(path=tmp_path / "m.db").connection_config()
    assert sqlite.sqlite.filename_uri == str(tmp_path / "m.db")
    assert InMemoryMetadataConfig().connection_config().WhichOneof("config") == "fake_database"
    by_tcp = MySQLMetadataConfig(database="d", host="h", username="u", password="p").connection_config().mysql
    assert (by_tcp.host, by_tcp.port, by_tcp.database, by_tcp.user, by_tcp.password) == (
        "h",
        3306,
        "d",
        "u",
        "p",
    )
    by_socket = MySQLMetadataConfig(database="d", socket="/run/s").connection_config().mysql
    assert (by_socket.socket, by_socket.host) == ("/run/s", "")
    postgresql = PostgreSQLMetadataConfig(
        database="d", port=5433, username="u", password="p"
    ).connection_config()
    assert (postgresql.postgresql.dbname, postgresql.postgresql.port) == ("d", "5433")


@pytest.mark.parametrize(
    ("metadata", "location"),
    [
        (SqliteMetadataConfig(path="/m.db"), "sqlite file '/m.db'"),
        (InMemoryMetadataConfig(name="x"), "in-memory store 'x'"),
        (MySQLMetadataConfig(database="d", host="h", username="u", password="p"), "mysql://u@h/d"),
        (PostgreSQLMetadataConfig(database="d", port=1), "postgresql://localhost:1/d"),
    ],
)
def test_errors_can_name_a_record_store(metadata, location):
    assert metadata.location == location
    assert metadata.in_process_only is isinstance(metadata, InMemoryMetadataConfig)


def test_components_have_ids_of_their_own_unless_given():
    given = uuid4()
    assert Orchestrator(id=given).id == given
    assert Orchestrator().id != Orchestrator().id
