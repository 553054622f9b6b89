"""FREALIGN's parameter files: what their columns are, what they mean, and new ones."""
