"""Rules on star files: each speaks when it should, and a clean file is silent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenview.checks import rules
from evenview.checks.base import Finding
from evenview.core.errors import UserError
from evenview.core.grid import parse_grid
from evenview.tasks.check import CheckRequest, run
from made import uniform_angles
from made_star import LABELS, ROWS, optics, particles, save
from shared_data import shared

EVEN = (*ROWS, "000004@a.mrcs 35 60 70 2 1")


def found(folder: Path, text: str | bytes, program: str | None = None) -> dict[str, Finding]:
    findings = run(CheckRequest(save(folder, text), program)).findings
    assert len({f.rule for f in findings}) == len(findings)
    return {f.rule: f for f in findings}


def star(*rows: str, labels: tuple[str, ...] = LABELS, groups: str = "") -> str:
    return (groups or optics()) + particles(rows, labels)


def angled(angles: np.ndarray, halves: bool = True) -> str:
    rows = [
        f"{i + 1:06d}@a.mrcs {r:.6f} {t:.6f} {p:.6f} {1 + i % 2 if halves else 1} 1"
        for i, (r, t, p) in enumerate(angles.tolist())
    ]
    return star(*rows)


def test_a_clean_file_is_silent(tmp_path: Path) -> None:
    result = run(CheckRequest(save(tmp_path, star(*EVEN))))
    assert result.findings == ()
    assert result.ok


def test_many_clean_rows_are_silent(tmp_path: Path) -> None:
    angles = uniform_angles(2000, np.random.default_rng(0))
    assert not found(tmp_path, angled(angles))


def test_every_fault_is_told_and_not_only_the_first(tmp_path: Path) -> None:
    text = star(
        EVEN[0], "", "# note", "000001@a.mrcs nan 90 5 1 7", EVEN[2].replace(" 1 1", " 3 1")
    )
    told = found(tmp_path, text.replace("\n", "\r\n"))
    assert set(told) == {
        "blank-line",
        "carriage-return",
        "comment-line",
        "duplicate-image",
        "half-set-missing",
        "half-set-value",
        "missing-pose",
        "optics-group",
    }


def test_blank_lines_and_comments_between_rows(tmp_path: Path) -> None:
    told = found(tmp_path, star(EVEN[0], "", " \t", EVEN[1], "  # why", *EVEN[2:]))
    assert set(told) == {"blank-line", "comment-line"}
    assert (told["blank-line"].count, told["comment-line"].count) == (2, 1)
    assert "3 rows below the first" in told["blank-line"].what
    lines = save(tmp_path, star(EVEN[0], "", " \t", EVEN[1])).read_text().split("\n")
    at = lines.index(EVEN[0]) + 2
    assert told["blank-line"].where == f"line {at}, line {at + 1}"


def test_blank_lines_behind_the_table_and_comments_behind_cells_are_fine(tmp_path: Path) -> None:
    text = star(EVEN[0] + " # good", *EVEN[1:]) + "\n\n# the end\n"
    assert not found(tmp_path, text)


def test_blank_lines_in_the_optics_table_count_too(tmp_path: Path) -> None:
    groups = optics((1, 1.0), (2, 1.0)).replace('\n2 "', '\n\n2 "')
    assert set(found(tmp_path, star(*EVEN, groups=groups))) == {"blank-line"}


def test_windows_line_endings(tmp_path: Path) -> None:
    text = star(*EVEN).replace("\n", "\r\n")
    told = found(tmp_path, text)
    assert set(told) == {"carriage-return"}
    assert told["carriage-return"].count == text.count("\n")


def test_doubled_carriage_returns_are_removed_at_once(tmp_path: Path) -> None:
    source = save(tmp_path, star(*EVEN).replace("\n", "\r\r\n") + "# a\rb\r")
    run(CheckRequest(source, fix=tmp_path / "out.star"))
    assert (tmp_path / "out.star").read_bytes() == star(*EVEN).encode() + b"# a\rb\r"


@pytest.mark.parametrize(
    ("halves", "rule", "severity"),
    [
        (None, "half-set-missing", "warning"),
        ([1] * 100, "half-set-missing", "error"),
        ([0] * 100, "half-set-missing", "warning"),
        ([1] * 50 + [2] * 49 + [3], "half-set-value", "error"),
        ([1] * 50 + [2] * 49 + [0], "half-set-value", "error"),
        ([1] * 52 + [2] * 48, "half-set-balance", "warning"),
        ([1] * 51 + [2] * 49, None, None),
    ],
)
def test_half_sets(
    tmp_path: Path, halves: list[int] | None, rule: str | None, severity: str | None
) -> None:
    angles = uniform_angles(100, np.random.default_rng(1))
    labels = LABELS if halves else (*LABELS[:4], LABELS[5])
    rows = [
        f"{i + 1}@a.mrcs {r} {t} {p} {'' if halves is None else halves[i]} 1"
        for i, (r, t, p) in enumerate(angles.tolist())
    ]
    told = found(tmp_path, star(*rows, labels=labels))
    if rule is None:
        assert not told
    else:
        assert told[rule].severity == severity
    if rule == "half-set-value":
        assert told[rule].where.startswith("row 100 (line ")
        assert "column 5 (rlnRandomSubset)" in told[rule].where


def test_one_image_twice(tmp_path: Path) -> None:
    told = found(tmp_path, star(*EVEN, "2@a.mrcs 90 90 -45.125 2 1"))
    assert set(told) == {"duplicate-image", "half-set-balance"}
    assert told["duplicate-image"].where.startswith("row 5 (line ")
    assert "the same pose" in told["duplicate-image"].what
    told = found(tmp_path, star(*EVEN, "2@a.mrcs 91 90 -40 2 1"))
    assert "another pose" in told["duplicate-image"].what
    assert "symmetry-copies" not in told


def test_numbers_without_a_stack_are_names(tmp_path: Path) -> None:
    rows = [row.replace("@a.mrcs", ".mrc") for row in EVEN]
    assert not found(tmp_path, star(rows[0], "1.mrc 1 2 3 2 1", *rows[1:3]))


def test_one_image_in_both_halves(tmp_path: Path) -> None:
    told = found(tmp_path, star(*EVEN, "000001@a.mrcs 10.5 20.25 30 2 1", "9@a.mrcs 1 2 3 1 1"))
    assert set(told) == {"duplicate-image", "image-in-both-halves"}
    assert told["image-in-both-halves"].count == 1


@pytest.mark.parametrize(("group", "order"), [("C3", 3), ("D7", 14), ("I1", 60)])
def test_relions_symmetry_expansion_is_named(group: str, order: int) -> None:
    path = shared(f"vectors/relion_symexpand/expand_{group}.star")
    told = {f.rule: f for f in run(CheckRequest(path)).findings}
    assert f"point group {group} (" in told["symmetry-copies"].what
    assert told["symmetry-copies"].count == 8 * (order - 1)
    assert "duplicate-image" not in told


def test_copies_turned_about_z_are_cyclic(tmp_path: Path) -> None:
    # A S with S = Rz(a) is rot + a
    angles = uniform_angles(40, np.random.default_rng(2))
    rows = [
        f"{i + 1}@a.mrcs {r + 90 * k:.6f} {t:.6f} {p:.6f} {1 + i % 2} 1"
        for i, (r, t, p) in enumerate(angles.tolist())
        for k in range(4)
    ]
    told = found(tmp_path, star(*rows))
    assert "point group C4 (" in told["symmetry-copies"].what
    assert told["symmetry-copies"].count == 120


def test_copies_about_y_are_cryosparcs_dihedral_group(tmp_path: Path) -> None:
    # a half turn about Y is (180 - rot, 180 - tilt, psi + 180), one about Z by a is rot + a
    angles = uniform_angles(40, np.random.default_rng(2))
    rows = []
    for i, (r, t, p) in enumerate(angles.tolist()):
        for k in range(3):
            rows.append(f"{i + 1}@a.mrcs {r + 120 * k:.6f} {t:.6f} {p:.6f} {1 + i % 2} 1")
            turned = f"{180 - r + 120 * k:.6f} {180 - t:.6f} {p + 180:.6f}"
            rows.append(f"{i + 1}@a.mrcs {turned} {1 + i % 2} 1")
    told = found(tmp_path, star(*rows))
    assert "D3 with its 2-fold axis on Y, as in cryoSPARC" in told["symmetry-copies"].what


def test_poses_that_are_missing_or_were_never_found(tmp_path: Path) -> None:
    told = found(tmp_path, star(*EVEN[:3], "000004@a.mrcs nan 60 70 2 1"))
    assert set(told) == {"missing-pose"}
    told = found(tmp_path, star(*EVEN[:3], "000004@a.mrcs 0 0 0.000 2 1"))
    assert told["unaligned"].severity == "warning"
    told = found(tmp_path, star("1@a.mrcs 0 0 0 1 1", "2@a.mrcs 0 0 0 2 1"))
    assert set(told) == {"refused", "unaligned"}
    assert told["unaligned"].severity == "error"


def test_degrees_taken_for_radians_are_told_and_not_wrapped(tmp_path: Path) -> None:
    angles = np.full((1, 3), 67.5)
    angles = np.degrees(np.vstack([angles, uniform_angles(50, np.random.default_rng(3))]))
    told = found(tmp_path, angled(angles))
    assert set(told) == {"refused", "angles-converted-twice"}
    assert "3867.465 stands for 67.5" in told["angles-converted-twice"].what
    assert not told["angles-converted-twice"].fixable


def test_one_column_may_be_converted_twice(tmp_path: Path) -> None:
    angles = uniform_angles(60, np.random.default_rng(3))
    angles[:, 1] = np.degrees(angles[:, 1])
    told = found(tmp_path, angled(angles))
    assert "angles-converted-twice" in told
    assert "(rlnAngleTilt)" in told["angles-converted-twice"].where
    assert "angle-range" not in told


@pytest.mark.parametrize(
    ("rot", "severity"), [("540", "note"), ("-1000", "warning"), ("1e9", "error"), ("inf", "error")]
)
def test_angles_beyond_a_turn(tmp_path: Path, rot: str, severity: str) -> None:
    told = found(tmp_path, star(*EVEN[:3], f"000004@a.mrcs {rot} 60 70 2 1"))
    assert told["angle-range"].severity == severity
    assert told["angle-range"].where.startswith("row 4 (line ")
    assert ("refused" in told) == (severity == "error")


def test_one_angle_that_was_converted_twice(tmp_path: Path) -> None:
    told = found(tmp_path, star(*EVEN[:3], "000004@a.mrcs 3867.465 60 70 2 1"))
    assert "3867.465 / 57.29578 = 67.5: this angle" in told["angle-range"].what
    told = found(tmp_path, star(*EVEN[:3], "000004@a.mrcs 540 60 70 2 1"))
    assert "57.29578" not in told["angle-range"].what


def test_negative_tilts_and_whole_turns_are_legal(tmp_path: Path) -> None:
    assert not found(tmp_path, star(*EVEN[:3], "000004@a.mrcs 360 -60 -180 2 1"))


def test_radians(tmp_path: Path) -> None:
    angles = np.radians(uniform_angles(100, np.random.default_rng(4)))
    assert set(found(tmp_path, angled(angles))) == {"angle-unit"}


def origin_file(groups: str, labels: tuple[str, ...] = ("rlnOriginX", "rlnOriginY")) -> str:
    rows = [
        f"{row} {shift}"
        for row, shift in zip(EVEN, ("1.5 -2", "0 1e1", "-0.25 7", "3 -4"), strict=True)
    ]
    rows[1] = rows[1].replace(" 2 1 ", " 2 2 ")
    return star(*rows, labels=(*LABELS, *labels), groups=groups)


def test_pixel_shifts_beside_optics_groups(tmp_path: Path) -> None:
    text = origin_file(optics((1, 1.25), (2, 2.0)))
    told = found(tmp_path, text)
    assert set(told) == {"pixel-origin"}
    out = tmp_path / "out.star"
    result = run(CheckRequest(save(tmp_path, text), fix=out))
    assert result.fixed == out
    assert run(CheckRequest(out)).findings == ()
    before, after = text.split(), out.read_text().split()
    changed = [(b, a) for b, a in zip(before, after, strict=True) if b != a]
    assert changed[:2] == [("_rlnOriginX", "_rlnOriginXAngst"), ("_rlnOriginY", "_rlnOriginYAngst")]
    assert [float(a) for _, a in changed[2:]] == [1.875, -2.5, 0, 20, -0.3125, 8.75, 3.75, -5]


def test_pixel_shifts_are_not_fixed_without_a_pixel_size(tmp_path: Path) -> None:
    told = found(tmp_path, origin_file(optics((1, 1.25))))
    assert not told["pixel-origin"].fixable
    assert "optics-group" in told


def test_pixel_shifts_are_right_before_relion_31(tmp_path: Path) -> None:
    labels = (*LABELS[:5], "rlnOriginX")
    rows = [f"{i}@a.mrcs {i} 20 30 {1 + i % 2} 3" for i in range(4)]
    assert not found(tmp_path, particles(rows, labels))


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (particles(EVEN), "error"),
        (star(*EVEN, groups=optics((2, 1.0))), "error"),
        (star(*EVEN, groups=optics((1, 1.0), (1, 2.0))), "error"),
        (star(*(row[:-2] for row in EVEN), labels=LABELS[:5]), "error"),
        (star(*(row[:-1] + "0" for row in EVEN), groups=optics((0, 1.0))), "note"),
    ],
)
def test_optics_groups(tmp_path: Path, text: str, severity: str) -> None:
    told = found(tmp_path, text)
    assert set(told) == {"optics-group"}
    assert told["optics-group"].severity == severity


def test_tomogram_names_that_are_numbers(tmp_path: Path) -> None:
    labels = (*LABELS, "rlnTomoName")
    told = found(tmp_path, star(*(f"{row} 00255" for row in EVEN), labels=labels))
    assert set(told) == {"tomogram-name"}
    assert '"00255"' in told["tomogram-name"].what
    assert not found(tmp_path, star(*(f"{row} TS_00255" for row in EVEN), labels=labels))


def lattice(order: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Angles of RELION's search: directions of HEALPix turned as one, in-plane angles at random."""
    turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    v = (parse_grid(f"healpix:{order}").centers @ turned.T)[rng.integers(12 * 4**order, size=n)]
    rot, tilt = np.degrees(np.arctan2(v[:, 1], v[:, 0])), np.degrees(np.arccos(v[:, 2]))
    return np.column_stack([rot, tilt, rng.uniform(-180, 180, n)])


