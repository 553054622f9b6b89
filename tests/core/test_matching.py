"""Which rows of two files are the same particle, against files whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np
import pytest

import made_record
from evenview.core.compare.matching import Matches, Side, match
from evenview.core.errors import UserError
from evenview.core.progress import Cancelled
from evenview.core.record import Coordinates, Images, Names, Record

N = 60


def record(**fields: object) -> Record:
    return replace(Record(quaternions=np.tile([1.0, 0, 0, 0], (N, 1))), **fields)


def side(of: Record) -> Side:
    return Side(len(of), of)


def images(stacks: list[str], index: np.ndarray | None = None) -> Images:
    number = 1 + np.arange(N) % 20 if index is None else index
    return Images(number.astype(np.int64), Names.of(stacks))


def stacks(pattern: str) -> list[str]:
    return [pattern.format(i // 20) for i in range(N)]


def shuffled(whole: Record, seed: int = 2) -> tuple[Record, np.ndarray]:
    order = np.random.default_rng(seed).permutation(N)
    found = whole
    if whole.images is not None:
        names = whole.images.stacks
        found = replace(
            found,
            images=Images(
                whole.images.index[order], None if names is None else names.of_rows(order)
            ),
        )
    if whole.uids is not None:
        found = replace(found, uids=whole.uids[order])
    if whole.coordinates is not None and whole.micrographs is not None:
        places = replace(whole.coordinates, values=whole.coordinates.values[order])
        if places.pixel_size is not None:
            places = replace(places, pixel_size=places.pixel_size[order])
        found = replace(found, coordinates=places, micrographs=whole.micrographs.of_rows(order))
    return found, order


def rows_are(found: Matches, order: np.ndarray) -> None:
    """B is A in this order: row j of B is row order[j] of A."""
    np.testing.assert_array_equal(order[found.rows_b], found.rows_a)
    assert (np.diff(found.rows_a) > 0).all()


def test_uids_match_before_all_else():
    rng = np.random.default_rng(1)
    uids = rng.integers(1 << 63, (1 << 64) - 1, N, dtype=np.uint64)
    uids[:2] = [2**64 - 2, 2**64 - 1]  # no float can tell them apart
    first = record(uids=uids, images=images(stacks("a_{}.mrcs")))
    second, order = shuffled(first)
    second = replace(second, images=images(stacks("other_{}.mrcs")))
    found = match(side(first), side(second))
    assert found.way == "uid"
    assert len(found) == N
    rows_are(found, order)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("J12/extract/mic{}.mrcs", "J12/extract/mic{}.mrcs", "the full name"),
        (">J12/extract/mic{}.mrc", "J12/extract/mic{}.mrc", "the full name"),
        ("Extract/job012/mic{}.mrcs", "/data/Extract/job012/mic{}.mrcs", "folder and name"),
        ("Extract/job012/mic{}.mrcs", "J5/mic{}.mrcs", "the name without folders"),
        ("J12/extract/mic{}.mrc", "Extract/mic{}.mrcs", "without folders and suffix"),
        ("J1/000000001234567890123_mic{}.mrc", "E/mic{}.mrcs", "suffix and leading number"),
        ("C:\\data\\mic{}.mrcs", "x/mic{}.mrcs", "the name without folders"),
    ],
)
def test_images_match_whatever_their_folders(a, b, words):
    first = record(images=images(stacks(a)))
    second, order = shuffled(record(images=images(stacks(b))))
    found = match(side(first), side(second))
    assert found.way == "image"
    assert words in found.words
    assert len(found) == N
    rows_are(found, order)


def test_stacks_of_one_name_in_two_folders_are_told_apart():
    folders = [f"set{i % 2}/mic.mrcs" for i in range(N)]
    index = 1 + np.arange(N) // 2
    first = record(images=images(folders, index))
    second, order = shuffled(record(images=images([f"/x/{f}" for f in folders], index)))
    found = match(side(first), side(second))
    assert "folder and name" in found.words
    assert not found.notes
    rows_are(found, order)


@pytest.mark.parametrize("low", ["A", "B"])
def test_numbers_that_count_from_0_are_understood(low):
    one, zero = images(stacks("m{}.mrcs")), images(stacks("m{}.mrcs"), np.arange(N) % 20)
    sides = (one, zero) if low == "B" else (zero, one)
    found = match(*(side(record(images=each)) for each in sides))
    np.testing.assert_array_equal(found.rows_a, found.rows_b)
    assert len(found) == N
    assert any(f"{low} counts images from 0" in note for note in found.notes)


def test_a_part_of_a_stack_that_counts_from_0_is_understood_too():
    """No number is 0 here: what tells it is that one base finds all, the other a part."""
    index = np.sort(np.random.default_rng(3).choice(np.arange(2, 500), N, replace=False))
    first = record(images=images(["m.mrcs"] * N, index))
    second = record(images=images(["m.mrcs"] * N, index - 1))
    found = match(side(first), side(second))
    np.testing.assert_array_equal(found.rows_a, found.rows_b)
    assert len(found) == N
    assert any("B counts images from 0" in note for note in found.notes)


def test_images_that_are_files_of_their_own_match_by_name():
    names = [f"p_{i}.mrc" for i in range(N)]
    first = record(images=images(names, np.zeros(N)))
    second, order = shuffled(first)
    found = match(side(first), side(second))
    assert len(found) == N
    rows_are(found, order)


def test_numbers_alone_match_where_there_is_one_stack():
    first = record(images=Images(1 + np.arange(N)))
    second, order = shuffled(record(images=images(["all.mrcs"] * N, 1 + np.arange(N))))
    found = match(side(first), side(second))
    assert found.words == "by the number of the image"
    rows_are(found, order)


def test_rows_of_one_image_are_paired_in_order_and_told():
    index = 1 + np.arange(N) // 2
    whole = record(images=images(["m.mrcs"] * N, index))
    found = match(side(whole), side(whole))
    np.testing.assert_array_equal(found.rows_a, found.rows_b)
    assert len(found) == N
    assert "30 rows of A have the image of an earlier row" in found.notes[0]
    once = record(images=images(["m.mrcs"] * N, 1 + np.arange(N)))
    found = match(side(whole), side(once))
    np.testing.assert_array_equal(found.rows_a, np.arange(0, N, 2))
    np.testing.assert_array_equal(found.rows_b, np.arange(N // 2))


def placed(values: np.ndarray, size: float | None = None, names: str = "mic{}.mrc") -> Record:
    sizes = None if size is None else np.full(N, size)
    return record(
        coordinates=Coordinates(values, "pixel", sizes),
        micrographs=Names.of([names.format(i // 20) for i in range(N)]),
    )


@pytest.fixture
def places() -> np.ndarray:
    """Of 20 particles in each of 3 micrographs, the same places in each."""
    grid = np.array([(200.0 * (i % 5), 200.0 * (i // 5)) for i in range(20)])
    return np.tile(grid, (3, 1)) + 100


def test_places_match_within_a_tolerance(places):
    near = places + np.random.default_rng(1).uniform(-10, 10, (N, 2))
    near[7] += 60
    first = placed(places)
    second, order = shuffled(placed(near, names="Other/film.mrc"))
    with pytest.raises(UserError, match="no particle of the one file is in the other"):
        match(side(first), side(second))
    second, order = shuffled(placed(near, names="Other/mic{}.mrc"))
    found = match(side(first), side(second))
    assert found.way == "micrograph+coordinates"
    assert "within 20 pixels" in found.words
    assert len(found) == N - 1
    rows_are(found, order)
    found = match(side(first), side(second), None, 3.0)
    assert len(found) < N - 1


def test_places_in_pixels_of_other_sizes_are_compared_in_angstroms(places):
    first, second = placed(places, 1.0), placed(places / 2, 2.0)
    found = match(side(first), side(second))
    assert "Å" in found.words
    assert len(found) == N


def test_the_next_way_is_taken_where_one_finds_little(places):
    first = replace(placed(places), images=images(stacks("a{}.mrcs")))
    second = replace(placed(places), images=images(stacks("b{}.mrcs")))
    assert match(side(first), side(second)).way == "micrograph+coordinates"


def test_rows_match_where_nothing_else_can():
    bare = Side(N)
    found = match(bare, side(record()))
    assert found.way == "row"
    assert "nothing in the files was looked at" in found.notes[0]
    np.testing.assert_array_equal(found.rows_a, found.rows_b)


@pytest.mark.parametrize(
    ("a", "b", "way", "words"),
    [
        (Side(N), Side(N + 1), None, "nothing that tells which particles are the same"),
        (Side(N), Side(N + 1), "row", "A has 60 and B has 61"),
        (Side(N), side(record()), "image", "A cannot be matched by image"),
        (side(record()), side(record()), "uid", "neither file has uids"),
        (side(record()), side(record()), "image", "A does not say which images"),
        (side(record()), side(record()), "micrograph+coordinates", "in which micrograph"),
        (
            side(record(images=images(stacks("a{}.mrcs")))),
            side(record(images=images(stacks("b{}.mrcs")))),
            None,
            "no particle of the one file is in the other by image",
        ),
        (
            side(record(images=images(stacks("a{}.mrcs")))),
            side(record(images=Images(1 + np.arange(N)))),
            "image",
            "only one of the files names the stacks",
        ),
    ],
)
def test_what_cannot_match_is_one_sentence(a, b, way, words):
    with pytest.raises(UserError, match=words):
        match(a, b, way)


def test_a_tolerance_must_be_one(places):
    with pytest.raises(UserError, match="tolerance"):
        match(side(placed(places)), side(placed(places)), "micrograph+coordinates", 0.0)


def test_subtomograms_match_by_tomogram_and_place():
    whole = made_record.record(subtomograms=True)
    found = match(side(whole), side(whole), "micrograph+coordinates")
    np.testing.assert_array_equal(found.rows_a, found.rows_b)
    assert len(found) == len(whole)


#: 60 particles in 3 micrographs of 4,000 × 3,000 Å.
SPREAD = np.random.default_rng(8).uniform((0, 0), (4000, 3000), (N, 2))
FLAT = np.diag([1.0, -1.0])


@pytest.mark.parametrize(
    ("matrix", "offset", "words"),
    [
        (FLAT, (0, 3000), "y_B = 3000 − y_A (pixels): B's micrographs are upside down"),
        (-FLAT, (4000, 0), "x_B = 4000 − x_A"),
        (-np.eye(2), (4000, 3000), "x_B = 4000 − x_A, y_B = 3000 − y_A"),
        (np.eye(2)[::-1], (0, 0), "x_B = y_A, y_B = x_A"),
        (np.eye(2) / 2, (0, 0), "x_B = 0.5 x_A, y_B = 0.5 y_A"),
        (FLAT * 1.5, (0, 4500), "y_B = 4500 − 1.5 y_A (pixels): B's micrographs are upside down"),
        (np.eye(2), (128, 128), "x_B = x_A + 128, y_B = y_A + 128"),
    ],
)
def test_places_that_are_laid_out_otherwise_are_found_and_told(matrix, offset, words):
    """y counted from the other edge, other binning, corners for centres."""
    first = placed(SPREAD)
    second, order = shuffled(placed(SPREAD @ np.array(matrix).T + offset))
    found = match(side(first), side(second))
    assert len(found) == N
    rows_are(found, order)
    assert words in found.notes[0]


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 20.0])
@pytest.mark.parametrize("k", [2, 3])
def test_however_far_places_reach_in_tolerances_they_match(k, tolerance):
    """Cells of votes may be more than whole numbers count, also of a few corrupt coordinates."""
    rng = np.random.default_rng(3)
    own = rng.uniform(0, 8000, (N, k))
    upside_down = own * [1, -1, 1][:k] + [0, 8000, 0][:k]
    if tolerance > 1:
        own[5], own[25], upside_down[40] = 1e12, 1e200, -1e12
    names = Names.of([f"TS_{i // 20}" for i in range(N)])

    def of(values: np.ndarray) -> Side:
        where = Coordinates(values, "pixel", None)
        if k == 2:
            return side(record(coordinates=where, micrographs=names))
        return side(record(subtomograms=True, coordinates=where, tomograms=names))

    found = match(of(own), of(upside_down), None, tolerance)
    assert len(found) == (N - 3 if tolerance > 1 else N)
    np.testing.assert_array_equal(found.rows_a, found.rows_b)
    assert "y_B = 8000 − y_A" in found.notes[0]


def alone(n: int) -> tuple[Side, Side]:
    """A particle a micrograph; in B these are upside down."""
    values = np.random.default_rng(2).uniform(0, 4000, (n, 2))
    names = Names.of([f"mic{i}.mrc" for i in range(n)])
    bare = Record(quaternions=np.tile([1.0, 0, 0, 0], (n, 1)), micrographs=names)
    both = (values, values * [1, -1] + [0, 4000])
    first, second = (replace(bare, coordinates=Coordinates(v, "pixel", None)) for v in both)
    return side(first), side(second)


def test_a_particle_a_micrograph_matches_in_as_little_time_as_many():
    """Two passes over all rows for each micrograph would take minutes."""
    start = process_time()
    found = match(*alone(50_000))
    assert process_time() - start < 5.0
    assert len(found) == 50_000
    assert "upside down" in found.notes[0]


def test_matching_can_be_cancelled_at_any_of_its_steps():
    sides = alone(200)
    steps: list[float] = []
    match(*sides, progress=lambda fraction, _phrase: steps.append(fraction))
    assert steps == sorted(steps)
    assert 0.0 <= steps[0] < steps[-1] <= 1.0

    def stop(fraction: float, _phrase: str) -> None:
        if fraction >= steps[-1]:
            raise Cancelled

    with pytest.raises(Cancelled):
        match(*sides, progress=stop)


def test_a_fifth_of_the_particles_tells_that_micrographs_are_upside_down():
    rng = np.random.default_rng(4)
    known = rng.random(N) < 0.3
    other = rng.uniform((0, 0), (4000, 3000), (N, 2))
    second = np.where(known[:, None], SPREAD * [1, -1] + [0, 3000], other)
    found = match(side(placed(SPREAD)), side(placed(second)))
    assert "upside down" in found.notes[0]
    assert np.isin(np.flatnonzero(known), found.rows_a).all()


def test_places_that_are_near_by_chance_are_no_match():
    other = np.random.default_rng(5).uniform((0, 0), (4000, 3000), (N, 2))
    with pytest.raises(UserError, match=r'A has "mic0.mrc" at .* B has "mic0.mrc" at'):
        match(side(placed(SPREAD)), side(placed(other)))


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("TS_{:02d}", "{}", "the last number in the name"),
        ("tomo_{:03d}_bin4", "tomograms/TS_{}.mrc", "the first number in the name"),
        ("{:05d}", "{}.0", "the last number in the name"),
        ("J7/000123456789012345678_mic{}_patch.mrc", "M/mic{}_patch.mrc", "leading number"),
    ],
)
def test_names_that_became_numbers_are_known_where_the_places_agree(a, b, words):
    second, order = shuffled(placed(SPREAD, names=b))
    found = match(side(placed(SPREAD, names=a)), side(second))
    assert len(found) == N
    assert words in found.words
    rows_are(found, order)


def test_numbers_that_two_names_share_are_no_names():
    """Both stacks of every tomogram have its number: which is which, nothing tells."""
    first = placed(SPREAD, names="TS_{}")
    second = replace(first, micrographs=Names.of([f"{'ab'[i % 2]}_{i // 20}" for i in range(N)]))
    with pytest.raises(UserError, match="no particle"):
        match(side(first), side(second))


def test_numbers_in_names_match_no_images():
    """Nothing but a number would tell that these are the same particles."""
    first, second = (record(images=images(stacks(name))) for name in ("a{}.mrcs", "b_{}.mrcs"))
    with pytest.raises(UserError, match=r'A has "000001@a0.mrcs", B has "000001@b_0'):
        match(side(first), side(second))


def test_why_a_way_was_taken_is_said(places):
    whole = replace(placed(places), images=images(stacks("a{}.mrcs")))
    other = replace(placed(places), images=images(stacks("b{}.mrcs")))
    assert match(side(whole), side(whole)).why == "as neither file has uids"
    assert match(side(whole), side(whole), "image").why == "as was asked for"
    assert "image finds 0" in match(side(whole), side(other)).why
    with_uids = replace(whole, uids=np.arange(N).astype(np.uint64))
    assert match(side(with_uids), side(with_uids)).why == "the first way to try"
    assert "nothing else" in match(Side(N), Side(N)).why


@pytest.mark.parametrize("size", [2.0, None])
def test_places_about_the_centre_of_a_tomogram_match_those_from_its_corner(size):
    """RELION 5 counts Å from the centre, RELION 4 pixels from the corner."""
    centred = np.random.default_rng(2).uniform((-900, -900, -200), (900, 900, 200), (N, 3))
    names = Names.of([f"TS_{i // 20:02d}" for i in range(N)])
    first = record(
        subtomograms=True, tomograms=names, coordinates=Coordinates(centred, "centred", None)
    )
    pixels = centred / 2.0 + (512, 512, 128)
    sizes = None if size is None else np.full(N, size)
    second = replace(first, coordinates=Coordinates(pixels, "pixel", sizes))
    found = match(side(first), side(second))
    np.testing.assert_array_equal(found.rows_a, found.rows_b)
    assert len(found) == N
    assert "z_B = " in found.notes[0]
