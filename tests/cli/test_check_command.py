"""evenview check, as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evenview.__main__ import main
from made_star import optics, particles, save


def test_findings_are_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = save(tmp_path, (optics() + particles()).replace("\n", "\r\n"))
    out = tmp_path / "out.star"
    words = ["check", str(source), "--for", "relion", "--json", "--fix", str(out)]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["file"], told["for"], told["ok"]) == (str(source), "relion", False)
    assert "carriage-return" in {finding["rule"] for finding in told["findings"]}
    assert b"\r" not in out.read_bytes()


def test_refused_files_are_reported_and_unreadable_ones_are_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = save(tmp_path, optics() + particles(["a b"]))
    assert main(["check", str(source)]) == 0
    assert "ERROR refused" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "none.star")]) == 2
    assert main(["check", str(source), "--for", "word"]) == 2
    assert main(["check", "--help"]) == 0
