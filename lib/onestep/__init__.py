"""Two-layer networks after one gradient step under Gaussian mixtures: theory and its tests.

The package follows arXiv 2503.00856. Data flows one way, through rooms that import only what lies
below them: activations, Hermite coefficients, inputs, network, degrees, spectrum, surrogates,
theory, experiment, studies and estimators. What is listed here is loaded when it is first used.

>>> import onestep
>>> onestep.degree(alpha=0.5, beta=0.65)
2
"""

import lazy_loader

from ._support.version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
