"""Random images in the place of Fashion-MNIST."""

import numpy as np

from onestep.inputs import ImageMixture


def toy(spread=9.0, sizes=(400, 300), n=12, **options):
    """Two classes of random images with unlike means, traces and correlations."""
    rng = np.random.default_rng(3)
    pixels = []
    for c, size in enumerate(sizes):
        mixing = rng.standard_normal((n, n)) * (6 + 4 * c)
        values = 110 + 20 * c + rng.standard_normal((size, n)) @ mixing
        pixels.append(np.clip(np.round(values), 0, 255).astype(np.uint8))
    return ImageMixture(tuple(pixels), spread, **options)
