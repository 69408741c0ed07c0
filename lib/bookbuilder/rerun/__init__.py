"""A chapter with a reader's values, apart from the book: at one point or on a grid.

`points`
    Every combination of the listed values.

`rerun`
    One point, run and rendered.

`grid`
    Many points, each once, with an index page.
"""

__all__ = [
    "grid",
    "points",
    "rerun",
]
