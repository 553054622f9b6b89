"""emalign (Harpaz & Shkolnisky 2023, J. Struct. Biol. 215, 107944), run by its own Python.

    python peer_emalign.py REFERENCE.npy MAP.npy CLEAN.npy OUT.npy

Aligns MAP to REFERENCE (Z, Y, X), then does to CLEAN, which is MAP without noise, what it found, by
its own functions: nobody has to know its conventions. Prints seconds and CPU-seconds as JSON.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from src.align_volumes_3d import align_volumes
from src.fastrotate3d import fastrotate3d
from src.reshift_vol import reshift_vol


class Options:
    """Those of its command line."""

    Nprojs, downsample, no_refine = 30, 64, False


reference, moving, clean = (np.ascontiguousarray(np.load(path).T) for path in sys.argv[1:4])
start, cpu = time.perf_counter(), time.process_time()
turn, shift, mirrored, _, _ = align_volumes(reference, moving, 0, Options())
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
clean = np.flip(clean, axis=2) if mirrored else clean
laid = reshift_vol(fastrotate3d(np.ascontiguousarray(clean), turn), np.asarray(shift, float))
np.save(sys.argv[4], np.ascontiguousarray(laid.T, dtype=np.float32))
print(json.dumps([seconds, cpu]))
