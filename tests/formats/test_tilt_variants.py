"""Files of tilt series as programs write them beside the plain case: offsets, levels, left-outs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.core.tilt.packages import matrices_of, translations_of
from evenview.formats.tilt import Given, open_series
from evenview.tasks.tilt_words import series_facts
from made_star import loop
from made_tilt import ANGLES, AXIS, aln, mdoc, relion5, rot, tilt_com, tlt, tomostar, warp_xml, xf


def only(path: Path, **given: object):
    (found,) = open_series([path], Given(**given))
    return found


def refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        open_series([path], Given(axis=1.0))
    return str(caught.value)


def imods_geometry(angles, offset: float, x_axis: float, x_tilts) -> np.ndarray:
    """What tilt.f90 does with a point (x, y along the axis, zz = -z), written out.

    ``xproj = x cb + (y sa + zz ca) sb``, ``yproj = y ca - zz sa`` with sb = -sin(angle + OFFSET)
    and sa = -sin(xtilt - XAXISTILT); the image is turned back by the axis.
    """
    found = []
    both = np.radians(np.column_stack([angles + offset, x_tilts - x_axis]))
    for angle, x_tilt in both:
        cb, sb, ca, sa = np.cos(angle), -np.sin(angle), np.cos(x_tilt), -np.sin(x_tilt)
        upright = np.array([[cb, sa * sb, -ca * sb], [0.0, ca, sa]])
        found.append(rot("z", AXIS)[:2, :2] @ upright)
    return np.array(found)


class TestImod:
    def test_tilt_com_beside_the_angles_is_applied_and_told(self, tmp_path):
        xf(tmp_path / "TS.xf")
        path = tlt(tmp_path / "TS.tlt")
        lines = ("OFFSET -11.5", "XAXISTILT 2.03", "SHIFT 0.0 28.9")
        tilt_com(tmp_path / "tilt.com", "TS.tlt", *lines)
        found = only(path)
        expected = imods_geometry(ANGLES, -11.5, 2.03, np.zeros(len(ANGLES)))
        np.testing.assert_allclose(matrices_of(found)[:, :2], expected, atol=1e-7)
        said = " ".join(map(str, found.notes))
        assert "OFFSET -11.5°, XAXISTILT 2.03°" in said
        assert "RELION's import from IMOD leaves these out" in said
        assert "SHIFT 0 and 28.9" in said

    def test_tilts_about_x_of_a_file(self, tmp_path):
        xf(tmp_path / "TS.xf")
        x_tilts = np.linspace(-1, 2, len(ANGLES)).round(2)
        (tmp_path / "TS.xtilt").write_text("".join(f"{x}\n" for x in x_tilts))
        tilt_com(tmp_path / "tilt.com", "TS.tlt", "XTILTFILE TS.xtilt", "XAXISTILT 0.5")
        found = only(tlt(tmp_path / "TS.tlt"))
        expected = imods_geometry(ANGLES, 0.0, 0.5, x_tilts)
        np.testing.assert_allclose(matrices_of(found)[:, :2], expected, atol=1e-7)
        (tmp_path / "TS.xtilt").write_text("0\n0\n")
        assert "2 angles about x, and the series has 21 tilts" in refused(tmp_path / "TS.tlt")
        (tmp_path / "TS.xtilt").unlink()
        missing = only(tmp_path / "TS.tlt")
        np.testing.assert_allclose(missing.x_tilts, -0.5)
        assert any("TS.xtilt" in str(n) and "not there" in str(n) for n in missing.notes)

    def test_views_left_out_are_told(self, tmp_path):
        xf(tmp_path / "TS.xf")
        tilt_com(tmp_path / "tilt.com", "TS.tlt", "EXCLUDELIST 1-3,21", "OFFSET 0.0")
        (note,) = [n for n in only(tlt(tmp_path / "TS.tlt")).notes if "views" in str(n)]
        assert "1-3,21" in str(note)

    def test_a_tilt_com_of_another_file_is_not_used(self, tmp_path):
        xf(tmp_path / "TS.xf")
        tilt_com(tmp_path / "tilt.com", "other.tlt", "OFFSET 5")
        found = only(tlt(tmp_path / "TS.tlt"))
        np.testing.assert_allclose(found.angles, ANGLES)
        assert "for other.tlt: it is not used" in " ".join(map(str, found.notes))
        raw = only(tlt(tmp_path / "TS.rawtlt"))
        np.testing.assert_allclose(raw.angles, ANGLES)
        assert "tilt.com" not in " ".join(map(str, raw.notes))

    def test_an_offset_that_is_no_number(self, tmp_path):
        tilt_com(tmp_path / "tilt.com", "TS.tlt", "OFFSET five")
        said = refused(tlt(tmp_path / "TS.tlt"))
        assert '"five" is not a number (OFFSET)' in said
        assert "tilt.com" in said

    def test_views_without_an_alignment_have_the_axis_of_the_others(self, tmp_path):
        path = xf(tmp_path / "TS.xf")
        lines = path.read_text().splitlines()
        lines[0] = lines[-1] = "   1.0000000   0.0000000   0.0000000   1.0000000  0.000  0.000"
        path.write_text("\n".join(lines) + "\n")
        found = only(tlt(tmp_path / "TS.tlt"))
        np.testing.assert_allclose(found.axes, AXIS, atol=1e-5)
        assert "2 views have no alignment" in " ".join(map(str, found.notes))

    def test_shifts_of_an_xf_are_those_of_the_turned_image(self, tmp_path):
        """AreTomo's export: T = -R(axis) d (CSaveXF.cpp: d = -R(-ROT) T)."""
        t = np.random.default_rng(0).normal(0, 30, (len(ANGLES), 2))
        d = -np.einsum("ij,nj->ni", rot("z", -AXIS)[:2, :2], t)
        xf(tmp_path / "TS.xf", shifts=d)
        found = only(tlt(tmp_path / "TS.tlt"))
        np.testing.assert_allclose(translations_of(found), t, atol=1e-5)


