"""Makes the demo set in resources/demo: particles as star and cs, and a map, all invented.

The views are modelled on a published case, the influenza haemagglutinin trimer on plain grids
(Tan et al. 2017, Nature Methods 14, 793): C3, nearly all particles seen along the 3-fold axis, a
few from the side, a thin rest from everywhere. No number in it was measured.

    python packaging/make_demo.py [FOLDER]

The same seed gives the same set. Numbers are rounded so that it packs well.
"""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
from pathlib import Path

import mrcfile
import numpy as np
from numpy.typing import NDArray

from evenview.core import convention

Array = NDArray[np.float64]
Columns = dict[str, NDArray[np.generic]]

PARTICLES = 50_000
MICROGRAPHS = 620
SEED = 20_170_703

PIXEL_SIZE = 1.31  # Å
BOX = 180
MICROGRAPH_SHAPE = (3710, 3838)  # rows, columns

# What the views are made of: share, and the spread in degrees.
TOP = (0.70, 5.5)
BOTTOM = (0.12, 6.5)
SIDE = (0.08, 7.0)

MAP_BOX = 64


def views(rng: np.random.Generator) -> Array:
    """(N, 3) directions: two ends of the axis, three sides, and a rest from everywhere."""
    kind = rng.random(PARTICLES)
    top, bottom, side = np.cumsum([TOP[0], BOTTOM[0], SIDE[0]])
    v = rng.standard_normal((PARTICLES, 3))
    end = kind < bottom
    spread = np.radians(np.where(kind < top, TOP[1], BOTTOM[1]))
    v[end, :2] *= spread[end, None]
    v[end, 2] = np.where(kind[end] < top, 1.0, -1.0)
    lying = (kind >= bottom) & (kind < side)
    v[lying] = _side_views(rng, int(np.count_nonzero(lying)))
    return np.asarray(v / np.linalg.norm(v, axis=1, keepdims=True))


def _side_views(rng: np.random.Generator, n: int) -> Array:
    """A trimer lies on one of its three faces."""
    azimuth = 120.0 * rng.integers(0, 3, n) + 30.0 + 22.0 * rng.standard_normal(n)
    elevation = SIDE[1] * rng.standard_normal(n)
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.column_stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])


def particle_columns(rng: np.random.Generator) -> Columns:
    """RELION's columns, in RELION's units; particles lie in the order of their micrographs."""
    micrograph = np.sort(rng.integers(0, MICROGRAPHS, PARTICLES))
    first = np.searchsorted(micrograph, micrograph)
    azimuth_elevation = convention.azimuth_elevation(views(rng))
    halves = 1 + np.arange(PARTICLES) % 2
    rng.shuffle(halves)
    return {
        **_places(rng, micrograph, np.arange(PARTICLES) - first + 1),
        **_optics(rng, micrograph),
        "rlnAngleRot": azimuth_elevation[:, 0].round(4),
        "rlnAngleTilt": (90.0 - azimuth_elevation[:, 1]).round(4),
        "rlnAnglePsi": rng.uniform(-180.0, 180.0, PARTICLES).round(4),
        "rlnOriginXAngst": _origins(rng),
        "rlnOriginYAngst": _origins(rng),
        "rlnClassNumber": np.ones(PARTICLES, dtype=np.int64),
        "rlnGroupNumber": micrograph // 20 + 1,
        "rlnRandomSubset": halves,
        **_scores(rng),
    }


