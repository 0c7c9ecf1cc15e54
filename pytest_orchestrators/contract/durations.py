"""Durations as a person reads them."""

from __future__ import annotations


def readable_duration(seconds: float) -> str:
    """Spell a duration: ``0.213s`` below a minute, ``2m5.000s`` below an hour, ``1h0m12s`` above.

    A clock that was set back can give a negative difference; that reads as ``0.000s``.
    """
    seconds = max(0.0, seconds)
    if round(seconds, 3) < 60:
        return f"{seconds:.3f}s"
    if round(seconds, 3) < 3600:
        minutes, rest = divmod(round(seconds, 3), 60)
        return f"{minutes:.0f}m{rest:.3f}s"
    minutes, whole_seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{whole_seconds}s"
