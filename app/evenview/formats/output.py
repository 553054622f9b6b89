"""Writing files so that they are either whole or not there, and never the ones that were read."""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from evenview.core.errors import UserError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_LEFT_BEHIND = 24 * 3600.0  # seconds: no running program leaves its part alone for so long
_DISK_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)


@contextmanager
def atomic_writer(path: Path, sources: Iterable[Path] = ()) -> Iterator[BinaryIO]:
    """One file as of `atomic_writers`."""
    with atomic_writers([path], sources) as (file,):
        yield file


@contextmanager
def atomic_writers(
    paths: Sequence[Path], sources: Iterable[Path] = ()
) -> Iterator[tuple[BinaryIO, ...]]:
    """Binary files that become `paths` only when the block ends without an exception.

    The bytes go to temporary names in the same folders and are flushed to the disk; when all are
    whole, each takes its name in one step. After any exception, a cancel among them, all `paths`
    are what they were before and the temporary files are gone. A link is followed: what it points
    to is written, the link stays.

    Parameters
    ----------
    paths
        The files to write; older ones of those names are replaced.
    sources
        Files that must not be written over, by whatever name or link they are reached.

    Raises
    ------
    UserError
        As `check_targets`; and when a disk is full.
    """
    check_targets(paths, sources)
    folders = {path.resolve().parent for path in paths}
    for folder in folders:
        _remove_left_behind(folder)
    with ExitStack() as stack:
        parts = [stack.enter_context(_part(path)) for path in paths]
        yield tuple(part.file for part in parts)
        for part in parts:
            part.finish()
        _exchange(parts)
    for folder in folders:
        _sync_folder(folder)


def check_targets(
    paths: Sequence[Path], sources: Iterable[Path] = (), instead: str = "Choose another name."
) -> None:
    """Raise `UserError` unless all of `paths` can be written, as far as can be told beforehand.

    None may be one of `sources` (by whatever name, link or inode), a folder or a device; no two may
    be the same file; their folders must be there and writable. `instead` is what to do where one is
    a source.
    """
    sources = tuple(sources)
    resolved = [_resolved(path) for path in paths]
    for path, target in zip(paths, resolved, strict=True):
        if any(_same_file(target, source) for source in sources):
            raise UserError(
                "this is a file that was read, and it is never written over",
                where=str(path),
                hint=instead,
            )
        if resolved.count(target) > 1:
            raise UserError(
                "two of the files to write have this same name",
                where=str(path),
                hint="Give each of them a name of its own.",
            )
        with _in_words(path):
            _require_replaceable(path, target)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (RuntimeError, ValueError) as error:  # a loop of links, a byte no name may have
        raise UserError(f"this cannot be the name of a file ({error})", where=str(path)) from error


def _same_file(target: Path, source: Path) -> bool:
    if target == source.resolve():
        return True
    try:
        return target.samefile(source)
    except OSError:
        return False


def _require_replaceable(path: Path, target: Path) -> None:
    if target.is_dir():
        raise UserError("this is a folder", where=str(path), hint="Give the name of a file.")
    if target.exists() and not target.is_file():
        raise UserError(
            "this is a pipe or a device, which cannot be replaced in one step",
            where=str(path),
            hint="Give the name of a file.",
        )
    target.parent.stat()
    if not os.access(target.parent, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


class _Output(FileIO):
    """A new file that is to become `path`, and says in words why it cannot be written."""

    def __init__(self, name: Path, path: Path) -> None:
        super().__init__(name, "x")
        self.path = path

    def write(self, data: ReadableBuffer, /) -> int:
        with _in_words(self.path):
            return super().write(data)


@dataclass(frozen=True)
class _Part:
    """A file beside the `target` that it is to become; `path` is how that was called."""

    path: Path
    target: Path
    name: Path
    file: BufferedWriter

    def finish(self) -> None:
        """See that all bytes are on the disk."""
        with _in_words(self.path):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()

    @property
    def old(self) -> Path:
        """Another name of what `target` was."""
        return self.name.with_suffix(".old.part")


@contextmanager
def _part(path: Path) -> Iterator[_Part]:
    """A part that is gone at the end, unless it was given its name."""
    target = path.resolve()
    name = target.with_name(f".evenview-{secrets.token_hex(8)}.part")
    with _in_words(path):
        raw = _Output(name, path)
    part = _Part(path, target, name, BufferedWriter(raw))
    try:
        yield part
    finally:
        with suppress(OSError, UserError):  # closing writes what could not be written before
            part.file.close()
        for left in (part.name, part.old):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _exchange(parts: Sequence[_Part]) -> None:
    """Give all parts their names; where one cannot have it, none has."""
    tried: list[_Part] = []
    try:
        for part in parts:
            tried.append(part)
            with _in_words(part.path):
                if len(parts) > 1:
                    _keep_old(part)
                part.name.replace(part.target)
    except BaseException:
        for part in reversed(tried):
            with suppress(OSError):
                _take_back(part)
        raise


def _keep_old(part: _Part) -> None:
    if not part.target.exists():
        return
    try:
        part.old.hardlink_to(part.target)
    except OSError:  # a disk without links
        part.target.rename(part.old)


def _take_back(part: _Part) -> None:
    if part.old.exists():
        part.old.replace(part.target)
    elif not part.name.exists():
        part.target.unlink()


def _remove_left_behind(folder: Path) -> None:
    """Remove what programs that were killed have left in a folder."""
    with suppress(OSError):
        for left in folder.glob(".evenview-*.part"):
            if left.lstat().st_mtime < time.time() - _LEFT_BEHIND:
                left.unlink()


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what, hint = _words(error, path)
        raise UserError(what, where=str(path), hint=hint) from error


def _words(error: OSError, path: Path) -> tuple[str, str]:
    if error.errno in _DISK_FULL:
        return (
            "the disk is full, and nothing was written",
            "Free some space or choose another disk.",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"there is no folder {path.parent}", "Make it first, or choose another."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"you may not write in the folder {path.parent}", "Choose another folder."
    if error.errno == errno.EROFS:
        return f"the folder {path.parent} is read-only", "Choose another folder."
    return f"the file could not be written ({error.strerror or error})", ""


def _sync_folder(folder: Path) -> None:
    """Make the new name itself lasting where the system can; failing to is not a failure."""
    if os.name != "posix":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
