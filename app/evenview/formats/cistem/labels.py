"""cisTEM's columns (`src/core/cistem_parameters.h`, `cistem_parameters.cpp`)."""

from __future__ import annotations

PROGRAM = "cisTEM"
PREFIX = "cisTEM"

ANGLES = ("cisTEMAnglePhi", "cisTEMAngleTheta", "cisTEMAnglePsi")
HALF = "cisTEMAssignedSubset"
PIXEL = "cisTEMPixelSize"
ACTIVE = "cisTEMImageActivity"

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
