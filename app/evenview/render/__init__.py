"""How it looks: vispy scenes that draw what they are given and say which direction was pointed at.

Scenes: `sphere.SphereScene`, `chart.ChartScene`. Call `canvas.use_qt()` once before the first of
them, and `canvas.check_gl()` to hear in plain words whether OpenGL is there.
"""
