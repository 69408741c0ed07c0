"""Two-layer networks after one gradient step under Gaussian mixtures: theory and its tests."""

__version__ = "0.1.0"
