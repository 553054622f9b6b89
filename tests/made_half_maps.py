"""Half-maps whose FSC is known in every direction."""

from __future__ import annotations

import numpy as np
from scipy import fft

from evenview.core.halfmaps import HalfMaps


def frequencies(n):
    """z, y, x of ``rfftn``'s voxels and their distance, which is 1 at the origin."""
    k = np.fft.fftfreq(n, 1 / n)
    z, y, x = np.meshgrid(k, k, np.arange(n // 2 + 1.0), indexing="ij")
    r = np.sqrt(x * x + y * y + z * z)
    r[0, 0, 0] = 1.0
    return z, y, x, r


def half_maps(n, ssnr, seed=0, envelope=None):
    """Two maps (n, n, n) of one white signal, with noise of 1 / `ssnr` of each voxel.

    `ssnr` (n, n, n // 2 + 1), where the FSC is ssnr / (1 + ssnr); `envelope` (n, n, n) is
    multiplied to the signal before.
    """
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal((n, n, n))
    if envelope is not None:
        signal = signal * envelope
    transform = fft.rfftn(signal)
    out = []
    for _ in range(2):
        noise = fft.rfftn(rng.standard_normal((n, n, n))) / np.sqrt(ssnr)
        out.append(fft.irfftn(transform + noise, s=(n, n, n)).astype(np.float32))
    return out


def crossing_at(r, k0):
    """The SSNR whose FSC falls to 0.143 at the shell `k0`, steeply."""
    return 0.143 / 0.857 * (k0 / r) ** 6


def poor_along_z(n, inside, outside, angle=45.0):
    """Maps whose FSC crosses 0.143 at the shell `inside` within `angle` of z, else at `outside`."""
    z, _y, _x, r = frequencies(n)
    k0 = np.where(np.abs(z) / r > np.cos(np.radians(angle)), inside, outside)
    return half_maps(n, crossing_at(r, k0))


def as_pair(first, second, voxel_size=1.0, mask=None):
    return HalfMaps(first, second, voxel_size, np.zeros(3), mask)


def ball(n, radius, soft=4.0):
    """A mask (n, n, n) that falls from 1 to 0 over `soft` voxels."""
    k = np.arange(n) - n // 2
    r = np.sqrt(k[:, None, None] ** 2 + k[:, None] ** 2 + k**2)
    edge = np.clip((r - radius) / soft, 0.0, 1.0)
    return (0.5 + 0.5 * np.cos(np.pi * edge)).astype(np.float32)