class TestAretomo:
    def replaced(self, path: Path, old: str, new: str) -> Path:
        text = aln(path).read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return path

    def test_alpha_is_in_the_angles_and_beta_is_not_applied(self, tmp_path):
        path = self.replaced(tmp_path / "a.aln", "AlphaOffset =     0.00", "AlphaOffset =    -3.50")
        path.write_text(path.read_text().replace("BetaOffset =     0.00", "BetaOffset =     1.25"))
        found = only(path)
        np.testing.assert_allclose(found.angles, ANGLES)
        np.testing.assert_allclose(found.x_tilts, 0)
        said = " ".join(map(str, found.notes))
        assert "AlphaOffset -3.5° is in the angles already" in said
        assert "BetaOffset 1.25° is not applied" in said

    def test_words_before_the_headings(self, tmp_path):
        """AreTomo 3 of some months: CSaveAlignFile.cpp begins with a greeting."""
        path = aln(tmp_path / "a.aln")
        path.write_text("Hello\n" + path.read_text())
        assert len(only(path)) == len(ANGLES)
        path.write_text("12 3\n" + path.read_text())
        assert "2 numbers for 0 headings" in refused(path)

    def test_sections_count_the_raw_stack(self, tmp_path):
        """Dark frames of AreTomo 2 (from 0) and of AreTomo 3 (the second number, from 1)."""
        text = aln(tmp_path / "a.aln", angles=ANGLES[2:]).read_text()
        kept = len(ANGLES) - 2
        for first in (0, 1):
            lines = []
            for line in text.splitlines():
                words = line.split()
                if words[:1] and words[0].isdigit() and len(words) == 10:
                    words[0] = str(int(words[0]) + 1 + first)
                    line = " ".join(words)
                lines.append(line)
            dark = [f"# DarkFrame = {k:5d} {k + first:4d} -70.00" for k in range(2)]
            lines[2:2] = dark
            path = tmp_path / "b.aln"
            path.write_text("\n".join(lines) + "\n")
            found = only(path)
            assert found.sections.tolist() == list(range(3, 3 + kept))
        zero = text.splitlines()
        rows = [k for k, x in enumerate(zero) if len(x.split()) == 10 and x.split()[0].isdigit()]
        for k in rows:
            words = zero[k].split()
            zero[k] = " ".join([str(int(words[0]) - 1), *words[1:]])
        path.write_text("\n".join(zero) + "\n")
        assert only(path).sections.tolist() == list(range(1, 1 + kept))

    def test_angles_that_a_version_wrote_wrong(self, tmp_path):
        """AreTomo2 1.0.0 (issue 11 of its repository)."""
        path = self.replaced(tmp_path / "a.aln", "-60.00", "1567301525373690323140608.00")
        assert "is too large to be true (TILT)" in refused(path)


