"""cryoSPARC result groups: the files they name, joined, and a new group of the kept ones."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

import made_cs
from evenview.core.errors import MalformedFileError, NoOrientationsError, UserError
from evenview.core.reading import Reading
from evenview.formats import open_particles
from shared_data import shared


@pytest.fixture
def group(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    path, whole = made_cs.write_group(folder)
    return path, whole


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def sentence(path, kind=MalformedFileError):
    with pytest.raises(kind) as error:
        open_particles(path)
    text = str(error.value)
    assert str(path) in text
    assert "\n" not in text
    return text


# --- reading


def test_a_group_is_its_files_joined_by_uid(group):
    path, whole = group
    found = open_particles(path)
    poses, images = path.with_name("J7_passthrough_particles.cs"), path.with_name("J7_particles.cs")
    assert found.table.sources == (path, poses, images)
    assert found.table.path == path
    alone = open_particles(poses)
    assert np.array_equal(found.quaternions, alone.quaternions)
    assert found.pixel_size == 1.07
    rows = {str(row["uid"]): row for row in whole}
    for i in (0, 7, 199):
        cells = found.table.cells(i)
        assert cells["blob/path"] == rows[cells["uid"]]["blob/path"].decode()
    assert found.notes == ()


def test_every_slot_may_have_a_file_of_its_own(tmp_path, out):
    whole = made_cs.particles(100)
    slots = {}
    for prefix in ("alignments3D", "blob"):
        names = [name for name in whole.dtype.names if name.startswith(prefix)]
        part = np.zeros(100, [("uid", "<u8"), *((name, whole.dtype[name]) for name in names)])
        for name in ("uid", *names):
            part[name] = whole[name]
        made_cs.write(tmp_path / f"J1_{prefix}_exported.cs", part)
        slots[prefix] = (f"J1_{prefix}_exported.cs", 100)
    location = made_cs.particles(100, fields=made_cs.LOCATION)
    made_cs.write_stream(tmp_path / "J1_location_exported.cs", location[::-1].copy())
    slots["location"] = ("J1_location_exported.cs", 100)
    path = tmp_path / "J1_particles_exported.csg"
    path.write_text(made_cs.group_text(slots))
    found = open_particles(path)
    assert np.array_equal(
        found.table.numeric("location/center_x_frac"), location["location/center_x_frac"]
    )
    assert found.table.cells(3)["blob/path"] == whole["blob/path"][3].decode()
    kept = np.arange(100) < 30
    written = found.table.write(out / "kept.csg", kept)
    assert [file.name for file in written] == [
        "kept.csg",
        "kept_particles.cs",
        "kept_blob.cs",
        "kept_location.cs",
    ]
    after = open_particles(out / "kept.csg")
    assert np.array_equal(after.quaternions, found.quaternions[kept])
    assert [after.table.cells(i) for i in range(30)] == [found.table.cells(i) for i in range(30)]


def test_poses_for_several_classes_in_a_group(tmp_path):
    rows, best = made_cs.classes(60)
    images = made_cs.particles(60, fields=made_cs.BLOB)
    made_cs.write(tmp_path / "a.cs", images)
    made_cs.write(tmp_path / "b.cs", rows[::-1].copy())
    slots = {"alignments3D_multi": ("b.cs", 60), "blob": ("a.cs", 60)}
    path = tmp_path / "g.csg"
    path.write_text(made_cs.group_text(slots))
    alone = tmp_path / "b.cs"
    for chosen in (None, 1):
        found = open_particles(path, reading=Reading(chosen))
        expected = open_particles(alone, reading=Reading(chosen))
        assert np.array_equal(found.quaternions, expected.quaternions)
    with pytest.raises(UserError, match="no class 9"):
        open_particles(path, reading=Reading(9))
    assert len(best) == 60


def test_the_vector_is_the_particles_with_their_passthrough(out):
    path = shared("vectors/cs_star/J20_particles.csg")
    found = open_particles(path)
    plain = open_particles(shared("vectors/cs_star/J20_particles.cs"))
    assert np.array_equal(found.quaternions, plain.quaternions)
    assert np.array_equal(found.halves, plain.halves)
    kept = np.arange(265) % 2 == 0
    found.table.write(out / "kept.csg", kept)
    before, after = (yaml.safe_load(file.read_text()) for file in (path, out / "kept.csg"))
    assert np.array_equal(np.load(out / "kept_particles.cs"), np.load(plain.table.path)[kept])
    for name, slot in after["results"].items():
        file = "kept_passthrough.cs" if name == "location" else "kept_particles.cs"
        assert slot == before["results"][name] | {"metafile": f">{file}", "num_items": 133}
        assert len(np.load(out / file)) == 133
    assert {key: after[key] for key in after if key != "results"} == {
        key: before[key] for key in before if key != "results"
    }


# --- writing


def test_only_files_and_numbers_of_particles_change_in_the_text(group, out):
    path, _ = group
    other = (
        '  # seen by hand\n  mscope_params:\n    metafile: ">J7_mics.cs"   # not of particles\n'
        "    num_items: 12\n    type: exposure.mscope_params\n"
    )
    names = {"alignments3D": "J7_passthrough_particles.cs", "blob": "J7_particles.cs"}
    text = made_cs.group_text({slot: (file, 200) for slot, file in names.items()}, other)
    path.write_bytes(text.replace("\n", "\r\n").encode())
    found = open_particles(path)
    assert any("mscope_params" in note.text for note in found.notes)
    found.table.write(out / "it's kept.csg", np.arange(200) < 9)
    new = {"alignments3D": "it''s kept_passthrough.cs", "blob": "it''s kept_particles.cs"}
    expected = made_cs.group_text({slot: (file, 9) for slot, file in new.items()}, other)
    assert (out / "it's kept.csg").read_bytes() == expected.replace("\n", "\r\n").encode()
    assert len(open_particles(out / "it's kept.csg")) == 9


def test_kept_and_excluded_go_to_groups_of_their_own(group, out):
    path, _ = group
    found = open_particles(path)
    kept = np.random.default_rng(3).random(200) < 0.3
    found.table.write_parts([(out / "kept.csg", kept), (out / "excluded.csg", ~kept)])
    uids = set()
    for name, mask in (("kept", kept), ("excluded", ~kept)):
        after = open_particles(out / f"{name}.csg")
        assert np.array_equal(after.quaternions, found.quaternions[mask])
        uids |= {after.table.cells(i)["uid"] for i in range(len(after))}
        slots = yaml.safe_load((out / f"{name}.csg").read_text())["results"].values()
        assert {slot["num_items"] for slot in slots} == {int(mask.sum())}
    assert len(uids) == 200
    # either .cs file of a group, opened by itself, finds the other
    assert len(open_particles(out / "kept_particles.cs").table.sources) == 2


def test_a_group_is_not_written_over_and_neither_are_its_files(group):
    path, _ = group
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    table = open_particles(path).table
    for name in ("J7_particles.csg", "J7.csg"):  # the second would write J7_particles.cs
        with pytest.raises(UserError, match="never written over"):
            table.write(path.with_name(name), np.ones(200, bool))
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before


def test_a_metafile_without_its_mark_stays_without(group, out):
    path, _ = group
    path.write_text(path.read_text().replace("'>J7_particles.cs'", "J7_particles.cs"))
    open_particles(path).table.write(out / "kept.csg", np.arange(200) < 9)
    slots = yaml.safe_load((out / "kept.csg").read_text())["results"]
    assert slots["blob"]["metafile"] == "kept_particles.cs"
    assert slots["alignments3D"]["metafile"] == ">kept_passthrough.cs"


# --- what is refused


def edited(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_a_file_that_is_not_there(group):
    path, _ = group
    path.with_name("J7_particles.cs").unlink()
    text = sentence(path, UserError)
    assert "slot blob is in J7_particles.cs, and there is no such file" in text


def test_numbers_that_do_not_agree(group):
    path, _ = group
    rows = np.load(path.with_name("J7_particles.cs"))
    made_cs.write(path.with_name("J7_particles.cs"), rows[:150])
    assert "blob has 200 particles by its num_items, and J7_particles.cs has 150" in sentence(path)
    text = made_cs.group_text(
        {"alignments3D": ("J7_passthrough_particles.cs", 200), "blob": ("J7_particles.cs", 150)}
    )
    path.write_text(text)
    assert "alignments3D has 200 particles and the slot blob 150" in sentence(path)


@pytest.mark.parametrize(
    "file",
    [
        "../J7_particles.cs",
        "/etc/passwd",
        "a/../../b.cs",
        "C:\\b.cs",
        "..\\b.cs",
        "",
        ".",
        "x" * 20 + "\\x00",
    ],
)
def test_a_metafile_outside_the_folder(group, file):
    path, _ = group
    edited(path, "'>J7_particles.cs'", f'">{file}"' if "\\x" in file else f"'>{file}'")
    text = sentence(path)
    assert "slot blob" in text
    assert "not a file in the folder" in text
    assert "line 13" in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("'>J7_particles.cs'", ">J7_particles.cs", "not sound YAML"),
        ("    metafile: '>J7_particles.cs'\n", "", "blob does not say its metafile"),
        ("    type: particle.blob\n", "", "blob does not say its type"),
        ("num_items: 200", "num_items: many", "not a number"),
        ("num_items: 200", "num_items: -1", "not a number"),
        ("num_items: 200", "num_items: [200]", "does not say its num_items"),
        ("  blob:\n", "  alignments3D:\n", "a name twice"),
        ("version: v4.4.1\n", "", "there is no version"),
        ("v4.4.1\n", "v4.4", "last line has no end"),
        ("results:\n", "results: !!python/object/apply:os.system [x]\n", "not sound YAML"),
        ("'>J7_particles.cs'", "*a", "not sound YAML"),
        ("J7_particles.cs", "J7_particles.cs" + "9" * 400, "no such file"),
        ("title: All particles", "title: {{{{", "not sound YAML"),
        ("title: All particles", "title: " + "[" * 5000, "not sound YAML"),
        ("v4.4.1", "v4.4.1" + "x" * 300_000, "too large"),
        ("title: All particles", "title: \x07", "not sound YAML"),
    ],
)
def test_a_group_that_cannot_be(group, old, new, words):
    path, _ = group
    assert words in sentence(edited(path, old, new), UserError)


def test_anchors_are_refused_before_they_multiply(group):
    path, _ = group
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    path.write_text(bomb + path.read_text())
    assert "anchors" in sentence(path)


def test_a_group_of_volumes_has_no_particles(group):
    path, _ = group
    edited(path, "type: particle.", "type: volume.")
    assert "no particles (its results are: volume)" in sentence(path, NoOrientationsError)


def test_a_group_without_poses(group):
    path, _ = group
    path.write_text(made_cs.group_text({"blob": ("J7_particles.cs", 200)}))
    assert "no 3-D orientations" in sentence(path, NoOrientationsError)


def test_a_name_that_no_text_can_say(group, out):
    table = open_particles(group[0]).table
    for name in ("k\udcff.csg", "k\n.csg"):
        with pytest.raises(UserError, match="cannot say a file name"):
            table.write(out / name, np.ones(200, bool))
    assert list(out.iterdir()) == []
