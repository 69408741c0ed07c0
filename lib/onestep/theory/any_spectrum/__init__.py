"""The limit for inputs of any spectrum, whose clusters share eigen-axes."""

from .limit import SpectrumLimit
from .rows import TrainedRows

__all__ = ["SpectrumLimit", "TrainedRows"]
