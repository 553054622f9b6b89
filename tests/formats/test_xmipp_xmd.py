"""Xmipp's metadata: RELION's angles, mirrored images, vectors in cells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import made_star as made
from evenview.core import convention, rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError
from evenview.formats import find_format, open_particles
from shared_data import shared

LABELS = ("image", "angleRot", "angleTilt", "anglePsi", "flip", "enabled", "zernike")
ROWS = (
    "000001@a.stk 10.5 20.25 30 0 1 0.1,-0.2,3e-5",
    "000002@a.stk 90 90 -45.125 1 1 0.1,-0.2,3e-5",
    "000003@a.stk -170 110 5 0 -1 0.1,-0.2,3e-5",
)
MIRROR = np.diag([-1.0, 1.0, -1.0])
WHOLE = "# XMIPP_STAR_1 * \n# \n" + made.loop("noname", LABELS, ROWS, numbered=False)


def relion() -> np.ndarray:
    return Rotation.from_euler("ZYZ", made.ANGLES, degrees=True).inv().as_matrix()


def test_angles_are_relion_s_and_mirrored_images_are_turned_over(tmp_path):
    particles = made.opened(tmp_path, WHOLE)
    expected = relion()
    expected[1] = MIRROR @ expected[1]
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), expected, atol=1e-12)
    assert particles.table.format_name == "Xmipp metadata"
    assert particles.halves is None
    assert particles.pixel_size is None


def test_mirrored_and_disabled_images_are_told(tmp_path):
    notes = " ".join(str(note) for note in made.opened(tmp_path, WHOLE).notes)
    assert "1 image is mirrored" in notes
    assert "1 image is disabled" in notes


def test_without_a_flip_no_image_is_mirrored(tmp_path):
    particles = made.opened(tmp_path, WHOLE.replace("_flip", "_ref"))
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), relion(), atol=1e-12)


def test_a_flip_that_is_missing_mirrors_nothing(tmp_path):
    particles = made.opened(tmp_path, WHOLE.replace("-45.125 1", "-45.125 nan"))
    np.testing.assert_allclose(rotation.to_matrix(particles.quaternions), relion(), atol=1e-12)


def test_mirrored_angles_are_those_that_relion_computes():
    with np.load(shared("vectors/orientations.npz")) as archive:
        angles = archive["input_rot_tilt_psi_deg"].T
        mirrored = archive["relion5.0.1__Euler_mirrorY_deg"].T
        plain = archive["xmippCore__Euler_angles2matrix_A"]
    n = len(plain)
    poses = convention.xmipp_to_quaternions(*angles, np.arange(n) % 2 == 1)
    expected = convention.relion_to_quaternions(*mirrored)
    np.testing.assert_allclose(
        rotation.to_matrix(poses)[1::2], rotation.to_matrix(expected)[1::2], atol=1e-9
    )
    np.testing.assert_allclose(rotation.to_matrix(poses)[::2], plain[::2], atol=1e-9)
    np.testing.assert_allclose(rotation.to_matrix(poses)[1::2], MIRROR @ plain[1::2], atol=1e-9)


def test_vectors_in_a_cell_are_text_with_commas_or_in_quotes(tmp_path):
    table = made.opened(tmp_path, WHOLE.replace("0.1,-0.2,3e-5", "' 0.1 -0.2 '", 1)).table
    assert table.cells(0)["zernike"] == " 0.1 -0.2 "
    assert table.cells(1)["zernike"] == "0.1,-0.2,3e-5"
    assert table.numeric_columns == LABELS[1:6]


def test_kept_rows_are_written_as_they_were(tmp_path):
    made.opened(tmp_path, WHOLE).table.write(tmp_path / "kept", np.array([True, False, True]))
    assert (tmp_path / "kept").read_text() == WHOLE.replace(ROWS[1] + "\n", "")


@pytest.mark.parametrize("label", ["samplingRate", "sampling_rate"])
def test_the_sampling_rate_is_the_pixel_size(tmp_path, label):
    rows = ["1 2 3 1.5", "4 5 6 1.5"]
    text = made.loop("noname", (*LABELS[1:4], label), rows)
    assert made.opened(tmp_path, text).pixel_size == 1.5


def test_a_file_is_known_by_its_first_line_or_by_its_labels(tmp_path):
    for text in (WHOLE, WHOLE.removeprefix("# XMIPP_STAR_1 * \n")):
        assert find_format(made.save(tmp_path, text)).name == "xmipp-xmd"


def test_relion_s_labels_make_it_relion_s(tmp_path):
    text = "# XMIPP_STAR_1 *\n" + made.particles()
    assert find_format(made.save(tmp_path, text)).name == "relion-star"


OTHERS = {
    "classes": (("ref", "classCount"), "1 20", "classes, not particles"),
    "micrographs": (("micrograph", "enabled"), "a.mrc 1", "micrographs"),
    "images": (("image", "enabled"), "1@a.stk 1", "without the angles"),
    "in-plane angles": (("itemId", "anglePsi"), "1 20", "2-D alignment"),
    "anything": (("itemId", "cost"), "1 20", "no table of this file has the column angleRot"),
}


@pytest.mark.parametrize(("labels", "row", "words"), OTHERS.values(), ids=OTHERS.keys())
def test_what_has_no_orientations_is_named(tmp_path, labels, row, words):
    text = "# XMIPP_STAR_1 *\n" + made.loop("noname", labels, [row])
    with pytest.raises(NoOrientationsError, match=words):
        made.opened(tmp_path, text)


def test_images_of_several_classes_are_not_chosen_between(tmp_path):
    text = WHOLE + made.loop("class000002_images", LABELS, ROWS)
    with pytest.raises(MalformedFileError, match="several tables"):
        made.opened(tmp_path, text)


def test_the_real_file_reads_whole():
    particles = open_particles(shared("real/xmipp/particles.xmd"))
    assert len(particles) == particles.n_placed == 500
    assert particles.halves is None
    assert particles.pixel_size is None
    assert particles.notes == ()
    tilt = particles.table.numeric("angleTilt")
    np.testing.assert_allclose(particles.directions[:, 2], np.cos(np.radians(tilt)), atol=1e-12)
    assert len(particles.table.cells(0)["zernikeCoefficients"].split(",")) == 39
