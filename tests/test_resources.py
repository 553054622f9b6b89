from __future__ import annotations

import gzip
import sys

import pytest

from evenview import resources
from evenview.core.errors import UserError


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A made-up installed package with a small demo, and an empty cache folder."""
    package = tmp_path / "lib" / "site" / "evenview"
    demo = package / "_resources" / "demo"
    demo.mkdir(parents=True)
    (demo / "trimer.star.gz").write_bytes(gzip.compress(b"data_particles\n"))
    monkeypatch.setattr(resources, "_PACKAGE", package)
    monkeypatch.setattr(resources, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return demo


def state(path):
    return path.stat().st_ino, path.stat().st_mtime_ns


def test_a_checkout_has_its_icons_and_demo():
    assert resources.path("icons", "evenview.svg").is_file()
    for name in resources.DEMO_FILES.values():
        assert resources.path("demo", f"{name}.gz").is_file()


def test_an_installed_package_has_them_beside_it(installed):
    assert resources.path("demo") == installed


def test_a_checkout_is_found_two_folders_up(tmp_path, monkeypatch):
    (tmp_path / "resources" / "icons").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "app" / "evenview")
    assert resources.path("icons") == tmp_path / "resources" / "icons"


@pytest.mark.parametrize("where", ["evenview/_resources", "resources"])
def test_a_frozen_program_has_them_in_its_bundle(tmp_path, monkeypatch, where):
    (tmp_path / "bundle" / where / "icons").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "x" / "y" / "evenview")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "bundle"), raising=False)
    assert resources.path("icons") == tmp_path / "bundle" / where / "icons"


def test_what_is_missing_is_named(installed):
    with pytest.raises(FileNotFoundError, match=r"resources/icons/none\.svg"):
        resources.path("icons", "none.svg")


def test_the_demo_is_unpacked_once(installed, tmp_path):
    plain = resources.demo("star")
    assert plain.read_bytes() == b"data_particles\n"
    before = state(plain)
    assert resources.demo("star") == plain
    assert state(plain) == before
    assert sorted(path.name for path in plain.parent.iterdir()) == [
        ".trimer.star.unpacked",
        "trimer.star",
    ]


def test_a_newer_demo_takes_the_place_of_the_old(installed):
    resources.demo("star")
    (installed / "trimer.star.gz").write_bytes(gzip.compress(b"data_optics\n"))
    assert resources.demo("star").read_bytes() == b"data_optics\n"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plain: plain.write_bytes(b"edited by hand\n"),
        lambda plain: plain.unlink(),
        lambda plain: plain.with_name(".trimer.star.unpacked").unlink(),
        lambda plain: plain.with_name(".trimer.star.unpacked").write_bytes(b"\xff"),
    ],
    ids=["edited", "removed", "stamp removed", "stamp spoilt"],
)
def test_a_copy_that_is_not_what_was_unpacked_is_made_anew(installed, spoil):
    spoil(resources.demo("star"))
    assert resources.demo("star").read_bytes() == b"data_particles\n"


def test_a_cache_that_cannot_be_written_is_said_in_words(installed, tmp_path):
    (tmp_path / "cache").write_bytes(b"a file where a folder should be")
    with pytest.raises(UserError, match=r"trimer\.star: the demo set cannot be unpacked .*XDG"):
        resources.demo("star")


def test_a_full_disk_leaves_the_old_copy_and_nothing_else(installed, monkeypatch):
    plain = resources.demo("star")
    (installed / "trimer.star.gz").write_bytes(gzip.compress(b"data_optics\n"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(resources, "_stamp", full)
    with pytest.raises(UserError, match="No space left"):
        resources.demo("star")
    assert plain.read_bytes() == b"data_particles\n"
    assert len(list(plain.parent.iterdir())) == 2
