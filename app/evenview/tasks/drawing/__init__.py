"""Figures on paper: the same drawing for the window, the clipboard and the command line."""
