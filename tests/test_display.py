from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from evenview import display

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux may have no screen"
)


@pytest.fixture
def nothing(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_without_a_display_there_is_no_window(nothing):
    assert "DISPLAY is not set" in (display.problem() or "")


def test_a_display_that_does_not_answer_is_none(nothing):
    nothing.setenv("DISPLAY", ":64321")
    assert ":64321 does not answer" in (display.problem() or "")


def test_a_compositor_that_has_gone_is_none(nothing, tmp_path):
    nothing.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    nothing.setenv("WAYLAND_DISPLAY", "wayland-7")
    assert "DISPLAY is not set" in (display.problem() or "")


def test_a_compositor_that_listens_will_do(nothing, tmp_path):
    nothing.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    nothing.setenv("WAYLAND_DISPLAY", "w")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "w"))
        server.listen()
        assert display.problem() is None


def test_a_platform_without_a_screen_is_told_in_one_sentence_and_exit_code_2(nothing):
    nothing.setenv("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [sys.executable, "-m", "evenview", "--demo"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "QT_QPA_PLATFORM=offscreen" in done.stderr
