"""FREALIGN's names of its columns, in its order; the heading of a file is only a comment to it."""

from __future__ import annotations

ANGLES = ("PHI", "THETA", "PSI")
SHIFTS = ("SHX", "SHY")
NUMBER, FILM, MAGNIFICATION = "NO", "FILM", "MAG"
DEFOCUS_1, DEFOCUS_2, DEFOCUS_ANGLE, PHASE_SHIFT = "DF1", "DF2", "ANGAST", "PSHIFT"

FIRST = (
    *(NUMBER, "PSI", "THETA", "PHI", *SHIFTS, MAGNIFICATION, FILM),
    *(DEFOCUS_1, DEFOCUS_2, DEFOCUS_ANGLE),
)
OCCUPANCY = "OCC"
SCORES = (OCCUPANCY, "LOGP", "SIGMA", "SCORE", "CHANGE")
#: The columns of a file by how many there are: the first two are older than version 9.
LAYOUTS = {
    len(labels): labels
    for labels in (
        (*FIRST, "CCMAX"),
        (*FIRST, "PRESA", "DPRES"),
        (*FIRST, *SCORES),
        (*FIRST, PHASE_SHIFT, *SCORES),
    )
}
