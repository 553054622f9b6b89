"""What is said of tilt series, against the projections of the packages written out here."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.core.tilt.compared import compared
from evenview.core.tilt.hand import Sides, hand_of
from evenview.core.tilt.packages import PACKAGES
from evenview.core.tilt.relation import combinations
from evenview.core.tilt.series import TiltSeries
from evenview.tasks.tilt_hand_words import hand_words
from evenview.tasks.tilt_json import relation_json
from evenview.tasks.tilt_relation_words import relation_words
from evenview.tasks.tilt_words import convention_table
from made_tilt import ANGLES, AXIS, rot

MIRROR, HALF_TURN = np.diag([1.0, 1, -1]), np.diag([-1.0, -1, 1])
#: How each program turns the specimen (docs/tilt.md).
TILTS_BY = {"imod": 1, "aretomo": 1, "relion": 1, "warp": -1, "eman2": -1}


def series(package: str, axis: float = AXIS, angles: np.ndarray = ANGLES) -> TiltSeries:
    full = np.full(len(angles), axis)
    sections = np.arange(1, len(angles) + 1)
    return TiltSeries("TS", (Path("TS"),), package, angles, full, 0.0 * angles, sections)


def projections(package: str, axis: float, angles: np.ndarray) -> np.ndarray:
    return np.array([rot("z", axis) @ rot("y", TILTS_BY[package] * a) for a in angles])


@pytest.mark.parametrize(("first", "second"), list(product(TILTS_BY, TILTS_BY)))
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("negated", [False, True])
def test_the_reason_is_what_the_matrices_say(first, second, turned, negated):
    """Each claim is true of the two descriptions, and together they make the relation."""
    axis, angles = AXIS + 180 * turned, -ANGLES if negated else ANGLES
    words = " ".join(
        relation_words(series(first), compared(series(first), series(second, axis, angles)))
    )
    titles = {PACKAGES[name].title: name for name in TILTS_BY}
    senses = re.search(r"(\w+) tilts by minus the angle where (\w+) tilts by the angle", words)
    one_tilt = {name: projections(name, 0.0, np.array([30.0]))[0] for name in TILTS_BY}
    assert (senses is not None) == (not np.allclose(one_tilt[first], one_tilt[second]))
    if senses:
        minus, plus = (one_tilt[titles[title]] for title in senses.groups())
        np.testing.assert_allclose(plus, rot("y", 30))
        np.testing.assert_allclose(minus, rot("y", -30))
    assert ("angles of one file are minus those of the other" in words) == negated
    assert ("the axes are 180° apart" in words) == turned
    # What is said of the tomograms: X2 = M X1 is seen where X1 is.
    matrix = MIRROR if "mirrored in z" in words else np.eye(3)
    matrix = matrix @ HALF_TURN if "turned by 180° about z" in words else matrix
    assert ("same tomogram" in words) == np.array_equal(matrix, np.eye(3))
    ours, theirs = projections(first, AXIS, ANGLES), projections(second, axis, angles)
    np.testing.assert_allclose((theirs @ matrix)[:, :2], ours[:, :2], atol=1e-12)
    assert ("Both are right" in words) == (np.linalg.det(matrix) > 0 and words.count(".") > 2)


def test_eman2_and_warp_do_not_tilt_in_opposite_senses():
    """EMAN2 at φ + 180° and Warp at φ, whose import has negated the angles."""
    eman2, warp = series("eman2", AXIS + 180), series("warp", AXIS, -ANGLES)
    words = " ".join(relation_words(eman2, compared(eman2, warp)))
    assert "Both are right: the angles of one file are minus those of the other" in words
    assert "tilts by minus" not in words


@pytest.mark.parametrize("axis", [AXIS, AXIS + 90, AXIS + 1.5])
def test_an_axis_that_is_off_besides_changes_no_reason(axis):
    one, other = series("imod"), series("eman2", axis + 180)
    words = " ".join(relation_words(one, compared(one, other)))
    claims = "EMAN2 tilts by minus the angle where IMOD tilts by the angle and the axes are 180°"
    # At 90° between two axes nothing tells one turn from the other: no reason, or one that fits.
    assert claims in words or axis == AXIS + 90


def test_the_table_of_conventions_is_that_of_the_matrices():
    table = convention_table(combinations(series("imod")))
    assert [re.split(r"\s{2,}", line.strip()) for line in table[2:]] == [
        ["IMOD, AreTomo, RELION", "85.30°", "-94.70° negated", "85.30° negated", "-94.70°"],
        ["Warp, EMAN2", "85.30° negated", "-94.70°", "85.30°", "-94.70° negated"],
    ]
    for package, (turned, negated), matrix in (
        ("imod", (True, True), HALF_TURN),
        ("imod", (False, True), MIRROR),
        ("imod", (True, False), -np.eye(3)),
        ("eman2", (False, True), np.eye(3)),
        ("eman2", (True, False), HALF_TURN),
    ):
        ours = projections("imod", AXIS, ANGLES)
        theirs = projections(package, AXIS + 180 * turned, -ANGLES if negated else ANGLES)
        np.testing.assert_allclose((theirs @ matrix)[:, :2], ours[:, :2], atol=1e-12)


def said(one: TiltSeries, size: float, apart: float | None = None, noise: float = 30.0) -> str:
    """Of right less left that rises by 2 `size` Å at 45° in IMOD's sense."""
    rng = np.random.default_rng(3)
    half = TILTS_BY[one.package] * size * np.tan(np.radians(one.angles))
    left, right = (3e4 + s * half + rng.normal(0, noise, len(one)) for s in (-1, 1))
    hand = hand_of(one, Sides(np.arange(len(one)), left, right, apart))
    return " ".join(hand_words(one, hand, combinations(one)))


