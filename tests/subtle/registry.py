"""The registry of subtly wrong orchestrators."""

from __future__ import annotations

from functools import partial

from tests.broken.sins import Sinner, sin

subtle: list[Sinner] = []
#: Register one, with the requirements of which one must fail with it.
subtly = partial(sin, among=subtle)
