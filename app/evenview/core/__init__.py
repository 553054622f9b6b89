"""What it is about: particles, rotations, grids, selections, plans. No files, no Qt, no GPU."""
