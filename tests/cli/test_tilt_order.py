"""`evenview tilt` of files that list other tilts, or the same in another order."""

from __future__ import annotations

import numpy as np
import pytest

from made_star import loop
from made_tilt import ANGLES, AXIS, aln, info, mdoc, tlt, xf
from tilt_command import found, refusal, told

#: As a dose-symmetric scheme acquires them.
ACQUIRED = np.array(sorted(ANGLES, key=lambda angle: (abs(angle), -angle)))


@pytest.fixture
def imod(tmp_path):
    return tlt(tmp_path / "TS_01.tlt"), xf(tmp_path / "TS_01.xf")


@pytest.fixture
def particles(tmp_path):
    labels = ("rlnTomoName", "rlnCenteredCoordinateXAngst", "rlnCenteredCoordinateYAngst")
    labels += ("rlnCenteredCoordinateZAngst", "rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
    path = tmp_path / "particles.star"
    path.write_text(loop("particles", labels, ["TS_01 100 200 300 10 20 30"]))
    return path, tmp_path / "moved.star"


@pytest.mark.parametrize("gone", [[0, 1, 2], [0], [7]])
def test_missing_views_are_no_tilt_of_the_tomogram(capsys, tmp_path, imod, particles, gone):
    kept = np.delete(ANGLES, gone)
    bare, eman = tlt(tmp_path / "miss.tlt", kept), info(tmp_path / "miss_info.json", AXIS, kept)
    words = (*imod, bare, "--axis-of", bare, AXIS)
    said = told(capsys, *words)
    assert "Same geometry" in said
    assert f"{len(kept)} of 21 tilts were taken as the same images by their angles alone" in said
    (relation,) = found(capsys, *words)["relations"]
    assert relation["relation"] == "same"
    assert relation["further_turn"] == pytest.approx(0, abs=1e-6)
    assert relation["tilts_in_both"] == len(kept)
    assert relation["matched_by"] == "angle"
    assert relation["matched_by_order"] is False
    source, out = particles
    assert "nothing to do" in refusal(capsys, *words, "--particles", source, "-o", out)
    # EMAN2 at φ mirrors, or, where its file has the angles negated, makes the same: with a view
    # less nothing but the angles tells, and both fit.
    (relation,) = found(capsys, *imod, eman)["relations"]
    assert relation["relation"] == "open"
    assert {r["relation"] for r in relation["readings"]} == {"mirrored", "same"}
    assert all(r["further_turn"] < 1e-5 for r in relation["readings"])
    assert not out.exists()


def test_angles_of_missing_views_that_fit_nowhere_are_refused(capsys, tmp_path, imod):
    bare = tlt(tmp_path / "miss.tlt", ANGLES[3:] + 2.5)
    words = refusal(capsys, *imod, bare, "--axis-of", bare, AXIS)
    assert "nothing tells which of them belong together" in words


def test_no_particles_are_turned_by_what_order_alone_tells(capsys, tmp_path, imod, particles):
    bare, (source, out) = tlt(tmp_path / "off.tlt", ANGLES + 9.0), particles
    words = (*imod, bare, "--axis-of", bare, AXIS)
    said = told(capsys, *words)
    assert "turned by 9.00° as a whole; the hand is the same" in said
    assert "ame geometry" not in said
    assert "the same tomogram" not in said.split(" against ")[1].split("Hand")[0]
    (relation,) = found(capsys, *words)["relations"]
    assert relation["relation"] == "rotated"
    assert relation["further_turn"] == pytest.approx(9.0)
    assert relation["matched_by_order"] is True
    assert found(capsys, *words)["command"] is None
    error = refusal(capsys, *words, "--particles", source, "-o", out)
    assert "particles are not taken along by that" in error
    assert not out.exists()
    # Sections tell: the very same turn is taken.
    one, other = aln(tmp_path / "one.aln"), aln(tmp_path / "two.aln", angles=ANGLES + 9.0)
    command = (one, other, "--pixel-size", 1.0, "--particles", source, "-o", out)
    assert found(capsys, *command)["particles"]["particles"] == 1


def test_a_reversed_list_has_both_readings(capsys, tmp_path, imod, particles):
    reverse, (source, out) = tlt(tmp_path / "rev.tlt", ANGLES[::-1]), particles
    words = (*imod, reverse, "--axis-of", reverse, AXIS)
    said = told(capsys, *words)
    assert "in one order, the second tomogram is the first mirrored in z; the hands differ" in said
    assert "in the reverse order, both describe the same tomogram" in said
    (relation,) = found(capsys, *words)["relations"]
    assert relation["relation"] == "open"
    assert relation["mirrored"] is None
    assert relation["matrix"] is None
    readings = {r["matched_by"]: r["matrix"] for r in relation["readings"]}
    np.testing.assert_allclose(readings["order"], np.diag([1, 1, -1]), atol=1e-6)
    np.testing.assert_allclose(readings["reverse"], np.eye(3), atol=1e-6)
    error = refusal(capsys, *words, "--particles", source, "-o", out)
    assert "nothing tells which tilts of the two series are the same images" in error
    assert not out.exists()


def test_two_lists_of_angles_are_taken_by_their_order_alone(capsys, tmp_path, imod):
    raw = tlt(tmp_path / "TS_01.rawtlt", ANGLES + 0.01)
    words = (*imod, raw, "--axis-of", raw, AXIS)
    assert "taken as the same images by their order alone" in told(capsys, *words)
    assert found(capsys, *words)["relations"][0]["matched_by_order"] is True


def test_the_order_of_acquisition_is_found_by_the_angles(capsys, tmp_path, imod):
    dose = mdoc(tmp_path / "dose.mdoc", ACQUIRED)
    for sorted_files in (imod, [aln(tmp_path / "TS_01.aln")]):
        said = told(capsys, *sorted_files, dose)
        assert "Same geometry" in said
        assert "In order of angle they agree: dose.mdoc lists them in another order" in said
        (relation,) = found(capsys, *sorted_files, dose)["relations"]
        assert relation["matched_by"] == "angle"
        assert relation["misfit_rms"] < 1e-5
        np.testing.assert_allclose(relation["matrix"], np.eye(3), atol=1e-6)
    # Of two files of one order, sections tell.
    (relation,) = found(capsys, dose, mdoc(tmp_path / "again.mdoc", ACQUIRED))["relations"]
    assert relation["matched_by"] == "name"
