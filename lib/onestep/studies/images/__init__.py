"""Networks on real images: the figures of the paper, and all pairs of classes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "comparison",
        "image_pairs",
        "image_plots",
        "image_results",
        "image_tables",
        "low_rank",
    ],
)
