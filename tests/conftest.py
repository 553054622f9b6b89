"""Settings that every test shares."""

from __future__ import annotations

from hypothesis import settings

# The first call of a compiled loop takes seconds: examples have no deadline, tests have a timeout.
settings.register_profile("evenview", deadline=None)
settings.load_profile("evenview")
