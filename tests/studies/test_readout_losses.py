"""Images told apart by several losses: Gaussian ones are what the formula says."""

import numpy as np

from onestep.inputs.fashion import FashionMNIST
from onestep.studies.images import readout_losses


def test_gaussian_images_have_the_errors_of_the_formula():
    """Both sources are Gaussian here, but for rounding; 10 % and three standard errors."""
    rng = np.random.default_rng(5)
    values = []
    for shift in (0.0, 6.0, -6.0):
        mixing = rng.standard_normal((40, 40)) * 3
        values.append(120 + shift + rng.standard_normal((1200, 40)) @ mixing)
    pixels = np.clip(np.round(np.concatenate(values)), 0, 255).astype(np.uint8)
    images = FashionMNIST(pixels, np.repeat([0, 1, 2], 1200).astype(np.uint8))
    found = readout_losses.compared(
        images, [(0, 1), (1, 2)], ["logistic", "square"],
        width=60, samples=200, ridge=1e-2, trials=8, seed=1,
    )  # fmt: skip
    table = readout_losses.table(found)
    assert table.shape == (4, 6) and table.loc["0, 1", "logistic"].notna().all()
    for source in ("data", "gaussians"):
        for loss in ("logistic", "square"):
            rows = readout_losses.rows(found, source, loss)
            formula = readout_losses.rows(found, "formula", loss)
            assert rows.shape == (2, 8) and formula.shape == (2, 1)
            ratio = rows / formula - 1
            error = ratio.std(axis=1, ddof=1) / np.sqrt(8)
            assert np.all(np.abs(ratio.mean(axis=1)) < 0.1 + 3 * error)
    logistic, square = (
        readout_losses.rows(found, "formula", each) for each in ("logistic", "square")
    )
    assert np.all(logistic > 1.3 * square)  # the control of the chapter can fail
