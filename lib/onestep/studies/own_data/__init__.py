"""Reports on a reader's own data and network."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=["any_spectrum", "examples", "report", "report_plots", "verdicts"]
)
