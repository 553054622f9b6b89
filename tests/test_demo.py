"""The demo set: what its script makes is what is shipped, and what it claims to be."""

from __future__ import annotations

import gzip
import importlib.util
import io
import re
from pathlib import Path

import mrcfile
import numpy as np
import pytest
from scipy import ndimage
from scipy.stats import spearmanr

from evenview import resources
from evenview.core import convention, rotation

OTHERS = ("DefocusU", "RandomSubset", "NrOfSignificantSamples")

ROOT = Path(__file__).resolve().parents[1]


def packed(what):
    return resources.path("demo", f"{resources.DEMO_FILES[what]}.gz").read_bytes()


@pytest.fixture(scope="module")
def made():
    spec = importlib.util.spec_from_file_location("make_demo", ROOT / "packaging" / "make_demo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make()


@pytest.fixture(scope="module")
def star():
    """Label to array, read by splitting lines."""
    text = gzip.decompress(packed("star")).decode("ascii")
    table = text[text.index("data_particles") :]
    labels = re.findall(r"^_(\w+) #", table, flags=re.MULTILINE)
    rows = [line.split() for line in table.splitlines() if "@" in line]
    assert {len(row) for row in rows} == {len(labels)}
    return dict(zip(labels, np.array(rows).T, strict=True))


@pytest.fixture(scope="module")
def cs():
    return np.load(io.BytesIO(gzip.decompress(packed("cs"))), allow_pickle=False)


@pytest.fixture(scope="module")
def density():
    with mrcfile.mmap(resources.demo("map"), permissive=False) as file:
        return file.data.astype(float)


@pytest.fixture(scope="module")
def rotations(star):
    angles = [star[f"rlnAngle{name}"].astype(float) for name in ("Rot", "Tilt", "Psi")]
    return convention.relion_to_quaternions(*angles)


def test_it_is_small_enough_to_ship():
    assert sum(len(packed(what)) for what in resources.DEMO_FILES) < 4.5e6


# Another processor's sine may differ in its last digit, so numbers are compared as numbers.


def test_the_script_makes_the_star_file_that_is_shipped(made):
    ours, shipped = (
        text.decode("ascii").split()
        for text in (made["trimer.star"], gzip.decompress(packed("star")))
    )
    assert len(ours) == len(shipped)
    different = [(a, b) for a, b in zip(ours, shipped, strict=True) if a != b]
    for a, b in different:
        assert float(a) == pytest.approx(float(b), abs=1.01e-4)
    assert len(different) < 100


def test_the_script_makes_the_cs_file_that_is_shipped(made, cs):
    ours = np.load(io.BytesIO(made["trimer.cs"]), allow_pickle=False)
    assert ours.dtype == cs.dtype
    for name in cs.dtype.names:
        if cs[name].dtype.kind == "f":
            np.testing.assert_allclose(ours[name], cs[name], rtol=1e-6, atol=5e-6)
        else:
            np.testing.assert_array_equal(ours[name], cs[name])


def test_the_script_makes_the_map_that_is_shipped(made):
    shipped = gzip.decompress(packed("map"))
    assert made["trimer.mrc"][224:1024] == shipped[224:1024]
    ours, theirs = (np.frombuffer(b, "<f4", offset=1024) for b in (made["trimer.mrc"], shipped))
    np.testing.assert_allclose(ours, theirs, atol=0.0041)


def test_both_files_hold_the_same_particles_row_by_row(star, cs, rotations):
    assert len(cs) == len(rotations) == 50_000
    theirs = convention.cryosparc_to_quaternions(cs["alignments3D/pose"])
    assert rotation.angle_between(rotations, theirs).max() < 2e-5
    origin = np.column_stack([star["rlnOriginXAngst"], star["rlnOriginYAngst"]]).astype(float)
    shift = cs["alignments3D/shift"] * cs["alignments3D/psize_A"][:, None]
    np.testing.assert_allclose(shift, origin, atol=2e-6)
    np.testing.assert_allclose(cs["ctf/df1_A"], star["rlnDefocusU"].astype(float), rtol=1e-6)
    angle = np.degrees(cs["ctf/df_angle_rad"])
    np.testing.assert_allclose(angle, star["rlnDefocusAngle"].astype(float), atol=1e-4)
    np.testing.assert_array_equal(cs["alignments3D/split"] + 1, star["rlnRandomSubset"].astype(int))
    number = [int(name.split("@")[0]) for name in star["rlnImageName"]]
    np.testing.assert_array_equal(cs["blob/idx"] + 1, number)
    stems = [re.search(r"trimer_\d+", name)[0] for name in star["rlnImageName"]]
    assert all(stem.encode() in path for stem, path in zip(stems, cs["blob/path"], strict=True))


def test_half_sets_are_equally_large(star):
    subset = star["rlnRandomSubset"].astype(int)
    assert np.bincount(subset).tolist() == [0, 25_000, 25_000]


def test_images_and_uids_are_each_there_once(star, cs):
    assert len(set(star["rlnImageName"])) == 50_000
    assert len(np.unique(cs["uid"])) == 50_000
    # the upper half of 64 bits too, as in real files
    assert np.mean(cs["uid"] > 2**63) == pytest.approx(0.5, abs=0.02)


def test_angles_are_within_relions_ranges(star):
    rot, tilt, psi = (star[f"rlnAngle{name}"].astype(float) for name in ("Rot", "Tilt", "Psi"))
    assert np.abs([rot, psi]).max() <= 180
    assert tilt.min() >= 0
    assert tilt.max() <= 180


def test_top_views_are_preferred_and_every_view_is_there(rotations):
    v = convention.directions(rotations)
    elevation = convention.azimuth_elevation(v)[:, 1]
    assert 0.6 < np.mean(elevation > 75) < 0.8
    assert 0.05 < np.mean(elevation < -75) < 0.2
    assert 0.05 < np.mean(np.abs(elevation) < 15) < 0.15
    # The rest is thin but broad: in no cone of 20 degrees is there nothing.
    probes = convention.directions(rotation.random(500, np.random.default_rng(2)))
    assert (v @ probes.T > np.cos(np.radians(20))).sum(axis=0).min() > 20


@pytest.mark.parametrize(
    "label", ["rlnLogLikeliContribution", "rlnMaxValueProbDistribution", "rlnNormCorrection"]
)
def test_scores_are_correlated_with_nothing(star, rotations, label):
    score = star[label].astype(float)
    elevation = convention.azimuth_elevation(convention.directions(rotations))[:, 1]
    for other in (
        elevation,
        star["rlnDefocusU"].astype(float),
        star["rlnRandomSubset"].astype(int),
    ):
        assert abs(spearmanr(score, other).statistic) < 5 / np.sqrt(50_000)


def turned(density, matrix):
    """density at matrix times r, about the voxel that rotations turn about (z y x arrays)."""
    center = np.array(density.shape) // 2
    return ndimage.affine_transform(density, matrix, center - matrix @ center, order=3)


def about_z(degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    # z y x
    return np.array([[1, 0, 0], [0, c, s], [0, -s, c]])


def correlation(a, b):
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]


def inner(density):
    """Without the first voxel of each axis: the turning point is then in the middle."""
    return density[1:, 1:, 1:]


def best(density, other):
    """The best correlation of two maps over all turns about Z, in the third that C3 leaves."""
    return max(correlation(density, turned(other, about_z(angle))) for angle in range(0, 120, 5))


def test_the_map_has_c3_about_z_and_nothing_more(density):
    assert correlation(density, turned(density, about_z(120))) > 0.9999
    assert correlation(density, turned(density, about_z(60))) < 0.9
    assert best(inner(density), inner(density)[::-1, ::-1, :]) < 0.9


def test_the_map_is_no_mirror_image_of_itself(density):
    assert best(inner(density), inner(density)[:, :, ::-1]) < 0.95


def test_the_map_stands_along_z_with_its_head_up(density):
    z, y, x = np.indices(density.shape) - 32
    weight = density / density.sum()
    assert (weight * z**2).sum() > 2 * (weight * (x**2 + y**2)).sum()
    radius = np.hypot(x, y)
    assert radius[(z > 0) & (density > 0.3)].max() > radius[(z < 0) & (density > 0.3)].max()


def test_the_map_fills_the_particles_box(cs):
    with mrcfile.open(resources.demo("map")) as file:
        box = float(file.voxel_size.x) * file.header.nx
        assert (file.header.nx, file.header.ny, file.header.nz) == (64, 64, 64)
    np.testing.assert_allclose(cs["blob/shape"] * cs["blob/psize_A"][:, None], box, rtol=1e-5)
