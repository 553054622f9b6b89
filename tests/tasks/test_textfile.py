"""Tables as comma-separated text: both ways of writing give the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core.progress import silent
from evenview.tasks import textfile


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_the_fast_way_writes_what_python_writes(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(textfile, "_FAST_CHUNK", 300)
    rng = np.random.default_rng(1)
    numbers = rng.normal(0, 100, rows)
    numbers[0] = np.nan
    columns = {
        "row": (np.arange(rows), 0),
        "value": (numbers, 6),
        "small": (rng.normal(0, 1e-6, rows), 9),
        "yes": (rng.random(rows) < 0.5, 0),
    }
    textfile.write_numbers(tmp_path / "fast.csv", columns, (), silent)
    plain = {name: values for name, (values, _) in columns.items()}
    textfile.write_csv(tmp_path / "plain.csv", plain, "%d,%.6f,%.9f,%d\n", (), silent)
    slow = (tmp_path / "plain.csv").read_text().replace("-0.000000000", "0.000000000")
    assert (tmp_path / "fast.csv").read_text() == slow
