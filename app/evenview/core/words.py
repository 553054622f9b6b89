"""Counts, lists, sentences and signs in words, the same in every report."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HYPHEN = re.compile(r"(?<![\w-])-(?=[\d.])")
_LABEL = re.compile(r"\S*[A-Z_/@\d]")


def counted(number: int, one: str, many: str = "") -> str:
    """(1, "bin") → "1 bin"; (1204, "bin") → "1,204 bins"; (2, "row is", "rows are") → "2 rows are".

    `many` is only needed where it is not `one` with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def decimal(value: float, digits: int = 2) -> str:
    """1234.50 → "1,234.5": no exponent, no zeros at the end, no minus at a rounded 0."""
    words = f"{round(value, digits) + 0.0:,.{digits}f}"
    return words.rstrip("0").rstrip(".") if digits else words


def listed(words: Sequence[str]) -> str:
    """("a", "b", "c") → "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def sentence(words: str) -> str:
    """With a capital, unless the first word is a label such as rlnAngleRot."""
    return words if _LABEL.match(words) else words[:1].upper() + words[1:]


def with_minus(words: str) -> str:
    """With real minus signs before numbers: "-1.5" → "−1.5"; other hyphens stay."""
    return _HYPHEN.sub("\N{MINUS SIGN}", words)
