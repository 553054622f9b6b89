"""IMOD's .xf, given without its angles."""

from evenview.formats.tilt.imod import TRANSFORMS

FORMAT = TRANSFORMS
