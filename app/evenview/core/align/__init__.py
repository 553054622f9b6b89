"""Laying one map over another: turn, shift and hand (docs/aligning.md has the mathematics)."""
