"""The boundaries of the degree map, and their ladders."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=["boundaries", "boundary_ladders", "degree_ladder"]
)
