"""Outliers, surrogates, and network against polynomial, over settings and sizes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["equivalence_plots", "many_steps", "outliers", "reused_batch", "surrogate_gaps"],
)
