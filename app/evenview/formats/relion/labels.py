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

GROUP_NAME = "rlnOpticsGroupName"
IMAGE_SIZE = "rlnImageSize"
DIMENSIONALITY = "rlnImageDimensionality"
TILT_SERIES_PIXEL = "rlnTomoTiltSeriesPixelSize"
MICROGRAPH_PIXEL = "rlnMicrographPixelSize"
ANGST_ORIGINS = ("rlnOriginXAngst", "rlnOriginYAngst", "rlnOriginZAngst")
PIXEL_ORIGINS = ("rlnOriginX", "rlnOriginY", "rlnOriginZ")
ANGST_ORIGIN_PRIORS = ("rlnOriginXPriorAngst", "rlnOriginYPriorAngst", "rlnOriginZPriorAngst")
PIXEL_ORIGIN_PRIORS = ("rlnOriginXPrior", "rlnOriginYPrior", "rlnOriginZPrior")
PRIORS = ("rlnAngleRotPrior", "rlnAngleTiltPrior", "rlnAnglePsiPrior")
COORDINATES = ("rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ")
CENTRED_COORDINATES = (
    "rlnCenteredCoordinateXAngst",
    "rlnCenteredCoordinateYAngst",
    "rlnCenteredCoordinateZAngst",
)
CLASS = "rlnClassNumber"
IMAGE = "rlnImageName"
MICROGRAPH = "rlnMicrographName"
TOMOGRAM = "rlnTomoName"
FIGURE_OF_MERIT = "rlnParticleFigureOfMerit"
GENERAL = "general"  # a table
STACKS_2D = "rlnTomoSubTomosAre2DStacks"
VISIBLE_FRAMES = "rlnTomoVisibleFrames"
DEFOCUS_ANGLE = "rlnDefocusAngle"

#: The fields of a `core.record.Ctf`: those of particles, and those of optics groups (of particles
#: before RELION 3.1).
PARTICLE_CTF = {
    "defocus_u": "rlnDefocusU",
    "defocus_v": "rlnDefocusV",
    "angle": DEFOCUS_ANGLE,
    "phase_shift": "rlnPhaseShift",
}
OPTICS_CTF = {
    "voltage": "rlnVoltage",
    "spherical_aberration": "rlnSphericalAberration",
    "amplitude_contrast": "rlnAmplitudeContrast",
}

#: The columns read while a file is scanned; all others wait until they are asked for.
WANTED = frozenset(
    (*ANGLES, *SUBTOMOGRAM_ANGLES, HALF, GROUP, PIXEL, DETECTOR_PIXEL, MAGNIFICATION)
)
