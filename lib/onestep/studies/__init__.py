"""What the book computes: its figures, ladders and comparisons, with their stored results."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "accuracy", "accuracy_ladder", "archive", "bench", "boundaries", "catalogue",
        "datasets", "degree_ladder", "explorer", "figures", "grids", "image_plots",
        "image_results", "images", "reproduction",
    ],
)  # fmt: skip