def test_imod_is_told_whether_its_tomogram_is_mirrored_and_how_sure_that_is():
    words = said(series("imod"), 1000)
    assert "RELION: rlnTomoHand -1 for this tomogram" in words
    assert words.count("IMOD, by the rule of its users (not verified)") == 1
    assert "is not mirrored in z. The angles stay as they are." in words
    words = said(series("imod"), -1000)
    assert "RELION: rlnTomoHand 1 for this tomogram" in words
    assert "is mirrored in z. To get the right hand negate the angles (.tlt), or turn" in words
    assert "IMOD, by the rule of its users (not verified), is right at" in said(
        series("warp"), 1000
    )


@pytest.mark.parametrize("size", [1000.0, -1000.0])
def test_what_imod_is_told_to_do_gives_the_rule_of_its_users(size):
    """The right side of the new geometry is more underfocused at positive angles."""
    # At positive angles of the file the right is more underfocused by `size`, or less.
    negate = "negate the angles" in said(series("imod"), size)
    angle = -45.0 if negate else 45.0  # of the image that now has a positive angle
    rise = size * np.tan(np.radians(angle))
    assert rise > 0


def test_of_lengths_that_are_not_known_only_the_sign_is_said():
    words = said(series("imod"), -10_000)
    assert re.search(r": negative, [\d,]+ standard errors from 0 \(lengths are not known\)", words)
    assert "±" not in words
    assert re.search(r": positive, \d", said(series("imod"), 1000))


def test_a_slope_far_from_1_is_told_of():
    words = said(series("imod"), 728, apart=2000)
    assert "x·sin(tilt): 0.72" in words
    assert re.search(r"slope is \d+ standard errors from 1, which it should be near: are", words)
    assert re.search(r"from -1, which", said(series("imod"), -728, apart=2000))
    for near in (1000, 850, 1150):
        assert "should be near" not in said(series("imod"), near, apart=2000)
    # 0.2 further off, but within 3 standard errors.
    assert "should be near" not in said(series("imod"), 728, apart=2000, noise=700)


@pytest.mark.parametrize("size", [0.0, 1e-3, 3.0, 1000.0, 3e7])
@pytest.mark.parametrize("apart", [None, 1.0, 2000.0, 1e9])
@pytest.mark.parametrize("package", ["imod", "eman2"])
def test_numbers_are_written_as_people_write_them(size, apart, package):
    words = said(series(package), size, apart)
    assert not re.search(r"\de[+-]\d|-0\.0*\b(?!\d*[1-9])|\b1 (values|tilts|errors)|nan|inf", words)


def test_the_few_tilts_that_two_series_share_may_tell_nothing():
    angles = np.r_[ANGLES[0], ANGLES[0], ANGLES[2:]]
    one, other = (
        TiltSeries("TS", (Path("TS"),), "imod", angles, np.zeros(21), np.zeros(21), sections)
        for sections in (np.arange(1, 22), np.r_[1, 2, np.arange(101, 120)])
    )
    with pytest.raises(UserError, match="the 2 tilts that both series have are all alike"):
        compared(one, other)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (range(1, 22), r"All 21 tilts are in both\.$"),
        (range(3, 24), r"\. 19 of 21 tilts are in both\.$"),
        (range(3, 14), r"\. 11 of 21 tilts are in both \(the smaller series has 11\)\.$"),
        (range(17, 38), r"Only 5 of 21 tilts are in both\. The relation rests on these alone"),
    ],
)
def test_how_many_tilts_the_relation_rests_on(there, said):
    one, other = (
        TiltSeries("TS", (Path("TS"),), "imod", angles, none, none, sections)
        for angles, none, sections in (
            (ANGLES, np.zeros(21), np.arange(1, 22)),
            (6.0 * np.array(there) - 66, np.zeros(len(there)), np.array(there)),
        )
    )
    relation = compared(one, other)
    assert re.search(said, " ".join(relation_words(one, relation)))
    count = len(set(there) & set(range(1, 22)))
    assert relation_json(one, relation)["tilts_in_both"] == count
    assert not relation_json(one, relation)["matched_by_order"]


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_tilts_that_are_matched_by_their_order_alone_are_said_to_be(scale):
    """One file counts sections, the other names images: nothing tells which are the same."""
    none = np.zeros(21)
    angles = ANGLES if scale == 1.0 else scale * ANGLES[np.r_[5:21, 0:5]]
    one = TiltSeries("TS", (Path("TS.tlt"),), "imod", ANGLES, none, none, np.arange(1, 22))
    names = tuple(f"image_{k}.mrc" for k in range(21))
    other = TiltSeries("TS", (Path("TS.star"),), "relion", angles, none, none, images=names)
    relation = compared(one, other)
    words = " ".join(relation_words(one, relation))
    assert ("No turn and no mirror" in words) is (scale != 1.0)
    assert "The 21 tilts of each were taken as the same images by their order alone" in words
    assert relation_json(one, relation)["matched_by_order"]
