"""Makes the pages of docs/ whose tables the program uses itself, so that they cannot disagree.

    python packaging/make_docs.py

The prose is in packaging/docs/, where {{name}} stands for a table made here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from evenview.core import convention
from evenview.core.conventions import Convention, Number, conventions, find_convention
from evenview.core.errors import UserError
from evenview.core.record import CTF_FIELDS, Coordinates, Ctf, Images, Names, Record
from evenview.core.settings import PACKAGES, turn_between
from evenview.core.symmetry import parse_group
from evenview.formats import Format, formats, open_particles
from evenview.formats.base import Creatable, Movable
from evenview.tasks.convert import precision_in_words
from evenview.tasks.pose import convert

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES, DOCS = ROOT / "packaging" / "docs", ROOT / "docs"

#: RELION's rot, tilt and psi of the worked example.
EXAMPLE = (30.0, 60.0, 45.0)

_LUNE, _LIKEWISE = "azimuth within ±180°/n", "likewise"
_TRIANGLE = "the triangle of {} and the two 3-fold axes on both sides of {}"
#: A group, the name of its line, and its asymmetric unit.
GROUPS = (
    ("C7", "Cn", _LUNE),
    ("D7", "Dn", f"{_LUNE}, v_z ≥ 0"),
    ("D7y", "Dny, n odd", "that of Dn turned by 90° about Z"),
    ("T", "T", _TRIANGLE.format("Z", "+Y")),
    ("T-eman", "T-eman", _TRIANGLE.format("Z", "−Y")),
    ("T222", "T222", _TRIANGLE.format("(1, 1, 1)", "Z")),
    ("O", "O", _TRIANGLE.format("Z", "+X")),
    ("I1", "I1", "the triangle of a 5-fold axis and two 3-fold axes"),
    ("I2", "I2, also called I", _LIKEWISE),
    ("I3", "I3", f"{_LIKEWISE}, about Z"),
    ("I4", "I4", f"{_LIKEWISE}, about Z"),
)

#: Groups and how the table of packages calls them.
SETTINGS = ("Cn", "Dn", "Dny", "T", "T-eman", "T222", "O", "I1", "I2", "I3", "I4")

TURNS = (
    *(("D7", "D7y"), ("T", "T-eman"), ("T", "T222"), ("T-eman", "T222")),
    *(("I1", "I2"), ("I1", "I3"), ("I1", "I4"), ("I2", "I3"), ("I2", "I4"), ("I3", "I4")),
)


def page(name: str) -> str:
    """A page of docs/, with its tables."""
    template = (TEMPLATES / name).read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: PARTS[found[1]](), template)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def overview() -> str:
    rows = [
        (f"`{name}`", about.title, ", ".join(about.packages) or "–", _numbers(about), _code(about))
        for name, about in conventions().items()
    ]
    return table(("NAME", "convention", "used by", "numbers, in order", "formula"), rows)


def details() -> str:
    return "\n\n".join(map(_detail, conventions().values()))


def _detail(about: Convention) -> str:
    also = ", ".join(f"`{alias}`" for alias in about.aliases)
    lines = [f"**{about.title}** (`{about.name}`{', also ' + also if also else ''})"]
    lines += [f"- Ambiguous: {about.degenerate}", f"- Precision: {about.precision}"]
    return "\n".join([*lines, f"- Source: {about.source.removesuffix('.')}."])


def _numbers(about: Convention) -> str:
    units = dict.fromkeys(number.unit for number in about.numbers)
    if len(units) == 1:
        unit = next(iter(units))
        return about.order.replace(" ", ", ") + (f" ({unit})" if unit else "")
    return ", ".join(n.name + (f" ({n.unit})" if n.unit else "") for n in about.numbers)


def _code(about: Convention) -> str:
    formula, _, remark = about.formula.partition("  (")
    return f"`{formula}`" + (f" ({remark}" if remark else "")


def example() -> str:
    values = convert(find_convention("relion"), [EXAMPLE]).values
    rows = [
        (about.title, _spell(about.numbers, values[name][0].tolist()))
        for name, about in conventions().items()
    ]
    return table(("convention", "numbers"), rows)


def _spell(numbers: Sequence[Number], values: Sequence[float]) -> str:
    parts = [
        f"{number.name} {value:.6f}".rstrip("0").rstrip(".") + ("°" if number.unit == "°" else "")
        for number, value in zip(numbers, values, strict=True)
    ]
    unit = " rad" if numbers[0].unit == "rad" else ""
    return ", ".join(parts).replace("-", "−") + unit


def groups() -> str:
    rows = [
        (
            title,
            parse_group(name).setting.words.replace("7-fold", "n-fold").replace(" -", " −"),
            unit,
        )
        for name, title, unit in GROUPS
    ]
    return table(("group", "axes", "asymmetric unit"), rows)


def packages() -> str:
    head = ("setting", *(package.title for package in PACKAGES.values()))
    return table(head, [(setting, *map(_names_of(setting), PACKAGES)) for setting in SETTINGS])


def _names_of(setting: str) -> Callable[[str], str]:
    def names(key: str) -> str:
        found = [means.name for means in PACKAGES[key].groups if means.group == setting]
        return ", ".join(found) or "–"

    return names


def remarks() -> str:
    return "\n".join(
        f"- {package.title}: {package.remark}." for package in PACKAGES.values() if package.remark
    )


def turns() -> str:
    rows = [
        (old, new, turn_between(parse_group(old), parse_group(new)).words.replace("-", "−"))
        for old, new in TURNS
    ]
    return table(("from", "to", "turn of the map"), rows)


def file_formats() -> str:
    rows = [
        (
            form.title,
            f"`{name}`",
            " ".join(form.suffixes),
            "yes" if isinstance(form, Creatable) else "–",
            "yes" if isinstance(form, Movable) else "–",
            _first_line(form),
        )
        for name, form in _by_title().items()
    ]
    return table(("format", "name", "suffixes", "convert to", "transform", "what it is"), rows)


def made_anew() -> str:
    rows = [
        (
            form.title,
            f"`{name}`",
            precision_in_words(form.precision),
            "; ".join(_sayable(form)),
        )
        for name, form in _by_title().items()
        if isinstance(form, Creatable)
    ]
    return table(("format", "name", "how exactly", "what it says besides the poses"), rows)


def units() -> str:
    rows = [
        (form.title, *(_cell(_units(form).get(name)) for name in ("poses", "shifts")))
        for form in _by_title().values()
        if isinstance(form, Creatable)
    ]
    return table(("format", "poses", "shifts"), rows)


def _by_title() -> dict[str, Format]:
    return dict(sorted(formats().items(), key=lambda item: item[1].title.lower()))


def _cell(words: str | None) -> str:
    return (words or "–").replace("|", "\\|")


def _sayable(form: Creatable) -> list[str]:
    """What a new file of everything that can be said does say."""
    said: dict[str, None] = {}
    for record in RECORDS:
        with TemporaryDirectory() as folder, suppress(UserError):
            dropped = form.create(Path(folder) / "made", record).dropped
            said |= dict.fromkeys(words for words in record.said().values() if words not in dropped)
    lacking = [words for words in CTF_FIELDS.values() if words not in said]
    besides = [words for words in said if words not in CTF_FIELDS.values()]
    if len(lacking) == len(CTF_FIELDS):
        return besides
    return [*besides, "the CTF" + (f" but for {', '.join(lacking)}" if lacking else "")]


def _units(form: Creatable) -> Mapping[str, str]:
    """What the columns of a new file mean."""
    for record in RECORDS:
        with TemporaryDirectory() as folder, suppress(UserError):
            (path, *_) = form.create(Path(folder) / "made", record).files
            return form.units(open_particles(path))
    return {}


def _everything(subtomograms: bool) -> Record:
    """Two particles of which everything is known."""
    n, dimensions = 2, 3 if subtomograms else 2
    ones, names = np.ones(n), Names.of(["a", "a"])
    return Record(
        quaternions=convention.relion_to_quaternions(ones, ones, ones),
        origins=np.ones((n, dimensions)),
        subtomograms=subtomograms,
        pixel_size=ones,
        box=np.full(n, 64),
        halves=np.array([1, 2], np.int8),
        classes=np.ones(n, np.int64),
        images=Images(np.arange(1, n + 1), names),
        micrographs=None if subtomograms else names,
        tomograms=names if subtomograms else None,
        coordinates=Coordinates(np.full((n, dimensions), 100.0), "pixel", ones),
        ctf=Ctf() if subtomograms else Ctf(ones, ones, ones, ones, ones, ones, 0.1 * ones),
        groups=names,
        uids=np.arange(1, n + 1, dtype=np.uint64),
    )


def _first_line(form: object) -> str:
    return (type(form).__doc__ or "").partition("\n")[0].replace("``", "`")


RECORDS = (_everything(subtomograms=False), _everything(subtomograms=True))

_TABLES = (file_formats, made_anew, units)
_MADE = (overview, details, example, groups, packages, remarks, turns, *_TABLES)
PARTS: dict[str, Callable[[], str]] = {part.__name__: part for part in _MADE}

if __name__ == "__main__":
    for found in sorted(TEMPLATES.glob("*.md")):
        (DOCS / found.name).write_text(page(found.name), encoding="utf-8")
        print(DOCS / found.name)
