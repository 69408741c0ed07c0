"""The paper's synthetic figures, and how published points compare with them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "digitized",
        "figure_plots",
        "figures",
        "grids",
        "prediction_intervals",
        "reproduction",
        "reproduction_tables",
        "residuals",
        "structure",
    ],
)
