"""Molecules made of Gaussians, so that turned and moved ones are exact: no interpolation."""

from __future__ import annotations

import mrcfile
import numpy as np

from evenview.core import rotation
from evenview.core.volume import Volume

MIRROR = np.array([1.0, 1.0, -1.0])


def chain(seed, radius, n=300):
    """Points (n, 3) Å of a random chain, within about a radius, and their weights (n,)."""
    rng = np.random.default_rng(seed)
    points = np.cumsum(rng.normal(size=(n, 3)), axis=0)
    points -= points.mean(axis=0)
    points *= radius / np.percentile(np.linalg.norm(points, axis=1), 99)
    return points, rng.uniform(5.0, 9.0, n)


def axes(shape, spacing):
    """z, y, x in Å about the centre voxel N // 2."""
    return [(np.arange(n) - n // 2) * step for n, step in zip(shape, spacing[::-1], strict=True)]


def density(points, weights, shape, spacing, sigma=3.6):
    """(Z, Y, X) the sum of Gaussians at points x, y, z."""
    spacing = np.broadcast_to(spacing, 3)
    waves = [
        np.exp(-((axis[None] - points[:, 2 - i, None]) ** 2) / (2.0 * sigma**2))
        for i, axis in enumerate(axes(shape, spacing))
    ]
    planes = (weights[:, None] * waves[0])[:, :, None] * waves[1][:, None]
    flat = planes.reshape(len(points), -1).T @ waves[2]
    return flat.reshape(shape)


def before(points, turn, shift, flipped):
    """Where points were before the motion that takes them to `points`."""
    back = (points - shift) @ turn
    return back * MIRROR if flipped else back


def turn_about(axis, degrees):
    """(3, 3)."""
    unit = np.asarray(axis) / np.linalg.norm(axis)
    return rotation.to_matrix(rotation.from_axis_angle(unit[None], np.array([float(degrees)])))[0]


def bent(points, along):
    """Points whose ends along a direction, a fifth of them each, turn by 20° and by 12°."""
    order = np.argsort(points @ np.asarray(along))
    n, out = len(points), points.copy()
    ends = ((order[: n // 5], -8, 20.0, (1, 0, 2)), (order[-n // 5 :], 0, 12.0, (0, 1, -1)))
    for end, start, degrees, axis in ends:
        hinge = points[end[start:][:8]].mean(axis=0)
        out[end] = (points[end] - hinge) @ turn_about(axis, degrees).T + hinge
    return out


def any_turn(seed):
    return rotation.to_matrix(rotation.random(1, np.random.default_rng(seed)))[0]


def noisy(values, part, seed):
    """With white noise of `part` of the map's own deviation."""
    rng = np.random.default_rng(seed)
    return (values + rng.normal(0.0, part * values.std(), values.shape)).astype(np.float32)


def as_volume(values, spacing=2.0, name="map", origin=(0.0, 0.0, 0.0)):
    return Volume(values.astype(np.float32), spacing, np.array(origin), name)


def write(path, values, spacing=2.0, **words):
    """An MRC file; `words` are header words to set."""
    opener = mrcfile.new if path.suffix != ".gz" else _gzip
    with opener(path) as file:
        file.set_data(np.asarray(values, dtype=values.dtype))
        file.set_volume()
        file.voxel_size = spacing
        for name, value in words.items():
            setattr(file.header, name, value)
    return path


def _gzip(path):
    return mrcfile.new(path, compression="gzip")
