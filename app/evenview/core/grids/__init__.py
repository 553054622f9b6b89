"""The ways to cut the sphere into bins."""
