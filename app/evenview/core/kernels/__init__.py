"""Compiled loops: arrays in, arrays out. Import the modules of this package inside functions only.

Importing numba costs a second that a command which needs no kernel should not pay.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from evenview import __version__

_ROOM = 1 << 20  # bytes: a few compiled functions


def cache_folder() -> Path:
    """Where compiled code is kept: in the user's cache.

    Where that cannot be written or is full, numba would give up: then it is a folder for this
    process alone, and the code is compiled anew each time.
    """
    # A frozen or system-wide install has no writable __pycache__. Wheels carry constant file times,
    # by which numba knows its sources: hence the version.
    folder = user_cache_path("evenview", appauthor=False) / f"numba-{__version__}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_ROOM))
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="evenview-numba-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


if "NUMBA_CACHE_DIR" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())
