"""A chapter with a reader's values, apart from the book: at one point or on a grid.

- `points`: every combination of the listed values
- `rerun`: one point, run and rendered
- `grid`: many points, each once, with an index page
"""

__all__ = [
    "grid",
    "points",
    "rerun",
]
