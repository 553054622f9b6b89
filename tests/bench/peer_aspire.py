"""BOTalign (Singer & Yang 2024, Biological Imaging 4, e4) as ASPIRE has it, run by its own Python.

    python peer_aspire.py REFERENCE.npy MAP.npy CLEAN.npy OUT.npy

As `peer_emalign.py`. It finds no hand and no shift: the maps must not differ in them.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from aspire.utils import Rotation
from aspire.utils.bot_align import align_BO
from aspire.volume import Volume

reference, moving, clean = (Volume(np.load(path)[None]) for path in sys.argv[1:4])
start, cpu = time.perf_counter(), time.process_time()
_, turn = align_BO(reference, moving, loss_type="euclidean", seed=0)
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
laid = clean.rotate(Rotation(turn.astype(np.float32)))
np.save(sys.argv[4], laid.asnumpy()[0].astype(np.float32))
print(json.dumps([seconds, cpu]))
