from pytest_orchestrators.contract.artifacts.base import BaseArtifact as BaseArtifact
from pytest_orchestrators.contract.artifacts.materializers import BaseMaterializer as BaseMaterializer
from pytest_orchestrators.contract.artifacts.registry import register_materializer as register_materializer
from pytest_orchestrators.contract.authoring.invocation import OutputReference as OutputReference
from pytest_orchestrators.contract.authoring.invocation import StepInvocation as StepInvocation
from pytest_orchestrators.contract.authoring.pipeline import Pipeline as Pipeline
from pytest_orchestrators.contract.authoring.step import StepDefinition as StepDefinition
from pytest_orchestrators.contract.authoring.step import step as step
from pytest_orchestrators.contract.containers.engine import connect_to_engine as connect_to_engine
from pytest_orchestrators.contract.containers.image_builder import (
    ORCHESTRATOR_DOCKER_IMAGE_KEY as ORCHESTRATOR_DOCKER_IMAGE_KEY,
)
from pytest_orchestrators.contract.containers.image_builder import (
    PipelineDockerImageBuilder as PipelineDockerImageBuilder,
)
from pytest_orchestrators.contract.containers.settings import DockerSettings as DockerSettings
from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment as PipelineDeployment
from pytest_orchestrators.contract.deployment.pipeline_configuration import (
    PipelineConfiguration as PipelineConfiguration,
)
from pytest_orchestrators.contract.deployment.resources import ResourceSettings as ResourceSettings
from pytest_orchestrators.contract.deployment.schedule import Schedule as Schedule
from pytest_orchestrators.contract.deployment.steps import ArtifactConfiguration as ArtifactConfiguration
from pytest_orchestrators.contract.deployment.steps import OutputConfiguration as OutputConfiguration
from pytest_orchestrators.contract.deployment.steps import Step as Step
from pytest_orchestrators.contract.deployment.steps import StepConfiguration as StepConfiguration
from pytest_orchestrators.contract.deployment.steps import StepRunInfo as StepRunInfo
from pytest_orchestrators.contract.deployment.steps import StepSpec as StepSpec
from pytest_orchestrators.contract.durations import readable_duration as readable_duration
from pytest_orchestrators.contract.entrypoints.failures import raise_step_error as raise_step_error
from pytest_orchestrators.contract.entrypoints.handover import handover as handover
from pytest_orchestrators.contract.entrypoints.pipeline import (
    PipelineEntrypointConfiguration as PipelineEntrypointConfiguration,
)
from pytest_orchestrators.contract.entrypoints.step import (
    StepEntrypointConfiguration as StepEntrypointConfiguration,
)
from pytest_orchestrators.contract.errors import ArtifactSourceError as ArtifactSourceError
from pytest_orchestrators.contract.errors import ContainerEngineError as ContainerEngineError
from pytest_orchestrators.contract.errors import ContractError as ContractError
from pytest_orchestrators.contract.errors import DeploymentError as DeploymentError
from pytest_orchestrators.contract.errors import ImageBuildError as ImageBuildError
from pytest_orchestrators.contract.errors import MaterializationError as MaterializationError
from pytest_orchestrators.contract.errors import MetadataStoreError as MetadataStoreError
from pytest_orchestrators.contract.errors import MissingPrerequisiteError as MissingPrerequisiteError
from pytest_orchestrators.contract.errors import NoActiveRunError as NoActiveRunError
from pytest_orchestrators.contract.errors import NoContainerEngineError as NoContainerEngineError
from pytest_orchestrators.contract.errors import ParentImageError as ParentImageError
from pytest_orchestrators.contract.errors import PipelineError as PipelineError
from pytest_orchestrators.contract.errors import RemoteStepError as RemoteStepError
from pytest_orchestrators.contract.errors import RunInProgressError as RunInProgressError
from pytest_orchestrators.contract.errors import RunNameError as RunNameError
from pytest_orchestrators.contract.errors import SessionError as SessionError
from pytest_orchestrators.contract.errors import SourceError as SourceError
from pytest_orchestrators.contract.errors import StackError as StackError
from pytest_orchestrators.contract.errors import StepInProgressError as StepInProgressError
from pytest_orchestrators.contract.errors import StepOperatorError as StepOperatorError
from pytest_orchestrators.contract.errors import StepOutputError as StepOutputError
from pytest_orchestrators.contract.orchestrators.base import BaseOrchestrator as BaseOrchestrator
from pytest_orchestrators.contract.orchestrators.cache_status import get_cache_status as get_cache_status
from pytest_orchestrators.contract.orchestrators.config import (
    BaseOrchestratorConfig as BaseOrchestratorConfig,
)
from pytest_orchestrators.contract.orchestrators.flavor import (
    BaseOrchestratorFlavor as BaseOrchestratorFlavor,
)
from pytest_orchestrators.contract.runtime.operators import StepExecutorOperator as StepExecutorOperator
from pytest_orchestrators.contract.session import Client as Client
from pytest_orchestrators.contract.session import GlobalConfiguration as GlobalConfiguration
from pytest_orchestrators.contract.sources import load_source as load_source
from pytest_orchestrators.contract.sources import resolve_source as resolve_source
from pytest_orchestrators.contract.sources import validate_source_class as validate_source_class
from pytest_orchestrators.contract.stack.artifact_store import BaseArtifactStore as BaseArtifactStore
from pytest_orchestrators.contract.stack.artifact_store import LocalArtifactStore as LocalArtifactStore
from pytest_orchestrators.contract.stack.artifact_store import (
    LocalArtifactStoreConfig as LocalArtifactStoreConfig,
)
from pytest_orchestrators.contract.stack.component import StackComponent as StackComponent
from pytest_orchestrators.contract.stack.component import StackComponentConfig as StackComponentConfig
from pytest_orchestrators.contract.stack.component import StackComponentType as StackComponentType
from pytest_orchestrators.contract.stack.container_registry import ContainerRegistry as ContainerRegistry
from pytest_orchestrators.contract.stack.container_registry import (
    ContainerRegistryConfig as ContainerRegistryConfig,
)
from pytest_orchestrators.contract.stack.flavor import Flavor as Flavor
from pytest_orchestrators.contract.stack.metadata import InMemoryMetadataConfig as InMemoryMetadataConfig
from pytest_orchestrators.contract.stack.metadata import MetadataStoreConfig as MetadataStoreConfig
from pytest_orchestrators.contract.stack.metadata import MySQLMetadataConfig as MySQLMetadataConfig
from pytest_orchestrators.contract.stack.metadata import PostgreSQLMetadataConfig as PostgreSQLMetadataConfig
from pytest_orchestrators.contract.stack.metadata import SqliteMetadataConfig as SqliteMetadataConfig
from pytest_orchestrators.contract.stack.stack import Stack as Stack
from pytest_orchestrators.contract.stack.step_operator import BaseStepOperator as BaseStepOperator
from pytest_orchestrators.contract.stack.subprocess_operator import (
    SubprocessStepOperator as SubprocessStepOperator,
)
