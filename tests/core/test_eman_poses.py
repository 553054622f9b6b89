"""EMAN2's matrices: what they do to points, and the numbers of EMAN2's own Transform."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evenview.core import convention, rotation
from shared_data import shared

RNG = np.random.default_rng(11)
N = 20
POSES = rotation.random(N, RNG)
POINTS = RNG.normal(size=(30, 3)) * 10


def moved(matrices, points):
    """EMAN2's p' = M p + t."""
    return np.einsum("nij,pj->npi", matrices[:, :, :3], points) + matrices[:, None, :, 3]


def seen(q, origins):
    """Where points of the map stand in the image, or the subtomogram: A r - o."""
    turned = np.einsum("nij,pj->npi", rotation.to_matrix(q), POINTS)
    return turned[..., : origins.shape[1]] - origins[:, None]


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_projection_shows_a_point_where_its_matrix_puts_it(mirrored):
    origins = RNG.normal(size=(N, 2)) * 5
    matrices = convention.poses_to_eman_projection(POSES, origins, mirrored)
    assert ((np.linalg.det(matrices[:, :, :3]) < 0) == mirrored).all()
    np.testing.assert_allclose(moved(matrices, POINTS)[..., :2], seen(POSES, origins), atol=1e-12)
    back, shifts = convention.eman_projection_to_poses(matrices)
    assert rotation.angle_between(back, POSES).max() < 1e-12
    np.testing.assert_allclose(shifts, origins, atol=1e-14)


def test_an_alignment_takes_the_particle_back_to_the_reference():
    origins = RNG.normal(size=(N, 3)) * 5
    matrices = convention.poses_to_eman_align3d(POSES, origins)
    particle = seen(POSES, origins)
    reference = np.einsum("nij,npj->npi", matrices[:, :, :3], particle) + matrices[:, None, :, 3]
    np.testing.assert_allclose(reference, np.broadcast_to(POINTS, reference.shape), atol=1e-12)
    back, shifts = convention.eman_align3d_to_poses(matrices)
    assert rotation.angle_between(back, POSES).max() < 1e-12
    np.testing.assert_allclose(shifts, origins, atol=1e-13)


def test_the_centre_is_where_eman2_extracts_it_again():
    """``e2spt_extract.py`` adds the shift of the inverse transform to the old coordinate."""
    matrices = convention.poses_to_eman_align3d(POSES, np.zeros((N, 3)))
    matrices[:, :, 3] = RNG.normal(size=(N, 3)) * 8
    whole = np.concatenate([matrices, np.tile([[[0.0, 0, 0, 1]]], (N, 1, 1))], axis=1)
    _, origins = convention.eman_align3d_to_poses(matrices)
    np.testing.assert_allclose(-origins, np.linalg.inv(whole)[:, :3, 3], atol=1e-12)


def test_no_pose_gives_no_matrix():
    q = np.full((1, 4), np.nan)
    assert np.isnan(convention.poses_to_eman_projection(q, np.zeros((1, 2)))[:, :, :3]).all()
    assert np.isnan(convention.poses_to_eman_align3d(q, np.zeros((1, 3)))).all()


def vectors(name):
    rows = json.loads(shared("vectors/eman2/transform_all_types.json").read_text())
    return np.array([row[name] for row in rows]).reshape(-1, 3, 4)


def test_eman2s_matrices_of_relions_poses_give_these_back():
    known = np.load(shared("vectors/orientations.npz"))
    truth = known["relion5.0.1__Euler_angles2matrix_A"][:120]
    theirs, shifts = vectors("matrix3x4")[:120], known["shift_px_relion_origin"][:120]
    q, origins = convention.eman_projection_to_poses(theirs)
    np.testing.assert_allclose(rotation.to_matrix(q), truth, atol=2e-6)
    np.testing.assert_allclose(origins, shifts, atol=2e-5)
    ours = convention.poses_to_eman_projection(rotation.from_matrix(truth), shifts)
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize(("flip", "signs"), [("hflip", (-1, 1, -1)), ("vflip", (1, -1, -1))])
def test_eman2s_flipped_images_have_the_flipped_poses(flip, signs):
    """``Transform.get_hflip_transform``: the image mirrored in x; vflip in y.

    Those of random poses: EMAN2 flips by angles, which lose small tilts.
    """
    a, origins = convention.eman_projection_to_poses(vectors("matrix3x4")[:120])
    b, flipped = convention.eman_projection_to_poses(vectors(flip)[:120])
    np.testing.assert_allclose(
        rotation.to_matrix(b), np.diag(signs) @ rotation.to_matrix(a), atol=5e-6
    )
    np.testing.assert_allclose(flipped, origins * signs[:2], atol=1e-5)
