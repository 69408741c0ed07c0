"""Marchenko and Pastur's law: its density, and its eigenvalues with their shares."""

import math

import numpy as np


def marchenko_pastur_density(bulk, x):
    """Density of the continuous part of a `Bulk` at x; its integral is ``1 - bulk.atom``."""
    low, high = bulk.edges
    root = np.sqrt(np.maximum((x - low) * (high - x), 0.0))
    return root / (2 * np.pi * bulk.ratio * bulk.size * (x - bulk.floor))


def marchenko_pastur(ratio, count=400):
    """Eigenvalues of ``W W^T`` and their shares, W of shape (k, n), entries N(0, 1/n), ratio k/n.

    In ``x = 1 + ratio + 2 sqrt(ratio) cos t`` the law is smooth and periodic: equal steps converge
    exponentially. The atom at 0 is the last point.
    """
    angle = (np.arange(count) + 0.5) * np.pi / count
    x = 1 + ratio + 2 * math.sqrt(ratio) * np.cos(angle)
    share = 2 / count * np.sin(angle) ** 2 / x
    return np.append(x, 0.0), np.append(share, max(0.0, 1 - 1 / ratio))
