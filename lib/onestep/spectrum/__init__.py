"""Spectra: the bulk of the features, its outliers, and what their vectors are."""

from .features import BULKS, COORDINATES, feature_law, feature_spectrum, predicted_outliers
from .marchenko_pastur import Bulk
from .sample_spectrum import SampleSpectrum, Spike
from .spike_kernel import SpikeModes, feature_bulk, limit_bulk, spike_modes

__all__ = [
    "BULKS", "COORDINATES", "Bulk", "SampleSpectrum", "Spike", "SpikeModes", "feature_bulk",
    "feature_law", "feature_spectrum", "limit_bulk", "predicted_outliers", "spike_modes",
]  # fmt: skip
