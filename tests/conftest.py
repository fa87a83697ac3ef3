"""No test is failed by a clock: how long something takes says more about the machine than about the code."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unmix", deadline=None)
settings.load_profile("unmix")
