"""The limit for inputs of any spectrum, whose clusters share eigen-axes."""

from .limit import SpectrumLimit

__all__ = ["SpectrumLimit"]
