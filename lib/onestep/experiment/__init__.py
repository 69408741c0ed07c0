"""Simulations: trials of one problem, sweeps over many, and their stores."""

from . import stores
from .cell import Cell, Numbers, compute, listed
from .filling import fill
from .given import as_list
from .grid import Fields, grid
from .journal import DamagedStore
from .simulation import relative_difference, simulate, simulate_together
from .study import At, Study
from .sweeping import sweep

__all__ = [
    "At", "Cell", "DamagedStore", "Fields", "Numbers", "Study", "as_list", "compute", "fill",
    "grid", "listed", "relative_difference", "simulate", "simulate_together", "stores", "sweep",
]  # fmt: skip
