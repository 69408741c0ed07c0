"""The atlas of activations, two correlated neurons, and the error of quadrature."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=["atlas", "atlas_plots", "bivariate", "bivariate_plots", "quadrature"]
)
