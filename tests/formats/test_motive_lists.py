"""Motive lists of AV3, STOPGAP and PEET: one rotation in three files."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import numpy as np
import pytest

from evenview.core import rotation
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.formats import find_format, open_particles
from shared_data import shared

PHI_THETA_PSI = np.array([[10.0, 20, 30], [-170, 95, 60], [0, 180, 45], [90, 90, 0]])
OLD = "CCC,a,b,pIndex,wedgeWT,NA,NA,NA,NA,NA,xOffset,yOffset,zOffset,NA,NA,r,phi,psi,theta,r"
NEW = OLD.replace("phi,psi,theta", "EulerZ(1),EulerZ(3),EulerX(2)") + ",CREATED WITH PEET 1.15"


def as_em(path: Path, angles: np.ndarray, order: str = "<") -> Path:
    rows = np.zeros((len(angles), 20), f"{order}f4")
    rows[:, 3] = np.arange(1, len(angles) + 1)
    rows[:, 16:19] = angles[:, [0, 2, 1]]
    header = pack(f"{order}4B3i", 6 if order == "<" else 3, 0, 0, 5, 20, len(angles), 1)
    path.write_bytes(header.ljust(512, b"\1") + rows.tobytes())
    return path


def as_stopgap(path: Path, angles: np.ndarray, halves: str = "AB") -> Path:
    labels = "".join(f"_{label}\n" for label in ("motl_idx", "halfset", "phi", "psi", "the"))
    rows = "".join(
        f"{k + 1}\t{halves[k % len(halves)]}\t{phi!r}\t{psi!r}\t{theta!r}\n"
        for k, (phi, theta, psi) in enumerate(angles.tolist())
    )
    path.write_text(f"\ndata_stopgap_motivelist\n\nloop_\n{labels}\n{rows}\n", newline="\n")
    return path


def as_peet(path: Path, angles: np.ndarray, heading: str = NEW) -> Path:
    rows = [
        ",".join(["0.5", *["0"] * 15, repr(phi), repr(psi), repr(theta), "1"])
        for phi, theta, psi in angles.tolist()
    ]
    path.write_text("\n".join([heading, *rows, ""]), newline="\n")
    return path


WRITERS = {"emmotl-em": as_em, "stopgap-star": as_stopgap, "peet-csv": as_peet}


@pytest.fixture(params=WRITERS)
def name(request) -> str:
    return request.param


def matrices(particles) -> np.ndarray:
    return rotation.to_matrix(particles.quaternions)


def test_angles_of_cryocat_mean_its_rotations(tmp_path, name):
    vectors = np.load(shared("vectors/orientations.npz"))
    path = WRITERS[name](tmp_path / "list", vectors["cryocat_emmotl_phi_theta_psi"])
    assert find_format(path).name == name
    particles = open_particles(path)
    np.testing.assert_allclose(
        matrices(particles), vectors["cryocat_emmotl_active_zxz_matrix"], atol=3e-7
    )
    np.testing.assert_allclose(
        particles.directions, vectors["relion5.0.1__Euler_angles2direction"], atol=3e-7
    )


def test_the_three_files_agree(tmp_path):
    read = [
        open_particles(write(tmp_path / name, PHI_THETA_PSI)) for name, write in WRITERS.items()
    ]
    for particles in read:
        np.testing.assert_allclose(matrices(particles), matrices(read[0]), atol=1e-12)


def test_a_known_direction(tmp_path, name):
    """A particle tilted about x by 90° shows the y axis of the reference along the beam."""
    particles = open_particles(WRITERS[name](tmp_path / "list", np.array([[0.0, 90, 0]])))
    np.testing.assert_allclose(particles.directions, [[0, 1, 0]], atol=1e-7)


def test_rows_without_finite_angles_are_kept_and_not_placed(tmp_path, name):
    angles = PHI_THETA_PSI.copy()
    angles[1, 0], angles[2, 1] = np.nan, np.inf
    particles = open_particles(WRITERS[name](tmp_path / "list", angles))
    assert particles.placed.tolist() == [True, False, False, True]
    assert "2 rows" in particles.notes[0].text


def test_a_list_that_was_never_aligned_is_said_to_be_one(tmp_path, name):
    with pytest.raises(NoOrientationsError, match="never aligned"):
        open_particles(WRITERS[name](tmp_path / "list", np.zeros((3, 3))))


@pytest.mark.parametrize("order", ["<", ">"])
def test_em_files_of_either_byte_order_keep_the_bytes_of_rows_and_header(tmp_path, order):
    path = as_em(tmp_path / "list.em", PHI_THETA_PSI, order)
    particles = open_particles(path)
    particles.table.write(tmp_path / "kept", np.array([True, False, False, True]))
    before, after = path.read_bytes(), (tmp_path / "kept").read_bytes()
    assert after[512:] == before[512:592] + before[752:832]
    assert np.frombuffer(after, f"{order}i4", 3, 4).tolist() == [20, 2, 1]
    assert after[:8] + after[12:512] == before[:8] + before[12:512]
    assert particles.table.cells(1)["subtomo_id"] == "2.0"


def test_an_em_file_of_another_length_is_said_to_be_cut_off(tmp_path):
    path = as_em(tmp_path / "list.em", PHI_THETA_PSI)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(MalformedFileError, match="promises 4 subtomograms"):
        open_particles(path)


def test_em_volumes_are_no_lists(tmp_path):
    path = tmp_path / "volume.em"
    path.write_bytes(pack("<4B3i", 6, 0, 0, 5, 20, 20, 20).ljust(512, b"\0") + bytes(32_000))
    with pytest.raises(UserError, match=r"volume\.em"):
        find_format(path)


@pytest.mark.parametrize(
    ("halves", "codes"),
    [("AB", [1, 2, 1, 2]), ("BBA-", [2, 2, 1, 0]), ("A", None), ("x", None)],
)
def test_half_sets_of_stopgap_are_letters(tmp_path, halves, codes):
    particles = open_particles(as_stopgap(tmp_path / "list", PHI_THETA_PSI, halves))
    if codes is None:
        assert particles.halves is None
        assert "no half-sets" in particles.notes[0].text
    else:
        assert particles.halves.tolist() == codes


@pytest.mark.parametrize("heading", [OLD, NEW, "\ufeff" + NEW])
def test_headings_of_old_and_new_peet_are_known(tmp_path, heading):
    particles = open_particles(as_peet(tmp_path / "list", PHI_THETA_PSI, heading))
    assert len(particles) == 4
    assert particles.table.cells(0)["pIndex"] == "0"
    assert len(particles.table.cells(0)) == 20


def test_a_heading_of_peet_with_other_angles_is_refused(tmp_path):
    path = as_peet(tmp_path / "list", PHI_THETA_PSI, OLD.replace("phi,psi", "psi,phi"))
    with pytest.raises(MalformedFileError, match="columns 17 to 19"):
        open_particles(path)


def test_a_ragged_row_of_peet_is_named(tmp_path):
    path = as_peet(tmp_path / "list", PHI_THETA_PSI)
    path.write_text(path.read_text().replace("30.0,20.0,1", "30.0,20.0"))
    with pytest.raises(MalformedFileError, match="line 2: this row has 19 cells for 20 columns"):
        open_particles(path)
