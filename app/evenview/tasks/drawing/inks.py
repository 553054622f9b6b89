"""The colours that mean the same on paper and on a light screen."""

from __future__ import annotations

#: The outline of the selection; a dark rim under it lets it read on every colour map.
ACCENT = "#ff2d87"
CASING = "#14161a"
#: RGBA of bins without particles.
EMPTY = (217, 220, 224, 255)
