"""What every task's result can do."""

from __future__ import annotations

from typing import Any, Protocol


class Result(Protocol):
    """The outcome of a task."""

    def summary(self) -> str:
        """The outcome in words, one fact a line."""
        ...

    def as_json(self) -> dict[str, Any] | list[dict[str, Any]]:
        """The outcome as plain values."""
        ...
