"""Errors that are the user's to mend: one sentence each, never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenview.core.words import counted

if TYPE_CHECKING:
    from evenview.core.preview import TablePreview


#: A cell or name may be as long as a file is: of each part of a sentence, no more is shown.
_LONGEST = 1000


class UserError(Exception):
    """Something the user can mend.

    Parameters
    ----------
    what
        What is wrong, in words ("the file has no orientations").
    where
        The place: file, line, column, as far as known.
    hint
        What to do about it.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = _one_line(what)
        self.where = _one_line(where)
        self.hint = _one_line(hint)
        super().__init__(str(self))

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        sentence = sentence if sentence.endswith((".", "!", "?")) else sentence + "."
        return f"{sentence} {self.hint}".rstrip()


def _one_line(text: str) -> str:
    """A text that may quote anything, without line ends and of a length that people read."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":  # a byte that is no UTF-8 (PEP 383)
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return letter.encode("unicode_escape", "backslashreplace").decode("ascii")


class MalformedFileError(UserError):
    """The bytes are not what the format promises (truncated, ragged, not a number)."""


class NoOrientationsError(UserError):
    """The file is sound but holds no 3-D orientations to show."""


class ClassNeededError(UserError):
    """A file with poses for several `classes` that does not say which of them counts."""

    def __init__(self, what: str, classes: tuple[int, ...], *, where: str) -> None:
        self.classes = classes
        super().__init__(
            what, where=where, hint=f"Choose one class: {', '.join(map(str, classes))}."
        )


class ColumnsNeededError(UserError):
    """A table of text whose columns only the user can explain; `preview` is its beginning."""

    def __init__(self, what: str, preview: TablePreview, *, where: str, hint: str) -> None:
        self.preview = preview
        super().__init__(what, where=where, hint=hint)


class SeveralFilesError(UserError):
    """Several files that cannot be read or used: `errors`, of which the first speaks for all."""

    def __init__(self, errors: tuple[UserError, ...]) -> None:
        self.errors = errors
        first, more = errors[0], counted(len(errors) - 1, "more file is", "more files are")
        super().__init__(
            first.what, where=first.where, hint=f"{first.hint} {more} refused.".strip()
        )