def _picks(rng: np.random.Generator, side: int) -> Array:
    """Pixels: picked on micrographs shrunk by 8."""
    return np.asarray(8.0 * rng.integers(BOX // 16, (side - BOX // 2) // 8, PARTICLES))


def _origins(rng: np.random.Generator) -> Array:
    """Å, in steps of 1/32 pixel, so that shifts in pixels are short numbers too."""
    return np.asarray((64.0 * rng.standard_normal(PARTICLES)).round() / 32.0 * PIXEL_SIZE)


def _places(
    rng: np.random.Generator, micrograph: NDArray[np.int64], number: NDArray[np.int64]
) -> Columns:
    rows, columns = MICROGRAPH_SHAPE
    names = [f"trimer_{k + 1:04d}" for k in range(MICROGRAPHS)]
    images = [
        f"{n:06d}@Extract/job012/movies/{names[m]}.mrcs"
        for n, m in zip(number, micrograph, strict=True)
    ]
    return {
        "rlnCoordinateX": _picks(rng, columns),
        "rlnCoordinateY": _picks(rng, rows),
        "rlnImageName": np.array(images),
        "rlnMicrographName": np.array(
            [f"MotionCorr/job003/movies/{names[m]}.mrc" for m in micrograph]
        ),
        "rlnOpticsGroup": np.ones(PARTICLES, dtype=np.int64),
    }


def _optics(rng: np.random.Generator, micrograph: NDArray[np.int64]) -> Columns:
    """What CTF estimation gives, one answer a micrograph."""
    mean = rng.uniform(9_000.0, 26_000.0, MICROGRAPHS)
    astigmatism = np.abs(180.0 * rng.standard_normal(MICROGRAPHS))
    per_micrograph = {
        "rlnDefocusU": (mean + astigmatism).round(2),
        "rlnDefocusV": (mean - astigmatism).round(2),
        "rlnDefocusAngle": rng.uniform(-90.0, 90.0, MICROGRAPHS).round(3),
        "rlnCtfMaxResolution": rng.uniform(2.9, 4.6, MICROGRAPHS).round(4),
        "rlnCtfFigureOfMerit": rng.uniform(0.05, 0.22, MICROGRAPHS).round(4),
    }
    return {name: values[micrograph] for name, values in per_micrograph.items()}


def _scores(rng: np.random.Generator) -> Columns:
    """Correlated with nothing: what is thinned by them is thinned at random."""
    return {
        "rlnNormCorrection": (0.8 + 0.05 * rng.standard_normal(PARTICLES)).round(2),
        "rlnLogLikeliContribution": (1.84e5 + 900.0 * rng.standard_normal(PARTICLES)).round(-1),
        "rlnMaxValueProbDistribution": (rng.random(PARTICLES) ** 2).round(3),
        "rlnNrOfSignificantSamples": 1 + (60.0 * rng.random(PARTICLES) ** 2).astype(np.int64),
    }


def star_text(columns: Columns) -> str:
    """A RELION 3.1 file: two tables, numbers in RELION's width."""
    optics = {
        "rlnOpticsGroupName": "opticsGroup1",
        "rlnOpticsGroup": "1",
        "rlnVoltage": "300.000000",
        "rlnSphericalAberration": "2.700000",
        "rlnAmplitudeContrast": "0.100000",
        "rlnImagePixelSize": f"{PIXEL_SIZE:.6f}",
        "rlnImageSize": f"{BOX}",
        "rlnImageDimensionality": "2",
    }
    cells = [_cells(values) for values in columns.values()]
    rows = [" ".join(row) + " " for row in zip(*cells, strict=True)]
    return "\n".join(
        [
            *_head("data_optics", list(optics)),
            " ".join(f"{value:>12}" for value in optics.values()) + " ",
            *_head("data_particles", list(columns)),
            *rows,
            "\n",
        ]
    )


def _head(block: str, labels: list[str]) -> list[str]:
    numbered = [f"_{label} #{k} " for k, label in enumerate(labels, start=1)]
    return ["", "# version 30001", "", block, "", "loop_ ", *numbered]


def _cells(values: NDArray[np.generic]) -> list[str]:
    if values.dtype.kind == "f":
        return [f"{value:12.6f}" for value in values.tolist()]
    if values.dtype.kind == "i":
        return [f"{value:12d}" for value in values.tolist()]
    return [str(value) for value in values]


def cs_table(columns: Columns, rng: np.random.Generator) -> NDArray[np.void]:
    """The same particles, row by row, as cryoSPARC's refinement would have them."""
    angles = (columns[f"rlnAngle{name}"] for name in ("Rot", "Tilt", "Psi"))
    origin = np.column_stack([columns[f"rlnOrigin{axis}Angst"] for axis in "XY"]).astype(float)
    image = np.char.partition(columns["rlnImageName"].astype(str), "@")
    group = {
        "uid": rng.integers(0, 2**64, PARTICLES, dtype=np.uint64),
        "blob/path": _cs_path(image[:, 2], "Extract/job012/movies/", "J12/extract/"),
        "blob/idx": image[:, 0].astype(np.uint32) - 1,
        "blob/shape": _each((BOX, BOX), np.uint32),
        "blob/psize_A": _each(PIXEL_SIZE),
        "blob/sign": _each(-1.0),
        "ctf/type": _each(b"ctffind4", "S8"),
        "ctf/exp_group_id": _each(1, np.uint32),
        "ctf/accel_kv": _each(300.0),
        "ctf/cs_mm": _each(2.7),
        "ctf/amp_contrast": _each(0.1),
        "ctf/df1_A": columns["rlnDefocusU"],
        "ctf/df2_A": columns["rlnDefocusV"],
        "ctf/df_angle_rad": np.radians(columns["rlnDefocusAngle"].astype(float)),
        "ctf/phase_shift_rad": _each(0.0),
        "ctf/scale": _each(1.0),
        "ctf/bfactor": _each(0.0),
    }
    q = convention.relion_to_quaternions(*angles)
    alignments = {
        "split": (columns["rlnRandomSubset"].astype(int) - 1).astype(np.uint32),
        "shift": origin / PIXEL_SIZE,
        "pose": convention.quaternions_to_cryosparc(q),
        "psize_A": _each(PIXEL_SIZE),
        **_cs_scores(rng),
        "class": _each(0, np.uint32),
        "class_posterior": _each(1.0),
    }
    group |= {f"alignments3D/{name}": values for name, values in alignments.items()}
    return _structured(group)


def _cs_scores(rng: np.random.Generator) -> Columns:
    error = 1800.0 + 60.0 * rng.standard_normal(PARTICLES)
    alpha = 1.0 + 0.08 * rng.standard_normal(PARTICLES)
    return {
        "error": (4.0 * error).round() / 4.0,
        "alpha": (512.0 * alpha).round() / 512.0,
        "weight": _each(1.0),
        "pose_ess": (1.0 + 32.0 * rng.random(PARTICLES) ** 3).round(),
        "shift_ess": (1.0 + 8.0 * rng.random(PARTICLES) ** 3).round(),
    }


def _each(value: object, dtype: object = np.float32) -> NDArray[np.generic]:
    one = np.asarray(value, dtype=np.dtype(dtype))  # type: ignore[call-overload]
    return np.broadcast_to(one, (PARTICLES, *one.shape))


def _cs_path(names: NDArray[np.str_], relion: str, ours: str) -> NDArray[np.generic]:
    return np.char.replace(names, relion, ours).astype("S")


def _structured(columns: Columns) -> NDArray[np.void]:
    """Packed, floats as float32, as cryoSPARC writes them."""
    kinds = {
        name: np.dtype(np.float32) if values.dtype.kind == "f" else values.dtype
        for name, values in columns.items()
    }
    fields = [(name, kinds[name], values.shape[1:]) for name, values in columns.items()]
    table = np.empty(PARTICLES, dtype=fields)
    for name, values in columns.items():
        table[name] = values
    return table


def density() -> NDArray[np.float32]:
    """(64, 64, 64), z y x: a tall trimer with a wide head at +Z and a thin, twisted stalk.

    Blobs of one chain, turned by thirds of a turn about Z; the twist has a hand, so that no mirror
    image of it is the same.
    """
    chain = [_blob(*blob) for blob in (*_HEAD, *_stalk())]
    blobs = [
        (third @ center, width, height) for center, width, height in chain for third in _THIRDS
    ]
    grid = (np.arange(MAP_BOX) - MAP_BOX // 2) * voxel_size()
    total = np.zeros((MAP_BOX,) * 3)
    for center, width, height in blobs:
        x, y, z = (np.exp(-0.5 * ((grid - c) / width) ** 2) for c in center)
        total += height * z[:, None, None] * y[None, :, None] * x[None, None, :]
    return (256.0 * total).round().astype(np.float32) / np.float32(256.0)


def voxel_size() -> float:
    """Å; the map fills the particles' box."""
    return PIXEL_SIZE * BOX / MAP_BOX


Blob = tuple[float, float, float, float, float]

# radius (Å), azimuth (degrees), height along Z (Å), width (Å), density
_HEAD: tuple[Blob, ...] = (
    (24.0, 10.0, 48.0, 11.0, 1.0),
    (27.0, 42.0, 38.0, 8.0, 0.8),
    (17.0, -25.0, 30.0, 8.0, 0.8),
    (30.0, -14.0, 60.0, 6.0, 0.6),
)

_THIRDS = [
    np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    for c, s in [(1.0, 0.0), (-0.5, 0.75**0.5), (-0.5, -(0.75**0.5))]
]


def _stalk() -> list[Blob]:
    """A helix that winds down from the head and widens to a foot."""
    steps = np.linspace(0.0, 1.0, 12)
    return [
        (11.0 + 8.0 * t**3, -20.0 + 150.0 * t, 24.0 - 86.0 * t, 6.0 + 2.0 * t**3, 0.9)
        for t in steps
    ]


def _blob(
    radius: float, azimuth: float, z: float, width: float, height: float
) -> tuple[Array, float, float]:
    a = np.radians(azimuth)
    return np.array([radius * np.cos(a), radius * np.sin(a), z]), width, height


def map_bytes(values: NDArray[np.float32]) -> bytes:
    """An MRC file without the time at which it was made."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.mrc"
        with mrcfile.new(path, values) as file:
            file.voxel_size = voxel_size()
            file.header.label = b""
            file.header.label[0] = b"Made by evenview: an invented C3 trimer"
            file.header.nlabl = 1
        return path.read_bytes()


def make() -> dict[str, bytes]:
    """File name to bytes, not packed."""
    rng = np.random.default_rng(SEED)
    columns = particle_columns(rng)
    cs = io.BytesIO()
    np.save(cs, cs_table(columns, rng), allow_pickle=False)
    return {
        "trimer.star": star_text(columns).encode("ascii"),
        "trimer.cs": cs.getvalue(),
        "trimer.mrc": map_bytes(density()),
    }


def main() -> None:
    """Write the packed files."""
    default = Path(__file__).resolve().parents[1] / "resources" / "demo"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in make().items():
        packed = gzip.compress(content, compresslevel=9, mtime=0)
        (folder / f"{name}.gz").write_bytes(packed)
        print(f"{name}: {len(content):,} bytes, {len(packed):,} packed")


if __name__ == "__main__":
    main()
