"""Settings that every test shares."""

from __future__ import annotations

import os

from hypothesis import settings

# The first call of a compiled loop takes seconds: examples have no deadline, tests have a timeout.
# The same examples every time, so that a change is what breaks a test; a longer search for damaged
# files (EVENVIEW_FUZZ) tries new ones here, too.
settings.register_profile("evenview", deadline=None, derandomize="EVENVIEW_FUZZ" not in os.environ)
settings.load_profile("evenview")
