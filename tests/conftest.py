"""What holds for all tests.

No test is failed by a clock: how long something takes says more about the machine than about the code. And none by
chance: the same examples are tried each time. New ones are looked for by `pytest --hypothesis-profile=search`.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unmix", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("unmix")
