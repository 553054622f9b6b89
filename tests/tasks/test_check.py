"""The task of checking: its report, and the mended file."""

from __future__ import annotations

from pathlib import Path

import pytest

from evenview.checks.page import page
from evenview.core.errors import UserError
from evenview.formats import open_particles
from evenview.tasks.check import CheckRequest, run
from made_star import ROWS, optics, particles, save
from shared_data import shared

KEYS = {"rule", "severity", "what", "where", "causes", "mend", "count", "fixable"}
BAD = optics() + particles(
    (ROWS[0], "", "# a comment", ROWS[1], " ", ROWS[2], "4@a.mrcs 1 2 3 2 1")
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_mended_file_differs_in_the_faults_alone(tmp_path: Path, newline: str) -> None:
    source = save(tmp_path, BAD.replace("\n", newline))
    before, out = source.read_bytes(), tmp_path / "mended.star"
    result = run(CheckRequest(source, fix=out))
    assert not result.ok
    assert result.as_json()["fixed"] == str(out)
    assert source.read_bytes() == before
    clean = optics() + particles((*ROWS, "4@a.mrcs 1 2 3 2 1"))
    assert out.read_text() == clean
    assert run(CheckRequest(out)).findings == ()


def test_real_crlf_mended(tmp_path: Path) -> None:
    source, out = shared("real/relion/t20s_d7_crlf.star"), tmp_path / "lf.star"
    run(CheckRequest(source, fix=out))
    assert out.read_bytes() == source.read_bytes().replace(b"\r\n", b"\n")


@pytest.mark.parametrize("name", ["blank_line_in_loop", "comment_line_in_loop", "crlf"])
def test_reader_cases_mended_are_the_plain_file(tmp_path: Path, name: str) -> None:
    source = shared(f"vectors/star_reader_cases/{name}.star")
    out = tmp_path / "out.star"
    run(CheckRequest(source, fix=out))
    assert out.read_bytes() == source.with_name("plain.star").read_bytes()


def test_nothing_is_written_where_nothing_can_be_mended(tmp_path: Path) -> None:
    source = save(tmp_path, optics() + particles())
    result = run(CheckRequest(source, fix=tmp_path / "out.star"))
    assert result.fixed is None
    assert "no file was written" in result.summary()
    assert [path.name for path in tmp_path.iterdir()] == ["made.star"]


def test_only_the_fixes_that_are_wanted_are_done(tmp_path: Path) -> None:
    source, out = save(tmp_path, BAD), tmp_path / "out.star"
    result = run(CheckRequest(source, fix=out, only=("comment-line",)))
    assert out.read_text() == BAD.replace("# a comment\n", "")
    assert result.mended == ("comment-line",)
    assert {finding.rule for finding in result.findings} == {"blank-line", "comment-line"}
    assert run(CheckRequest(out, fix=source, only=("comment-line",))).fixed is None
    with pytest.raises(UserError, match="no rule"):
        run(CheckRequest(source, fix=out, only=("comment",)))


def test_the_source_is_never_written_over(tmp_path: Path) -> None:
    source = save(tmp_path, BAD)
    with pytest.raises(UserError, match="never written over"):
        run(CheckRequest(source, fix=source))
    assert source.read_text() == BAD


def test_the_report(tmp_path: Path) -> None:
    result = run(CheckRequest(save(tmp_path, BAD)))
    told = result.as_json()
    assert set(told) == {"file", "for", "findings", "ok"}
    assert told["ok"] is False
    assert all(set(finding) == KEYS for finding in told["findings"])
    severities = [finding["severity"] for finding in told["findings"]]
    assert severities == sorted(severities, key=("error", "warning", "note").index)
    words = result.summary()
    assert "ERROR blank-line (fixable)" in words
    assert "--fix OUT" in words


def test_open_particles_are_checked_as_their_file_is(tmp_path: Path) -> None:
    source = save(tmp_path, BAD)
    of_path = run(CheckRequest(source))
    of_open = run(CheckRequest(open_particles(source)))
    assert of_open.as_json() == of_path.as_json()


def warnings(path: Path) -> tuple[str, ...]:
    return run(CheckRequest(path)).warnings


def test_warnings_are_sentences_about_what_matters(tmp_path: Path) -> None:
    (warning,) = warnings(
        save(tmp_path, optics() + particles((*ROWS, ROWS[1].replace("2@", "4@"), "5@a 1 2 3 1 1")))
    )
    assert warning.startswith("the half-sets differ by 20.0%")
    assert warnings(save(tmp_path, optics() + particles(ROWS[:2]))) == ()


@pytest.mark.parametrize("content", [None, b"", b"\x89PNG and so on", b"just words\n"])
def test_what_cannot_be_read_at_all(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.star"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError):
        run(CheckRequest(path))
    with pytest.raises(UserError):
        run(CheckRequest(tmp_path))


def test_the_page_of_rules_is_what_the_rules_say() -> None:
    shown = Path(__file__).resolve().parents[2] / "docs" / "checks.md"
    assert shown.read_text(encoding="utf-8") == page(), (
        "write it anew: python -m evenview.checks.page > docs/checks.md"
    )


def test_what_is_left_in_the_mended_file_is_listed(tmp_path: Path) -> None:
    rows = [row.replace(" 2 1", " 1 1") for row in ROWS]
    source = save(tmp_path, optics() + particles((rows[0], "", *rows[1:])))
    result = run(CheckRequest(source, fix=tmp_path / "out.star"))
    left = result.summary().partition("Left in")[2]
    assert "half-set-missing" in left
    assert "blank-line" not in left
    assert [finding["rule"] for finding in result.as_json()["left"]] == ["half-set-missing"]
