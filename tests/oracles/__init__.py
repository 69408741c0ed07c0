"""Independent oracles for `onestep.predict`: equations of other papers, in the book's units.

Nothing here is shared with the library's theory but values of activations and their Hermite
coefficients. The book's units: features ``phi = k^{-1/2} sigma(F x)``, rows of F ~ N(0, I/n),
readout ``argmin (1/2m) ||y - Phi^T w||^2 + (lambda/2) ||w||^2``, errors on the scale of half a
squared label, the training error with its regulariser.
"""

from oracles.common import parts as parts
from oracles.index_limit import coupling as coupling
from oracles.index_limit import index_limit as index_limit
from oracles.no_step import mei_montanari as mei_montanari
from oracles.no_step import random_features as random_features
from oracles.one_size import erf_kernel as erf_kernel
from oracles.one_size import kernel_ridge as kernel_ridge
from oracles.one_size import many_samples as many_samples
from oracles.one_size import noise_only as noise_only
from oracles.one_size import relu_kernel as relu_kernel
from oracles.one_step import SpikedRandomFeatures as SpikedRandomFeatures
from oracles.one_step import spiked_random_features as spiked_random_features
from oracles.spectra import marchenko_pastur_density as marchenko_pastur_density