@pytest.mark.parametrize(("order", "severity"), [(2, "warning"), (3, "warning"), (5, "note")])
def test_a_coarse_search_is_told_with_a_grid_that_is_safe(
    tmp_path: Path, order: int, severity: str
) -> None:
    angles = lattice(order, 40_000 if order == 5 else 5000, np.random.default_rng(5))
    told = found(tmp_path, angled(angles))
    assert set(told) == {"coarse-search"}
    assert told["coarse-search"].severity == severity
    assert f"healpix:{order - 1}" in told["coarse-search"].mend


def test_the_safe_grid_is_free_of_moire_and_finer_ones_are_not() -> None:
    rng = np.random.default_rng(6)
    turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    views = parse_grid("healpix:4").centers @ turned.T

    def spread(order: int) -> float:
        grid = parse_grid(f"healpix:{order}")
        counts = np.bincount(grid.index_of(views), minlength=grid.n)
        return float(counts.std() / counts.mean())

    assert spread(3) < 0.3 < 0.4 < spread(4)


def test_a_fine_search_and_few_particles_are_no_coarse_search(tmp_path: Path) -> None:
    assert not found(tmp_path, angled(lattice(6, 1000, np.random.default_rng(7))))
    assert not found(tmp_path, angled(lattice(1, 90, np.random.default_rng(8))))


