"""Rules on cryoSPARC files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenview.checks.base import WHOLE_FILE, Finding
from evenview.tasks.check import CheckRequest, run
from made_cs import ALIGNMENT, BLOB, particles, split_pair, write
from shared_data import shared


def found(path: Path, program: str | None = None) -> dict[str, Finding]:
    return {f.rule: f for f in run(CheckRequest(path, program)).findings}


def test_a_clean_file_is_silent(tmp_path: Path) -> None:
    assert not found(write(tmp_path / "p.cs", particles(500)))


def test_half_sets(tmp_path: Path) -> None:
    rows = particles(100)
    rows["alignments3D/split"] = 0
    told = found(write(tmp_path / "one.cs", rows))
    missing = told["half-set-missing"]
    assert missing.severity == "error"
    assert missing.what.endswith("has particles: alignments3D/split is nowhere 1")
    assert missing.where == WHOLE_FILE
    rows["alignments3D/split"] = np.arange(100) % 3
    assert found(write(tmp_path / "three.cs", rows))["half-set-value"].count == 33
    rows["alignments3D/split"] = np.arange(100) >= 60
    assert "cryoSPARC warns" in found(write(tmp_path / "b.cs", rows))["half-set-balance"].causes
    names = [field for field in BLOB + ALIGNMENT if field[0] != "alignments3D/split"]
    assert set(found(write(tmp_path / "none.cs", particles(100, fields=names)))) == {
        "half-set-missing"
    }


def test_rows_are_not_listed_where_all_are_meant(tmp_path: Path) -> None:
    rows = particles(100)
    rows["alignments3D/pose"] = 0.0
    assert found(write(tmp_path / "every.cs", rows))["unaligned"].where == "every row"
    rows["alignments3D/pose"][4] = 1.0
    some = found(write(tmp_path / "some.cs", rows))["unaligned"].where
    assert some == "row 1, row 2, row 3 and 96 more"


def test_duplicates(tmp_path: Path) -> None:
    rows = particles(100)
    rows["uid"][7] = rows["uid"][3]
    told = found(write(tmp_path / "uid.cs", rows))
    assert set(told) == {"duplicate-uid"}
    assert told["duplicate-uid"].where == "row 8; uid"
    rows = particles(100)
    for name in ("blob/path", "blob/idx", "alignments3D/pose"):
        rows[name][9] = rows[name][4]
    told = found(write(tmp_path / "image.cs", rows))
    assert set(told) == {"duplicate-image", "image-in-both-halves"}
    assert told["duplicate-image"].where.startswith("row 10;")


def test_symmetry_expansion_as_its_fields_tell(tmp_path: Path) -> None:
    rows = np.zeros(100, [*BLOB, *ALIGNMENT, ("sym_expand/idx", "<u4")])
    made = particles(100)
    for name in made.dtype.names:
        rows[name] = made[name]
    assert set(found(write(tmp_path / "s.cs", rows))) == {"symmetry-copies"}


def test_poses(tmp_path: Path) -> None:
    rows = particles(100)
    rows["alignments3D/pose"][4] = 0
    rows["alignments3D/pose"][5] = np.nan
    told = found(write(tmp_path / "p.cs", rows))
    assert {name: f.count for name, f in told.items()} == {"unaligned": 1, "missing-pose": 1}
    rows["alignments3D/pose"] = 0
    told = found(write(tmp_path / "z.cs", rows))
    assert set(told) == {"refused", "unaligned"}
    rows = particles(100)
    rows["alignments3D/pose"] = np.degrees(rows["alignments3D/pose"])
    assert "angle-unit" in found(write(tmp_path / "d.cs", rows))
    rows = particles(100)
    rows["alignments3D/pose"][3] = (1e4, 0, 0)
    told = found(write(tmp_path / "wild.cs", rows))
    assert set(told) == {"refused", "angle-range"}
    assert told["angle-range"].severity == "error"


def test_pixel_sizes(tmp_path: Path) -> None:
    rows = particles(100)
    rows["alignments3D/psize_A"] = 2.14
    told = found(write(tmp_path / "p.cs", rows))
    assert set(told) == {"pixel-sizes"}
    assert "2.14 Å" in told["pixel-sizes"].what


def test_poses_in_the_passthrough(tmp_path: Path) -> None:
    path, passthrough, _ = split_pair(tmp_path)
    told = found(path)
    assert set(told) == {"passthrough-poses"}
    assert passthrough.name in told["passthrough-poses"].what
    assert run(CheckRequest(path)).ok


@pytest.mark.parametrize(
    ("name", "rules_broken"),
    [
        ("real/cryosparc/J24_particles.cs", set()),
        ("vectors/cs_star/J20_particles.cs", {"unaligned"}),
        ("vectors/cs_star/J20_passthrough_particles.cs", {"unaligned", "passthrough-poses"}),
        ("vectors/cs_star/J15_2d.cs", {"refused"}),
        ("real/broken/zero_rows.cs", {"refused"}),
    ],
)
def test_shared_files(name: str, rules_broken: set[str]) -> None:
    assert set(found(shared(name))) == rules_broken
