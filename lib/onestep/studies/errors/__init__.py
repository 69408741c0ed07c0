"""How far the formulas are from simulated networks, and the data of the explorer."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "accuracy",
        "accuracy_ladder",
        "accuracy_plots",
        "accuracy_tables",
        "differences",
        "explorer",
        "layer_readouts",
        "validity",
        "validity_tables",
    ],
)
