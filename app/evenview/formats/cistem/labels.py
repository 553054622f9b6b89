"""cisTEM's columns (`src/core/cistem_parameters.h`, `cistem_parameters.cpp`)."""

from __future__ import annotations

from dataclasses import dataclass

PROGRAM = "cisTEM"
PREFIX = "cisTEM"

ANGLES = ("cisTEMAnglePhi", "cisTEMAngleTheta", "cisTEMAnglePsi")
HALF = "cisTEMAssignedSubset"
PIXEL = "cisTEMPixelSize"
ACTIVE = "cisTEMImageActivity"
OCCUPANCY = "cisTEMOccupancy"
SHIFTS = ("cisTEMXShift", "cisTEMYShift")
DEFOCUS_ANGLE = "cisTEMDefocusAngle"
PHASE_SHIFT = "cisTEMPhaseShift"
PLACE, STACK = "cisTEMPositionInStack", "cisTEMStackFilename"
MICROGRAPH, REFERENCE = "cisTEMOriginalImageFilename", "cisTEMReference3DFilename"
POSITIONS = ("cisTEMOriginalXPosition", "cisTEMOriginalYPosition")

#: The fields of a `core.record.Ctf` but for the phase shift, by their columns.
CTF = {
    "defocus_u": "cisTEMDefocus1",
    "defocus_v": "cisTEMDefocus2",
    "angle": DEFOCUS_ANGLE,
    "voltage": "cisTEMMicroscopeVoltagekV",
    "spherical_aberration": "cisTEMMicroscopeCsMM",
    "amplitude_contrast": "cisTEMAmplitudeContrast",
}

#: cisTEM passes angles on as it was given them, however many turns they are.
MOST_DEGREES = 1e5

#: The columns in the order of their bits in a binary file, from bit 0 on.
BY_BIT = (
    "PositionInStack",
    "ImageActivity",
    "AnglePsi",
    "XShift",
    "YShift",
    "Defocus1",
    "Defocus2",
    "DefocusAngle",
    "PhaseShift",
    "Occupancy",
    "LogP",
    "Sigma",
    "Score",
    "ScoreChange",
    "PixelSize",
    "MicroscopeVoltagekV",
    "MicroscopeCsMM",
    "AmplitudeContrast",
    "BeamTiltX",
    "BeamTiltY",
    "ImageShiftX",
    "ImageShiftY",
    "AngleTheta",
    "AnglePhi",
    "StackFilename",
    "OriginalImageFilename",
    "Reference3DFilename",
    "Best2DClass",
    "BeamTiltGroup",
    "ParticleGroup",
    "PreExposure",
    "TotalExposure",
    "AssignedSubset",
    "OriginalXPosition",
    "OriginalYPosition",
)


def name_of(bit: int) -> str:
    """The name of the column of a bit; one of a later cisTEM is called by its number."""
    return PREFIX + (BY_BIT[bit] if bit < len(BY_BIT) else f"Column2^{bit}")


@dataclass(frozen=True)
class Written:
    """How cisTEM writes a column.

    Attributes
    ----------
    name
        Its name without the prefix.
    kind
        Its type in a binary file (``src/core/defines.h``).
    heading, width
        Its short name in the line above the rows of a star file, and the width of its cells.
    decimals
        Of its numbers in a star file: those of cisTEM, more for poses and shifts.
    neutral
        What says nothing: what cisTEM takes for a column that is not there
        (``cisTEMStarFileReader::ExtractParametersFromLine``).
    """

    name: str
    kind: int
    heading: str
    width: int
    decimals: int = 0
    neutral: float = 0.0

    @property
    def label(self) -> str:
        """Its name in a file."""
        return PREFIX + self.name

    @property
    def bit(self) -> int:
        """Its place among the bits of a binary file."""
        return BY_BIT.index(self.name)


INTEGER, FLOAT, TEXT, UNSIGNED = 2, 3, 8, 9

#: All columns in the order in which cisTEM writes them.
WRITTEN = (
    Written("PositionInStack", UNSIGNED, "POS", 8),
    Written("AnglePsi", FLOAT, "PSI", 11, 6),
    Written("AngleTheta", FLOAT, "THETA", 11, 6),
    Written("AnglePhi", FLOAT, "PHI", 11, 6),
    Written("XShift", FLOAT, "SHX", 13, 6),
    Written("YShift", FLOAT, "SHY", 13, 6),
    Written("Defocus1", FLOAT, "DF1", 9, 2),
    Written("Defocus2", FLOAT, "DF2", 9, 2),
    Written("DefocusAngle", FLOAT, "ANGAST", 8, 3),
    Written("PhaseShift", FLOAT, "PSHIFT", 8, 3),
    Written("ImageActivity", INTEGER, "STAT", 5, 0, 1),
    Written("Occupancy", FLOAT, "OCC", 7, 2, 100),
    Written("LogP", FLOAT, "LogP", 9),
    Written("Sigma", FLOAT, "SIGMA", 10, 4, 10),
    Written("Score", FLOAT, "SCORE", 7, 2),
    Written("ScoreChange", FLOAT, "CHANGE", 7, 2),
    Written("PixelSize", FLOAT, "PSIZE", 9, 6),
    Written("MicroscopeVoltagekV", FLOAT, "VOLT", 7, 2),
    Written("MicroscopeCsMM", FLOAT, "Cs", 7, 3, 2.7),
    Written("AmplitudeContrast", FLOAT, "AmpC", 7, 4, 0.07),
    Written("BeamTiltX", FLOAT, "BTILTX", 7, 3),
    Written("BeamTiltY", FLOAT, "BTILTY", 7, 3),
    Written("ImageShiftX", FLOAT, "ISHFTX", 7, 3),
    Written("ImageShiftY", FLOAT, "ISHFTY", 7, 3),
    Written("Best2DClass", INTEGER, "2DCLS", 5),
    Written("BeamTiltGroup", INTEGER, "TGRP", 5),
    Written("StackFilename", TEXT, "STACK_FILENAME", 50),
    Written("OriginalImageFilename", TEXT, "ORIGINAL_IMAGE_FILENAME", 50),
    Written("Reference3DFilename", TEXT, "REFERENCE_3D_FILENAME", 50),
    Written("ParticleGroup", INTEGER, "PaGRP", 8),
    Written("AssignedSubset", INTEGER, "SUBSET", 8),
    Written("PreExposure", FLOAT, "PREEXP", 7, 2),
    Written("TotalExposure", FLOAT, "TOTEXP", 7, 2),
    Written("OriginalXPosition", FLOAT, "ORIGX", 10, 3),
    Written("OriginalYPosition", FLOAT, "ORIGY", 10, 3),
)
