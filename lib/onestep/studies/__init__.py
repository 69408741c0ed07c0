"""What the book computes, part by part, with its stored results.

``python -m onestep.studies sweep NAME`` computes any of these anew, resumably.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "archive",
        "bench",
        "bench_formulas",
        "bench_plots",
        "bench_report",
        "catalogue",
        "degree",
        "errors",
        "images",
        "known",
        "model",
        "paper",
        "step",
        "tables",
    ],
)
