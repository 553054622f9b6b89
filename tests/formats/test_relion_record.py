"""Everything a RELION file says of its particles, in one frame and one unit, and back."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest
import starfile
from scipy.spatial.transform import Rotation

import made_star as made
from evenview.core import rotation
from evenview.core.errors import MalformedFileError, UserError
from evenview.core.record import Coordinates, Ctf, Images, Names, Record
from evenview.formats.base import Changeable, Creatable, Described, Movable
from evenview.formats.relion_star import FORMAT
from shared_data import shared

BOX_ANGLES = tuple(f"rlnTomoSubtomogram{name}" for name in ("Rot", "Tilt", "Psi"))
OPTICS = made.loop(
    "optics",
    [
        "rlnOpticsGroup",
        "rlnOpticsGroupName",
        "rlnImagePixelSize",
        "rlnImageSize",
        "rlnVoltage",
        "rlnSphericalAberration",
        "rlnAmplitudeContrast",
        "rlnMtfFileName",
    ],
    ["2 'group two' 1.5 128 200 2.7 0.07 a.star", "1 one 1.25 256 300 0.01 0.1 b.star"],
)
LABELS = (
    *made.LABELS,
    "rlnOriginXAngst",
    "rlnOriginYAngst",
    "rlnMicrographName",
    "rlnCoordinateX",
    "rlnCoordinateY",
    "rlnDefocusU",
    "rlnDefocusV",
    "rlnDefocusAngle",
    "rlnPhaseShift",
    "rlnClassNumber",
    "rlnCtfFigureOfMerit",
)
ROWS = [
    "000001@a.mrcs 10.5 20.25 30 1 1 1.5 -2.5 m/a.mrc 10 20 11000 10000 45 90 2 0.5",
    "000012@b.mrcs 90 90 -45.125 2 2 0 3.25 m/b.mrc 30.5 40 12000 12000 -5 0 1 0.6",
    "1@a.mrcs -170 110 5 1 9 7 8 m/a.mrc 50 60 9000.5 8000 0 0 3 0.7",
]
WHOLE = OPTICS + made.particles(ROWS, LABELS)


def opened(folder, text):
    return FORMAT.read(made.save(folder, text))


def record_of(folder, text) -> Record:
    return FORMAT.record(opened(folder, text))


def matrices(angles) -> np.ndarray:
    return Rotation.from_euler("ZYZ", angles, degrees=True).inv().as_matrix()


def notes_of(record: Record) -> str:
    return " ".join(map(str, record.notes))


def test_the_format_can_all(tmp_path):
    for protocol in (Described, Creatable, Movable):
        assert isinstance(FORMAT, protocol)
    assert isinstance(opened(tmp_path, WHOLE).table, Changeable)


def test_everything_is_read(tmp_path):
    record = record_of(tmp_path, WHOLE)
    np.testing.assert_allclose(
        rotation.to_matrix(record.quaternions), matrices(made.ANGLES), atol=1e-12
    )
    np.testing.assert_array_equal(record.origins, [[1.5, -2.5], [0, 3.25], [7, 8]])
    assert not record.subtomograms
    np.testing.assert_array_equal(record.pixel_size, [1.25, 1.5, np.nan])
    np.testing.assert_array_equal(record.box, [256, 128, 0])
    np.testing.assert_array_equal(record.halves, [1, 2, 1])
    np.testing.assert_array_equal(record.classes, [2, 1, 3])
    np.testing.assert_array_equal(record.images.index, [1, 12, 1])
    assert record.images.stacks.texts() == ["a.mrcs", "b.mrcs", "a.mrcs"]
    assert record.images.stacks.words == ("a.mrcs", "b.mrcs")
    assert record.micrographs.texts() == ["m/a.mrc", "m/b.mrc", "m/a.mrc"]
    assert record.tomograms is None
    np.testing.assert_array_equal(record.coordinates.values, [[10, 20], [30.5, 40], [50, 60]])
    assert record.coordinates.unit == "pixel"
    assert record.coordinates.pixel_size is None
    np.testing.assert_array_equal(record.ctf.defocus_u, [11000, 12000, 9000.5])
    np.testing.assert_array_equal(record.ctf.defocus_v, [10000, 12000, 8000])
    np.testing.assert_array_equal(record.ctf.angle, [45, -5, 0])
    np.testing.assert_array_equal(record.ctf.phase_shift, [90, 0, 0])
    np.testing.assert_array_equal(record.ctf.voltage, [300, 200, np.nan])
    np.testing.assert_array_equal(record.ctf.spherical_aberration, [0.01, 2.7, np.nan])
    np.testing.assert_array_equal(record.ctf.amplitude_contrast, [0.1, 0.07, np.nan])
    assert record.groups.texts() == ["one", "group two", ""]
    assert record.uids is None


def test_what_is_left_behind_is_told(tmp_path):
    record = record_of(tmp_path, WHOLE)
    assert set(LABELS) - record.taken == {"rlnCtfFigureOfMerit"}
    assert record.left == ("data_optics: rlnMtfFileName",)
    others = "data_general\n\n_rlnTomoSubTomosAre2DStacks 0\n_rlnOther 3\n\n"
    record = record_of(tmp_path, others + WHOLE + made.loop("mine", ["rlnX"], ["1"]))
    assert record.left == ("data_optics: rlnMtfFileName", "data_general: rlnOther", "data_mine")


def test_bodies_are_left_behind_and_told(tmp_path):
    bodies = made.loop("images_body_1", made.LABELS[1:4], ["1 2 3"] * 3)
    assert "data_images_body_1" in notes_of(record_of(tmp_path, WHOLE + bodies))


def test_a_file_with_angles_alone_says_nothing_else(tmp_path):
    record = record_of(tmp_path, made.angled((1, 2, 3), (4, 5, 6)))
    assert record.said() == {}
    assert record.taken == set(made.LABELS[1:4])
    assert not record.notes


def test_shifts_before_relion_31_are_pixels(tmp_path):
    labels = (*made.LABELS[:4], "rlnOriginX", "rlnOriginY", "rlnMagnification")
    rows = ["1@a 1 2 3 4 -8 50000 5 300", "2@a 4 5 6 0 1 25000 5 200"]
    text = made.loop("", (*labels, "rlnDetectorPixelSize", "rlnVoltage"), rows)
    record = record_of(tmp_path, text)
    np.testing.assert_allclose(record.pixel_size, [1, 2])
    np.testing.assert_allclose(record.origins, [[4, -8], [0, 2]])
    np.testing.assert_array_equal(record.ctf.voltage, [300, 200])
    assert {"rlnOriginX", "rlnMagnification", "rlnDetectorPixelSize"} <= record.taken
    assert record.groups is None


def test_shifts_in_pixels_of_no_known_size_are_not_taken_and_told(tmp_path):
    labels = (*made.LABELS[1:4], "rlnOriginX", "rlnOriginY")
    particles = opened(tmp_path, made.loop("", labels, ["1 2 3 4 5", "1 2 4 4 5"]))
    record = FORMAT.record(particles)
    assert record.origins is None
    assert "no pixel size" in notes_of(record)
    assert "rlnOriginX" not in record.taken
    known = FORMAT.record(replace(particles, pixel_size=2.0))
    np.testing.assert_array_equal(known.origins, [[8, 10]] * 2)


def test_a_box_that_is_known_otherwise_is_taken(tmp_path):
    particles = opened(tmp_path, made.angled((1, 2, 3), (4, 5, 6)))
    record = FORMAT.record(replace(particles, box=64))
    np.testing.assert_array_equal(record.box, [64, 64])


def test_pixel_shifts_beside_optics_groups_are_zero_for_relion_and_so_refused(tmp_path):
    text = WHOLE.replace("OriginXAngst", "OriginX").replace("OriginYAngst", "OriginY")
    particles = opened(tmp_path, text)
    assert len([note for note in map(str, particles.notes) if "rlnOriginX" in note]) == 1
    with pytest.raises(UserError, match=r"rlnOriginX.*takes them as 0.*--fix"):
        FORMAT.record(particles)


def test_pixel_shifts_of_zero_beside_optics_groups_are_none(tmp_path):
    labels = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginX", "rlnOriginY")
    rows = ["10 20 30 0 0", "40 50 60 0.0 0.0"]
    record = FORMAT.record(opened(tmp_path, made.optics() + made.particles(rows, labels)))
    assert record.origins is None
    assert not {"rlnOriginX", "rlnOriginY"} & record.taken


def tomo(labels: str, rows, optics: str = "") -> str:
    names = [f"rln{label}" for label in labels.split()]
    return (optics or made.optics()) + made.particles(rows, names)


def test_subtomograms_and_their_shifts_are_composed_with_their_boxes(tmp_path):
    vectors = np.load(shared("vectors/relion5_subtomo.npz"))
    parts = [
        vectors[name]
        for name in (
            "rlnAngleRot_Tilt_Psi",
            "rlnTomoSubtomogramRot_Tilt_Psi",
            "rlnOriginXYZAngst",
            "rlnCenteredCoordinateXYZAngst",
        )
    ]
    rows = [" ".join([*map(repr, row), "00255"]) for row in np.hstack(parts).tolist()]
    labels = (
        "AngleRot AngleTilt AnglePsi TomoSubtomogramRot TomoSubtomogramTilt TomoSubtomogramPsi "
        "OriginXAngst OriginYAngst OriginZAngst CenteredCoordinateXAngst CenteredCoordinateYAngst "
        "CenteredCoordinateZAngst TomoName"
    )
    record = record_of(tmp_path, tomo(labels, rows))
    assert record.subtomograms
    np.testing.assert_allclose(
        rotation.to_matrix(record.quaternions), vectors["A_total"], atol=1e-6
    )
    assert record.coordinates.unit == "centred"
    where = record.coordinates.values - record.origins
    np.testing.assert_allclose(where, vectors["position_Angst_from_tomo_centre"], atol=1e-6)
    assert record.tomograms.words == ("00255",)


def test_an_image_that_is_a_file_of_its_own_has_no_place(tmp_path):
    labels = "ImageName AngleRot AngleTilt AnglePsi MicrographName CoordinateX CoordinateY "
    rows = ["sub/1.mrc 1 2 3 t.mrc 7 8 9 0", "4@s.mrcs 1 4 3 t.mrc 1 2 3 0"]
    record = record_of(tmp_path, tomo(labels + "CoordinateZ OriginZAngst", rows))
    np.testing.assert_array_equal(record.images.index, [0, 4])
    assert record.images.stacks.texts() == ["sub/1.mrc", "s.mrcs"]
    assert record.subtomograms
    assert record.tomograms.texts() == ["t.mrc"] * 2
    assert record.micrographs is None
    np.testing.assert_array_equal(record.coordinates.values, [[7, 8, 9], [1, 2, 3]])


def test_coordinates_of_tomograms_are_pixels_of_the_tilt_series(tmp_path):
    optics = made.loop("optics", ["rlnOpticsGroup", "rlnTomoTiltSeriesPixelSize"], ["1 2.5"])
    labels = "AngleRot AngleTilt AnglePsi OpticsGroup CoordinateX CoordinateY CoordinateZ"
    record = record_of(tmp_path, tomo(labels, ["1 2 3 1 7 8 9", "1 2 4 1 7 8 9"], optics))
    np.testing.assert_array_equal(record.coordinates.pixel_size, [2.5, 2.5])


def test_a_cell_that_is_no_number_is_named(tmp_path):
    with pytest.raises(MalformedFileError, match="rlnDefocusV"):
        record_of(tmp_path, WHOLE.replace(" 10000 ", " abc "))
    with pytest.raises(MalformedFileError, match="more than once"):
        record_of(tmp_path, WHOLE.replace("rlnDefocusV", "rlnDefocusU"))


UNITS = {
    "3.1": (WHOLE, "rlnOriginXAngst, rlnOriginYAngst in Å", "rlnImagePixelSize of the optics"),
    "3.0": (
        made.loop(
            "", (*made.LABELS[1:4], "rlnOriginX", "rlnOriginY", "rlnPixelSize"), ["1 2 3 4 5 6"]
        ),
        "rlnOriginX, rlnOriginY in pixels",
        "rlnPixelSize of each row",
    ),
    "stray": (WHOLE.replace("XAngst", "X").replace("YAngst", "Y"), "not read by RELION", "optics"),
    "bare": (made.angled((1, 2, 3)), "none: the file has no columns", "not said"),
}


@pytest.mark.parametrize(("text", "shifts", "pixel"), UNITS.values(), ids=UNITS.keys())
def test_units_say_what_was_understood(tmp_path, text, shifts, pixel):
    units = FORMAT.units(opened(tmp_path, text))
    assert "rlnAngleRot, rlnAngleTilt, rlnAnglePsi in degrees" in units["poses"]
    assert shifts in units["shifts"]
    assert pixel in units["pixel size"]
    assert {"half-sets", "coordinates"} <= units.keys()


def test_units_of_boxes(tmp_path):
    labels = "AngleRot AngleTilt AnglePsi OriginXAngst " + " ".join(x[3:] for x in BOX_ANGLES)
    units = FORMAT.units(opened(tmp_path, tomo(labels, ["1 2 3 4 30 40 50"])))
    assert "A_box A_particle" in units["poses"]
    assert "frame of the box" in units["shifts"]


def assert_same(
    a: Record, b: Record, skip=("taken", "left", "notes", "quaternions", "ctf")
) -> None:
    """Records that agree as well as six decimals say."""
    apart = rotation.angle_between(a.quaternions[a.placed], b.quaternions[b.placed])
    assert apart.max() <= FORMAT.precision.degrees
    np.testing.assert_array_equal(a.placed, b.placed)
    for holder in (a, a.ctf):
        for field in fields(holder):
            if field.name not in skip:
                other = b if holder is a else b.ctf
                assert_value(getattr(holder, field.name), getattr(other, field.name), field.name)


def assert_value(x, y, name: str) -> None:
    if isinstance(x, Names):
        assert x.texts() == y.texts(), name
    elif isinstance(x, Images | Coordinates):
        for field in fields(x):
            assert_value(getattr(x, field.name), getattr(y, field.name), name)
    elif isinstance(x, np.ndarray):
        np.testing.assert_allclose(x, y, atol=5.1e-7, rtol=0, err_msg=name)
    else:
        assert x == y, name


def made_record(n: int, seed: int, tomo: bool, unit: str = "pixel") -> Record:
    rng = np.random.default_rng(seed)
    two = rng.integers(0, 2, n)
    quaternions = rotation.random(n, rng)
    quaternions[0] = np.nan
    # Within 1.1e-4° of a pole RELION itself would round the tilt to it.
    near = rng.uniform(0, 2e-6, n // 10)
    angles = np.column_stack([rng.uniform(-180, 180, n // 10), np.degrees(near), near * 3e7])
    quaternions[1 : 1 + n // 10] = rotation.from_matrix(matrices(angles))
    shape = (n, 3 if tomo else 2)
    stack = Names(("s/a.mrcs", "my own.mrcs"), two)
    pixel = np.array([1.3, 2.2])[two] if unit == "pixel" else None
    return Record(
        quaternions=quaternions,
        origins=rng.normal(size=shape) * 9,
        subtomograms=tomo,
        stacks_2d=False if tomo else None,
        pixel_size=np.array([1.25, 0.83])[two],
        box=np.array([256, 128])[two],
        halves=(two + 1).astype(np.int8),
        classes=rng.integers(1, 5, n),
        images=Images(rng.integers(0 if tomo else 1, 900, n), stack),
        micrographs=None if tomo else Names.of([f"m{k}.mrc" for k in two]),
        tomograms=Names.of([f"00{k}" for k in two]) if tomo else None,
        coordinates=Coordinates(rng.uniform(0, 4000, shape), unit, pixel),
        ctf=Ctf(
            *rng.uniform(5000, 20000, (2, n)),
            rng.uniform(-90, 90, n),
            rng.uniform(0, 180, n),
            np.array([300.0, 200])[two],
            np.full(n, 2.7),
            np.full(n, 0.1),
        ),
        groups=Names(("one", "two"), two),
    )


@pytest.mark.parametrize(("tomo", "unit"), [(False, "pixel"), (True, "pixel"), (True, "centred")])
def test_a_record_comes_back_from_a_new_file(tmp_path, tomo, unit):
    record = made_record(300, 4, tomo, unit)
    path = tmp_path / "new.star"
    created = FORMAT.create(path, record)
    assert created.files == (path,)
    assert created.dropped == ()
    assert FORMAT.sniff(path.read_bytes(), path)
    particles = FORMAT.read(path)
    assert not any("RELION" in str(note) and "optics" in str(note) for note in particles.notes)
    assert_same(record, FORMAT.record(particles))
    if tomo:
        assert particles.table.format_name.startswith(
            "RELION 5" if unit == "centred" else "RELION 4"
        )


def test_starfile_reads_what_was_written(tmp_path):
    record = made_record(50, 5, True, "centred")
    FORMAT.create(tmp_path / "new.star", record)
    blocks = starfile.read(tmp_path / "new.star", always_dict=True)
    assert blocks["general"] == {"rlnTomoSubTomosAre2DStacks": 0}
    optics, particles = blocks["optics"], blocks["particles"]
    assert optics["rlnOpticsGroup"].tolist() == [1, 2]
    assert sorted(optics["rlnImagePixelSize"]) == [0.83, 1.25]
    joined = particles.merge(optics, on="rlnOpticsGroup")
    np.testing.assert_allclose(joined["rlnImagePixelSize"], record.pixel_size)
    np.testing.assert_allclose(
        particles[[f"rlnOrigin{x}Angst" for x in "XYZ"]], record.origins, atol=5.1e-7
    )
    angles = particles[["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"]].to_numpy()[1:]
    np.testing.assert_allclose(
        matrices(angles), rotation.to_matrix(record.quaternions)[1:], atol=3e-8
    )
    named = record.images.index > 0
    assert particles["rlnImageName"][named].str.match(r"\d{6}@").all()


def test_what_is_put_in_or_missing_is_said(tmp_path):
    record = made_record(20, 6, False)
    bare = Record(record.quaternions, pixel_size=record.pixel_size, uids=np.arange(20, dtype="u8"))
    created = FORMAT.create(tmp_path / "new.star", bare)
    filled = " ".join(created.filled)
    for word in (
        "opticsGroup1",
        "no rlnVoltage",
        "no rlnImageName",
        "Dimensionality 2",
        "nan in 1",
    ):
        assert word in filled
    assert created.dropped == ("uids",)
    back = FORMAT.record(FORMAT.read(tmp_path / "new.star"))
    assert back.origins is None
    assert "rlnVoltage" not in (tmp_path / "new.star").read_text()


def test_no_file_is_made_without_a_pixel_size(tmp_path):
    record = replace(made_record(20, 6, False), pixel_size=None)
    with pytest.raises(UserError, match="pixel size"):
        FORMAT.create(tmp_path / "new.star", record)
    assert not list(tmp_path.iterdir())


def test_groups_of_one_name_but_unlike_optics_get_names_of_their_own(tmp_path):
    record = replace(made_record(20, 7, False), groups=Names.of(["same"] * 20))
    created = FORMAT.create(tmp_path / "new.star", record)
    back = FORMAT.record(FORMAT.read(tmp_path / "new.star"))
    assert len(back.groups.words) == 2
    assert any("same2" in words for words in created.filled)
    np.testing.assert_allclose(back.pixel_size, record.pixel_size)


REAL = ("t20s_d7_crlf", "betagal_d2_452", "tomo_31", "tomo_40", "template_picks")


@pytest.mark.parametrize("name", REAL)
def test_real_files_come_back_from_new_ones(tmp_path, name):
    particles = FORMAT.read(shared(f"real/relion/{name}.star"))
    record = FORMAT.record(particles)
    peer = starfile.read(particles.table.path, always_dict=True)["particles"]
    for k, label in enumerate(("rlnOriginXAngst", "rlnOriginYAngst")):
        if label in peer:
            np.testing.assert_array_equal(record.origins[:, k], peer[label])
    if record.images:
        parts = peer["rlnImageName"].str.rpartition("@")
        assert record.images.stacks.texts() == parts[2].tolist()
        assert record.images.index.tolist() == [int(part or 0) for part in parts[0]]
    if record.pixel_size is None:
        record = replace(record, pixel_size=np.ones(len(record)))
    if record.groups is None:
        record = replace(record, groups=Names.of(["opticsGroup1"] * len(record)))
    if record.subtomograms and record.stacks_2d is None:
        record = replace(record, stacks_2d=False)
    FORMAT.create(tmp_path / "new.star", record)
    assert_same(record, FORMAT.record(FORMAT.read(tmp_path / "new.star")))


@pytest.mark.parametrize("name", ["J20_pyem.star", "J20_pyem_relion2.star"])
def test_pyems_files_have_the_shifts_that_cryosparc_said(name):
    truth = json.loads(shared("vectors/cs_star/truth.json").read_text())
    record = FORMAT.record(FORMAT.read(shared(f"vectors/cs_star/{name}")))
    expected = np.sort(np.array(truth["shift_px"]) * 1.25, axis=0)
    np.testing.assert_allclose(np.sort(record.origins, axis=0), expected, atol=2e-6)
    np.testing.assert_allclose(record.pixel_size, 1.25)
    np.testing.assert_array_equal(record.ctf.voltage, 300)


STACKS_2D = (
    "data_general\n\n_rlnTomoSubTomosAre2DStacks 1\n\n"
    + made.loop(
        "optics",
        [
            "rlnOpticsGroup",
            "rlnImagePixelSize",
            "rlnImageDimensionality",
            "rlnTomoTiltSeriesPixelSize",
        ],
        ["1 5 2 1.25"],
    )
    + made.particles(
        ["t1 1 2 3 10 20 30 1 t1/1_stack2d.mrcs [1,1]", "t1 4 5 6 1 2 3 1 t1/2_stack2d.mrcs [1,0]"],
        [
            "rlnTomoName",
            *(f"rlnCenteredCoordinate{axis}Angst" for axis in "XYZ"),
            *made.LABELS[1:4],
            "rlnOpticsGroup",
            "rlnImageName",
            "rlnTomoVisibleFrames",
        ],
    )
)


def test_stacks_of_tilt_images_are_not_called_volumes(tmp_path):
    particles = opened(tmp_path, STACKS_2D)
    record = FORMAT.record(particles)
    assert record.stacks_2d
    assert "2-D tilt images" in notes_of(record)
    created = FORMAT.create(tmp_path / "new.star", record)
    assert any("rlnTomoVisibleFrames" in words for words in created.filled)
    blocks = starfile.read(tmp_path / "new.star", always_dict=True)
    assert blocks["general"] == {"rlnTomoSubTomosAre2DStacks": 1}
    assert blocks["particles"]["rlnImageName"].tolist() == record.images.stacks.texts()
    new = FORMAT.record(FORMAT.read(tmp_path / "new.star"))
    assert new.stacks_2d
    assert "_rlnImageDimensionality" in (tmp_path / "new.star").read_text()
    tables = FORMAT.read(tmp_path / "new.star").table.others
    optics = next(table for table in tables if table.block == "optics")
    assert optics.texts("rlnImageDimensionality") == ["2"]
    assert [float(x) for x in optics.texts("rlnTomoTiltSeriesPixelSize")] == [1.25]


def test_what_subtomograms_are_is_told_where_it_is_not_known(tmp_path):
    record = record_of(tmp_path, STACKS_2D.replace("2DStacks 1", "2DStacks what"))
    assert record.stacks_2d is None
    created = FORMAT.create(tmp_path / "new.star", record)
    for label in ("rlnTomoSubTomosAre2DStacks 0", "rlnImageDimensionality 3"):
        assert any(label in words for words in created.filled)
    volumes = STACKS_2D.replace("2DStacks 1", "2DStacks 0").replace("1 5 2 1.25", "1 5 3 1.25")
    assert record_of(tmp_path, volumes).stacks_2d is False


def test_coordinates_in_pixels_of_no_known_size_are_told(tmp_path):
    record = made_record(20, 8, True)
    record = replace(record, coordinates=replace(record.coordinates, pixel_size=None))
    created = FORMAT.create(tmp_path / "new.star", record)
    assert "rlnTomoTiltSeriesPixelSize" not in (tmp_path / "new.star").read_text()
    told = [words for words in created.filled if "rlnTomoTiltSeriesPixelSize" in words]
    assert any("rlnCoordinateX" in words and "binning" in words for words in told)


GROUPS = {
    "same": (["1 same 1.25 0.1", "2 same 1.25 0.7"], ["same", "same_2"]),
    "none": (["1 '' 1.25 0.1", "7 '' 1.25 0.7"], ["opticsGroup1", "opticsGroup7"]),
    "taken": (["1 a 1 0", "2 a 1 1", "7 a_2 1 2"], ["a", "a_2_", "a_2"]),
}


@pytest.mark.parametrize(("rows", "names"), GROUPS.values(), ids=GROUPS.keys())
def test_groups_that_a_record_cannot_tell_apart_stay_apart(tmp_path, rows, names):
    labels = ["rlnOpticsGroup", "rlnOpticsGroupName", "rlnImagePixelSize", "rlnBeamTiltX"]
    numbers = [row.split()[0] for row in rows]
    particles = made.particles([f"1 2 {n} {n}" for n in numbers], (*made.LABELS[1:4], labels[0]))
    record = record_of(tmp_path, made.loop("optics", labels, rows) + particles)
    assert record.groups.texts() == names
    assert any(name in notes_of(record) for name in names)
    FORMAT.create(tmp_path / "new.star", record)
    blocks = starfile.read(tmp_path / "new.star", always_dict=True)
    assert blocks["particles"]["rlnOpticsGroup"].tolist() == list(range(1, len(rows) + 1))
    assert blocks["optics"]["rlnOpticsGroupName"].tolist() == names


def test_a_half_set_other_than_1_and_2_is_told_and_left(tmp_path):
    whole = record_of(tmp_path, WHOLE)
    assert "rlnRandomSubset" in whole.taken
    assert "rlnRandomSubset" not in notes_of(whole)
    record = record_of(tmp_path, WHOLE.replace(" 90 90 -45.125 2 2", " 90 90 -45.125 3 2"))
    assert record.halves.tolist() == [1, 0, 1]
    assert "rlnRandomSubset" not in record.taken
    assert "rlnRandomSubset" in notes_of(record)


def test_names_that_are_no_utf_8_are_written_as_they_were(tmp_path):
    path = made.save(tmp_path, WHOLE.replace("a.mrcs", "\xc5se.mrcs").encode("latin-1"))
    particles = FORMAT.read(path)
    assert particles.table.cells(0)["rlnImageName"] == "000001@\\xc5se.mrcs"
    record = replace(FORMAT.record(particles), pixel_size=np.ones(3))
    FORMAT.create(tmp_path / "new.star", record)
    assert b" 000001@\xc5se.mrcs " in (tmp_path / "new.star").read_bytes()


def test_a_new_file_of_names_like_tables_is_read_by_starfile(tmp_path):
    record = made_record(20, 9, True)
    record = replace(
        record,
        images=Images(np.zeros(20, int), Names.of(["data_set1/a.mrcs"] * 20)),
        tomograms=Names.of(["loop_1"] * 20),
    )
    FORMAT.create(tmp_path / "new.star", record)
    particles = starfile.read(tmp_path / "new.star", always_dict=True)["particles"]
    assert set(particles["rlnImageName"]) == {"data_set1/a.mrcs"}
    assert set(particles["rlnTomoName"]) == {"loop_1"}
