from __future__ import annotations

import json

import mrcfile
import numpy as np
import pytest

from evenview.__main__ import INPUT, main
from made_half_maps import poor_along_z

PARTICLE_KEYS = "particles scf scf_star effective_particles empty_fraction e_od gini entropy tensor"
MAP_KEYS = "cfar cfar_robust tfar sphericity resolution_min resolution_median resolution_max"


@pytest.fixture
def files(tmp_path):
    rows = np.random.default_rng(0).uniform([0, 0, 0], [360, 180, 360], (300, 3))
    star = tmp_path / "particles.star"
    labels = "".join(f"_rlnAngle{name}\n" for name in ("Rot", "Tilt", "Psi"))
    body = "".join("{:.3f} {:.3f} {:.3f}\n".format(*row) for row in rows)
    star.write_text(f"data_\n\nloop_\n{labels}{body}\n")
    paths = [star]
    for name, values in zip("ab", poor_along_z(32, 6, 12), strict=True):
        paths.append(tmp_path / f"{name}.mrc")
        with mrcfile.new(paths[-1]) as file:
            file.set_data(values)
            file.set_volume()
            file.voxel_size = 2.0
    return [str(path) for path in paths]


def test_scores_of_views_and_half_maps_are_one_report(files, tmp_path, capsys):
    star, a, b = files
    table = tmp_path / "curves.csv"
    more = ["--axes", "32", "--curves", str(table), "--fsc-volume", str(tmp_path / "f.mrc")]
    assert main(["score", star, "--half-maps", a, b, *more, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(f"{PARTICLE_KEYS} {MAP_KEYS} resolution_sd settings".split()) <= set(found)
    assert found["particles"] == 300
    assert found["settings"]["k"] == 50
    assert found["settings"]["half_maps"]["axes"] == 32
    assert table.exists()
    assert main(["score", star, "--half-maps", a, b, "--axes", "32"]) == 0
    text = capsys.readouterr().out
    assert "SCF*" in text
    assert "cFAR" in text
    assert "mask is advised" in text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--mask", "m.mrc"], "--mask goes with --half-maps"),
        (["--half-maps", "A", "A"], "the same map"),
        (["--half-maps", "A", "none.mrc"], "no such file"),
        (["--half-maps", "A", "B", "--cone", "1"], "between 5° and 45°"),
        (["--half-maps", "A", "B", "--pixel-size", "0"], "cannot be right"),
    ],
)
def test_what_cannot_be_scored_gets_one_sentence(files, capsys, more, words):
    star, a, b = files
    given = [{"A": a, "B": b}.get(word, word) for word in more]
    assert main(["score", star, *given]) == INPUT
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told
