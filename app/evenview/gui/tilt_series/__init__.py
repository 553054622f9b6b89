"""The window on tilt series: axis and hand in every package's terms, drawn, compared, measured."""
