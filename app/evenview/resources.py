"""Finds `resources/`: beside an installed package, in a checkout, in a frozen program."""

from __future__ import annotations

import gzip
import hashlib
import sys
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from evenview.core.errors import UserError

#: The demo set: what `demo` is asked for, and the file it gives.
DEMO_FILES = {
    "star": "trimer.star",
    "cs": "trimer.cs",
    "map": "trimer.mrc",
}

_PACKAGE = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """The path of something in `resources/`, such as ``path("icons", "open.svg")``.

    Raises
    ------
    FileNotFoundError
        The installation is not whole.
    """
    for root in _roots():
        found = root.joinpath(*parts)
        if found.exists():
            return found
    raise FileNotFoundError(f"evenview was installed without resources/{'/'.join(parts)}")


def demo(what: str) -> Path:
    """A file of the demo set, unpacked into the user's cache folder.

    Parameters
    ----------
    what
        A key of `DEMO_FILES`: "star", "cs" or "map".

    Raises
    ------
    UserError
        The file cannot be unpacked: a full disk, a cache folder that cannot be written.
    """
    name = DEMO_FILES[what]
    packed = path("demo", f"{name}.gz").read_bytes()
    plain = _demo_folder() / name
    try:
        if not _is_unpacked(plain, packed):
            _unpack(plain, packed)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"the demo set cannot be unpacked ({reason})",
            where=str(plain),
            hint="Make room there, or set XDG_CACHE_HOME to a folder that can be written.",
        ) from error
    return plain


def is_demo(file: Path | None) -> bool:
    """Whether a file is one of the unpacked demo set."""
    return file is not None and file.parent == _demo_folder() and file.name in DEMO_FILES.values()


def _demo_folder() -> Path:
    return user_cache_path("evenview", appauthor=False) / "demo"


def _roots() -> tuple[Path, ...]:
    frozen = getattr(sys, "_MEIPASS", None)
    bundled = (
        (Path(frozen) / "evenview" / "_resources", Path(frozen) / "resources") if frozen else ()
    )
    return _PACKAGE / "_resources", _PACKAGE.parents[1] / "resources", *bundled


def _stamp_path(plain: Path) -> Path:
    return plain.with_name(f".{plain.name}.unpacked")


def _stamp(plain: Path, packed: bytes) -> str:
    """What was unpacked and what it became: a newer release or an edited copy looks different."""
    status = plain.stat()
    return f"{hashlib.sha256(packed).hexdigest()} {status.st_size} {status.st_mtime_ns}"


def _is_unpacked(plain: Path, packed: bytes) -> bool:
    try:
        return _stamp_path(plain).read_text(encoding="ascii") == _stamp(plain, packed)
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def _unpack(plain: Path, packed: bytes) -> None:
    plain.parent.mkdir(parents=True, exist_ok=True)
    # Another window may be reading the old copy or unpacking its own: nobody sees half a file.
    with tempfile.TemporaryDirectory(dir=plain.parent, prefix=".unpacking-") as folder:
        whole = Path(folder) / plain.name
        whole.write_bytes(gzip.decompress(packed))
        stamp = Path(folder) / "stamp"
        stamp.write_text(_stamp(whole, packed), encoding="ascii")
        whole.replace(plain)
        stamp.replace(_stamp_path(plain))
