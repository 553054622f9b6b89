"""RELION's labels (`src/metadata_label.h`), without their underscore."""

ANGLES = ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
SUBTOMOGRAM_ANGLES = (
    "rlnTomoSubtomogramRot",
    "rlnTomoSubtomogramTilt",
    "rlnTomoSubtomogramPsi",
)
HALF = "rlnRandomSubset"
GROUP = "rlnOpticsGroup"
IMAGE_PIXEL = "rlnImagePixelSize"
PIXEL = "rlnPixelSize"
DETECTOR_PIXEL = "rlnDetectorPixelSize"
MAGNIFICATION = "rlnMagnification"

#: The columns read while a file is scanned; all others wait until they are asked for.
WANTED = frozenset(
    (*ANGLES, *SUBTOMOGRAM_ANGLES, HALF, GROUP, PIXEL, DETECTOR_PIXEL, MAGNIFICATION)
)
