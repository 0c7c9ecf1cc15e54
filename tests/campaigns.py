"""Campaigns of generated histories on flavors, in tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_orchestrators.suite.apart import Child
from pytest_orchestrators.suite.evidence import GeneratedEvidence
from pytest_orchestrators.suite.fuzzing.campaign import Campaign
from pytest_orchestrators.suite.fuzzing.profiles import PROFILES, Profile
from tests.judging import session_on

#: A profile whose time does not end on a busy machine.
FEW = replace(PROFILES["quick"], examples=8, seconds=60.0)


def campaign_on(flavor: type, root: Path, profile: Profile = FEW, seed: int = 1) -> GeneratedEvidence:
    """What a campaign sees of a flavor, in a child process: runs leave what they leave."""
    subject = session_on(flavor, root / "session").subject
    campaign = Campaign(
        subject, profile, seed, root / f"campaign {seed}", root / f"examples {seed}", first=0.0
    )
    child = Child(lambda: campaign.carry_out().model_dump_json())
    return GeneratedEvidence.model_validate_json(child.answer(profile.seconds + profile.shrinking + 60.0))
