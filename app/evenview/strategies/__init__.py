"""Ways of thinning: one file each, found by folder.

A strategy module defines one frozen dataclass that satisfies `evenview.core.thinning.Strategy`
and names it in ``STRATEGY``. Its fields, made with `parameter` and `file_parameter`, become sliders
and buttons in the window and options on the command line. One whose rule promises that thinning the
kept particles again changes nothing says so with ``idempotent: ClassVar[bool] = True``, and is held
to it by the tests.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

from evenview.core.errors import UserError
from evenview.core.thinning import BinTable, Strategy

#: The strategy that is offered first.
DEFAULT = "percentile"

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Parameter:
    """One number that steers a strategy: what a slider or an option needs to know of it.

    It is a whole number when `default` is an ``int``. `step` is the smallest sensible change.
    """

    name: str
    default: int | float
    low: int | float
    high: int | float
    step: int | float
    title: str
    help: str
    unit: str = ""

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return isinstance(self.default, int)

    def check(self, value: int | float) -> None:
        """Raise `UserError` unless `value` is a number of the right kind within the range."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and self.low <= value <= self.high and (not self.whole or value == int(value)):
            return
        kind = "a whole number" if self.whole else "a number"
        unit = f" {self.unit}" if self.unit else ""
        raise UserError(
            f"{self.title!r} is {kind} from {self.low:,} to {self.high:,}{unit}, not {value!r}"
        )


def parameter(
    default: Number,
    low: Number,
    high: Number,
    step: Number,
    title: str,
    help: str,  # noqa: A002 - the word users know
    unit: str = "",
) -> Number:
    """A dataclass field that is a parameter of a strategy. `parameters` reads it back."""
    about = Parameter("", default, low, high, step, title, help, unit)
    made: Number = field(default=default, metadata={"parameter": about})
    return made


def parameters(strategy: type[Strategy] | Strategy) -> tuple[Parameter, ...]:
    """The parameters of a strategy, in the order of its fields."""
    return tuple(
        replace(item.metadata["parameter"], name=item.name)
        for item in fields(strategy)
        if "parameter" in item.metadata
    )


@dataclass(frozen=True)
class FileParameter:
    """A particle file that a strategy looks at, by its path; "" is none, which is called `none`."""

    name: str
    title: str
    help: str
    none: str


def file_parameter(title: str, help: str, none: str) -> str:  # noqa: A002 - as in `parameter`
    """A dataclass field that is the path of a file. `files` reads it back."""
    made: str = field(default="", metadata={"file": FileParameter("", title, help, none)})
    return made


def files(strategy: type[Strategy] | Strategy) -> tuple[FileParameter, ...]:
    """The files that a strategy looks at, in the order of its fields."""
    return tuple(
        replace(item.metadata["file"], name=item.name)
        for item in fields(strategy)
        if "file" in item.metadata
    )


class Checked:
    """Base of a strategy: no instance exists with a parameter out of its range, and its one file,
    whatever the field is called, is the example.

    One that needs to know what thinning does to the scores says ``looks_ahead = True``. One that
    is another with a different parameter names that as its `family`.
    """

    looks_ahead: ClassVar[bool] = False
    family: ClassVar[str] = ""

    @property
    def example(self) -> str:
        """The path of the file that it looks at; "" where there is none."""
        kind = cast(Strategy, self)
        return "".join(getattr(kind, about.name) for about in files(kind))

    def __post_init__(self) -> None:
        for about in parameters(cast(Strategy, self)):
            about.check(getattr(self, about.name))


def started(kind: type[Strategy], bins: BinTable) -> Strategy:
    """A strategy with numbers to begin with: its own ``start(bins)`` where it has one, else usual.

    Numbers of particles have to come from what is there, not from what suits another file.
    """
    start = getattr(kind, "start", None)
    return cast(Strategy, kind() if start is None else start(bins))


def family(name: str) -> tuple[type[Strategy], ...]:
    """The strategies that a name stands for on the command line: its own, and those of its family.

    Which of them is meant is seen by the parameters that are given.
    """
    kin = (kind for kind in strategies().values() if kind.family == name)
    return (strategies()[name], *kin)


@cache
def strategies() -> dict[str, type[Strategy]]:
    """Every strategy of this folder by name, the default first, the others by name."""
    modules = (
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
        if not found.name.startswith("_")
    )
    found: list[Any] = [module.STRATEGY for module in modules]
    return {s.name: s for s in sorted(found, key=lambda s: (s.name != DEFAULT, s.name))}
