"""Toy flavors for tests of the plugin: one that is right, and some that are wrong on purpose."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.toy.system import ToyDeployment, ToyFlavor, ToyOrchestrator


class Right(ToyFlavor):
    name = "right"


class ForgetfulOrchestrator(ToyOrchestrator):
    """Forgets the last step."""

    def execute(self, deployment: ToyDeployment) -> Any:
        for name in deployment.workload.order()[:-1]:
            self.run_step(deployment.workload[name])


class Forgetful(ToyFlavor):
    name = "forgetful"
    implementation = ForgetfulOrchestrator


class SilentOrchestrator(ToyOrchestrator):
    """Ignores schedules and resources without a word."""

    def warn(self, deployment: ToyDeployment) -> None:
        pass


class Silent(ToyFlavor):
    name = "silent"
    implementation = SilentOrchestrator


class HangingOrchestrator(ToyOrchestrator):
    """Says that it was here, and never comes back."""

    def execute(self, deployment: ToyDeployment) -> Any:
        Path("started").touch()
        while True:
            time.sleep(0.01)


class Hanging(ToyFlavor):
    name = "hanging"
    implementation = HangingOrchestrator


class EndsAtTwelveOrchestrator(ToyOrchestrator):
    """Runs twelve steps of a pipeline, and forgets the rest: no scenario has as many."""

    def execute(self, deployment: ToyDeployment) -> Any:
        for name in deployment.workload.order()[:12]:
            self.run_step(deployment.workload[name])
        return deployment.run_name


class EndsAtTwelve(ToyFlavor):
    name = "ends_at_twelve"
    implementation = EndsAtTwelveOrchestrator
