from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from evenview.core import convention, rotation
from evenview.core.errors import UserError
from evenview.core.settings import PACKAGES, group_of, turn_between
from evenview.core.symmetry import parse_group
from shared_data import shared

FAMILIES = [
    ["D7", "D7y"],
    ["D1", "D1y"],
    ["T", "T222", "T-eman"],
    ["I1", "I2", "I3", "I4"],
]
PAIRS = [pair for family in FAMILIES for pair in product(family, repeat=2)]


def same_sets(a, b, atol):
    """Every matrix of each is one of the other."""
    far = np.abs(a[:, None] - b[None]).max(axis=(2, 3))
    return far.min(axis=0).max() <= atol and far.min(axis=1).max() <= atol


# Which package means what


@pytest.mark.parametrize(
    ("package", "name", "ours"),
    [
        ("relion", "I", "I2"),
        ("relion", "d7", "D7"),
        ("cryosparc", "D7", "D7y"),
        ("cryosparc", "D4", "D4"),
        ("cryosparc", "c13", "C13"),
        ("eman", "tet", "T-eman"),
        ("eman", "icos", "I4"),
        ("eman", "D3", "D3"),
        ("cistem", "T", "T222"),
        ("cistem", "T2", "T"),
        ("cistem", "I", "I1"),
        ("aspire", "T", "T222"),
        ("scipion", "Dx5", "D5"),
        ("scipion", "Dy5", "D5y"),
        ("scipion", "In25r", "I4"),
    ],
)
def test_names_of_packages_are_settings(package, name, ours):
    assert group_of(package, name).name == ours


def test_names_that_a_package_does_not_have_are_refused():
    with pytest.raises(UserError, match=r'EMAN2 has no point group "I3"\. It has cn, dn, tet'):
        group_of("eman", "I3")
    with pytest.raises(UserError, match='point groups of "bsoft" are not known'):
        group_of("bsoft", "C1")
    with pytest.raises(UserError, match="not a known point group"):
        group_of("relion", "C0")


def test_every_group_of_the_table_is_one():
    for package in PACKAGES.values():
        for means in package.groups:
            parse_group(means.group.replace("n", "5") if means.group[1:2] == "n" else means.group)


#: What the arrays of the reference file are called there, by package.
PREFIXES = {
    "RELION": "relion",
    "cryoSPARCdev-stated_generators": "cryosparc",
    "EMAN2": "eman",
    "cisTEM": "cistem",
    "Scipion": "scipion",
    "ASPIRE": "aspire",
}
#: Generators of 6 to 9 digits, and float32: how far off each package's operators are.
DIGITS = {"relion": 3e-7, "cryosparc": 6e-8, "eman": 4e-6, "cistem": 8e-6, "scipion": 5e-7}
#: Settings of Scipion with a 3-fold, or another 5-fold, axis on an axis: no other package's.
NOT_NAMED = {f"Scipion_I2n{k}{r}_1" for k in (3, 5) for r in ("", "r")}


def test_operators_are_those_of_every_package():
    with np.load(shared("vectors/symmetry_matrices.npz")) as archive:
        theirs = {key: archive[key].astype(float) for key in archive.files}
    assert len(theirs) > 80
    for key in sorted(theirs.keys() - NOT_NAMED):
        prefix = next(p for p in PREFIXES if key.startswith(p))
        name = key.removeprefix(prefix + "_")
        if prefix == "Scipion":  # "Dyn_7", "T222_1": the pattern and its n
            pattern, n = name.rsplit("_", 1)
            name = re.sub("n$", n, pattern)
        package = PREFIXES[prefix]
        group = group_of(package, name)
        assert same_sets(group.matrices, theirs[key], DIGITS.get(package, 1e-9)), key


# From one setting to another


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_turn_takes_the_operators_to_the_others(old, new):
    a, b = parse_group(old), parse_group(new)
    turn = turn_between(a, b)
    g = turn.matrix
    np.testing.assert_allclose(g @ g.T, np.eye(3), atol=1e-14)
    assert same_sets(g @ a.matrices @ g.T, b.matrices, 1e-13)
    by_scipy = Rotation.from_rotvec(np.radians(turn.angle) * turn.axis).as_matrix()
    np.testing.assert_allclose(g, by_scipy, atol=1e-12)
    assert (turn.words == "no turn") == (old == new)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("D7", "D7y", "90° about Z"),
        ("D3y", "D3", "90° about Z"),
        ("T", "T-eman", "180° about Z"),
        ("I1", "I2", "90° about Z"),
        ("I3", "I4", "180° about Z"),
        ("I2", "I4", "31.7175° about Y"),
        ("I2", "I3", "-31.7175° about Y"),
    ],
)
def test_turns_are_the_published_ones(old, new, words):
    """Heymann, Chagoyen & Belnap 2005; the angle between Z and a 5-fold axis is atan(1/golden)."""
    assert turn_between(parse_group(old), parse_group(new)).words == words


def test_quarter_turns_move_voxels_onto_voxels():
    for old, new in (("D7", "D7y"), ("T", "T-eman"), ("I1", "I2"), ("I3", "I4")):
        g = turn_between(parse_group(old), parse_group(new)).matrix
        np.testing.assert_array_equal(g, np.round(g))


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_turned_poses_have_equivalents_where_the_new_operators_say(old, new):
    a, b = parse_group(old), parse_group(new)
    g = rotation.from_matrix(turn_between(a, b).matrix[None])[0]
    q = rotation.random(1, np.random.default_rng(4))
    turned = rotation.compose(q, rotation.invert(g))
    copies = np.vstack(list(a.expand(convention.directions(q)))) @ rotation.to_matrix(g).T
    for v in np.vstack(list(b.expand(convention.directions(turned)))):
        assert np.linalg.norm(copies - v, axis=1).min() < 1e-12


def test_different_groups_are_not_settings_of_one():
    for old, new in (("T", "O"), ("D3", "D5"), ("C6", "D3"), ("I1", "T")):
        with pytest.raises(UserError, match=f"{old} and {new} are different groups"):
            turn_between(parse_group(old), parse_group(new))
