"""Tilt series: their geometry in every package's convention, their hand, and how to draw them."""
