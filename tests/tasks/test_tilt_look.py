"""What the window draws of the hand, and how it is known; angles as they are typed."""

from __future__ import annotations

import numpy as np
import pytest

from evenview.core.errors import UserError
from evenview.tasks.tilt_look import look
from evenview.tasks.tilt_request import TiltRequest, Typed, angles_typed
from made_tilt import ANGLES, AXIS, info, mdoc, relion5, tlt, xf

SLANT = 1000 * np.tan(np.radians(ANGLES))


def typed(slant: np.ndarray) -> Typed:
    return Typed(tuple(30_000 - slant), tuple(30_000 + slant))


@pytest.fixture
def imod(tmp_path):
    return tlt(tmp_path / "TS_01.tlt"), xf(tmp_path / "TS_01.xf")


def test_a_measured_hand_is_that_of_a_further_series_of_the_same_images_only(tmp_path, imod):
    same = info(tmp_path / "a_info.json", AXIS + 180)
    other = mdoc(tmp_path / "b.mdoc", ANGLES[::-1] ** 2 / 60)
    found = look(TiltRequest((*imod, same, other), typed=typed(SLANT)))
    assert found.result.compared[1].relation.rms > 5
    assert found.focus(0, "imod").why == found.focus(1, "eman2").why == "by the defocus measured"
    assert "measured" not in found.focus(2, "imod").why
    assert found.focus(2, "relion").depth_sign is None


@pytest.mark.parametrize("hand", [1, -1])
def test_undecided_defocus_leaves_the_hand_to_the_file_everywhere(tmp_path, hand):
    found = look(TiltRequest((relion5(tmp_path, hand=hand),), typed=typed(0 * SLANT)))
    assert found.result.hand.depth_sign is None
    assert found.depth_sign == found.focus(0, "relion").depth_sign == hand
    assert "nothing here checks" in found.focus(0, "relion").why
    decided = look(TiltRequest((tmp_path / "job1" / "tomograms.star",), typed=typed(SLANT)))
    assert decided.depth_sign == decided.focus(0, "relion").depth_sign == -1


def test_typed_angles_end_where_they_are_said_to():
    assert angles_typed("−60 to 60 by 40") == (-60, -20, 20, 60)
    assert angles_typed("10 to -10 by 5") == (10, 5, 0, -5, -10)
    np.testing.assert_allclose(angles_typed("-1 to 1 by 0.1"), np.linspace(-1, 1, 21), atol=1e-12)
    np.testing.assert_allclose(
        angles_typed("0 to 50 by 16.66667"), [0, 16.67, 33.33, 50], atol=0.01
    )
    for text in ("0 to 50 by 30", "−60 to 60 by 35", "0 to 10 by 20"):
        with pytest.raises(UserError, match=r"step"):
            angles_typed(text)
