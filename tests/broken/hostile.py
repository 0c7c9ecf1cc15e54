"""Wrong ways of handing on names: as commands, as paths, cut, cleaned, refused late."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pytest_orchestrators import (
    GlobalConfiguration,
    PipelineDeployment,
    Stack,
    Step,
    StepEntrypointConfiguration,
    handover,
)
from pytest_orchestrators.contract.encoding import base64_json_to_proto
from pytest_orchestrators.contract.orchestrators.active_run import ActiveRun
from reference_flavors.local import LocalOrchestrator
from tests.broken.running import ChoosesSteps
from tests.broken.sins import sin
from tests.right.elsewhere import call
from tests.warns import Warns


@sin("ISO-3")
class UnquotedCommands(Warns):
    """Every step by a command of the shell, with the step's name in it as it is."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        entrypoint = StepEntrypointConfiguration
        with handover(deployment, stack) as environment:
            for name in deployment.steps:
                words = [*entrypoint.get_entrypoint_command(), *entrypoint.get_entrypoint_arguments(name)]
                call(["sh", "-c", " ".join(words)], environment)


class Announces(Warns):
    """Says by `announce` which step comes next. On its own it says nothing."""

    def announce(self, step: str) -> None:
        """Say that a step begins."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        for name, step in deployment.steps.items():
            self.announce(name)
            self.run_step(step)


@sin("ISO-3")
class QuotesByHand(Announces):
    """Puts the step's name between quotes in a command, and some names have such quotes."""

    def announce(self, step: str) -> None:
        subprocess.run(f"true '{step}'", shell=True, check=True, capture_output=True)


@sin("ISO-3")
class NamesAreOptions(Announces):
    """Passes the step's name to a program that takes some names for options."""

    def announce(self, step: str) -> None:
        subprocess.run(["basename", step], check=True, capture_output=True)


@sin("ISO-3")
class FormatsNames(Announces):
    """Builds a message with a name in it, and formats that."""

    def announce(self, step: str) -> None:
        self._said = ("Step " + step + " of %s begins") % self.name


@sin("ISO-3")
class NamesAreTemplates(Announces):
    """Builds a template with a name in it, and fills that."""

    def announce(self, step: str) -> None:
        self._said = ("Step " + step + " of {} begins").format(self.name)


@sin("ISO-3")
class NamesInLatin(Announces):
    """Writes the name of a step in an encoding that does not have it."""

    def announce(self, step: str) -> None:
        self._said = step.encode("latin-1")


@sin("ISO-3")
class RefusesLate(Announces):
    """Looks at a name when it comes to that step."""

    def announce(self, step: str) -> None:
        if not re.fullmatch(r"[a-z0-9_-]+", step):
            raise ValueError(f"steps cannot be named {step!r} here")


@sin("ISO-3")
class NotesWhatIsDone(ChoosesSteps):
    """Puts an empty file for every step that is done into a folder; a quoted name may be too long for one."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        with tempfile.TemporaryDirectory() as done:
            for name, step in deployment.steps.items():
                yield step
                (Path(done) / quote(name, safe="")).touch()


@sin("ISO-3")
class StaysActiveAfterARefusal(LocalOrchestrator):
    """Refuses before anything is executed, and does not clean up then."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._active_deployment = deployment
        for name in deployment.steps:
            if not re.fullmatch(r"[a-z0-9_-]+", name):
                raise ValueError(f"steps cannot be named {name!r} here")
        return super().run(deployment, stack)


class MapsNames(ChoosesSteps):
    """Keeps the steps by what `mapped` makes of their names. On its own it keeps them as they are."""

    def mapped(self, name: str) -> str:
        """What is made of a name."""
        return name

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from {self.mapped(name): step for name, step in deployment.steps.items()}.values()


@sin("ISO-3")
class CleansNames(MapsNames):
    """Every character that is unusual becomes an underscore."""

    def mapped(self, name: str) -> str:
        return re.sub(r"[^a-zA-Z0-9_-]", "_", name)


@sin("ISO-3")
class FoldsCase(MapsNames):
    """Names are written in small letters."""

    def mapped(self, name: str) -> str:
        return name.lower()


@sin("ISO-3")
class NormalisesNames(MapsNames):
    """Names that look the same are the same."""

    def mapped(self, name: str) -> str:
        return unicodedata.normalize("NFC", name)


@sin("ISO-3")
class CutsNames(MapsNames):
    """Names are cut at 63 characters, as labels are."""

    def mapped(self, name: str) -> str:
        return name[:63]


@sin("ISO-3")
class ForgetsForeignLetters(MapsNames):
    """What ASCII does not have is left out."""

    def mapped(self, name: str) -> str:
        return name.encode("ascii", "ignore").decode()


@sin("ISO-3")
class StripsNames(ChoosesSteps):
    """Finds a step by its name without spaces around it."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from (deployment.steps[name.strip()] for name in deployment.steps)


def journal_in(folder: Path, name: str) -> None:
    """Write a file of that name, whatever the name is."""
    file = folder / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"state": "preparing"}))


class NotesDeployments(LocalOrchestrator):
    """Notes in a file what it is about to prepare, under a name that `noted` chooses."""

    noted: Callable[[PipelineDeployment], str]

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        journal_in(GlobalConfiguration().local_stores_path / "deployments", type(self).noted(deployment))


@sin("ISO-3")
class FileNamedAfterRun(NotesDeployments):
    """The file is named after the run."""

    @staticmethod
    def noted(deployment: PipelineDeployment) -> str:  # type: ignore[override]
        return deployment.run_name


@sin("ISO-3")
class FileNamedAfterPipeline(NotesDeployments):
    """The file is named after the pipeline."""

    @staticmethod
    def noted(deployment: PipelineDeployment) -> str:  # type: ignore[override]
        return deployment.pipeline.name


@sin("ISO-3")
class FileNamedAfterStep(NotesDeployments):
    """The file is named after the last step."""

    @staticmethod
    def noted(deployment: PipelineDeployment) -> str:  # type: ignore[override]
        return list(deployment.steps)[-1]


@sin("ISO-3")
class DecodesByItself(LocalOrchestrator):
    """Makes a deployment the active one on its own, and looks at no name in it."""

    @contextmanager
    def active_run(self, deployment: PipelineDeployment, stack: Stack) -> Iterator[None]:
        from tfx.proto.orchestration.pipeline_pb2 import Pipeline

        pipeline = base64_json_to_proto(deployment.proto_pipeline, Pipeline())
        self._active_deployment, self._active_pb2_pipeline = deployment, pipeline
        try:
            self._active_run = ActiveRun(deployment, pipeline, stack)
            yield
        finally:
            self._cleanup_run()
