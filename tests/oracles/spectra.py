"""Marchenko and Pastur's law: its density."""

import numpy as np


def marchenko_pastur_density(bulk, x):
    """Density of the continuous part of a `Bulk` at x; its integral is ``1 - bulk.atom``."""
    low, high = bulk.edges
    root = np.sqrt(np.maximum((x - low) * (high - x), 0.0))
    return root / (2 * np.pi * bulk.ratio * bulk.size * (x - bulk.floor))
