"""Everything that the contract refuses, as exception classes: one root, one class per kind of mistake."""

from __future__ import annotations


class ContractError(Exception):
    """Root of all errors that the contract itself raises (a step's own exceptions are not wrapped)."""


class PipelineError(ContractError, ValueError):
    """A pipeline is refused at compile time. The message names pipeline and step."""


class DeploymentError(ContractError, ValueError):
    """A deployment cannot be decoded, or holds something that would not survive being stored."""


class SourceError(ContractError, ImportError):
    """A source such as ``package.module.Name`` cannot be resolved, loaded, or is not what was expected."""


class ArtifactSourceError(SourceError):
    """The class of an artifact is missing or is no artifact class. The message names its source."""


class NoActiveRunError(ContractError, RuntimeError):
    """A step was asked for outside a run: no deployment is active on the orchestrator."""


class RunInProgressError(ContractError, RuntimeError):
    """A second run was started on an orchestrator that is already running one."""


class StepInProgressError(ContractError, RuntimeError):
    """A step was launched while the same step of the same run is still being executed."""


class RunNameError(ContractError, ValueError):
    """A step was given another run name than the steps before it in the same run."""


class MaterializationError(ContractError):
    """A value cannot be stored or loaded. The message names step and output (or input)."""


class StepOutputError(ContractError):
    """A step's output is missing, surplus or of the wrong type. The message names step and output."""


class StackError(ContractError, ValueError):
    """A stack, or the configuration of one of its components, is not valid."""


class SessionError(ContractError, RuntimeError):
    """The process cannot find its active stack, or the stack file that it was pointed to."""


class MetadataStoreError(ContractError, RuntimeError):
    """The record store, which is named, cannot be used: locked, unreachable, read-only or corrupt."""


class StepOperatorError(ContractError, RuntimeError):
    """A step operator reported success, but the step left no result. Names step and operator."""


class RemoteStepError(ContractError, RuntimeError):
    """A step failed elsewhere with an exception that cannot be raised here; the message shows it."""


class MissingPrerequisiteError(ContractError, RuntimeError):
    """What an orchestrator stands on is not there; the message says what, and how to get it.

    A conformance suite is blocked by it: it says nothing about the orchestrator itself.
    """


class ContainerEngineError(ContractError, RuntimeError):
    """The container engine does not answer, or refuses. The message says what was asked of it."""


class NoContainerEngineError(ContainerEngineError, MissingPrerequisiteError):
    """No container engine answers. The message says how to start or to name one."""


class ImageBuildError(ContractError, RuntimeError):
    """An image cannot be built or pushed. The message holds the last lines of the build."""


class ParentImageError(ContractError, ValueError):
    """A parent image cannot be made from this interpreter and what it was asked to hold."""
