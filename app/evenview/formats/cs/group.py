"""A .csg file: the result group of a job, which names the .cs file of each of its results.

cryoSPARC writes YAML: ``created``, ``group``, ``results`` (for each slot ``metafile``,
``num_items`` and ``type``) and ``version``. A metafile that begins with ">" lies beside the .csg
file. The text is only looked at: no object is made of it, and what is not replaced stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

import yaml

from evenview.core.errors import MalformedFileError, UserError

#: What the type of a slot of particles begins with.
_PARTICLE = "particle."

_LARGEST = 1 << 18  # a group of a hundred slots has 10 kB
_PARTS = ("created", "group", "results", "version")


@dataclass(frozen=True)
class Value:
    """A value of the text: what it says, and from where to where (in characters)."""

    text: str
    start: int
    stop: int


@dataclass(frozen=True)
class Slot:
    """One result: its name ("alignments3D"), the file that has it, and how many rows of it."""

    name: str
    type: str
    metafile: Value
    num_items: Value
    n: int

    @property
    def file(self) -> str:
        """The file, relative to the folder of the group."""
        return self.metafile.text.removeprefix(">")

    @property
    def is_particles(self) -> bool:
        """Whether it is a result of particles, not of micrographs, volumes or others."""
        return self.type.startswith(_PARTICLE)


@dataclass(frozen=True)
class Group:
    """A .csg file as it stands, and its slots in the order of the file."""

    path: Path
    text: str
    slots: tuple[Slot, ...]

    @property
    def particles(self) -> tuple[Slot, ...]:
        """The slots of particles."""
        return tuple(slot for slot in self.slots if slot.is_particles)

    def file_of(self, slot: Slot) -> Path:
        """Where the file of a slot lies."""
        return self.path.parent / slot.file

    def replaced(self, files: Mapping[Path, tuple[str, int]]) -> bytes:
        """The same text with other files in its slots of particles.

        `files` has for each file of now the name and the number of rows of the one in its place.
        Raises `UserError` where such a name cannot be written.
        """
        edits = []
        for slot in self.particles:
            name, n = files[self.file_of(slot)]
            mark = ">" if slot.metafile.text.startswith(">") else ""
            edits += [(slot.metafile, _quoted(mark + name)), (slot.num_items, str(n))]
        text = self.text
        for value, new in sorted(edits, key=lambda edit: -edit[0].start):
            text = text[: value.start] + new + text[value.stop :]
        return text.encode()


def read_group(path: Path) -> Group:
    """Read a .csg file; the files that it names are not looked for.

    Raises
    ------
    MalformedFileError
        Cut short, not YAML, without the parts of a result group, or with a metafile outside its
        folder.
    """
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise MalformedFileError("the file is too large for a result group", where=str(path))
    if not data.endswith(b"\n"):
        raise _cut_short(path, "its last line has no end")
    text, root = _compose(data, path)
    parts = _mapping(root, path, "the file")
    if missing := [part for part in _PARTS if part not in parts]:
        raise _cut_short(path, f"there is no {missing[0]}")
    results = _mapping(parts["results"], path, "results")
    slots = tuple(_slot(name, node, path) for name, node in results.items())
    return Group(path, text, slots)


def _compose(data: bytes, path: Path) -> tuple[str, yaml.Node | None]:
    """The text, and its tree without any value made of it."""
    try:
        text = data.decode()
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        if any(isinstance(event, yaml.AliasEvent) for event in events):
            raise MalformedFileError(
                "this result group uses anchors of YAML, which cryoSPARC does not write",
                where=str(path),
                hint="Write the values out.",
            )
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        line = f", line {where.line + 1}" if where else ""
        raise MalformedFileError(
            f"this result group is not sound YAML ({error.problem or error.context})",
            where=f"{path}{line}",
            hint="If it was edited: a metafile stands in quotes, as in '>particles.cs'.",
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise MalformedFileError(
            "this result group is not sound YAML text",
            where=str(path),
            hint="Copy or export it again.",
        ) from None
    return text, root


def _mapping(node: yaml.Node | None, path: Path, what: str) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise MalformedFileError(
            f"{what} is not a list of names and values, as in a result group of cryoSPARC",
            where=_place(path, node),
        )
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in found:
            raise MalformedFileError(
                f"{what} has a name twice or one that is no word", where=_place(path, key)
            )
        found[key.value] = value
    return found


def _slot(name: str, node: yaml.Node, path: Path) -> Slot:
    parts = _mapping(node, path, f"the slot {name}")
    values = {}
    for part in ("metafile", "num_items", "type"):
        value = parts.get(part)
        if not isinstance(value, yaml.ScalarNode) or value.style not in (None, "'", '"'):
            raise MalformedFileError(
                f"the slot {name} does not say its {part}", where=_place(path, value or node)
            )
        values[part] = Value(value.value, value.start_mark.index, value.end_mark.index)
    n = values["num_items"].text
    if not (n.isascii() and n.isdigit() and len(n) < 19):
        raise MalformedFileError(
            f"the num_items of the slot {name} is {n!r:.40}, not a number",
            where=_place(path, parts["num_items"]),
        )
    slot = Slot(name, values["type"].text, values["metafile"], values["num_items"], int(n))
    if slot.is_particles:
        _require_inside(slot, _place(path, parts["metafile"]))
    return slot


def _require_inside(slot: Slot, where: str) -> None:
    """A group from elsewhere may name only files that came with it."""
    places = PurePosixPath(slot.file), PureWindowsPath(slot.file)
    is_out = any(place.is_absolute() or place.anchor or ".." in place.parts for place in places)
    if is_out or not slot.file.strip(" .") or not slot.file.isprintable():
        raise MalformedFileError(
            f"the metafile of the slot {slot.name} is {slot.metafile.text!r:.80}, which is not a "
            "file in the folder of the result group",
            where=where,
            hint="Put the .cs file beside the .csg file and name it there.",
        )


def _quoted(name: str) -> str:
    if not name.isprintable():
        raise UserError(
            "a result group cannot say a file name with bytes that are no letters",
            where=repr(name),
            hint="Choose another name.",
        )
    return "'" + name.replace("'", "''") + "'"


def _place(path: Path, node: yaml.Node | None) -> str:
    return str(path) if node is None else f"{path}, line {node.start_mark.line + 1}"


def _cut_short(path: Path, why: str) -> MalformedFileError:
    return MalformedFileError(
        f"this result group is cut short: {why}",
        where=str(path),
        hint="Copy or export it again; if it was edited, end every line.",
    )
