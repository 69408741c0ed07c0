"""Simulations: trials of one problem, sweeps over many, and their stores."""

from . import stores
from .cell import Cell, Numbers, compute
from .filling import fill
from .function_study import FunctionCell, FunctionStudy
from .grid import Fields, Grid
from .journal import DamagedStore, Journal
from .simulation import relative_difference, simulate, simulate_together
from .study import Point, Study
from .sweeping import sweep
from .trial_cell import TrialCell

__all__ = [
    "Cell",
    "DamagedStore",
    "Fields",
    "FunctionCell",
    "FunctionStudy",
    "Grid",
    "Journal",
    "Numbers",
    "Point",
    "Study",
    "TrialCell",
    "compute",
    "fill",
    "relative_difference",
    "simulate",
    "simulate_together",
    "stores",
    "sweep",
]
