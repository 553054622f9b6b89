"""Where a colour bar has its ticks, and how numbers are written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """From the lowest to the highest value of a colour bar, linear or logarithmic."""

    low: float
    high: float
    kind: Literal["linear", "log"]

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high end."""
        if self.kind == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def holds(self, value: float) -> bool:
        """Whether a value lies on the bar."""
        return self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9) or (
            self.kind == "linear" and self.low <= value <= self.high
        )

    def major(self, most: int) -> list[float]:
        """Values to be written beside the bar, about ``most`` of them."""
        return self._decades(most) if self.kind == "log" else self._even(most)

    def minor(self) -> list[float]:
        """Values that get a short tick: 2 to 9 times each decade of a log scale."""
        if self.kind == "linear" or self.high / self.low > 1e6:
            return []
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        steps = (n * 10.0**e for e in range(first, last + 1) for n in range(2, 10))
        return [value for value in steps if self.holds(value)]

    def _decades(self, most: int) -> list[float]:
        """Decades; where there are fewer than three, 1-2-5 or every digit as well."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for digits in ((1,), (1, 3), (1, 2, 5), tuple(range(1, 10))):
            steps = [n * 10.0**e for e in range(first, last + 1) for n in digits]
            found = [value for value in steps if self.holds(value)]
            if len(found) >= 3:
                return _thinned(found, most)
        return found if len(found) == 2 else self._even(most)

    def _even(self, most: int) -> list[float]:
        """Multiples of 1, 2 or 5 times a power of ten: the smallest step that is not too many."""
        power = math.floor(math.log10((self.high - self.low) / most))
        for step in (n * 10.0**e for e in (power, power + 1) for n in (1, 2, 5)):
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            if last - first < most:
                break
        return [i * step for i in range(first, last + 1)]


def _thinned(decades: list[float], most: int) -> list[float]:
    """Every second or third of many decades, 1 among them if it was there."""
    step = -(-len(decades) // most)
    start = min(range(len(decades)), key=lambda i: abs(math.log10(decades[i])))
    return decades[start % step :: step]


def number(value: float) -> str:
    """As people write it: 0.01, 12.5, 3,000, 10⁶, with a true minus sign."""
    if value and not 1e-3 <= abs(value) < 1e6:
        power = math.floor(math.log10(abs(value)) + 1e-9)
        factor = f"{value / 10.0**power:.3g}"
        mantissa = {"1": "", "-1": "-"}.get(factor, f"{factor}·")
        return f"{mantissa}10{str(power).translate(_SUPERSCRIPT)}".replace("-", "−", 1)
    text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return text.replace("-", "−")
