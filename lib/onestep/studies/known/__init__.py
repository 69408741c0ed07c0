"""Results of other authors, each in its authors' own units, and where needed the library in them.

Nothing of theirs is computed by the library's theory: their formulas know of it but the values of
activations and the Hermite coefficients. So the book's chapter *Known results recovered* and the
tests compare two independent computations.
"""

import pkgutil

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=[each.name for each in pkgutil.iter_modules(__path__)]
)
