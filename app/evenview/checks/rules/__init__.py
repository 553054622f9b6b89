"""Rules that a file can break: one module each, found by folder."""
