"""Spectra: the bulk of the features, and what it makes of a spike."""

from .marchenko_pastur import Bulk
from .sample_spectrum import TRACY_WIDOM_99, SampleSpectrum, Spike

__all__ = ["TRACY_WIDOM_99", "Bulk", "SampleSpectrum", "Spike"]
