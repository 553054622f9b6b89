"""The names of half-maps as programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evenview.tasks.half_names import in_order, other_half

PAIRS = [
    ("run_half1_class001_unfil.mrc", "run_half2_class001_unfil.mrc"),
    ("run_it025_half1_class001.mrc", "run_it025_half2_class001.mrc"),
    ("J12_map_half_A.mrc", "J12_map_half_B.mrc"),
    ("cryosparc_P3_J12_007_volume_map_half_A.mrc", "cryosparc_P3_J12_007_volume_map_half_B.mrc"),
    ("emd_1234_half_map_1.map", "emd_1234_half_map_2.map"),
    ("halfmap-1.mrc", "halfmap-2.mrc"),
    ("HALF_A.MRC", "HALF_B.MRC"),
    ("half_a.mrc", "half_b.mrc"),
    ("threed_05_even.mrc", "threed_05_odd.mrc"),
]


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_each_half_names_the_other(one, two):
    folder = Path("job_half1")
    assert other_half(folder / one) == folder / two
    assert other_half(folder / two) == folder / one
    assert in_order(folder / two, folder / one) == (folder / one, folder / two)


@pytest.mark.parametrize(
    "name", ["map.mrc", "half.mrc", "half12.mrc", "behalf_bad.mrc", "class001.mrc", "evening.mrc"]
)
def test_other_names_say_nothing(name):
    assert other_half(Path(name)) is None
    assert in_order(Path(name), Path("half2.mrc")) is None
