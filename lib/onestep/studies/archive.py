"""Stored results that come with the package."""

from __future__ import annotations

from importlib import resources

import xarray as xr

from ..experiment import stores

DATA = resources.files(__package__) / "data"
"""Where the files are."""


def stored(name: str) -> xr.Dataset:
    """Results of one study, with their provenance in ``attrs``; ``"figures/fig1a"``, for example.

    A file that is missing or was changed is refused (`onestep.experiment.DamagedStore`).

    Examples
    --------
    >>> stored("figures/fig1a").sizes["trial"]
    20
    """
    with resources.as_file(DATA / f"{name}.nc") as path:
        return stores.load(path)
