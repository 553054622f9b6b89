"""Two sets of poses of the same particles: which belong together, and how their frames relate."""
