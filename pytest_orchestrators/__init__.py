"""Find out whether an ML pipeline orchestrator is correct.

The names that authors of orchestrators and pipelines need are importable from here. They are loaded when they
are first used, so that importing the package stays cheap; ``__init__.pyi`` lists them for type checkers.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

_CONTRACT = "pytest_orchestrators.contract."
_NAMES_BY_MODULE = {
    "artifacts.base": ("BaseArtifact",),
    "artifacts.materializers": ("BaseMaterializer",),
    "artifacts.registry": ("register_materializer",),
    "authoring.invocation": ("OutputReference", "StepInvocation"),
    "authoring.pipeline": ("Pipeline",),
    "authoring.step": ("StepDefinition", "step"),
    "containers.engine": ("connect_to_engine",),
    "containers.image_builder": ("ORCHESTRATOR_DOCKER_IMAGE_KEY", "PipelineDockerImageBuilder"),
    "containers.settings": ("DockerSettings",),
    "deployment.pipeline": ("PipelineDeployment",),
    "deployment.pipeline_configuration": ("PipelineConfiguration",),
    "deployment.resources": ("ResourceSettings",),
    "deployment.schedule": ("Schedule",),
    "deployment.steps": (
        "ArtifactConfiguration",
        "OutputConfiguration",
        "Step",
        "StepConfiguration",
        "StepRunInfo",
        "StepSpec",
    ),
    "durations": ("readable_duration",),
    "entrypoints.failures": ("raise_step_error",),
    "entrypoints.handover": ("handover",),
    "entrypoints.pipeline": ("PipelineEntrypointConfiguration",),
    "entrypoints.step": ("StepEntrypointConfiguration",),
    "errors": (
        "ArtifactSourceError",
        "ContainerEngineError",
        "ContractError",
        "DeploymentError",
        "ImageBuildError",
        "MaterializationError",
        "MetadataStoreError",
        "MissingPrerequisiteError",
        "NoActiveRunError",
        "NoContainerEngineError",
        "ParentImageError",
        "PipelineError",
        "RemoteStepError",
        "RunInProgressError",
        "RunNameError",
        "SessionError",
        "SourceError",
        "StackError",
        "StepInProgressError",
        "StepOperatorError",
        "StepOutputError",
    ),
    "orchestrators.base": ("BaseOrchestrator",),
    "orchestrators.cache_status": ("get_cache_status",),
    "orchestrators.config": ("BaseOrchestratorConfig",),
    "orchestrators.flavor": ("BaseOrchestratorFlavor",),
    "runtime.operators": ("StepExecutorOperator",),
    "session": ("Client", "GlobalConfiguration"),
    "sources": ("load_source", "resolve_source", "validate_source_class"),
    "stack.artifact_store": ("BaseArtifactStore", "LocalArtifactStore", "LocalArtifactStoreConfig"),
    "stack.component": ("StackComponent", "StackComponentConfig", "StackComponentType"),
    "stack.container_registry": ("ContainerRegistry", "ContainerRegistryConfig"),
    "stack.flavor": ("Flavor",),
    "stack.metadata": (
        "InMemoryMetadataConfig",
        "MetadataStoreConfig",
        "MySQLMetadataConfig",
        "PostgreSQLMetadataConfig",
        "SqliteMetadataConfig",
    ),
    "stack.stack": ("Stack",),
    "stack.step_operator": ("BaseStepOperator",),
    "stack.subprocess_operator": ("SubprocessStepOperator",),
}
_MODULE_OF = {name: _CONTRACT + module for module, names in _NAMES_BY_MODULE.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    if "hypothesis" in sys.modules:
        from pytest_orchestrators.from_type import register

        register(name, value)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
