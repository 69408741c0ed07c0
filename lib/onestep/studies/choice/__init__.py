"""Which ridge, step, width and number of samples: what the formulas say, and simulations."""

import pkgutil

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=[each.name for each in pkgutil.iter_modules(__path__)]
)