def test_views_that_repeat_at_random_are_no_search(tmp_path: Path) -> None:
    angles = np.repeat(uniform_angles(200, np.random.default_rng(9)), 4, axis=0)
    angles[:, 2] = np.random.default_rng(10).uniform(-180, 180, 800)
    assert not found(tmp_path, angled(angles))


def test_the_known_coarse_file() -> None:
    path = shared("real/relion/betagal_unfolded_4501.star")
    told = {f.rule: f for f in run(CheckRequest(path)).findings}
    assert set(told) == {"coarse-search", "half-set-missing"}
    assert "only 715 view directions, about 7.3° apart" in told["coarse-search"].what
    assert "healpix:2" in told["coarse-search"].mend


def test_faulty_rows_are_all_told_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    text = star(EVEN[0], "x 1 2", *EVEN[1:], "y 1 2 3 4 5 6", "'open 1 2 3 4 5", "", EVEN[0])
    findings = run(CheckRequest(save(tmp_path, text))).findings
    assert sorted(f.rule for f in findings) == [
        "blank-line",
        "duplicate-image",
        "half-set-balance",
        "ragged-row",
        "ragged-row",
        "ragged-row",
        "refused",
    ]


def test_a_file_of_faults_ends(tmp_path: Path) -> None:
    findings = run(CheckRequest(save(tmp_path, star(*["a b c"] * 5000)))).findings
    assert any("at least 1,000 rows" in f.what for f in findings)


