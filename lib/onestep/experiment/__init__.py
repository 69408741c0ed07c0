"""Simulations: trials of one problem, sweeps over many, and their stores."""

from .._support.journal import DamagedStore
from . import stores
from .cell import Cell as Cell
from .cell import Numbers
from .cell import compute as compute
from .cell import listed as listed
from .filling import fill
from .given import as_list
from .simulation import relative_difference, simulate, simulate_together
from .study import At, Study
from .sweeping import Fields, grid, sweep

__all__ = [
    "At", "DamagedStore", "Fields", "Numbers", "Study", "as_list", "fill", "grid",
    "relative_difference", "simulate", "simulate_together", "stores", "sweep",
]  # fmt: skip
