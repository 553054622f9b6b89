"""Convert the file: its particles as a new file of another program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import Qt

from evenview.core.particles import Particles
from evenview.core.progress import Progress
from evenview.formats.base import Creatable
from evenview.gui.asking import Inputs
from evenview.gui.beside import beside
from evenview.gui.fields import Choice
from evenview.gui.files import ALL, by_folder
from evenview.gui.given import GivenField, whole_or_none
from evenview.gui.options import BOX, PIXEL_SIZE, asks_for
from evenview.gui.report import Line
from evenview.gui.widgets import quiet
from evenview.tasks import convert
from evenview.tasks.foresee import Foreseen, Sample, foresee, sample

WILL = "This will be written"
OF_SOME = "This will be written, as {0} rows of {1} tell"
UNIT_TIPS = (
    "Å per pixel of the particle images. It is only asked for where the file does not say it.",
    "The side of the particle images. It is only asked for where the file does not say it.",
)
#: Which sample was taken: of what, with which pixel size and box.
Key = tuple[Particles, float | None, int | None]


@dataclass(frozen=True, eq=False)
class Found:
    """What is known before anything is written."""

    key: Key
    sample: Sample
    told: Foreseen


class FormatInputs(Inputs):
    """The format, and what it may need besides."""

    title, verb, slot = "Convert to another format", "Convert", "convert"
    room = (760, 600)

    def __init__(self) -> None:
        super().__init__()
        self._forms = convert.creatable()
        self._key: Key | None = None
        self._sample: Sample | None = None
        items = ((name, _offered(form)) for name, form in self._forms.items())
        self.format = Choice(items, "The program that is to read the new file.")
        self.format.setAccessibleName("Format")
        self.format.setMinimumContentsLength(28)
        self.format.chosen.connect(lambda _name: self._chosen())
        self.precision = quiet()
        self.pixel_size = GivenField(PIXEL_SIZE, "Å", UNIT_TIPS[0])
        self.box = GivenField(BOX, "pixels", UNIT_TIPS[1])
        left = Qt.AlignmentFlag.AlignLeft
        self.add("Format", self.format)
        self.facts.setAlignment(self.format, left)
        self.add("Precision", self.precision)
        for name, field in ((PIXEL_SIZE, self.pixel_size), (BOX, self.box)):
            self.add(name, field)
            field.changed.connect(self.changed)
        self.setFocusProxy(self.format)
        self._tell_precision()

    @property
    def form(self) -> Creatable:
        """The format that is chosen."""
        return self._forms[self.format.key]

    def take(self, particles: Particles) -> None:
        """The file's own numbers, and another program than its own."""
        own = particles.table.path.suffix.lower()
        self.format.show_key("cryosparc-cs" if own == ".star" else "relion-star")
        self._tell_precision()
        self._key = self._sample = None
        self.pixel_size.show_said(_one(particles.pixel_size))
        self.box.show_said(_one(particles.box))

    def name(self, path: Path) -> Path:
        """The open file's, with the program's word and suffix."""
        word = self.format.key.partition("-")[0]
        return beside(path, word, next(iter(self.form.suffixes), path.suffix))

    def kinds(self) -> str:
        """The suffixes of the format that is chosen."""
        return f"{self.form.title} ({' '.join('*' + s for s in self.form.suffixes)});;{ALL}"

    def preview(self, particles: Particles) -> Callable[[Progress], Found]:
        """Make a file of some rows; see `tasks.foresee`."""
        key = (particles, *self._given())
        form = self.form
        known = self._sample if self._key == key else None

        def work(progress: Progress) -> Found:
            some = known or sample(*key, progress)
            return Found(key, some, foresee(some, form))

        return work

    def foretell(self, found: Found) -> tuple[str, Sequence[Line]]:
        """What is taken along, left behind and filled in."""
        self._key, self._sample = found.key, found.sample
        some = found.sample
        if found.key[1:] == (None, None):
            for field, said in ((self.pixel_size, some.pixel_sizes), (self.box, some.boxes)):
                if said:
                    field.show_said(said)
        rows = (f"{len(some.record):,}", f"{some.particles:,}")
        return WILL if some.is_whole else OF_SOME.format(*rows), tuple(_lines(some, found.told))

    def refuse(self, error: Exception | None) -> None:
        """Point out the number that is needed."""
        self.pixel_size.need(error is not None and asks_for(error, "--pixel-size"))
        self.box.need(error is not None and asks_for(error, "--box"))

    def work(self, particles: Particles, path: Path) -> Callable[[Progress], convert.ConvertResult]:
        """Convert; see `tasks.convert`."""
        pixel_size, box = self._given()
        request = convert.ConvertRequest(
            particles, path, self.format.key, pixel_size=pixel_size, box=box
        )
        return lambda progress: convert.run(request, progress)

    def tell(self, result: convert.ConvertResult) -> tuple[Sequence[Path], Sequence[Line]]:
        """What was taken along, left behind and filled in."""
        files = result.created.files
        lines = [Line("Warning", warning, "warn") for warning in result.warnings]
        lines += [Line("Replaced" if result.replaced else "Wrote", by_folder(files))]
        lines += [Line(name, text) for name, text in result.facts()]
        return files, [*lines, *_notes(result.notes)]

    def _given(self) -> tuple[float | None, int | None]:
        return self.pixel_size.value, whole_or_none(self.box.value, BOX)

    def _chosen(self) -> None:
        self._tell_precision()
        self.changed.emit()

    def _tell_precision(self) -> None:
        self.precision.setText(convert.precision_in_words(self.form.precision))


def _offered(form: Creatable) -> str:
    return f"{form.title}  ({', '.join(form.suffixes)})"


def _lines(some: Sample, told: Foreseen) -> Iterator[Line]:
    yield from (Line("Warning", warning, "warn") for warning in some.warnings)
    without = some.particles - some.placed
    if without:
        yield Line("Particles", f"{some.particles:,}, {without:,} of them without a pose")
    yield Line("Taken along", convert.listed(told.taken_along))
    yield Line("Left behind", convert.listed(told.lost))
    yield Line("Columns left", convert.listed(some.left_behind))
    yield Line("Filled in", convert.listed(told.filled, "; "))
    yield from _notes(told.notes)


def _notes(notes: Sequence[str]) -> Iterator[Line]:
    yield from (Line("Note", note, "quiet") for note in notes)


def _one(value: float | None) -> tuple[float, ...]:
    return () if value is None else (float(value),)
