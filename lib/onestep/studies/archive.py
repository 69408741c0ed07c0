"""Stored results that come with the package."""

from __future__ import annotations

from importlib import resources

import xarray as xr

from ..experiment import stores

DATA = resources.files(__package__) / "data"
"""Where the files are."""


def stored(name: str) -> xr.Dataset:
    """Results of one study, with their provenance in ``attrs``.

    Parameters
    ----------
    name
        Path below the package's data, without its ending, such as ``"figures/fig1a"``.

    Raises
    ------
    FileNotFoundError
        If there are none of this name.
    onestep.experiment.DamagedStore
        If the file was changed.

    Examples
    --------
    >>> stored("figures/fig1a").sizes["trial"]
    20
    """
    with resources.as_file(DATA / f"{name}.nc") as path:
        return stores.load(path)
