"""Evenview: see, select and rebalance the orientation distribution of a cryo-EM data set."""

__version__ = "0.1.0"