class TestWarpXml:
    def test_the_geometry_is_that_of_the_tomostar(self, tmp_path):
        found = only(warp_xml(tmp_path / "TS.xml"))
        other = only(tomostar(tmp_path / "TS.tomostar", angles=-ANGLES))
        np.testing.assert_allclose(matrices_of(found), matrices_of(other), atol=1e-12)
        assert found.package == "warp"
        assert found.shift_unit == "Å"
        np.testing.assert_allclose(found.shifts, other.shifts)
        assert found.images[2] == "TS_02.eer"
        np.testing.assert_allclose(found.defocus[:2], [30_000, 31_000])
        assert found.pixel_size == 1.35
        np.testing.assert_allclose(found.size, (4000, 4000, 2000))
        assert found.hand == -1
        assert "1 tilt out (UseTilt)" in " ".join(map(str, found.notes))

    def test_no_flip_is_also_what_nobody_checked(self, tmp_path):
        found = only(warp_xml(tmp_path / "TS.xml", flip="False"))
        assert found.hand == 1
        assert "before any check" in " ".join(map(str, found.notes))

    def test_levels(self, tmp_path):
        """warpylib: Rz(axis) Ry(-(angle + LevelAngleY)) Rx(LevelAngleX), active."""
        found = only(warp_xml(tmp_path / "TS.xml", level=(1.5, -3.0)))
        expected = [rot("z", AXIS) @ rot("y", -(-angle - 3.0)) @ rot("x", 1.5) for angle in ANGLES]
        np.testing.assert_allclose(matrices_of(found), expected, atol=1e-12)
        np.testing.assert_allclose(found.x_tilts, -1.5)
        said = " ".join(map(str, found.notes))
        assert "LevelAngleX 1.5° and LevelAngleY -3° are added" in said
        assert "The tilt about x is minus LevelAngleX" in said
        assert ("Tilt about x", "-1.50°") in series_facts(found)

    def test_in_utf_16_as_warp_writes_it(self, tmp_path):
        path = warp_xml(tmp_path / "TS.xml")
        expected = matrices_of(only(path))
        text = path.read_text().replace("utf-8", "utf-16")
        for coding in ("utf-16", "utf-8"):  # the second is a file that somebody saved again
            path.write_bytes(text.encode(coding))
            np.testing.assert_allclose(matrices_of(only(path)), expected)

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("<Angles>", "<Engels>", "not sound XML"),
            ("54\n", "x\n", '"x" is not a number'),
            ("AxisAngle>85.3\n", "AxisAngle>", "AxisAngle has 20 numbers, and there are 21"),
            ('Inverted="True"', 'Inverted="maybe"', "only True and False"),
            ("TiltSeries", "Movie", "frames of one image"),
            ("Angles>", "Engels>", "no Angles"),
            ("</Tilt", "<!ENTITY a></Tilt", "defines its own words"),
        ],
    )
    def test_faults(self, tmp_path, old, new, words):
        path = warp_xml(tmp_path / "TS.xml")
        text = path.read_text()
        assert old in text
        count = -1 if new in ("Movie", "Engels>") else 1
        path.write_text(text.replace(old, new, count))
        assert words in refused(path)


def test_an_optimisation_set_names_the_tomograms(tmp_path):
    relion5(tmp_path)
    path = tmp_path / "optimisation_set.star"
    labels = ("rlnTomoParticlesFile", "rlnTomoTomogramsFile")
    path.write_text(loop("optimisation_set", labels, ["particles.star job1/tomograms.star"]))
    found = only(path)
    np.testing.assert_allclose(found.angles, ANGLES)
    assert found.hand == -1
    path.write_text(loop("optimisation_set", labels, ["a.star optimisation_set.star"]))
    assert "names another" in refused(path)


def test_a_title_of_other_software(tmp_path):
    """Tomography 5: TiltAxisAngle without blanks, and other words behind it."""
    path = mdoc(tmp_path / "a.mdoc", title=False)
    path.write_text("[T = TiltAxisAngle = -95.75  Binning = 1  SpotSize = 5]\n" + path.read_text())
    found = only(path)
    np.testing.assert_allclose(found.axes, -95.75)
    assert "RotationAngle one of" in " ".join(map(str, found.notes))
