"""A chapter with a reader's values, apart from the book: at one point or on a grid.

- `points`: every combination of the listed values
- `rerun`: one point, run and rendered
- `missing`: points that have not run yet, here or on a cluster
- `grid`: many points, each once, with an index page
- `seeds`: every chapter that draws anything under other seeds, with a table of its claims
"""

__all__ = ["grid", "points", "rerun", "seeds"]
