"""Limits of one size, and laws, for the tests only; what the book shows, too, is in
`onestep.studies.known`: equations of other papers, in the same units.

Nothing in either is computed by the library's theory; values of activations and their Hermite
coefficients are all that they share with it. `KernelLimit`, a method of the library once, and
`WideKernel` share its special coordinates as well.
"""

from oracles.index_limit import coupling as coupling
from oracles.index_limit import index_limit as index_limit
from oracles.one_bulk import KernelLimit as KernelLimit
from oracles.one_size import erf_kernel as erf_kernel
from oracles.one_size import kernel_ridge as kernel_ridge
from oracles.one_size import many_samples as many_samples
from oracles.one_size import noise_only as noise_only
from oracles.one_size import relu_kernel as relu_kernel
from oracles.random_features import random_features as random_features
from oracles.spectra import marchenko_pastur_density as marchenko_pastur_density
from oracles.wide_kernel import WideKernel as WideKernel
