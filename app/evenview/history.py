"""History[T]: undo and redo as a list of values, itself a value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")

#: How many steps back one can go. Values share their unchanged parts, so a step is cheap.
DEPTH = 500


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One value that was, and the name of the edit that led to it."""

    label: str
    value: T
    #: True while the hand is still on the slider: the next edit of the same name takes its place.
    open: bool = False


@dataclass(frozen=True)
class History(Generic[T]):
    """The values a thing has had. Every change gives a new `History`; the old one stays as it was.

    Attributes
    ----------
    entries
        Oldest first; never empty.
    position
        Index of the entry that holds now.
    """

    entries: tuple[Entry[T], ...]
    position: int = 0

    @classmethod
    def start(cls, value: T, label: str = "") -> History[T]:
        """A history with nothing to undo."""
        return cls((Entry(label, value),))

    @property
    def value(self) -> T:
        """The value that holds now."""
        return self.entries[self.position].value

    @property
    def undo_label(self) -> str | None:
        """The name of the edit that `undo` takes back, None when there is none."""
        return self.entries[self.position].label if self.position else None

    @property
    def redo_label(self) -> str | None:
        """The name of the edit that `redo` brings back, None when there is none."""
        after = self.position + 1
        return self.entries[after].label if after < len(self.entries) else None

    def edit(self, label: str, value: T, *, transient: bool = False) -> History[T]:
        """Go to a new value; what had been undone is forgotten.

        A `transient` edit stays open: the next edit of the same name replaces it, so that a slider
        dragged over a hundred values is one step back. An edit that changes nothing adds no step,
        and a drag that ends where it began leaves none.
        """
        now = self.entries[self.position]
        continues = now.open and now.label == label and self.position > 0
        if value == now.value and not continues:
            return self
        if continues and not transient and value == self.entries[self.position - 1].value:
            return History(self.entries[: self.position], self.position - 1)
        kept = self.entries[: self.position + (0 if continues else 1)]
        entries = (*kept, Entry(label, value, open=transient))[-DEPTH:]
        return History(entries, len(entries) - 1)

    def undo(self) -> History[T]:
        """One step back; itself when there is none."""
        return replace(self, position=max(self.position - 1, 0))

    def redo(self) -> History[T]:
        """One step forward; itself when there is none."""
        return replace(self, position=min(self.position + 1, len(self.entries) - 1))
