"""Simulations: trials of one problem, sweeps over many, and their stores."""

from . import stores
from .cell import Cell, Values, compute
from .grid import Fields, Grid
from .journal import DamagedStore, Journal
from .simulation import relative_difference, simulate, simulate_together
from .sweeping import sweep
from .table_file import complete

__all__ = [
    "Cell",
    "DamagedStore",
    "Fields",
    "Grid",
    "Journal",
    "Values",
    "complete",
    "compute",
    "relative_difference",
    "simulate",
    "simulate_together",
    "stores",
    "sweep",
]
