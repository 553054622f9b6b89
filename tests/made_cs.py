"""cryoSPARC files made for a test: the fields that matter, of the types cryoSPARC gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOB = [
    ("uid", "<u8"),
    ("blob/path", "S40"),
    ("blob/idx", "<u4"),
    ("blob/shape", "<u4", (2,)),
    ("blob/psize_A", "<f4"),
]
ALIGNMENT = [
    ("alignments3D/split", "<u4"),
    ("alignments3D/shift", "<f4", (2,)),
    ("alignments3D/pose", "<f4", (3,)),
    ("alignments3D/psize_A", "<f4"),
    ("alignments3D/error", "<f4"),
]
LOCATION = [
    ("uid", "<u8"),
    ("location/micrograph_path", "S60"),
    ("location/center_x_frac", "<f4"),
]


def uids(n: int, rng: np.random.Generator) -> NDArray[np.uint64]:
    """Distinct uids over the whole range; the first two differ only in their last bit."""
    drawn = rng.integers(2**40, 2**64 - 2**12, n, dtype=np.uint64)
    drawn[:2] = [2**64 - 2, 2**64 - 1]
    return drawn


def particles(n: int, seed: int = 1, fields: list[Any] | None = None) -> NDArray[np.void]:
    """(n,) rows with blob and alignment (or `fields`), random poses of up to 3.7 radians."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(n, BLOB + ALIGNMENT if fields is None else fields)
    values = {
        "uid": uids(n, rng),
        "blob/path": [b"J5/motioncorrected/mic%05d.mrc" % (i // 50) for i in range(n)],
        "blob/idx": np.arange(n) % 50,
        "blob/shape": 256,
        "blob/psize_A": 1.07,
        "alignments3D/split": np.arange(n) % 2,
        "alignments3D/shift": rng.normal(0, 3, (n, 2)),
        "alignments3D/pose": poses(n, rng),
        "alignments3D/psize_A": 1.07,
        "alignments3D/error": rng.uniform(1, 2, n),
        "location/micrograph_path": [b"J2/mic%05d.mrc" % (i // 50) for i in range(n)],
        "location/center_x_frac": rng.uniform(0, 1, n),
    }
    for name in rows.dtype.names or ():
        rows[name] = values[name]
    return rows


def poses(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(n, 3) rotation vectors, some longer than pi as real files have them."""
    axes = rng.normal(size=(n, 3))
    axes /= np.linalg.norm(axes, axis=1)[:, None]
    vectors: NDArray[np.float64] = axes * rng.uniform(0.01, 3.7, (n, 1))
    return vectors


def write(path: Path, rows: NDArray[Any]) -> Path:
    """Write an array as cryoSPARC does, under any suffix."""
    with path.open("wb") as file:
        np.save(file, rows, allow_pickle=True)
    return path


def write_stream(path: Path, rows: NDArray[Any], packed: bool = True) -> Path:
    """Write an array as cryosparc-tools' streams are: everything but uids packed, or nothing."""
    texts = [name for name in rows.dtype.names if rows.dtype[name].kind == "S"]
    known = sorted({text for name in texts for text in rows[name].tolist()})
    heap = b"\0" + b"".join(text + b"\0" for text in known)
    place = {text: heap.index(b"\0" + text + b"\0") + 1 for text in known}
    columns = {
        name: np.array([place[text] for text in rows[name].tolist()], "<u8")
        if name in texts
        else rows[name]
        for name in rows.dtype.names
    }
    header = {
        "length": len(rows),
        "dtype": [
            [name, "|O" if name in texts else kind.base.str, *([kind.shape] if kind.shape else [])]
            for name, kind in ((name, rows.dtype[name]) for name in rows.dtype.names)
        ],
        "compression": "lz4" if packed else None,
        "compressed_fields": [name for name in columns if name != "uid"] if packed else [],
    }
    text = json.dumps(header).encode()
    out = [b"\x95CSDAT", len(text).to_bytes(4, "little"), text]
    for name, values in columns.items() if len(rows) else ():
        data = values.tobytes()
        data = lz4_block(data) if name in header["compressed_fields"] else data
        out += [len(data).to_bytes(4, "little"), data]
    path.write_bytes(b"".join([*out, heap]))
    return path


def lz4_block(data: bytes) -> bytes:
    """Pack bytes as one LZ4 block: repeats of 4 bytes or more, found greedily."""
    out, seen, at, begun = bytearray(), {}, 0, 0
    while at < len(data) - 12:  # the format wants an end without repeats
        key, last = data[at : at + 4], seen.get(data[at : at + 4], -1)
        seen[key] = at
        if last < 0 or at - last > 65535:
            at += 1
            continue
        size = 4
        while at + size < len(data) - 5 and data[last + size] == data[at + size]:
            size += 1
        out += _sequence(data[begun:at], size - 4)
        out += (at - last).to_bytes(2, "little") + _more(size - 4)
        at, begun = at + size, at + size
    return bytes(out + _sequence(data[begun:], 0))


def _sequence(plain: bytes, repeat: int) -> bytes:
    token = (min(len(plain), 15) << 4) + min(repeat, 15)
    return bytes([token]) + _more(len(plain)) + plain


def _more(length: int) -> bytes:
    if length < 15:
        return b""
    return b"\xff" * ((length - 15) // 255) + bytes([(length - 15) % 255])


def group_text(slots: dict[str, tuple[str, int]], extra: str = "") -> str:
    """The text of a result group: for each slot its file and number of particles."""
    results = "".join(
        f"  {name}:\n    metafile: '>{file}'\n    num_items: {n}\n    type: particle.{name}\n"
        for name, (file, n) in sorted(slots.items())
    )
    return (
        "created: '2024-01-01 00:00:00.000000'\ngroup:\n  description: All particles\n"
        "  name: particles\n  title: All particles\n  type: particle\n"
        f"results:\n{results}{extra}version: v4.4.1\n"
    )


def write_group(folder: Path, n: int = 200, job: str = "J7") -> tuple[Path, NDArray[np.void]]:
    """A result group with the poses in one file and the rest in another, and the truth."""
    particles_path, passthrough, whole = split_pair(folder, n, job)
    slots = {"alignments3D": (passthrough.name, n), "blob": (particles_path.name, n)}
    path = folder / f"{job}_particles.csg"
    path.write_text(group_text(slots))
    return path, whole


def classes(n: int, k: int = 3, seed: int = 1) -> tuple[NDArray[np.void], NDArray[Any]]:
    """(n,) rows with poses for `k` classes side by side, and the place of the most probable."""
    rng = np.random.default_rng(seed)
    prefix = "alignments3D_multi/"
    fields = [
        (prefix + "split", "<u4"),
        (prefix + "pose", "<f4", (k, 3)),
        (prefix + "class_posterior", "<f4", (k,)),
        (prefix + "class", "<u4", (k,)),
        (prefix + "psize_A", "<f4"),
    ]
    base = particles(n, seed, BLOB)
    rows = np.zeros(n, BLOB + fields)
    for name in base.dtype.names:
        rows[name] = base[name]
    rows[prefix + "split"] = np.arange(n) % 2
    rows[prefix + "pose"] = poses(n * k, rng).reshape(n, k, 3)
    posteriors = rng.dirichlet(np.ones(k), n)
    rows[prefix + "class_posterior"] = posteriors
    rows[prefix + "class"] = np.arange(k)
    rows[prefix + "psize_A"] = 1.07
    return rows, posteriors.argmax(axis=1)


def by_fields(rows: NDArray[np.void], prefix: str) -> NDArray[np.void]:
    """The same rows as `classes` with a set of fields for each class, such as of class3D."""
    multi = "alignments3D_multi/"
    plain = [name for name in rows.dtype.names if not name.startswith(multi)]
    k = rows.dtype[multi + "pose"].shape[0]
    fields = [(name, rows.dtype[name]) for name in plain]
    leaves = {"split": "<u4", "pose": ("<f4", (3,)), "class_posterior": "<f4", "psize_A": "<f4"}
    fields += [(f"{prefix}_{i}/{leaf}", kind) for i in range(k) for leaf, kind in leaves.items()]
    out = np.zeros(len(rows), fields)
    for name in plain:
        out[name] = rows[name]
    for i in range(k):
        for leaf in leaves:
            values = rows[multi + leaf]
            out[f"{prefix}_{i}/{leaf}"] = values if leaf in ("split", "psize_A") else values[:, i]
    return out


def split_pair(folder: Path, n: int = 200, job: str = "J7") -> tuple[Path, Path, NDArray[np.void]]:
    """Particles without alignments, a passthrough with them in another order, the truth."""
    whole = particles(n)
    first = np.zeros(n, BLOB)
    second = np.zeros(n, [("uid", "<u8"), *ALIGNMENT])
    for part in (first, second):
        for name in part.dtype.names or ():
            part[name] = whole[name]
    order = np.random.default_rng(3).permutation(n)
    particles_path = write(folder / f"{job}_particles.cs", first)
    passthrough = write(folder / f"{job}_passthrough_particles.cs", second[order])
    return particles_path, passthrough, whole


WHOLE = [
    *BLOB,
    ("ctf/exp_group_id", "<u4"),
    ("ctf/accel_kv", "<f4"),
    ("ctf/cs_mm", "<f4"),
    ("ctf/amp_contrast", "<f4"),
    ("ctf/df1_A", "<f4"),
    ("ctf/df2_A", "<f4"),
    ("ctf/df_angle_rad", "<f4"),
    ("ctf/phase_shift_rad", "<f4"),
    *ALIGNMENT,
    ("alignments3D/class", "<u4"),
    ("location/micrograph_path", "S60"),
    ("location/micrograph_shape", "<u4", (2,)),
    ("location/micrograph_psize_A", "<f4"),
    ("location/center_x_frac", "<f4"),
    ("location/center_y_frac", "<f4"),
]


def whole(n: int, seed: int = 1) -> NDArray[np.void]:
    """(n,) rows with all that says something in other formats, the alignment at twice the pixel."""
    rng = np.random.default_rng(seed)
    base = particles(n, seed)
    rows = np.zeros(n, WHOLE)
    for name in base.dtype.names or ():
        rows[name] = base[name]
    rows["blob/path"] = [b">" + path for path in base["blob/path"].tolist()]
    rows["alignments3D/psize_A"] = 2.14
    rows["alignments3D/class"] = np.arange(n) % 3
    rows["ctf/exp_group_id"] = 4 + np.arange(n) % 2
    rows["ctf/accel_kv"], rows["ctf/cs_mm"], rows["ctf/amp_contrast"] = 300, 2.7, 0.1
    rows["ctf/df1_A"] = rng.uniform(5000, 25000, n)
    rows["ctf/df2_A"] = rows["ctf/df1_A"] - 300
    rows["ctf/df_angle_rad"] = rng.uniform(-1.5, 1.5, n)
    rows["ctf/phase_shift_rad"] = rng.uniform(0, 1, n)
    rows["location/micrograph_path"] = [b"J2/mic%05d.mrc" % (i // 50) for i in range(n)]
    rows["location/micrograph_shape"] = 4092, 5760
    rows["location/micrograph_psize_A"] = 0.535
    rows["location/center_x_frac"] = rng.uniform(0, 1, n)
    rows["location/center_y_frac"] = rng.uniform(0, 1, n)
    return rows


def part(rows: NDArray[np.void], names: list[str]) -> NDArray[np.void]:
    """Some fields of rows as rows of their own."""
    out = np.zeros(len(rows), [(name, rows.dtype[name]) for name in names])
    for name in names:
        out[name] = rows[name]
    return out


def with_field(rows: NDArray[np.void], name: str, values: NDArray[Any]) -> NDArray[np.void]:
    """Rows with one more field (n, ...)."""
    fields = [(old, rows.dtype[old]) for old in rows.dtype.names or ()]
    out = np.zeros(len(rows), [*fields, (name, values.dtype, values.shape[1:])])
    for old, _ in fields:
        out[old] = rows[old]
    out[name] = values
    return out