def test_program_chooses_what_is_told(tmp_path: Path) -> None:
    text = star(EVEN[0], "", *EVEN[1:], "000004@a.mrcs 1 2 3 1 1").replace("\n", "\r\n")
    relion = found(tmp_path, text, "relion")
    sparc = found(tmp_path, text, "cryosparc")
    assert set(relion) - set(sparc) == {"blank-line", "carriage-return"}
    assert "cryoSPARC" not in relion["half-set-balance"].causes
    assert "cryoSPARC warns" in sparc["half-set-balance"].causes
    with pytest.raises(UserError, match="relion, cryosparc"):
        found(tmp_path, text, "frealign")


RELION_SAYS = {
    "blank_line_in_loop": {"blank-line"},
    "comment_line_in_loop": {"comment-line"},
    "crlf": {"carriage-return"},
    "nan": {"missing-pose"},
    "optics_group_missing_2": {"optics-group"},
    "optics_group_0": {"optics-group"},
    "originX_in_31": {"pixel-origin"},
    "too_few_cols": {"ragged-row", "refused"},
    "too_many_cols": {"ragged-row", "refused"},
}


def test_star_reader_cases() -> None:
    folder = shared("vectors/star_reader_cases")
    for path in sorted(folder.glob("*.star")):
        told = {f.rule for f in run(CheckRequest(path)).findings} - {"half-set-missing"}
        assert told == RELION_SAYS.get(path.stem, set()), path.stem


@pytest.mark.parametrize(
    ("name", "rules_broken"),
    [
        ("relion/betagal_d2_452.star", set()),
        ("relion/t20s_d7_crlf.star", {"carriage-return", "half-set-balance"}),
        ("relion/tomo_40.star", {"half-set-balance"}),
        ("warp/warp_relion30.star", {"half-set-missing"}),
        ("broken/two_loops_same_labels.star", {"refused"}),
    ],
)
def test_real_files(name: str, rules_broken: set[str]) -> None:
    found = {f.rule for f in run(CheckRequest(shared(f"real/{name}"))).findings}
    assert found == rules_broken


def test_every_rule_says_what_it_causes_and_how_to_mend_it() -> None:
    for name, rule in rules().items():
        assert name == rule.name
        assert rule.causes
        assert rule.mend.endswith(".")
        assert all(text.endswith(".") for text in rule.causes.values())
