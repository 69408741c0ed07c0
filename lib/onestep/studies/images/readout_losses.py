"""Images told apart by readouts of several losses: on the images, on Gaussians, and by formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ..._support.arrays import Array
from ...experiment.own_network import OwnNetwork
from ...inputs import Data, EmpiricalMixture
from ...inputs.fashion import FashionMNIST

QUANTITIES = ("generalization error", "class error")


def compared(
    images: FashionMNIST,
    pairs: Sequence[tuple[int, int]],
    losses: Sequence[str],
    *,
    width: int,
    samples: int,
    ridge: float,
    trials: int,
    seed: int,
    activation: str = "relu",
) -> xr.Dataset:
    """Errors behind a layer after one step on the images of two classes, means included.

    Parameters
    ----------
    images
        Fashion-MNIST.
    pairs
        Classes that are told apart.
    losses
        Of the readouts, which have an intercept.
    width, samples, ridge, activation
        Of the network; as many images are for the step as for the readout.
    trials, seed
        Readouts behind each layer; root seed.

    Returns
    -------
    xarray.Dataset
        ``data`` and ``gaussians``, dimensions (pair, loss, quantity, trial), and ``formula``,
        (pair, loss, quantity); quantities are `QUANTITIES`.
    """
    found: dict[str, list[Any]] = {"data": [], "gaussians": [], "formula": []}
    for pair in pairs:
        classes = [images.of(label) for label in pair]
        X, y = np.concatenate(classes), np.repeat(pair, [len(each) for each in classes])
        mixture = EmpiricalMixture.of(Data.of(X, y, drop_constant=True)).standardised()
        own = OwnNetwork.train(
            mixture, activation, width=width, samples=samples, step=1.0, seed=seed
        )
        for source in ("data", "gaussians"):
            drawn = [
                own.simulate(
                    samples, ridge, loss, intercept=True, trials=trials, seed=seed, source=source
                )
                for loss in losses
            ]
            found[source].append(
                [[one.generalization_error.values, 1 - one.accuracy.values] for one in drawn]
            )
        told = [own.predict(samples, ridge, loss, intercept=True, guarded=False) for loss in losses]
        found["formula"].append(
            [[one.generalization_error, 1 - float(one.accuracy or 0.0)] for one in told]
        )
    dims = ("pair", "loss", "quantity", "trial")
    return xr.Dataset(
        {
            name: (dims[:3] if name == "formula" else dims, np.array(values))
            for name, values in found.items()
        },
        coords={
            "pair": [f"{first}, {second}" for first, second in pairs],
            "loss": list(losses),
            "quantity": list(QUANTITIES),
        },
    )


def table(found: xr.Dataset) -> pd.DataFrame:
    """Means over trials of `compared`: a row for each pair and loss."""
    return pd.DataFrame(
        {
            (pair, loss): {
                (quantity, name): float(
                    found[name].sel(pair=pair, loss=loss, quantity=quantity).mean()
                )
                for quantity in found.quantity.values
                for name in ("data", "gaussians", "formula")
            }
            for pair in found.pair.values
            for loss in found.loss.values
        }
    ).T.rename_axis(["classes", "loss"])


def rows(found: xr.Dataset, variable: str, loss: str) -> Array:
    """Generalization errors of `compared` by a loss, a row for each pair; columns are trials."""
    one = found[variable].sel(quantity="generalization error", loss=loss)
    return np.asarray(one.values.reshape(found.pair.size, -1))
