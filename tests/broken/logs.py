"""Wrong logs: silence, steps without a name, ends without a duration."""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.broken.caching import MutesLoggers
from tests.broken.sins import flavor_of, sin
from tests.muted import muted

logger = logging.getLogger(__name__)


@sin("LOG-1")
class Silent(MutesLoggers):
    """Neither the start nor the end of a step is logged."""

    level = logging.WARNING


class OwnWords(LocalOrchestrator):
    """Logs start and end of a step in words of its own, and nothing else but warnings."""

    start, end, failure = "%s begins", "%s is done after {took:.1f} s", "%s failed after {took:.1f} s"

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        logger.info(self.start, step.config.name)
        begin, said = time.monotonic(), self.failure
        try:
            with muted():
                info = super().run_step(step, run_name)
            said = self.end
        finally:
            logger.info(said.format(took=self.told(time.monotonic() - begin)), step.config.name)
        return info

    def told(self, seconds: float) -> float:
        """What is told of so many seconds."""
        return seconds


@sin("CCH-7")
class CachedInSilence(OwnWords):
    """A cached step ends like any other, and nobody is told why it was so quick."""


@sin("CCH-7")
class TellsOfTheCacheOnce(OwnWords):
    """That a step is cached is told once; in later runs everybody knows."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._told: set[str] = set()

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        if get_cache_status(info) and step.config.name not in self._told:
            self._told.add(step.config.name)
            logger.info("%s is cached", step.config.name)
        return info


@sin("LOG-1")
class EndsWithoutDuration(OwnWords):
    """Nobody is told how long a step took."""

    end = "%s is done"


@sin("LOG-1")
class EndsAtSomeTime(OwnWords):
    """The time of day is taken for a duration."""

    end = "%s is done after 412345.6 s"


@sin("LOG-1")
class EndsAtOnce(OwnWords):
    """What a step took is told before it was looked at."""

    end = "%s is done after 0 s"


@sin("LOG-1")
class EndsWithinTheSecond(OwnWords):
    """What a step took is told without its whole seconds."""

    def told(self, seconds: float) -> float:
        return seconds % 1


@sin("LOG-1")
class EndsSinceImport(OwnWords):
    """The time since the orchestrator was imported is taken for a step's."""

    end = "%s is done after 31.4 s"


class Filters(LocalOrchestrator):
    """While it runs, a filter is on what the base class logs."""

    def lets_through(self, record: logging.LogRecord) -> bool:
        raise NotImplementedError

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        base = logging.getLogger("pytest_orchestrators.contract.orchestrators.base")
        base.addFilter(self.lets_through)
        try:
            return super().run(deployment, stack)
        finally:
            base.removeFilter(self.lets_through)


def ends(record: logging.LogRecord) -> bool:
    """Whether it is the base class's message of a step's end."""
    return str(record.msg).endswith("has finished in %s.")


@sin("LOG-1")
class SilentAboutShortSteps(Filters):
    """A filter takes the durations of short steps out of the log."""

    def lets_through(self, record: logging.LogRecord) -> bool:
        if ends(record) and isinstance(record.args, tuple) and str(record.args[1]).startswith("0."):
            record.msg, record.args = "Step `%s` has finished.", record.args[:1]
        return True


@sin("LOG-1")
class CachedWithoutEnd(Filters):
    """Of a cached step it is said that it is one, and not that it has ended, after so long."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._cached: set[str] = set()

    def lets_through(self, record: logging.LogRecord) -> bool:
        named = str(record.args[0]) if isinstance(record.args, tuple) and record.args else ""
        if str(record.msg).startswith("Using cached"):
            self._cached.add(named)
        if not ends(record) or named not in self._cached:
            return True
        self._cached.discard(named)
        return False


@sin("LOG-1")
class FailsInSilence(OwnWords):
    """Of a step that fails nobody is told that it has ended."""

    failure = "%.0s"


@sin("LOG-1")
class FailsWithoutDuration(OwnWords):
    """Nobody is told how long a step took that failed."""

    failure = "%s has failed"


@sin("LOG-1")
class StartsInSilence(OwnWords):
    """Only the end of a step is logged."""

    start = "%s"


@sin("LOG-1")
class StepsWithoutName(OwnWords):
    """Logs that a step starts and ends, and not which one."""

    start, end = "Step %.0s has started", "Step %.0s finished in 0.1 s"


@sin("LOG-1")
class LogsWhatDoesNotFit(OwnWords):
    """Message and arguments do not fit: the log gets nothing of it, and standard error a traceback."""

    start, end = "Step has started:", "Step has finished in 0.1 s:"


@sin("LOG-1")
class Prints(OwnWords):
    """Prints what it should log."""

    start, end = "%.0s", "%.0s"

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        print(f"Step {step.config.name} has started")
        info = super().run_step(step, run_name)
        print(f"Step {step.config.name} finished in 0.1 s")
        return info


class ShoutsOfSuccess(LocalOrchestrator):
    """Whatever ends well is logged as an error. It is advised against; nothing of it is wrong."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        logger.error("%s has ended well", step.config.name)
        return info


ShoutsOfSuccess.Flavor = flavor_of(ShoutsOfSuccess, ("step_operator",))  # type: ignore[attr-defined]


@sin("CCH-7")
class SwapsHitAndMiss(OwnWords):
    """Who has an output folder was executed: that is told as a hit."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        logger.info("%s: cache %s", step.config.name, "hit" if info.execution_output_uri else "miss")
        return info


@sin("LOG-1")
class TimesFromTheRunsBeginning(OwnWords):
    """One clock for the whole run: every step is told to have taken all that has passed since it began."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._begin = time.monotonic()
        return super().prepare_or_run_pipeline(deployment, stack)

    def told(self, seconds: float) -> float:
        return time.monotonic() - self._begin


@sin("LOG-1")
class OperatedInSilence(LocalOrchestrator):
    """Leaves it to the operator to say that a step starts and ends."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        with muted() if step.config.step_operator else nullcontext():
            return super().run_step(step, run_name)


@sin("LOG-1")
class TakesTheEndFromTheStart(OwnWords):
    """The operands are the wrong way round: every duration is below zero."""

    def told(self, seconds: float) -> float:
        return -seconds


@sin("LOG-1")
class FailsAfterNoTime(OwnWords):
    """How long a step took is worked out when it has succeeded."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        logger.info(self.start, step.config.name)
        begin, took, said = time.monotonic(), 0.0, self.failure
        try:
            with muted():
                info = LocalOrchestrator.run_step(self, step, run_name)
            took, said = time.monotonic() - begin, self.end
        finally:
            logger.info(said.format(took=took), step.config.name)
        if get_cache_status(info):
            logger.info("%s is cached", step.config.name)
        return info


@sin("CCH-7")
class AnnouncesFromMemory(LocalOrchestrator):
    """A step that has run before is announced as cached, before anybody knows."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._known: set[tuple[str, str]] = set()

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        key = self._require_active_run().deployment.pipeline.name, step.config.name
        if step.config.enable_cache and key in self._known:
            logger.info("Using cached version of `%s`.", step.config.name)
        info = super().run_step(step, run_name)
        self._known.add(key)
        return info


@sin("CCH-7")
class OperatedHitInSilence(OwnWords):
    """That what an operator has done before is cached, is said of other steps alone."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if step.config.step_operator:
            return super().run_step(step, run_name)
        return LocalOrchestrator.run_step(self, step, run_name)
