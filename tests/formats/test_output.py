"""A file is written whole or not at all, and never over the one that was read."""

from __future__ import annotations

import errno
import os

import pytest

from evenview.core.errors import UserError
from evenview.core.progress import Cancelled
from evenview.formats import output
from evenview.formats.output import atomic_writer, atomic_writers, check_targets


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_only_when_it_is_whole(tmp_path):
    path = tmp_path / "out.star"
    with atomic_writer(path) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert names(tmp_path) == ["out.star"]


def test_an_older_file_is_replaced(tmp_path):
    path = tmp_path / "out.star"
    path.write_bytes(b"old and longer")
    with atomic_writer(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def write_and_fail(path, trouble):
    with atomic_writer(path) as file:
        file.write(b"new")
        raise trouble


@pytest.mark.parametrize("trouble", [Cancelled, KeyboardInterrupt, ValueError, MemoryError])
def test_any_exception_leaves_the_folder_as_it_was(tmp_path, trouble):
    path = tmp_path / "out.star"
    path.write_bytes(b"old")
    with pytest.raises(trouble):
        write_and_fail(path, trouble)
    assert names(tmp_path) == ["out.star"]
    assert path.read_bytes() == b"old"


def test_a_link_to_another_file_stays_a_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with atomic_writer(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def other_names(source) -> dict[str, object]:
    folder = source.parent
    (folder / "soft").symlink_to(source)
    (folder / "softer").symlink_to(folder / "soft")
    (folder / "hard").hardlink_to(source)
    (folder / "there").symlink_to(folder, target_is_directory=True)
    return {
        "itself": source,
        "dots": folder / ".." / folder.name / source.name,
        "soft link": folder / "soft",
        "link to a link": folder / "softer",
        "hard link": folder / "hard",
        "through a linked folder": folder / "there" / source.name,
    }


def test_a_source_is_refused_by_whatever_name(tmp_path):
    source = tmp_path / "in.star"
    source.write_bytes(b"precious")
    for how, path in other_names(source).items():
        before = names(tmp_path)
        with pytest.raises(UserError, match="never written over"), atomic_writer(path, [source]):
            pytest.fail(f"opened for writing: {how}")
        assert source.read_bytes() == b"precious"
        assert names(tmp_path) == before


def test_a_relative_name_is_the_same_file(tmp_path, monkeypatch):
    (tmp_path / "in.star").write_bytes(b"precious")
    monkeypatch.chdir(tmp_path)
    relative = tmp_path.__class__("in.star")
    with pytest.raises(UserError), atomic_writer(relative, [tmp_path / "in.star"]):
        pytest.fail("opened for writing")


def test_a_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(UserError, match=r"there is no folder .*nowhere"),
        atomic_writer(tmp_path / "nowhere" / "out.star"),
    ):
        pytest.fail("opened for writing")


def test_a_folder_and_a_pipe_are_refused(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, word in ((tmp_path, "folder"), (pipe, "pipe")):
        with pytest.raises(UserError, match=word), atomic_writer(path):
            pytest.fail("opened for writing")
    assert pipe.is_fifo()


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(output.os, "fsync", full)
    with (
        pytest.raises(UserError, match="disk is full"),
        atomic_writer(tmp_path / "out.star") as file,
    ):
        file.write(b"too much")
    assert names(tmp_path) == []


def test_a_folder_without_permission_is_said(tmp_path):
    tmp_path.chmod(0o555)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        with (
            pytest.raises(UserError, match="may not write"),
            atomic_writer(tmp_path / "out.star"),
        ):
            pytest.fail("opened for writing")
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o755)


def write_both(paths, trouble=None):
    with atomic_writers(paths) as files:
        for file in files:
            file.write(b"new")
        if trouble is not None:
            raise trouble


def test_of_files_that_belong_together_all_are_new_or_none(tmp_path):
    paths = [tmp_path / "kept", tmp_path / "excluded"]
    with atomic_writers(paths) as files:
        for file in files:
            file.write(b"old")
        assert not any(path.exists() for path in paths)
    with pytest.raises(Cancelled):
        write_both(paths, Cancelled)
    assert [path.read_bytes() for path in paths] == [b"old", b"old"]
    assert names(tmp_path) == ["excluded", "kept"]


def test_a_disk_that_fills_up_at_the_second_file_leaves_the_first_as_it_was(tmp_path, monkeypatch):
    paths = [tmp_path / "kept", tmp_path / "excluded"]
    flushed = []

    def full_later(descriptor: int) -> None:
        flushed.append(descriptor)
        if len(flushed) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(output.os, "fsync", full_later)
    with pytest.raises(UserError, match=r"excluded.*disk is full"):
        write_both(paths)
    assert names(tmp_path) == []


def test_two_files_may_not_have_one_name_even_through_a_link(tmp_path):
    path, link = tmp_path / "out", tmp_path / "link"
    link.symlink_to(path)
    for other in (path, link, tmp_path / ".." / tmp_path.name / "out"):
        with pytest.raises(UserError, match="same name"):
            check_targets([path, other])


def test_a_link_that_leads_to_itself_is_no_place_to_write(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UserError, match="cannot be the name"):
        check_targets([tmp_path / "a"])
