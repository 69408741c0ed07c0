"""Types of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Real numbers."""

RealOrComplex = NDArray[Any]
"""Real in, real out; complex in, complex out."""
