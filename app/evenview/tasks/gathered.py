"""Looking at several files before the first refusal, so that each that is bad can be named."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from evenview.core.errors import SeveralFilesError, UserError

T = TypeVar("T")


class Gathered:
    """What was refused so far, each sentence once."""

    def __init__(self) -> None:
        self._errors = dict[str, UserError]()

    def of(self, look: Callable[[], T]) -> T | None:
        """What a look gives; None where it was refused."""
        try:
            return look()
        except UserError as error:
            self._errors.setdefault(str(error), error)
            return None

    def require_none(self) -> None:
        """Raise the `UserError` that there is, or `SeveralFilesError`."""
        errors = tuple(self._errors.values())
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise SeveralFilesError(errors)
