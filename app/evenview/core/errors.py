"""Errors that are the user's to mend: one sentence each, never a traceback."""

from __future__ import annotations


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
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        sentence = sentence if sentence.endswith((".", "!", "?")) else sentence + "."
        return f"{sentence} {self.hint}".rstrip()


class MalformedFileError(UserError):
    """The bytes are not what the format promises (truncated, ragged, not a number)."""


class NoOrientationsError(UserError):
    """The file is sound but holds no 3-D orientations to show."""
