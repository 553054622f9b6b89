"""Xmipp's labels (``xmippCore/core/metadata_label.h``, ``metadata_static.h``)."""

from __future__ import annotations

ANGLES = ("angleRot", "angleTilt", "anglePsi")
SHIFTS = ("shiftX", "shiftY")
FLIP, ENABLED = "flip", "enabled"
IMAGE, MICROGRAPH = "image", "micrograph"
CLASS = "ref3d"
WEIGHT = "weight"
PICKED = ("xcoor", "ycoor")
PIXELS = ("samplingRate", "sampling_rate")
PHASE_SHIFT = "ctfVPPphaseshift"
DEFOCUS_ANGLE = "ctfDefocusAngle"

#: The fields of a `core.record.Ctf` but for the phase shift, by their columns.
CTF = {
    "defocus_u": "ctfDefocusU",
    "defocus_v": "ctfDefocusV",
    "angle": DEFOCUS_ANGLE,
    "voltage": "ctfVoltage",
    "spherical_aberration": "ctfSphericalAberration",
    "amplitude_contrast": "ctfQ0",
}
