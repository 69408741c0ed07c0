"""What the book computes: its figures, ladders and comparisons, with their stored results."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "accuracy",
        "accuracy_ladder",
        "accuracy_plots",
        "accuracy_tables",
        "atlas",
        "atlas_plots",
        "bench",
        "bench_plots",
        "bivariate",
        "bivariate_plots",
        "boundaries",
        "boundary_ladders",
        "datasets",
        "equivalence_plots",
        "explorer",
        "figure_plots",
        "figures",
        "grids",
        "image_plots",
        "image_results",
        "image_tables",
        "images",
        "outliers",
        "quadrature",
        "reproduction",
        "reproduction_tables",
        "residuals",
        "structure",
        "surrogate_gaps",
        "tables",
    ],
)
